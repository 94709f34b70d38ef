"""A publication inside of a tar file, read in place: nothing is ever unpacked.

The headers are read here and not by the standard library: it keeps what an extended header says in memory whatever its
size, and calls itself for each that follows another.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from chora_catalog.edge.ustar import BLOCK, checksum, number

MOST_MEMBERS: Final = 1_000_000
LARGEST_MEMBER: Final = 64 * 2**20
MOST_BYTES: Final = 4 * 2**30
"""Bytes of the whole file when it is not compressed; what is compressed is read through once, so it bounds the time."""
MOST_RATIO: Final = 200
"""How many times its size a compressed file may hold. Pages that repeat each other come to 50, a bomb to 1,000."""
LONGEST_NAME: Final = 64 * 2**10
"""Bytes of the header that holds a long name."""
_MARK: Final = "run.json"
_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 2**20
_END: Final = bytes(BLOCK)
_FILE: Final = frozenset([b"0", b"\0", b"7"])
_TORN: Final = (EOFError, OSError, ValueError, zlib.error)


class TornError(ValueError):
    """A file that is no tar of a publication, is torn, or holds more than such a file would."""


class Tarball(Mapping[str, bytes]):
    """The regular files of the publication in a tar file by posix path, each read when it is asked for.

    The publication may stand at the top or in one folder. Links and devices are not there, and neither is a name that
    leads outside or stands twice. Raise TornError when it is opened, or when a member turns out to be torn.
    """

    def __init__(self, path: Path) -> None:
        """List what is there; raise OSError when the file cannot be read, TornError when it is no such tar."""
        if path.exists() and not path.is_file():
            raise TornError(f"{path} is no regular file")
        self._file: IO[bytes] = path.open("rb")
        try:
            compressed = self._file.read(len(_GZIP)) == _GZIP
            self._file.seek(0)
            if compressed:
                self._file = _expanded(self._file)
            self._members = _members(self._file)
        except _TORN as error:
            self._file.close()
            raise TornError(f"{path} is no whole tar file: {error}") from error

    def close(self) -> None:
        """Let go of the file; nothing can be read afterwards."""
        self._file.close()

    def __getitem__(self, path: str) -> bytes:
        """Return the bytes of `path`; raise KeyError when it is not there, TornError when it cannot be read whole."""
        offset, size = self._members[path]
        try:
            self._file.seek(offset)
            data = self._file.read(size)
        except _TORN as error:
            raise TornError(f"{path} is torn: {error}") from error
        if len(data) != size:
            raise TornError(f"{path} is torn: {len(data)} of {size} bytes are there")
        return data

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


def _expanded(packed: IO[bytes]) -> IO[bytes]:
    """Return a file without a name that holds what `packed` does: to go back in it costs nothing. `packed` is closed.

    Raise TornError when it holds more than such a file would.
    """
    plain: IO[bytes] = TemporaryFile()  # noqa: SIM115 - it is handed on
    try:
        with packed, gzip.GzipFile(fileobj=packed, mode="rb") as source:
            most = min(MOST_BYTES, MOST_RATIO * packed.seek(0, 2) + _CHUNK)
            packed.seek(0)
            total = 0
            while data := source.read(_CHUNK):
                total += len(data)
                if total > most:
                    raise TornError(f"it holds more than {most} bytes")
                plain.write(data)
    except BaseException:
        plain.close()
        raise
    return plain


def _members(file: IO[bytes]) -> dict[str, tuple[int, int]]:
    """Return where the regular files begin, and their sizes, by path below the folder of the publication."""
    found: dict[str, tuple[int, int]] = {}
    twice: set[str] = set()
    for name, offset, size in _files(file):
        if size > LARGEST_MEMBER or name.startswith("/") or ".." in name.split("/"):
            continue
        if name in found:
            twice.add(name)
        found[name] = offset, size
    for name in twice:
        del found[name]
    tops = sorted((name.removesuffix(_MARK) for name in found if name.split("/")[-1] == _MARK), key=len)
    top = tops[0] if tops else ""
    return {name.removeprefix(top): place for name, place in found.items() if name.startswith(top)}


def _files(file: IO[bytes]) -> Iterator[tuple[str, int, int]]:
    """Yield the name of each regular file, where it begins, and its size.

    The format is ustar (POSIX.1-1988) with the long names of POSIX.1-2001 (`x`) and of GNU (`L`).
    """
    whole = file.seek(0, 2)
    if whole > MOST_BYTES:
        raise TornError(f"it holds more than {MOST_BYTES} bytes")
    at = count = 0
    said: dict[bytes, bytes] = {}
    while True:
        file.seek(at)
        header = file.read(BLOCK)
        if at and header in (b"", _END):
            return
        if len(header) < BLOCK or checksum(header) != number(header[148:156]):
            raise TornError(f"there is no header at byte {at}")
        count += 1
        if count > MOST_MEMBERS:
            raise TornError(f"it holds more than {MOST_MEMBERS} files")
        kind, size = header[156:157], number(header[124:136])
        at += BLOCK
        if kind in (b"x", b"L"):
            if size > LONGEST_NAME:
                raise TornError(f"a name in it has {size} bytes")
            text = file.read(size)
            said |= {b"path": text.rstrip(b"\0")} if kind == b"L" else _extended(text)
        else:
            if b"size" in said:
                size = _decimal(said[b"size"])
            if kind in _FILE:
                name = said.get(b"path") or _name(header)
                yield name.decode("utf-8", "replace").removeprefix("./"), at, size
            elif kind == b"S":
                raise TornError("a file in it is kept with holes")
            elif kind not in (b"g", b"K"):
                # A link, a device or a folder has no content.
                size = 0
            if kind not in (b"g", b"K"):
                said = {}
        at += -(-size // BLOCK) * BLOCK
        if at > whole:
            raise TornError(f"it ends at byte {whole}, inside of a file")


def _decimal(field: bytes) -> int:
    if not field.isdigit() or len(field) > 20:
        raise TornError("a size in a header is none")
    return int(field)


def _name(header: bytes) -> bytes:
    name, prefix = header[:100].split(b"\0")[0], header[345:500].split(b"\0")[0]
    return prefix + b"/" + name if header[257:263] == b"ustar\0" and prefix else name


def _extended(text: bytes) -> dict[bytes, bytes]:
    """Return the records of an extended header: each its length, a blank, a keyword, `=`, a value, a line end."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(text):
        blank = text.find(b" ", at, at + 8)
        length = _decimal(text[at:blank]) if blank > at else 0
        key, equals, value = text[blank + 1 : at + length - 1].partition(b"=")
        if blank <= at or length <= blank - at or not equals or text[at + length - 1 : at + length] != b"\n":
            raise TornError("an extended header is torn")
        found[key] = value
        at += length
    return found
