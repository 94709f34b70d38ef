"""Histories written as YAML become real git repositories, the same on every machine.

A *world* is a folder of histories. Each `<world>/<name>/history.yaml` lists commits, oldest first:

    commits:
      - at: -40d                      # offset from the anchor: d, h and min; `-3d 4h` is 76 hours before it
        author: Noor Haddad           # the address is made from the name, unless it is written: Noor <noor@example.org>
        message: Mark session_token as deprecated
        tree: 1.9.0                   # a folder beside the history, laid over the commit before
        files: {NOTES.md: "text"}     # or the text itself
        edit:                         # or one replacement in a file of the commit before; `old` occurs exactly once
          - {file: chora.yaml, old: 'version: "1.8.0"', new: 'version: "1.9.0"'}
        remove: [docs/old.md]
        sign:                         # votes that this commit writes: who signs each, with the person's demo key
          decisions/signals/SIG-a/0002-vote.yaml: Noor Haddad
        tags: [v1.9.0]                # lightweight; {name: v1.9.0, message: Release 1.9.0, at: -39d} is annotated

A commit needs `at`, `author` and `message`. In contents and in paths, `@{-3d}` becomes that moment (RFC 3339, UTC),
`@{date -3d}` its date, `@{workday +5d}` the first Monday-to-Friday date from it on, `@{year -3d}` and `@{month -3d}`
its parts, so that a story stays true whenever it is built. In a vote that is signed, `@digest` becomes the digest of
its signal and `@signature` the signature. Commit ids depend on the world and the anchor alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.signal import VOTE_NAMESPACE, vote_text
from chora_catalog.parse.spans import read
from examples import demo_keys

HISTORY = "history.yaml"
MARKER = "made-by-replay"
_UNITS = {"d": "days", "h": "hours", "min": "minutes"}
_OFFSET = re.compile(r"\s*([+-]?)((?:\s*[0-9]+(?:d|h|min)\b)+)\s*")
_PLACEHOLDER = re.compile(r"@\{(date|workday|year|month)?([^{}\n]*)\}")
_COMMIT_KEYS = ("at", "author", "message", "tree", "files", "edit", "remove", "sign", "tags")
_CONFIG = """[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = {bare}
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
"""
_PLAIN_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C",
    "TZ": "UTC",
}


def replay(world: Path, target: Path, *, anchor: datetime, until: datetime | None = None) -> None:
    """Make `<target>/<name>.git`, bare and with the branch `main`, for each history of `world`.

    `anchor` is the aware instant that offsets count from. With `until`, commits and tags after that instant are left
    out, so that a later replay fast-forwards; a history with no commit left makes no repository. Only repositories that
    a replay made are replaced or removed. Raises ChoraError for a history that cannot be read or a target in the way.
    """
    folders = sorted(path.parent for path in world.glob(f"*/{HISTORY}"))
    if not folders:
        raise ChoraError(f"{world} holds no */{HISTORY}", hint="Name a folder that holds one folder for each history.")
    target.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        made = [pool.submit(_bare, folder, target / f"{folder.name}.git", anchor, until) for folder in folders]
        for outcome in made:
            outcome.result()


def replay_checkout(history: Path, target: Path, *, anchor: datetime, until: datetime | None = None) -> None:
    """Make the repository `target` with its files checked out from the one history in the folder `history`.

    Otherwise as `replay`.
    """
    _bare(history, target / ".git", anchor, until, owned=target)
    if (target / ".git").is_dir():
        _git(target, "reset", "--quiet", "--hard", "main")


def floor_to_day(moment: datetime) -> datetime:
    """Return the first instant of the UTC day of `moment`: the anchor that two builds on one day share."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tag:
    name: str
    message: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Commit:
    at: datetime
    author: str
    message: str
    changes: Mapping[str, bytes | None]
    """Path to new content; None removes the file."""
    tags: tuple[_Tag, ...] = ()


@dataclass(slots=True, kw_only=True)
class _History:
    """One history being read: `files` is what the commit before left."""

    folder: Path
    anchor: datetime
    reading: Any
    files: dict[str, bytes] = field(default_factory=dict)

    def commits(self) -> Iterator[_Commit]:
        value = self.reading.value
        entries = value.get("commits") if isinstance(value, dict) else None
        if not isinstance(entries, list) or not entries:
            raise self.wrong("", "a history is a mapping with a list `commits`")
        for index, entry in enumerate(entries):
            yield self.commit(f"/commits/{index}", entry)

    def commit(self, at: str, entry: object) -> _Commit:
        if not isinstance(entry, dict):
            raise self.wrong(at, "a commit is a mapping")
        for key in entry:
            if key not in _COMMIT_KEYS:
                raise self.wrong(f"{at}/{key}", f"unknown key {key!r}; a commit has {', '.join(_COMMIT_KEYS)}")
        moment = self.moment(f"{at}/at", entry.get("at"))
        changes = dict(self.changes(at, entry))
        self.sign(at, entry, changes)
        for path, content in changes.items():
            if content is None:
                self.files.pop(path, None)
            else:
                self.files[path] = content
        return _Commit(
            at=moment,
            author=_signature(self.text(at, entry, "author")),
            message=self.filled(self.text(at, entry, "message")),
            changes=changes,
            tags=tuple(
                self.tag(f"{at}/tags/{index}", tag, moment) for index, tag in enumerate(self.items(at, entry, "tags"))
            ),
        )

    def changes(self, at: str, entry: dict[str, Any]) -> Iterator[tuple[str, bytes | None]]:
        if "tree" in entry:
            yield from self.overlay(at, self.text(at, entry, "tree"))
        files = entry.get("files", {})
        if not isinstance(files, dict):
            raise self.wrong(f"{at}/files", "files is a mapping from path to text")
        for path, text in files.items():
            if not isinstance(text, str):
                raise self.wrong(f"{at}/files", f"the content of {path} is text; quote it")
            yield self.path(at, path), self.filled(text).encode()
        edited: dict[str, bytes] = {}
        for index, edit in enumerate(self.items(at, entry, "edit")):
            path, content = self.edited(f"{at}/edit/{index}", edit, edited)
            edited[path] = content
        yield from edited.items()
        for index, removed in enumerate(self.items(at, entry, "remove")):
            path = self.path(f"{at}/remove/{index}", removed)
            if path not in self.files:
                raise self.wrong(f"{at}/remove/{index}", f"{path} is not in the commit before")
            yield path, None

    def sign(self, at: str, entry: dict[str, Any], changes: dict[str, bytes | None]) -> None:
        """Put digest and signature into the votes that `entry` names under `sign`."""
        asked = entry.get("sign", {})
        if not isinstance(asked, dict):
            raise self.wrong(f"{at}/sign", "sign is a mapping from the path of a vote to who signs it")
        for path, name in ((self.path(at, path), str(name)) for path, name in asked.items()):
            content, filed = changes.get(path), f"{path.rpartition('/')[0]}.yaml"
            signal = changes.get(filed) or self.files.get(filed)
            vote = read(content, file=path).value if content else None
            if content is None or signal is None or not isinstance(vote, dict):
                raise self.wrong(f"{at}/sign", f"{path} is no vote that this commit writes, or {filed} is not there")
            digest = f"sha256:{hashlib.sha256(signal).hexdigest()}"
            text = vote_text(PurePosixPath(filed).stem, digest, str(vote["team"]), str(vote["vote"]))
            armored = demo_keys.signature(name, text, namespace=VOTE_NAMESPACE).replace("\n", "\\n")
            changes[path] = content.replace(b"@digest", digest.encode()).replace(b"@signature", armored.encode())

    def overlay(self, at: str, name: str) -> Iterator[tuple[str, bytes]]:
        root = self.folder / name
        found = sorted(path for path in root.rglob("*") if path.is_file())
        if not found:
            raise self.wrong(f"{at}/tree", f"{root} holds no file")
        for path in found:
            yield self.path(f"{at}/tree", path.relative_to(root).as_posix()), self.filled_bytes(path.read_bytes())

    def edited(self, at: str, edit: object, before: Mapping[str, bytes]) -> tuple[str, bytes]:
        if not isinstance(edit, dict) or set(edit) != {"file", "old", "new"}:
            raise self.wrong(at, "an edit has file, old and new")
        path = self.path(at, edit["file"])
        content = before.get(path, self.files.get(path))
        if content is None:
            raise self.wrong(at, f"{path} is not in the commit before")
        old, new = (self.filled(str(edit[key])).encode() for key in ("old", "new"))
        if content.count(old) != 1:
            raise self.wrong(f"{at}/old", f"occurs {content.count(old)} times in {path}, where once is needed")
        return path, content.replace(old, new)

    def tag(self, at: str, tag: object, moment: datetime) -> _Tag:
        if isinstance(tag, str):
            return _Tag(name=self.filled(tag), message="", at=moment)
        if not isinstance(tag, dict) or not {"name", "message"} <= set(tag) <= {"name", "message", "at"}:
            raise self.wrong(at, "a tag is a name, or a mapping with name, message and at")
        when = self.moment(f"{at}/at", tag["at"]) if "at" in tag else moment
        return _Tag(name=self.filled(str(tag["name"])), message=self.filled(str(tag["message"])), at=when)

    def moment(self, at: str, text: object) -> datetime:
        offset = _offset(text) if isinstance(text, str) else None
        if offset is None:
            raise self.wrong(at, "an offset such as -40d or -3d 4h is needed")
        return self.anchor + offset

    def text(self, at: str, entry: dict[str, Any], key: str) -> str:
        value = entry.get(key)
        if not isinstance(value, str) or not value:
            raise self.wrong(f"{at}/{key}", f"{key} is missing, or is not text")
        return value

    def items(self, at: str, entry: dict[str, Any], key: str) -> list[Any]:
        value = entry.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(f"{at}/{key}", f"{key} is a list")
        return value

    def path(self, at: str, text: object) -> str:
        path = self.filled(str(text))
        if path.startswith("/") or any(part in ("", ".", "..", ".git") for part in path.split("/")) or "\n" in path:
            raise self.wrong(at, f"{path!r} is no path inside a repository")
        return path

    def filled(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda match: _fill(match, self.anchor), text)

    def filled_bytes(self, content: bytes) -> bytes:
        try:
            return self.filled(content.decode()).encode()
        except UnicodeDecodeError:
            return content

    def wrong(self, pointer: str, what: str) -> ChoraError:
        place = self.reading.place(pointer)
        return ChoraError(f"{place}: {what}", hint="The form of a history is described in examples/replay.py.")


def _read(folder: Path, anchor: datetime) -> _History:
    file = folder / HISTORY
    reading = read(file.read_bytes(), file=str(file))
    if not reading.ok:
        told = "\n".join(f"{finding.place}: {finding.message}" for finding in reading.findings)
        raise ChoraError(f"{file} cannot be read", detail=told, hint="Correct the lines named above.")
    return _History(folder=folder, anchor=anchor, reading=reading)


def _until(commits: Iterator[_Commit], until: datetime | None) -> list[_Commit]:
    kept = []
    for commit in commits:
        # Cutting at the first later commit makes a shorter replay a prefix of a longer one, whatever the dates do.
        if until is not None and commit.at > until:
            break
        kept.append(commit)
    return kept


def _bare(folder: Path, final: Path, anchor: datetime, until: datetime | None, owned: Path | None = None) -> None:
    """Make the repository `final`. `owned` is the folder to replace, where that is not `final` itself."""
    commits = _until(_read(folder, anchor).commits(), until)
    place = owned or final
    if place.exists() and not (final / MARKER).exists() and not _is_empty(place):
        raise ChoraError(
            f"{place} is there and was not made by a replay, so it is left alone",
            hint="Move it away, or choose another target.",
            code=Exit.NO,
        )
    if place.exists():
        shutil.rmtree(place)
    if not commits:
        return
    for name in ("objects", "refs"):
        (final / name).mkdir(parents=True)
    (final / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (final / "config").write_text(_CONFIG.format(bare="false" if owned else "true"), encoding="utf-8")
    (final / MARKER).write_text("Made by examples/replay.py and safe to delete.\n", encoding="utf-8")
    _git(final, "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--done", stdin=_stream(commits, until))


def _is_empty(place: Path) -> bool:
    return place.is_dir() and not any(place.iterdir())


def _stream(commits: list[_Commit], until: datetime | None) -> bytes:
    out: list[bytes] = []
    for mark, commit in enumerate(commits, 1):
        when = f"{commit.author} {int(commit.at.timestamp())} +0000"
        out.append(f"commit refs/heads/main\nmark :{mark}\nauthor {when}\ncommitter {when}\n".encode())
        out.append(_data(commit.message.rstrip("\n").encode() + b"\n"))
        if mark > 1:
            out.append(f"from :{mark - 1}\n".encode())
        for path, content in sorted(commit.changes.items()):
            name = '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
            if content is None:
                out.append(f"D {name}\n".encode())
            else:
                out.append(f"M 100644 inline {name}\n".encode() + _data(content))
        out.append(b"\n")
        for tag in commit.tags:
            if until is not None and tag.at > until:
                continue
            if tag.message:
                by = f"tagger {commit.author} {int(tag.at.timestamp())} +0000\n"
                out.append(f"tag {tag.name}\nfrom :{mark}\n{by}".encode() + _data(tag.message.encode() + b"\n"))
            else:
                out.append(f"reset refs/tags/{tag.name}\nfrom :{mark}\n\n".encode())
    out.append(b"done\n")
    return b"".join(out)


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> None:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, input=stdin, env=_PLAIN_ENVIRONMENT, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise ChoraError(
            "git is missing", hint="Install it (Debian: apt-get install git).", code=Exit.CANNOT_TELL
        ) from None
    if done.returncode:
        raise ChoraError(
            f"git could not make {folder}",
            detail=done.stderr.decode("utf-8", "replace").strip(),
            hint="Is there space left, and may this folder be written?",
            code=Exit.CANNOT_TELL,
        )


def _offset(text: str) -> timedelta | None:
    """Return the offset that `-3d 4h` or `+12d` means; None for anything else."""
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    parts = re.findall(r"([0-9]+)(d|h|min)", match.group(2))
    total = sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())
    return -total if match.group(1) == "-" else total


def _fill(match: re.Match[str], anchor: datetime) -> str:
    word, offset = match.group(1), _offset(match.group(2))
    if offset is None:
        return match.group(0)  # `@{upstream}` and the like are somebody else's
    moment = (anchor + offset).astimezone(UTC)
    if word is None:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    while word == "workday" and moment.weekday() > 4:
        moment += timedelta(days=1)
    return moment.strftime({"year": "%Y", "month": "%m"}.get(word, "%Y-%m-%d"))


def _signature(author: str) -> str:
    if "<" in author:
        return author
    plain = unicodedata.normalize("NFKD", author).encode("ascii", "ignore").decode().lower()
    return f"{author} <{re.sub('[^a-z0-9]+', '.', plain).strip('.')}@example.org>"
