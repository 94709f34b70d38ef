"""What a disk is asked for so that a kill or a power cut finds the old or the new, and never a part."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import signal
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def sync(folder: int) -> None:
    """Ask once for everything of the file system to be on disk: cheaper than a call for each of thousands of files.

    `folder` is a descriptor on it that was opened before the writes. Raise OSError when the disk refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "syncfs"):
        os.sync()
    elif libc.syncfs(folder) != 0:
        # A disk may say only now that it had no room for what was written before.
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change names in one step; return False where the system cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    done = libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return bool(done == 0)


def settle(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk; raise OSError when it refuses."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        # Some file systems sync no folders; they promise their order by other means, or none.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def remove(path: Path) -> None:
    """Remove a leftover of whatever kind; what cannot be removed is tried again by the next start."""
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def step(name: str) -> None:
    """End here as by a power cut when CHORA_FAILPOINT names this step: how the tests walk through a write."""
    if os.environ.get("CHORA_FAILPOINT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
