"""The files of a published site as they lie on a disk: listed without following anything, hashed on a few threads.

Nothing is opened before its kind and size are known, so that neither a pipe nor an endless file holds a reader up.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_CHUNK: Final = 2**20
_THREADS: Final = min(4, os.cpu_count() or 1)
_SHARE: Final = 256
"""Files a thread takes at once: handing over one by one would cost as much as hashing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What lies below a folder: the size of each regular file by path, and what is none, with its kind in words."""

    sizes: Mapping[str, int] = field(repr=False)
    others: Mapping[str, str] = field(default_factory=dict)


def list_site(folder: Path) -> Listed:
    """Return what lies below `folder`; symbolic links are listed and not followed. Raise OSError."""
    sizes: dict[str, int] = {}
    others: dict[str, str] = {}
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        with os.scandir(f"{folder}/{inside}") as entries:
            for entry in entries:
                path = inside + entry.name
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(found.st_mode):
                    sizes[path] = found.st_size
                elif stat.S_ISDIR(found.st_mode):
                    waiting.append(f"{path}/")
                else:
                    others[path] = "a symbolic link" if stat.S_ISLNK(found.st_mode) else "no regular file"
    return Listed(sizes=sizes, others=others)


def digests(folder: Path, paths: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return the SHA-256 (hex) and the size of each of `paths` below `folder`.

    Raise OSError where one cannot be read or is no regular file.
    """
    shares = [paths[at : at + _SHARE] for at in range(0, len(paths), _SHARE)]
    if len(shares) < 2:
        return dict(_hashed(str(folder), paths))
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        return {
            path: found
            for share in pool.map(lambda share: [*_hashed(str(folder), share)], shares)
            for path, found in share
        }


def digest_of(path: Path) -> tuple[str, int]:
    """Return the SHA-256 (hex) and the size of one file; raise OSError as `digests` does."""
    return _digest(str(path))


def _hashed(folder: str, paths: Sequence[str]) -> Iterator[tuple[str, tuple[str, int]]]:
    return ((path, _digest(f"{folder}/{path}")) for path in paths)


def _digest(path: str) -> tuple[str, int]:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(0, "it is no regular file", path)
        # A buffer no larger than the file: taking a large one from the system costs more than most of them hold.
        data = os.read(handle, min(found.st_size, _CHUNK) + 1)
        if len(data) == found.st_size:
            return hashlib.sha256(data).hexdigest(), len(data)
        digest, size = hashlib.sha256(data), len(data)
        while data := os.read(handle, _CHUNK):
            digest.update(data)
            size += len(data)
        return digest.hexdigest(), size
    finally:
        os.close(handle)
