"""Writing a publication so that the last good one always stands.

Outputs are rendered one at a time and compared with the bytes that stand. While all agree, nothing is written; the
first difference opens a fresh folder beside the published one, into which everything unchanged is hard-linked. Once
that folder is on the disk it takes the published one's place in one step (`renameat2` with RENAME_EXCHANGE, else two
renames that the next start repairs). A writer holds a lock; what a killed one left behind is swept by the next.

Beside the folder `site` there are: `.site.chora-lock`, which stays; `.site.chora-new`, which is never of any worth; and
between the two renames `.site.chora-old`, which is always whole. Rules: research/reliability, section 5.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import stat
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from chora_catalog.edge.durable import exchange as _exchange
from chora_catalog.edge.durable import remove as _remove
from chora_catalog.edge.durable import settle
from chora_catalog.edge.durable import step as _step
from chora_catalog.edge.durable import sync as _sync
from chora_catalog.edge.place import real_place, refuse_fixed
from chora_catalog.errors import ChoraError, Exit

STEPS = (
    "locked",
    "repaired",
    "opened",
    "linked",
    "written",
    "recorded",
    "synced",
    "set-aside",
    "switched",
    "replaced",
    "settled",
    "swept",
)
"""The points of a write after which the disk holds something else. `set-aside` is passed only where two folders cannot
change names in one step, `replaced` only when nothing but the run record changed."""

_NO_LINKS = (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS)
_KEEP_UP = 0.5
"""Seconds between two times that the disk is asked to keep up with what is written."""
_HINTS = {
    (errno.ENOSPC, errno.EDQUOT): "Make room, then run the same command again.",
    (errno.EFBIG,): "Raise the limit of file size (ulimit -f), then run the same command again.",
    (errno.EBUSY, errno.EXDEV): "It cannot be renamed: it is a mount point or belongs to the image of a container. "
    "Name a folder inside it with --output.",
    (errno.EROFS, errno.EACCES, errno.EPERM): "Correct the rights there, or name another place with --output. The "
    "folder above the output must be writable too: a build is put together beside the last and takes its place whole.",
}
_ANY_HINT = "Look at the disk, then run the same command again."


class Output(Protocol):
    """A file that can be made."""

    @property
    def path(self) -> str:
        """Relative posix path in the publication."""
        ...

    def make(self) -> bytes | None:
        """Return the bytes; None where what stands at `path` is known to be it."""
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

    Raise ChoraError: exit 2 when `target` is a place that no folder can be put into in one step (a mount point, the
    folder this runs in); exit 3 when another build holds the lock, or when the place cannot be written.
    """
    try:
        place = real_place(target)
        refuse_fixed(target, place)
        place.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(_beside(place, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise _cannot_write(target, error) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _step("locked")
            _repair(place)
            _step("repaired")
        except BlockingIOError as error:
            raise ChoraError(
                f"another build is writing {target}",
                hint="Wait for it to end, then run the same command again.",
                code=Exit.CANNOT_TELL,
            ) from error
        except OSError as error:
            raise _cannot_write(target, error) from error
        yield
    finally:
        os.close(handle)


class Draft:
    """Files that are likely to be published, put beside the publication before all of it is known.

    It saves time and decides nothing: what is published is what `publish` is given, and what is here and was not asked
    for goes. A context that leaves nothing behind.
    """

    def __init__(self, target: Path) -> None:
        """Keep the place; the caller holds its lock. Raise ChoraError (exit 3) when the place cannot be told."""
        try:
            place = real_place(target)
        except OSError as error:
            raise _cannot_write(target, error) from error
        self._fresh = _Fresh(place)
        self._standing = f"{place}/" if place.is_dir() else ""
        self._held: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._fresh.__exit__(*raised)

    def write(self, path: str, data: bytes) -> None:
        """Add a file, unless it stands as it is. A disk that refuses costs time alone: it is written again later."""
        if path in self._held or (self._standing and _stands(self._standing + path, data)):
            return
        try:
            if not self._fresh.is_open:
                self._fresh.open()
            self._fresh.write(path, data)
        except OSError:
            with contextlib.suppress(OSError):
                self._fresh.drop(path)
        else:
            self._held[path] = hashlib.sha256(data).digest()

    def take(self) -> tuple[_Fresh, dict[str, bytes]]:
        """Return the folder and the digests of what is whole in it."""
        return self._fresh, self._held


def publish(
    outputs: Iterable[Output], target: Path, *, apart: Mapping[str, bytes], draft: Draft | None = None
) -> Written:
    """Write `outputs` to the folder `target` and return what changed; the caller holds the lock.

    `apart` are files outside the content (the run record): they are written in either case, and in place when nothing
    else changed. `draft` holds what was written ahead, and is its caller's to leave. A `target` that is a symbolic link
    stays one: the folder it leads to is replaced. Raise ChoraError (exit 3) when the disk refuses; what was published
    stands then.
    """
    try:
        with contextlib.nullcontext(draft) if draft else Draft(target) as begun:
            return _publish(_made(outputs, target), real_place(target), apart, *begun.take())
    except OSError as error:
        raise _cannot_write(target, error) from error


def rewrite(target: Path, *, apart: Mapping[str, bytes], draft: Draft | None = None) -> None:
    """Replace only the files outside the content of the publication at `target`; the caller holds the lock.

    What `draft` holds is not used. Raise ChoraError (exit 3) when the disk refuses.
    """
    try:
        with contextlib.nullcontext(draft) if draft else Draft(target) as begun:
            begun.take()[0].replace(apart)
    except OSError as error:
        raise _cannot_write(target, error) from error


def _made(outputs: Iterable[Output], target: Path) -> Iterator[tuple[str, bytes | None]]:
    """Give (path, bytes) of each output, None for bytes that stand.

    What fails in making them is told from what fails in writing them.
    """
    try:
        for output in outputs:
            yield output.path, output.make()
    except OSError as error:
        raise ChoraError(
            f"the build could not be finished: {_reason(error)}. {_standing(target)}",
            hint="Make room or correct the rights there, then run the same command again.",
            code=Exit.CANNOT_TELL,
        ) from error


def _publish(
    made: Iterable[tuple[str, bytes | None]],
    target: Path,
    apart: Mapping[str, bytes],
    fresh: _Fresh,
    held: dict[str, bytes],
) -> Written:
    """Publish what is made; `held` are the digests of what stands in `fresh` already, and is emptied as it is used."""
    same: list[str] = []
    names: set[str] = set()
    standing = f"{target}/" if target.is_dir() else ""
    is_changing = False
    for path, data in made:
        _check_name(path, names)
        ahead = held.pop(path, None) if held else None
        if data is None or (standing and _stands(standing + path, data)):
            same.append(path)
            if ahead is not None:
                fresh.drop(path)
            if is_changing:
                fresh.link(path)
            continue
        if not is_changing:
            is_changing = True
            fresh.begin(same)
        if ahead is not None:
            if ahead == hashlib.sha256(data).digest():
                continue
            fresh.drop(path)
        fresh.write(path, data)
    gone = [path for path in _present(target) if path not in names and path not in apart]
    if not is_changing and not gone and target.is_dir():
        fresh.replace(apart)
        return Written(changed=0, unchanged=len(same), removed=0)
    if not is_changing:
        fresh.begin(same)
    for path in held:
        fresh.drop(path)
    fresh.switch(apart)
    return Written(changed=len(names) - len(same), unchanged=len(same), removed=len(gone))


def _check_name(path: str, names: set[str]) -> None:
    parts = path.split("/")
    if path in names or path.startswith("/") or any(part in ("", ".", "..") for part in parts):
        raise AssertionError(f"the renderer made a bad or double path: {path!r}")
    names.add(path)


def _stands(path: str, data: bytes) -> bool:
    """Tell whether `path` is a regular file with exactly these bytes."""
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size != len(data):
            return False
        with open(path, "rb", buffering=0) as file:
            return file.read() == data
    except OSError:
        return False


def _present(target: Path) -> list[str]:
    return [path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_symlink() or not path.is_dir()]


class _Fresh:
    """The folder `path` in which a publication is put together; leaving the context removes whatever is there then."""

    def __init__(self, target: Path) -> None:
        self.path = _beside(target, "new")
        self._target = target
        self._handle = -1
        self._folders = {""}
        self._early: threading.Thread | None = None
        self._complete = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._end_early()
        if self.is_open:
            os.close(self._handle)
            self._handle = -1
        _remove(self.path)
        _step("swept")

    @property
    def is_open(self) -> bool:
        """Tell whether the folder was made."""
        return self._handle >= 0

    def open(self) -> None:
        """Make the folder."""
        self.path.mkdir()
        # Held from now on, because a sync tells of the writes that failed since its descriptor was opened.
        self._handle = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        _step("opened")

    def drop(self, path: str) -> None:
        """Remove a file that was written ahead and is not to be published."""
        os.unlink(f"{self.path}/{path}")

    def begin(self, same: Sequence[str]) -> None:
        """Make the folder where it is not there, take over the files `same`, and let the disk begin.

        What waits for the disk is what fetching left there, and then the pages; it goes on while others are made.
        """
        if not self.is_open:
            self.open()
        for path in same:
            self.link(path)
        self._early = threading.Thread(target=_sync_early, args=(self.path, self._complete), daemon=True)
        self._early.start()

    def _end_early(self) -> None:
        self._complete.set()
        if self._early is not None:
            self._early.join()

    def link(self, path: str) -> None:
        """Take over a file of the publication that stands."""
        old, new = f"{self._target}/{path}", self._place(path)
        try:
            os.link(old, new)
        except OSError as error:
            # Some file systems know no hard links; too many links to one file is no reason to stop either.
            if error.errno not in _NO_LINKS:
                raise
            shutil.copyfile(old, new)
        _step("linked")

    def write(self, path: str, data: bytes, *, synced: bool = False) -> None:
        """Add a file; `synced` waits until it is on the disk."""
        with open(self._place(path), "xb", buffering=0) as file:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
            if synced:
                os.fsync(file.fileno())
        _step("written")

    def _place(self, path: str) -> str:
        # Words, not a Path, and each folder made once: thousands of files come by, and this is most of what one costs.
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            (self.path / folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        return f"{self.path}/{path}"

    def replace(self, apart: Mapping[str, bytes]) -> None:
        """Put files into the publication that stands, each in one step, and nothing else."""
        if not self.is_open:
            self.open()
        for path, data in sorted(apart.items()):
            self.write(path, data, synced=True)
        _step("recorded")
        for path in sorted(apart):
            (self._target / path).parent.mkdir(parents=True, exist_ok=True)
            (self.path / path).replace(self._target / path)
            _step("replaced")
        for folder in sorted({(self._target / path).parent for path in apart} | {self._target}):
            _settle(folder, self._target)

    def switch(self, apart: Mapping[str, bytes]) -> None:
        """Add the files that stand outside the content, wait for the disk, and take the place of what stands."""
        for path, data in sorted(apart.items()):
            self.write(path, data)
        _step("recorded")
        self._end_early()
        _sync(self._handle)
        _step("synced")
        _switch(self.path, self._target)


def _sync_early(folder: Path, complete: threading.Event) -> None:
    """Let the disk keep up until all is written, so that little is left to wait for then."""
    # With a descriptor of its own: what failed is told to each that was open, so the sync that counts hears of it too.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            while True:
                _sync(handle)
                if complete.wait(_KEEP_UP):
                    return
        finally:
            os.close(handle)


def _switch(fresh: Path, target: Path) -> None:
    """Let the fresh folder take the place of the published one, whose files are then in `fresh` or gone."""
    old = _beside(target, "old")
    if not target.exists():
        fresh.rename(target)
    elif not _exchange(fresh, target):
        target.rename(old)
        _step("set-aside")
        try:
            fresh.rename(target)
        except OSError:
            old.rename(target)
            raise
    _step("switched")
    _settle(target.parent, target)
    # From here on the new publication stands: what cannot be tidied is left to the next start.
    with contextlib.suppress(OSError):
        old.rename(fresh)


def _settle(folder: Path, target: Path) -> None:
    """Wait until the names in `folder` are on the disk, before anything is removed that a power cut might ask for."""
    try:
        settle(folder)
    except OSError as error:
        raise ChoraError(
            f"{target} was published, but it cannot be told whether it is safe on the disk: {_reason(error)}.",
            hint=_ANY_HINT,
            code=Exit.CANNOT_TELL,
        ) from error
    _step("settled")


def _repair(target: Path) -> None:
    """Finish or undo what a killed writer began; the lock is held."""
    old, fresh = _beside(target, "old"), _beside(target, "new")
    # An empty folder is what a job makes for us before each run; it is no reason to lose the last good publication.
    if old.exists() and _is_empty(target):
        old.rename(target)
    _remove(fresh)
    if old.exists():
        # Never removed under its own name: a kill in the middle would leave a part that looks like a whole.
        old.rename(fresh)
        _remove(fresh)


def _is_empty(target: Path) -> bool:
    return not target.exists() or (target.is_dir() and not any(target.iterdir()))


def _beside(target: Path, what: str) -> Path:
    return target.with_name(f".{target.name}.chora-{what}")


def _cannot_write(target: Path, error: OSError) -> ChoraError:
    return ChoraError(
        f"{target} cannot be written: {_reason(error)}. {_standing(target)}",
        hint=next((hint for codes, hint in _HINTS.items() if error.errno in codes), _ANY_HINT),
        code=Exit.CANNOT_TELL,
    )


def _reason(error: OSError) -> str:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return f"{reason} ({error.filename})" if isinstance(error.filename, (str, Path)) else reason


def _standing(target: Path) -> str:
    """Say in one sentence what readers find now."""
    place = real_place(target)
    old = _beside(place, "old")
    try:
        if not _is_empty(place):
            return "What was published stands."
        if old.is_dir():
            return f"What was published is in {old}; the next build puts it back."
        return "Nothing was published."
    except OSError:
        return "What stands there cannot be read."
