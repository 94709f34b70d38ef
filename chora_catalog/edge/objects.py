"""Reading the objects of a bare repository by id: commits, tags, trees, blobs.

Most come straight from the packs (`edge/packs`), the others from one `git cat-file --batch`. Nothing is checked out,
converted or fetched; trees are parsed here, so that a tree made to explode, or names made to deceive, meet our limits
and not git's.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple, Self

from chora_catalog.edge.git_cache import read_note
from chora_catalog.edge.git_command import MEMORY_LIMIT, NO_PROTOCOL, environment, on_repository
from chora_catalog.edge.packs import Packs
from chora_catalog.edge.process import MIB, Conversation, Ended
from chora_catalog.model.instant_text import instant_text

MAX_COMMIT = MIB
MAX_TREE = 32 * MIB
MAX_PATH = 4096
_DRAIN = 4 * MIB
_CACHED_ENTRIES = 400_000
_OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_FOLDER, _SYMLINK, _SUBMODULE = 0o040000, 0o120000, 0o160000
# As git writes them; anything else is looked at digit by digit.
_USUAL = {b"100644": 0o100644, b"100755": 0o100755, b"40000": _FOLDER, b"120000": _SYMLINK, b"160000": _SUBMODULE}
_WRITTEN = {mode: f"{mode:06o}" for mode in _USUAL.values()}
_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z


class CacheBroken(Exception):  # noqa: N818  (the names say what was found)
    """The repository lacks or cannot read what it must have: fetch it `anew`."""


class ObjectUnreadable(ValueError):  # noqa: N818
    """An object is there and is not what it should be; the message is a plain sentence for a finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitFacts:
    """One commit. `committed_at` is RFC 3339 UTC; `parents` are empty where a shallow history ends."""

    id: str
    tree: str
    committed_at: str
    parents: tuple[str, ...]


class TreeEntry(NamedTuple):
    """One entry of a tree: `mode` is 100644, 100755, 120000 (symlink) or 160000 (submodule)."""

    mode: str
    id: str

    @property
    def is_file(self) -> bool:
        """Say whether this is a regular file."""
        return self.mode.startswith("100")


class Tree(dict[str, TreeEntry]):
    """Path to entry of every file, symlink and submodule, in git's order.

    `truncated` says that a limit cut the listing, `skipped` how many names were left out because no honest tree holds
    them: not UTF-8, control characters, `.`, `..`, `.git`, longer than 4,096 bytes.
    """

    truncated: bool = False
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A file's bytes, or why there are none.

    `too-large`: over the limit, or held back by the server's size filter (then `size` is None). `missing`: the
    repository does not have it, though the server filters nothing.
    """

    data: bytes | None
    size: int | None
    state: Literal["ok", "too-large", "missing"]


class Objects:
    """The objects of one bare repository. A context manager: leaving it ends the git process.

    Every method may raise CacheBroken.
    """

    def __init__(self, repository: Path, *, environ: Mapping[str, str] | None = None) -> None:
        """Open the repository at `repository`; `environ` is the caller's environment (default: this process's)."""
        self._repository = repository
        self._environ = os.environ if environ is None else environ
        self._packs = Packs(repository)
        self._talk: Conversation | None = None
        self._trees: dict[str, tuple[_Entry, ...]] = {}
        self._cached = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._packs.close()
        self._hang_up()

    @cached_property
    def boundary(self) -> frozenset[str]:
        """Ids of the commits where a shallow history ends."""
        return _shallow_commits(self._repository)

    @cached_property
    def _held_back(self) -> bool:
        note = read_note(self._repository)
        return note is not None and note.held_back

    def commit(self, name: str) -> CommitFacts:
        """Return the commit with the id `name`. Raises ObjectUnreadable for an object of another kind."""
        headers = _headers(self._need(name, "commit", MAX_COMMIT))
        parents = [value.decode("ascii", "replace") for key, value in headers if key == b"parent"]
        return CommitFacts(
            id=name,
            tree=_id_in(headers, b"tree", name),
            committed_at=_time_in(headers, b"committer", name),
            parents=() if name in self.boundary else tuple(parents),
        )

    def tag_time(self, name: str) -> str:
        """Return git's creatordate of the tag that points at the object `name`, as RFC 3339 UTC.

        That is the tagger's date of an annotated tag, else the committer's date. Raises ObjectUnreadable for a tag of
        a tree or a blob.
        """
        for _ in range(10):
            kind, data = self._read(name, MAX_COMMIT)
            if kind == "commit" and data is not None:
                return _time_in(_headers(data), b"committer", name)
            if kind != "tag" or data is None:
                raise ObjectUnreadable(f"The tag's object {name[:12]} is no commit ({kind}).")
            headers = _headers(data)
            if any(key == b"tagger" for key, _ in headers):
                return _time_in(headers, b"tagger", name)
            name = _id_in(headers, b"object", name)
        raise ObjectUnreadable(f"The tag {name[:12]} points at a tag, ten times over.")

    def tree(self, name: str, *, max_entries: int = 100_000, max_depth: int = 32) -> Tree:
        """Return all files, symlinks and submodules below the tree with the id `name`, within the limits.

        Folders count as entries too, so that a tree of empty folders ends as well.
        """
        listing = Tree()
        left = max_entries
        waiting: list[tuple[str, int, Iterator[_Entry]]] = [("", 1, iter(self._entries(name, listing)))]
        while waiting:
            prefix, depth, entries = waiting[-1]
            entry = next(entries, None)
            if entry is None:
                waiting.pop()
                continue
            if left == 0:
                listing.truncated = True
                break
            left -= 1
            path = prefix + entry.name
            if len(path) > MAX_PATH:
                listing.skipped += 1
            elif entry.mode != _FOLDER:
                listing[path] = TreeEntry(_WRITTEN[entry.mode], entry.id)
            elif depth >= max_depth:
                listing.truncated = True
            else:
                waiting.append((path + "/", depth + 1, iter(self._entries(entry.id, listing))))
        return listing

    def entry(self, tree: str, path: str) -> TreeEntry | None:
        """Return the file, symlink or submodule at `path` in the tree with the id `tree`.

        Only the trees on the way are read, which makes it the way to follow one path through a long history.
        """
        folder, _, name = path.rpartition("/")
        inside = self.folder(tree, folder)
        found = self._named(inside, name) if inside else None
        return None if found is None or found.mode == _FOLDER else TreeEntry(_WRITTEN[found.mode], found.id)

    def folder(self, tree: str, path: str) -> str | None:
        """Return the id of the folder at `path` (`""` for the tree itself) in the tree with the id `tree`."""
        for name in path.split("/") if path else ():
            found = self._named(tree, name)
            if found is None or found.mode != _FOLDER:
                return None
            tree = found.id
        return tree

    def _named(self, tree: str, name: str) -> _Entry | None:
        return next((item for item in self._entries(tree, Tree()) if item.name == name), None)

    def blob(self, name: str, *, limit: int = 256 * 1024) -> Blob:
        """Return the file with the id `name` if it has at most `limit` bytes."""
        kind, size, data = self._look(name, limit)
        if kind == "missing":
            return Blob(data=None, size=None, state="too-large" if self._held_back else "missing")
        if kind != "blob":
            raise ObjectUnreadable(f"The object {name[:12]} is a {kind} where a file should be.")
        return Blob(data=data, size=size, state="ok" if data is not None else "too-large")

    def _entries(self, name: str, listing: Tree) -> tuple[_Entry, ...]:
        """Return the entries of one tree object, noting in `listing` what had to be left out."""
        if name not in self._trees:
            if self._cached > _CACHED_ENTRIES:
                self._trees.clear()
                self._cached = 0
            kind, data = self._read(name, MAX_TREE)
            if kind != "tree":
                raise ObjectUnreadable(f"The object {name[:12]} is a {kind} where a folder should be.")
            parsed = (_TOO_LARGE,) if data is None else tuple(_parse_tree(name, data))
            self._trees[name] = parsed
            self._cached += len(parsed) + 1
        entries = self._trees[name]
        if entries and entries[0] is _TOO_LARGE:
            listing.truncated = True
            return ()
        if all(entry.name for entry in entries):
            return entries
        good = tuple(entry for entry in entries if entry.name)
        listing.skipped += len(entries) - len(good)
        return good

    def _need(self, name: str, kind: str, limit: int) -> bytes:
        found, data = self._read(name, limit)
        if found != kind:
            raise ObjectUnreadable(f"The object {name[:12]} is a {found} where a {kind} should be.")
        if data is None:
            raise ObjectUnreadable(f"The {kind} {name[:12]} is larger than {limit} bytes.")
        return data

    def _read(self, name: str, limit: int) -> tuple[str, bytes | None]:
        """Return the kind and the bytes of an object that must be there; no bytes when it is over `limit`."""
        kind, _, data = self._look(name, limit)
        if kind == "missing":
            raise CacheBroken(f"the object {name} is missing")
        return kind, data

    def _look(self, name: str, limit: int) -> tuple[str, int, bytes | None]:
        """Return kind (`missing` when it is not there), size and bytes of an object, no bytes when over `limit`."""
        if not _OBJECT_ID.fullmatch(name):
            raise ValueError("an object id is 40 or 64 hex digits")
        packed = self._packs.read(name)
        if packed is not None:
            kind, data = packed
            return kind, len(data), data if len(data) <= limit else None
        kind, size = self._ask(name)
        return kind, size, None if kind == "missing" else self._take(size, limit)

    def _ask(self, name: str) -> tuple[str, int]:
        try:
            if self._talk is None:
                env = environment(self._environ, protocols=NO_PROTOCOL)
                words = on_repository(self._repository, "cat-file", "--batch")
                self._talk = Conversation(words, env, memory_limit=MEMORY_LIMIT)
            self._talk.write(name.encode() + b"\n")
            words = self._talk.read_line(1024).decode("ascii", "replace").split(" ")
        except Ended as error:
            self._hang_up()
            raise CacheBroken(f"the object {name} cannot be read: {error}") from error
        if words[1:] == ["missing"]:
            return "missing", 0
        if len(words) != 3 or words[0] != name or not words[2].isdigit():
            self._hang_up()
            raise CacheBroken(f"git does not answer about the object {name}")
        return words[1], int(words[2])

    def _take(self, size: int, limit: int) -> bytes | None:
        """Take the bytes that follow an answer; drop them when they are over `limit`."""
        assert self._talk is not None  # noqa: S101  (an answer came from it)
        if size > limit and size > _DRAIN:
            self._hang_up()
            return None
        try:
            data = self._talk.read_exactly(size + 1)[:size]
        except Ended as error:
            self._hang_up()
            raise CacheBroken(f"an object cannot be read: {error}") from error
        return data if size <= limit else None

    def _hang_up(self) -> None:
        if self._talk is not None:
            self._talk.close()
            self._talk = None


class _Entry(NamedTuple):
    """One parsed line of a tree; the name is empty where it must be skipped."""

    mode: int
    name: str
    id: str


_TOO_LARGE = _Entry(0, "", "")


def _parse_tree(name: str, data: bytes) -> Iterator[_Entry]:
    """Parse a tree object: `<octal mode> SP <name> NUL <raw id>`, repeated."""
    width = len(name) // 2
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 8)
        end = data.find(b"\0", space + 1)
        if space < 0 or end < 0 or end + 1 + width > len(data):
            raise ObjectUnreadable(f"The tree {name[:12]} is damaged.")
        mode = _mode(data[at:space])
        raw = data[end + 1 : end + 1 + width]
        if mode is not None:
            yield _Entry(mode, _name(data[space + 1 : end]), raw.hex())
        at = end + 1 + width


def _mode(octal: bytes) -> int | None:
    """Return the kind of an entry with the permissions git itself keeps; None for a mode git does not write."""
    if octal in _USUAL:
        return _USUAL[octal]
    if not octal or octal.strip(b"01234567"):
        return None
    mode = int(octal, 8)
    if mode in (_FOLDER, _SYMLINK, _SUBMODULE):
        return mode
    return (0o100755 if mode & 0o100 else 0o100644) if mode & 0o170000 == 0o100000 else None


def _name(raw: bytes) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    if name in (".", "..") or name.casefold() == ".git" or "/" in name:
        return ""
    if not name.isprintable() and any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in name):
        return ""
    return name


def _headers(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return (key, value) of the lines before the first empty one, continuation lines left out."""
    lines = data.partition(b"\n\n")[0].split(b"\n")
    return [(key, value) for key, _, value in (line.partition(b" ") for line in lines) if key]


def _id_in(headers: list[tuple[bytes, bytes]], key: bytes, name: str) -> str:
    value = next((value.decode("ascii", "replace") for found, value in headers if found == key), "")
    if not _OBJECT_ID.fullmatch(value):
        raise ObjectUnreadable(f"The object {name[:12]} has no {key.decode()}.")
    return value


def _time_in(headers: list[tuple[bytes, bytes]], key: bytes, name: str) -> str:
    """Return the time of `name <mail> seconds zone`; git itself reads from the end, for names may hold anything."""
    value = next((value for found, value in headers if found == key), b"")
    match = re.search(rb"(?:^|[ >])([0-9]{1,12}) [^ ]*$", value)
    if match is None or int(match[1]) > _LAST_SECOND:
        raise ObjectUnreadable(f"The object {name[:12]} has no readable {key.decode()} date.")
    return instant_text(datetime.fromtimestamp(int(match[1]), UTC))


def _shallow_commits(repository: Path) -> frozenset[str]:
    try:
        return frozenset((repository / "shallow").read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return frozenset()
