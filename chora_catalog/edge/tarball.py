"""A publication inside of a tar file, read in place: nothing is ever unpacked."""

from __future__ import annotations

import contextlib
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

MOST_MEMBERS: Final = 1_000_000
LARGEST_MEMBER: Final = 64 * 2**20
MOST_BYTES: Final = 4 * 2**30
"""Bytes of all members together; what is compressed is read through once, so that this bounds the time."""
_MARK: Final = "run.json"
_GZIP: Final = b"\x1f\x8b"
_TORN: Final = (tarfile.TarError, EOFError, OSError, ValueError, zlib.error)


class TornError(ValueError):
    """A file that is no tar of a publication, is torn, or holds more than such a file would."""


class Tarball(Mapping[str, bytes]):
    """The regular files of the publication in a tar file by posix path, each read when it is asked for.

    The publication may stand at the top or in one folder. Links and devices are not there, and neither is a name that
    leads outside or stands twice. Raise TornError when it is opened, or when a member turns out to be torn.
    """

    def __init__(self, path: Path) -> None:
        """List what is there; raise OSError when the file cannot be read, TornError when it is no such tar."""
        with contextlib.ExitStack() as opened:
            file = opened.enter_context(path.open("rb"))
            mode: Literal["r:gz", "r:"] = "r:gz" if file.read(2) == _GZIP else "r:"
            file.seek(0)
            try:
                self._tar = opened.enter_context(tarfile.open(fileobj=file, mode=mode))
                self._members = _members(self._tar)
            except _TORN as error:
                raise TornError(f"{path} is no whole tar file: {error}") from error
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Let go of the file; nothing can be read afterwards."""
        self._opened.close()

    def __getitem__(self, path: str) -> bytes:
        """Return the bytes of `path`; raise KeyError when it is not there, TornError when it cannot be read whole."""
        member = self._members[path]
        try:
            file = self._tar.extractfile(member)
            data = file.read() if file is not None else b""
        except _TORN as error:
            raise TornError(f"{path} is torn: {error}") from error
        if len(data) != member.size:
            raise TornError(f"{path} is torn: {len(data)} of {member.size} bytes are there")
        return data

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


def _members(tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    found: dict[str, tarfile.TarInfo] = {}
    twice: set[str] = set()
    total = 0
    for count, member in enumerate(tar):
        name = member.name.removeprefix("./")
        total += member.size
        if count >= MOST_MEMBERS or total > MOST_BYTES:
            raise TornError(f"it holds more than {MOST_MEMBERS} files or {MOST_BYTES} bytes")
        if not member.isreg() or member.size > LARGEST_MEMBER or name.startswith("/") or ".." in name.split("/"):
            continue
        twice |= {name} & found.keys()
        found[name] = member
    for name in twice:
        del found[name]
    tops = sorted((name.removesuffix(_MARK) for name in found if name.split("/")[-1] == _MARK), key=len)
    top = tops[0] if tops else ""
    return {name.removeprefix(top): member for name, member in found.items() if name.startswith(top)}
