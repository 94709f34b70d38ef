"""A person's working tree, read and written file by file: no symbolic link is followed, none is written through.

Each folder on the way is opened by the one above it, so that a link put there between looking and writing is refused by
the system and not only by a look before.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from chora_catalog.errors import ChoraError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_MOVE = "Remove the link, or name the folder that it leads to."


class Workspace:
    """The folder `root`, which the person named; links inside it lead nowhere."""

    def __init__(self, root: Path) -> None:
        """Keep the folder; raise ChoraError (usage) when it is none."""
        if not root.is_dir():
            raise ChoraError(f"there is no folder {root}", hint="Name a folder.")
        self.root = root

    def read(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of the regular file `path`; None when there is none, a link leads there, or it is longer."""
        if _leads_out(path):
            return None
        try:
            with self._parent(path, make=False) as (folder, name):
                descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            data = file.read(limit + 1)
        return data if len(data) <= limit else None

    def holds(self, path: str) -> bool:
        """Tell whether something is at `path`, of whatever kind."""
        return os.path.lexists(self.root / path)

    def is_folder(self, path: str) -> bool:
        """Tell whether `path` is a folder and no link to one."""
        place = self.root / path
        return place.is_dir() and not place.is_symlink()

    def write(self, path: str, data: bytes, *, executable: bool = False, new: bool = False) -> None:
        """Write the file `path` whole or not at all, making its folders; one that is there keeps its permissions.

        Raise ChoraError (usage) when a link, or anything that is no folder or regular file, stands in the way; with
        `new` when anything does.
        """
        beside = f".chora-{os.getpid()}.new"
        try:
            with self._parent(path, make=True) as (folder, name):
                had = None
                with contextlib.suppress(FileNotFoundError):
                    had = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
                if had is not None and not stat.S_ISREG(had):
                    raise ChoraError(f"{path} is no regular file; nothing is written through it", hint=_MOVE)
                mode = 0o777 if executable else 0o666
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                try:
                    with os.fdopen(os.open(beside, flags, mode, dir_fd=folder), "wb") as file:
                        if had is not None and not executable:
                            os.fchmod(file.fileno(), stat.S_IMODE(had))
                        file.write(data)
                    if new:
                        # A link to a name that is there fails, whenever it came; a rename would take its place.
                        os.link(beside, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
                        os.unlink(beside, dir_fd=folder)
                    else:
                        os.replace(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
                except OSError:
                    with contextlib.suppress(OSError):
                        os.unlink(beside, dir_fd=folder)
                    raise
        except OSError as error:
            raise _unwritable(path, error) from error

    @contextlib.contextmanager
    def _parent(self, path: str, *, make: bool) -> Iterator[tuple[int, str]]:
        """Yield an open descriptor of the folder that holds `path`, and the last part of `path`."""
        *folders, name = path.split("/")
        if _leads_out(path):
            raise ChoraError(f"{path} leads out of the folder", hint="Name a path inside it.")
        descriptor = os.open(self.root, _FOLDER)
        try:
            for part in folders:
                if make:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(part, dir_fd=descriptor)
                inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = inner
            yield descriptor, name
        finally:
            os.close(descriptor)


def _leads_out(path: str) -> bool:
    return any(part in ("", ".", "..") for part in path.split("/"))


def _unwritable(path: str, error: OSError) -> ChoraError:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return ChoraError(f"a link or a file stands in the way of {path}; nothing is written through it", hint=_MOVE)
    reason = os.strerror(error.errno) if error.errno else str(error)
    return ChoraError(f"{path} cannot be written: {reason}", hint="Name another folder, or make this one writable.")
