"""The index of a publication: every file by digest and size, and the manifest of every source by digest.

It is the one thing that is signed. The same content gives the same bytes, hence the same digest: it holds no clock and
no counter, and there is one way to write it, canonical JSON (sorted keys, no white space, ASCII, one line end).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SCHEMA: Final = "chora.mirror-index/v1"
MOST_FILES: Final = 200_000
LARGEST_FILE: Final = 2**31
LONGEST_PATH: Final = 255
"""Characters of a path; each of its parts has at most 100. Both are what every archive and file system can hold."""
_LONGEST_PART: Final = 100
_DEEPEST: Final = 16
_SIGNED_APART: Final = frozenset({"run.json", "run.js"})
"""Files of the run record: their digests are signed in the timestamp, because they change with every run."""
_OF_THE_MIRROR: Final = frozenset(
    {"mirror/trust.json", "mirror/trust.js", "mirror/bundles.json", "mirror/bundles.js", "mirror/latest.tar.gz"}
)
_FOLDERS_OF_THE_MIRROR: Final = ("mirror/metadata/", "mirror/targets/", "mirror/bundles/")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_PATH: Final = re.compile(r"[!-\[\]-~](?:[ -\[\]-~]*[!-\[\]-~])?")
_PLAIN: Final = re.compile(
    r"(?:[A-Za-z0-9_~-](?:[A-Za-z0-9._~-]{0,98}[A-Za-z0-9_~-])?/){0,15}"
    r"[A-Za-z0-9_~-](?:[A-Za-z0-9._~-]{0,98}[A-Za-z0-9_~-])?"
)
"""What nearly every path is, in one step: none of it can be trouble but its length."""
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class NotAnIndexError(ValueError):
    """Bytes that are no index in its one canonical form."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One published file."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One manifest of a source: its commit, and the SHA-256 of its bytes there."""

    commit: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorIndex:
    """Every published file by path, in byte order of paths, and every manifest by source and path there."""

    files: Mapping[str, FileEntry] = field(repr=False)
    manifests: Mapping[str, Mapping[str, ManifestEntry]] = field(default_factory=dict, repr=False)

    def to_bytes(self) -> bytes:
        """Return the one form that is signed."""
        value = {
            "files": {path: [entry.sha256, entry.size] for path, entry in self.files.items()},
            "manifests": {
                source: {path: {"commit": entry.commit, "sha256": entry.sha256} for path, entry in listed.items()}
                for source, listed in self.manifests.items()
            },
            "schema": SCHEMA,
        }
        return _canonical(value)

    @classmethod
    def from_bytes(cls, data: bytes) -> MirrorIndex:
        """Return the index that `data` is; raise NotAnIndexError unless they are exactly what `to_bytes` writes."""
        try:
            value = json.loads(data)
            same = _canonical(value) == data
        except (ValueError, TypeError, RecursionError) as error:
            raise NotAnIndexError("it is not JSON") from error
        if not isinstance(value, dict) or value.keys() != {"files", "manifests", "schema"}:
            raise NotAnIndexError("it has other fields than an index has")
        if value["schema"] != SCHEMA:
            raise NotAnIndexError(f"its schema is not {SCHEMA}: was it written by a newer version of this tool?")
        if not same:
            raise NotAnIndexError("it is not written in the canonical form")
        return cls(files=_files(value["files"]), manifests=_manifests(value["manifests"]))


def is_indexed(path: str) -> bool:
    """Tell whether a published file belongs into the index: all but signatures, bundles, and what is signed apart."""
    if path in _SIGNED_APART or path in _OF_THE_MIRROR:
        return False
    return not path.startswith(_FOLDERS_OF_THE_MIRROR)


def path_trouble(path: str) -> str:
    """Return why `path` is no safe path of a published file; empty where it is one.

    Safe are relative posix paths in printable ASCII, without a backslash, a part that is empty, `.` or `..`, or one
    that begins or ends with a blank or ends with a dot, and short enough for every archive and file system.
    """
    if len(path) > LONGEST_PATH:
        return f"it has more than {LONGEST_PATH} characters"
    if _PLAIN.fullmatch(path):
        return ""
    parts = path.split("/")
    if len(parts) > _DEEPEST:
        return f"it is more than {_DEEPEST} folders deep"
    for part in parts:
        if part in ("", ".", ".."):
            return "it leads elsewhere, or has an empty part"
        if not _PATH.fullmatch(part):
            return "it holds a character that a path of a publication cannot have"
        if part.endswith("."):
            return "a part of it ends with a dot"
        if len(part) > _LONGEST_PART:
            return f"a part of it has more than {_LONGEST_PART} characters"
    return ""


def _canonical(value: object) -> bytes:
    # json sorts keys by code point; all of them are ASCII, so that is the order of bytes as well.
    return (json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n").encode("ascii")


def _files(value: Any) -> dict[str, FileEntry]:
    if not isinstance(value, dict) or len(value) > MOST_FILES:
        raise NotAnIndexError(f"its files are no list, or more than {MOST_FILES}")
    found: dict[str, FileEntry] = {}
    folded: dict[str, str] = {}
    folders: set[str] = set()
    for path, entry in value.items():
        trouble = path_trouble(path) or ("" if is_indexed(path) else "that file is never in an index")
        if trouble:
            raise NotAnIndexError(f"{path[:LONGEST_PATH]!a}: {trouble}")
        _fold(path, folded)
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            _fold(folder, folded)
            folders.add(folder)
            folder = folder.rpartition("/")[0]
        match entry:
            case [str(digest), int(size)] if _is_digest(digest) and type(size) is int and 0 <= size <= LARGEST_FILE:
                found[path] = FileEntry(digest, size)
            case _:
                raise NotAnIndexError(f"{path}: it has no digest and size")
    both = sorted(folders & found.keys())
    if both:
        raise NotAnIndexError(f"{both[0]}: it is a file and a folder")
    return found


def _fold(name: str, folded: dict[str, str]) -> None:
    """Refuse a name that is another one's on a disk that does not tell letters by their case."""
    twin = folded.setdefault(name.lower(), name)
    if twin != name:
        raise NotAnIndexError(f"{name}: it is {twin} in other letters")


def _manifests(value: Any) -> dict[str, dict[str, ManifestEntry]]:
    if not isinstance(value, dict):
        raise NotAnIndexError("its manifests are no list by source")
    found: dict[str, dict[str, ManifestEntry]] = {}
    for source, listed in value.items():
        if not isinstance(listed, dict):
            raise NotAnIndexError("the manifests of a source are no list by path")
        of_source = found[source] = {}
        for path, entry in listed.items():
            match entry:
                case {"commit": str(commit), "sha256": str(digest)} if len(entry) == 2 and _is_digest(digest):
                    if not _COMMIT.fullmatch(commit):
                        raise NotAnIndexError("a manifest's commit is no id of git")
                    of_source[path] = ManifestEntry(commit, digest)
                case _:
                    raise NotAnIndexError("a manifest has no commit and digest")
    return found


def _is_digest(text: str) -> bool:
    return _HEX.fullmatch(text) is not None
