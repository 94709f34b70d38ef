"""The folder of an imported mirror: what stands, what stood before, and what is remembered.

    DIR/site/         the catalog
    DIR/previous/     the generation before
    DIR/mirror.json   what is remembered, written last
    DIR/.incoming-*   what is being placed; swept by the next that holds the lock
    DIR/.chora-lock   held by a writer

A new generation is placed beside the standing one, waits for the disk, and changes names with it in one step
(renameat2), or in two where the system cannot. Whoever holds the lock next finishes or undoes what a kill interrupted:
what stood is then the standing generation or the previous one, never lost.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from chora_catalog.edge.durable import exchange, remove, settle, step, sync
from chora_catalog.edge.place import real_place
from chora_catalog.errors import ChoraError, Exit

SITE: Final = "site"
PREVIOUS: Final = "previous"
RECORD: Final = "mirror.json"
LARGEST_FILE: Final = 64 * 2**20
TIMESTAMP: Final = "mirror/metadata/timestamp.json"
STEPS: Final = (
    "locked",
    "repaired",
    "opened",
    "placed",
    "synced",
    "set-aside",
    "switched",
    "kept",
    "settled",
    "recorded",
    "cleared",
)
"""The points of an import after which the disk holds something else. `set-aside` is passed only where two folders
cannot change names in one step."""
_LOCK: Final = ".chora-lock"
_INCOMING: Final = ".incoming-"
_ASIDE: Final = ".incoming-previous"
_OURS: Final = frozenset({SITE, PREVIOUS, RECORD, _LOCK})


@contextlib.contextmanager
def held(folder: Path, remembered: Callable[[bytes], str]) -> Iterator[Generations]:
    """Hold the lock of the mirror in `folder`, which is made where it is not there; repair what a kill left.

    `remembered` tells of the bytes of mirror.json the SHA-256 of the timestamp that was imported last.
    A folder that was made here and stays empty goes again. Raise ChoraError: exit 2 where the folder holds something
    else, exit 3 where another import holds the lock or the disk refuses.
    """
    place = real_place(folder)
    try:
        made = not place.exists()
        if not made:
            _refuse_foreign(place)
        place.mkdir(parents=True, exist_ok=True)
        handle = os.open(place / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise _cannot_write(place, error) from error
    try:
        found = Generations(place)
        try:
            if not _lock(handle, place):
                raise ChoraError(
                    f"another import is writing {folder}",
                    hint="Wait for it to end, then run the same command again.",
                    code=Exit.CANNOT_TELL,
                )
            step("locked")
            try:
                found.repair(remembered)
                step("repaired")
                yield found
            finally:
                # What could not be finished is finished or undone here where it can be, else by the next.
                with contextlib.suppress(OSError):
                    found.repair(remembered)
                step("cleared")
                if made:
                    _leave_nothing(place)
        except OSError as error:
            raise _cannot_write(place, error) from error
    finally:
        os.close(handle)


def _leave_nothing(place: Path) -> None:
    """Remove a folder that was made for an import that placed nothing; the lock is held."""
    with contextlib.suppress(OSError):
        if {path.name for path in place.iterdir()} == {_LOCK}:
            (place / _LOCK).unlink()
            place.rmdir()


class Generations:
    """The folder of an imported mirror, for the one who holds its lock."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder."""
        self.folder = folder
        self.site = folder / SITE
        self.previous = folder / PREVIOUS

    def repair(self, remembered: Callable[[bytes], str]) -> None:
        """Finish or undo what a kill interrupted, then sweep."""
        record, aside = read_record(self.folder), self.folder / _ASIDE
        last = "" if record is None else remembered(record)
        if not self.site.exists() and self.previous.exists():
            # Killed between two renames: what stood is aside, and nothing stands.
            self.previous.rename(self.site)
        if aside.exists() and not self.previous.exists():
            aside.rename(self.previous)
        for left in self._incoming():
            if last and timestamp_digest(left) == last != timestamp_digest(self.site):
                # Killed after the switch: this is what stood until then.
                self._keep(left)
        # What is on the disk by its new name may be needed until the disk says so.
        settle(self.folder)
        for left in self._incoming():
            remove(left)

    @contextlib.contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """Give a fresh folder to place files in; it goes at the end unless it was taken."""
        folder = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=self.folder))
        folder.chmod(0o755)
        # Held from now on, because a sync tells of the writes that failed since its descriptor was opened.
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            step("opened")
            yield Incoming(folder, handle)
        finally:
            os.close(handle)

    def take(self, incoming: Incoming, record: bytes, *, keep: bool = True) -> None:
        """Let what was placed stand, keep what stood until now as the previous one, and remember `record`.

        `keep` is false where what stood is damaged. Raise OSError where the disk refuses; what stood stands then.
        """
        incoming.sync()
        step("synced")
        fresh = incoming.folder
        if not self.site.exists():
            fresh.rename(self.site)
            step("switched")
        elif exchange(fresh, self.site):
            step("switched")
            if keep:
                self._keep(fresh)
        else:
            if self.previous.exists():
                self.previous.rename(self.folder / _ASIDE)
            self.site.rename(self.previous)
            step("set-aside")
            try:
                fresh.rename(self.site)
            except OSError:
                self.previous.rename(self.site)
                raise
            step("switched")
        step("kept")
        self.remember(record)

    def remember(self, record: bytes) -> None:
        """Write what is remembered, in one step; the names it speaks of are on the disk before it."""
        settle(self.folder)
        step("settled")
        fresh = self.folder / f"{_INCOMING}record"
        with open(fresh, "wb", buffering=0) as file:
            file.write(record)
            os.fsync(file.fileno())
        fresh.replace(self.folder / RECORD)
        settle(self.folder)
        step("recorded")

    def _keep(self, old: Path) -> None:
        """Make the folder `old` the previous generation; what was it until now is swept later."""
        if self.previous.exists() and not exchange(old, self.previous):
            remove(self.previous)
        if old.exists() and not self.previous.exists():
            old.rename(self.previous)

    def _incoming(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.name.startswith(_INCOMING))


class Incoming:
    """A folder that is being filled."""

    def __init__(self, folder: Path, handle: int) -> None:
        """Keep the folder and a descriptor on it."""
        self.folder = folder
        self._handle = handle
        self._folders = {""}

    def open(self, path: str) -> BinaryIO:
        """Open a new file there; its folders are made."""
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            # Words, not Paths, and each folder made once: thousands of files come by.
            os.makedirs(f"{self.folder}/{folder}", mode=0o755, exist_ok=True)
            self._folders.add(folder)
        step("placed")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return open(os.open(f"{self.folder}/{path}", flags, 0o644), "wb", buffering=0)

    def write(self, path: str, data: bytes) -> None:
        """Write a new file there."""
        with self.open(path) as file:
            file.write(data)

    def refuse_too_large(self, size: int) -> None:
        """Raise ChoraError (exit 3) where the disk has less room than `size` bytes; nothing is written then."""
        state = os.fstatvfs(self._handle)
        free = state.f_bavail * state.f_frsize
        if free < size:
            raise ChoraError(
                f"{self.folder.parent} has room for {free} bytes, and this mirror needs {size}",
                hint="Make room, then run the same command again. What was imported before stands.",
                code=Exit.CANNOT_TELL,
            )

    def sync(self) -> None:
        """Wait until all of it is on the disk."""
        sync(self._handle)


def read_record(folder: Path) -> bytes | None:
    """Return the bytes of what the mirror in `folder` remembers; None where there is none."""
    return _read(folder / RECORD)


def read_file(folder: Path, path: str) -> bytes | None:
    """Return the bytes of a small file of a generation; None where there is none."""
    return _read(folder / path)


def timestamp_digest(generation: Path) -> str:
    """Return the SHA-256 of the timestamp of a generation; empty where it has none."""
    data = _read(generation / TIMESTAMP)
    return "" if data is None else hashlib.sha256(data).hexdigest()


def _read(path: Path) -> bytes | None:
    """Return the bytes of a regular file that is no link; None where there is none, or it is larger than one may be."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with open(handle, "rb", buffering=0) as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_FILE:
            return None
        return file.read(LARGEST_FILE)


def _refuse_foreign(place: Path) -> None:
    """Never write into a folder that is not ours: a mistyped --output must cost nothing."""
    if not place.is_dir():
        raise ChoraError(f"{place} is no folder", hint="Name another one with --output.")
    foreign = sorted(path.name for path in place.iterdir() if path.name not in _OURS)
    foreign = [name for name in foreign if not name.startswith(_INCOMING)]
    linked = [name for name in (SITE, PREVIOUS) if (place / name).is_symlink()]
    if foreign or linked:
        what = ", ".join([*foreign, *linked][:3])
        raise ChoraError(
            f"{place} holds what belongs to no imported mirror ({what}), so it is left alone",
            hint="Name an empty or new folder with --output.",
        )


def _lock(handle: int, place: Path) -> bool:
    """Take the lock; return False where another holds it, or removed it meanwhile together with its folder."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(handle).st_ino == (place / _LOCK).stat().st_ino
    except (BlockingIOError, FileNotFoundError):
        return False


def _cannot_write(place: Path, error: OSError) -> ChoraError:
    reason = os.strerror(error.errno) if error.errno else str(error)
    standing = "What was imported before stands." if (place / SITE).is_dir() else "Nothing was imported."
    hint = "Look at the disk, then run the same command again."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "Make room, then run the same command again."
    elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        hint = "Correct the rights there, or name another place with --output."
    return ChoraError(f"{place} cannot be written: {reason}. {standing}", hint=hint, code=Exit.CANNOT_TELL)
