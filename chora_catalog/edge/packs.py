"""Objects read from the packs of a repository without starting git: what most sources need, at a tenth of the cost.

A fetch leaves one small pack. This reads the plain case of it (gitformat-pack(5): index version 2, SHA-1) and answers
None for all else: what it does not find, what is large or deep, what looks odd. Then git is asked, as if this were not
here. Bytes count only when their SHA-1 is the name that was asked for: damage and malice can make this slower, never
wrong.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from bisect import bisect_left
from pathlib import Path

from chora_catalog.edge.process import MIB

_LARGEST_INDEX = MIB
_LARGEST_OBJECT = MIB
_MOST_PACKS = 8
_DEEPEST = 50
# Bytes that are made out of packs in all; git does the rest, and has limits of its own.
_BUDGET = 32 * MIB
# A delta is a program with an instruction in every two bytes, which take as long as that many bytes to inflate.
_DELTA_WEIGHT = 64
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
_FANOUT, _ENTRY = 8, 1032
_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_BY_OFFSET, _BY_NAME = 6, 7


class _Odd(Exception):  # noqa: N818  (it is no error: git is asked instead)
    """This is not the plain case."""


class Packs:
    """The packs of one bare repository. Leaving them open costs a descriptor for each."""

    def __init__(self, repository: Path) -> None:
        """Open nothing yet."""
        self._folder = f"{repository}/objects/pack"
        self._packs: list[_Pack] | None = None
        self._left = _BUDGET

    def close(self) -> None:
        """Close the packs. Closing twice is harmless."""
        packs, self._packs = self._packs or [], []
        for pack in packs:
            os.close(pack.file)

    def read(self, name: str) -> tuple[str, bytes] | None:
        """Return the kind and the bytes of the object with the id `name`, None when git has to be asked."""
        if len(name) != 40:
            return None
        raw = bytes.fromhex(name)
        try:
            if self._packs is None:
                self._packs = self._open()
            for pack in self._packs:
                at = pack.find(raw)
                if at is not None:
                    kind, data = self._object(pack, at)
                    # That no two objects share a name is what git looked after when it took the pack in.
                    made = hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)), usedforsecurity=False)
                    made.update(data)
                    return (kind, data) if made.digest() == raw else None
        except (_Odd, OSError, IndexError, zlib.error):
            return None
        return None

    def _open(self) -> list[_Pack]:
        packs: list[_Pack] = []
        with contextlib.suppress(OSError):
            names = sorted(name for name in os.listdir(self._folder) if name.endswith(".idx"))
            for name in names if len(names) <= _MOST_PACKS else ():
                with contextlib.suppress(OSError, _Odd):
                    packs.append(_Pack(f"{self._folder}/{name}"))
        return packs

    def _object(self, pack: _Pack, at: int) -> tuple[str, bytes]:
        deltas: list[bytes] = []
        while True:
            kind, size, head, body = pack.entry(at)
            self._left -= size if kind in _KINDS else size * _DELTA_WEIGHT
            if size > _LARGEST_OBJECT or self._left < 0 or len(deltas) > _DEEPEST:
                raise _Odd
            if kind in _KINDS:
                data = pack.inflated(at, head, body, size)
                break
            base, body = _base(pack, at, kind, head, body)
            deltas.append(pack.inflated(at, head, body, size))
            at = base
        for delta in reversed(deltas):
            data = _patched(data, delta)
            self._left -= len(data)
        return _KINDS[kind], data


class _Pack:
    """One pack with its index in memory."""

    def __init__(self, index: str) -> None:
        self._index = _small_file(index)
        if not self._index.startswith(b"\xfftOc\0\0\0\2"):
            raise _Odd
        self._count = self._number(_ENTRY - 4)
        self._offsets = _ENTRY + 24 * self._count
        if len(self._index) < self._offsets + 4 * self._count:
            raise _Odd
        self.file = os.open(index.removesuffix("idx") + "pack", _FLAGS)

    def _number(self, at: int) -> int:
        return int.from_bytes(self._index[at : at + 4], "big")

    def _name(self, place: int) -> bytes:
        return self._index[_ENTRY + 20 * place : _ENTRY + 20 * place + 20]

    def find(self, raw: bytes) -> int | None:
        """Return where the object with the id `raw` begins in the pack, None when it is not there."""
        first = self._number(_FANOUT + 4 * (raw[0] - 1)) if raw[0] else 0
        last = min(self._number(_FANOUT + 4 * raw[0]), self._count)
        place = bisect_left(range(last), raw, min(first, last), last, key=self._name)
        if place >= last or self._name(place) != raw:
            return None
        offset = self._number(self._offsets + 4 * place)
        if offset >= 2**31:
            raise _Odd
        return offset

    def entry(self, at: int) -> tuple[int, int, bytes, int]:
        """Return kind and size of the entry at `at`, its first bytes, and where in them the rest begins."""
        head = os.pread(self.file, 1024, at)
        byte = head[0]
        kind, size, shift, body = byte >> 4 & 7, byte & 15, 4, 1
        while byte & 128:
            byte = head[body]
            size |= (byte & 127) << shift
            shift += 7
            body += 1
            if shift > 60:
                raise _Odd
        return kind, size, head, body

    def inflated(self, at: int, head: bytes, body: int, size: int) -> bytes:
        """Return the `size` bytes whose compressed form begins `body` bytes into the entry at `at`."""
        # What cannot be made smaller grows by a few bytes in every 16 KiB.
        most = size + size // 1000 + 128
        packed = head[body:] if most <= len(head) - body else os.pread(self.file, most, at + body)
        stream = zlib.decompressobj()
        data = stream.decompress(packed, size + 1)
        if len(data) != size or not stream.eof:
            raise _Odd
        return data


def _small_file(path: str) -> bytes:
    file = os.open(path, _FLAGS)
    try:
        size = os.fstat(file).st_size
        if size > _LARGEST_INDEX:
            raise _Odd
        return os.read(file, size)
    finally:
        os.close(file)


def _base(pack: _Pack, at: int, kind: int, head: bytes, body: int) -> tuple[int, int]:
    """Return where the object begins that a delta builds on, and where the delta does."""
    if kind == _BY_OFFSET:
        byte = head[body]
        back = byte & 127
        body += 1
        while byte & 128:
            byte = head[body]
            back = (back + 1) << 7 | byte & 127
            body += 1
        if not 0 < back < at:
            raise _Odd
        return at - back, body
    base = pack.find(head[body : body + 20]) if kind == _BY_NAME else None
    if base is None:
        raise _Odd
    return base, body + 20


def _patched(base: bytes, delta: bytes) -> bytes:
    """Return what `delta` makes of `base`."""
    size, at = _length(delta, 0)
    if size != len(base):
        raise _Odd
    size, at = _length(delta, at)
    if size > _LARGEST_OBJECT:
        raise _Odd
    made = bytearray()
    while at < len(delta):
        order = delta[at]
        at += 1
        if order & 128:
            start = length = 0
            for bit in range(4):
                if order & 1 << bit:
                    start |= delta[at] << 8 * bit
                    at += 1
            for bit in range(3):
                if order & 16 << bit:
                    length |= delta[at] << 8 * bit
                    at += 1
            made += base[start : start + (length or 65536)]
        elif order:
            made += delta[at : at + order]
            at += order
        else:
            raise _Odd
        if len(made) > size:
            raise _Odd
    if len(made) != size:
        raise _Odd
    return bytes(made)


def _length(delta: bytes, at: int) -> tuple[int, int]:
    size = shift = 0
    while True:
        byte = delta[at]
        at += 1
        size |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            return size, at
        if shift > 60:
            raise _Odd
