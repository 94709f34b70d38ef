"""Writing a publication so that the last good one always stands.

Outputs are rendered one at a time and compared with the bytes that stand. While all agree, nothing is written; the
first difference opens a fresh folder beside the published one, into which everything unchanged is hard-linked. The
fresh folder takes the published one's place in one step (`renameat2` with RENAME_EXCHANGE, else two renames that the
next start repairs). A writer holds a lock; what a killed one left behind is swept by the next.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chora_catalog.errors import ChoraError, Exit

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class Output(Protocol):
    """A file that can be made: see render/output."""

    @property
    def path(self) -> str:
        """Relative posix path in the publication."""
        ...

    def make(self) -> bytes:
        """Return the bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a publication changed: files written anew, files that stayed, and whether the folder was replaced."""

    changed: int
    unchanged: int
    removed: int

    @property
    def replaced(self) -> bool:
        """Tell whether there was anything to publish."""
        return bool(self.changed or self.removed)


@contextlib.contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold the writer's lock of the publication at `target`; repair and sweep what a killed writer left.

    Raise ChoraError (exit 3) when another build holds it, or when the place cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(_beside(target, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise _cannot_write(target, error) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ChoraError(
                f"another build is writing {target}",
                hint="Wait for it to end, then run the same command again.",
                code=Exit.CANNOT_TELL,
            ) from error
        _repair(target)
        yield
    finally:
        os.close(handle)


def publish(outputs: Iterable[Output], target: Path, *, apart: Mapping[str, bytes]) -> Written:
    """Write `outputs` to the folder `target` and return what changed; the caller holds the lock.

    `apart` are files outside the content (the run record): they are written in either case, and in place when nothing
    else changed. Raise ChoraError (exit 3) when the disk refuses; what was published stands then.
    """
    try:
        return _publish(outputs, target, apart)
    except OSError as error:
        shutil.rmtree(_beside(target, "new"), ignore_errors=True)
        raise _cannot_write(target, error) from error


def _publish(outputs: Iterable[Output], target: Path, apart: Mapping[str, bytes]) -> Written:
    fresh = _beside(target, "new")
    same: list[str] = []
    names: set[str] = set()
    changed = 0
    for output in outputs:
        _check_name(output.path, names)
        data = output.make()
        if _stands(target / output.path, data):
            same.append(output.path)
            if changed:
                _link(target / output.path, fresh / output.path)
            continue
        if not changed:
            fresh.mkdir()
            for path in same:
                _link(target / path, fresh / path)
        changed += 1
        _write(fresh / output.path, data)
    gone = [path for path in _present(target) if path not in names and path not in apart]
    if not changed and not gone and target.is_dir():
        for path, data in sorted(apart.items()):
            _replace(target / path, data)
        return Written(changed=0, unchanged=len(same), removed=0)
    if not changed:
        fresh.mkdir()
        for path in same:
            _link(target / path, fresh / path)
    for path, data in sorted(apart.items()):
        _write(fresh / path, data)
    _sync(fresh)
    _switch(fresh, target)
    return Written(changed=changed, unchanged=len(same), removed=len(gone))


def _check_name(path: str, names: set[str]) -> None:
    parts = path.split("/")
    if path in names or path.startswith("/") or any(part in ("", ".", "..") for part in parts):
        raise AssertionError(f"the renderer made a bad or double path: {path!r}")
    names.add(path)


def _stands(path: Path, data: bytes) -> bool:
    """Tell whether `path` is a regular file with exactly these bytes."""
    try:
        found = path.lstat()
        return stat.S_ISREG(found.st_mode) and found.st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def _present(target: Path) -> list[str]:
    return [path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_symlink() or not path.is_dir()]


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)


def _link(old: Path, new: Path) -> None:
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(old, new)
    except OSError as error:
        # Some file systems know no hard links; too many links to one file is no reason to stop either.
        if error.errno not in (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP):
            raise
        shutil.copyfile(old, new)


def _replace(path: Path, data: bytes) -> None:
    """Replace one file in one step; a hard link to the old bytes keeps them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.chora-new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _sync(folder: Path) -> None:
    """Ask once for everything of the file system to be on disk: cheaper than a call for each of thousands of files."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(libc, "syncfs") or libc.syncfs(handle) != 0:
            os.sync()
    finally:
        os.close(handle)


def _switch(fresh: Path, target: Path) -> None:
    old = _beside(target, "old")
    if not target.exists():
        fresh.rename(target)
    elif _exchange(fresh, target):
        fresh.rename(old)
        shutil.rmtree(old)
    else:
        target.rename(old)
        fresh.rename(target)
        shutil.rmtree(old)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change names in one step; return False where the system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    done = libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return bool(done == 0)


def _repair(target: Path) -> None:
    """Finish or undo what a killed writer began; the lock is held."""
    old = _beside(target, "old")
    if old.exists() and not target.exists():
        old.rename(target)
    for leftover in (old, _beside(target, "new")):
        shutil.rmtree(leftover, ignore_errors=True)


def _beside(target: Path, what: str) -> Path:
    return target.absolute().with_name(f".{target.name}.chora-{what}")


def _cannot_write(target: Path, error: OSError) -> ChoraError:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return ChoraError(
        f"{target} cannot be written: {reason}. What was published stands.",
        hint="Make room or correct the rights, then run the same command again.",
        code=Exit.CANNOT_TELL,
    )
