"""Files: the tool's own data, a folder of somebody's, and nothing that writes a publication (see edge/publication)."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from chora_catalog.errors import ChoraError, Exit

_PACKAGE = Path(__file__).resolve().parent.parent


def data_folder(name: str) -> Path:
    """Return the folder of the tool's own `schemas` or `templates`.

    In a wheel it is inside the package, in a checkout or an editable installation beside it. Raise ChoraError when the
    installation is incomplete.
    """
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise ChoraError(
        f"the installation is incomplete: its {name} are missing",
        hint="Install chora-catalog again.",
        code=Exit.CANNOT_TELL,
    )


def read_folder(folder: Path, pattern: str = "*") -> Mapping[str, bytes]:
    """Return the regular files below `folder` whose names fit `pattern`, by posix path relative to it, sorted."""
    files = (path for path in sorted(folder.rglob(pattern)) if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def read_own(path: Path, *, what: str, hint: str) -> bytes:
    """Return the bytes of a file that the caller named; raise ChoraError (usage) when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ChoraError(f"{what} cannot be read: {path}: {reason}", hint=hint) from error


def beside(path: Path) -> Path:
    """Return where `write_own` puts a file together."""
    return path.with_name(f".{path.name}.new")


def write_own(path: Path, data: bytes, *, what: str) -> None:
    """Write a file that the caller named, whole or not at all; raise ChoraError (usage) when it cannot be written."""
    fresh = beside(path)
    try:
        fresh.write_bytes(data)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ChoraError(f"{what} cannot be written: {path}: {reason}", hint="Name another file.") from error


def list_folder(
    folder: Path, *, names: Iterable[str] | None = None, limit: int = 100_000
) -> tuple[Mapping[str, str], bool]:
    """Return git's mode of each file below `folder` by posix path, and whether more than `limit` were there.

    `names` are the paths to look at, as git lists them; None means all, `.git` folders left out. Symbolic links are
    listed (mode 120000) and never followed, what is not there is left out.
    """
    modes: dict[str, str] = {}
    for name in _walked(folder) if names is None else sorted(names):
        if len(modes) >= limit:
            return modes, True
        mode = _mode(f"{folder}/{name}")
        if mode:
            modes[name] = mode
    return modes, False


def _walked(folder: Path) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        linked = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in sorted([*names, *linked]):
            yield (Path(place) / name).relative_to(folder).as_posix()


def _mode(path: str) -> str:
    # Words, not a Path: a tree may hold a hundred thousand.
    try:
        kind = os.lstat(path).st_mode
    except OSError:
        return ""
    return "120000" if stat.S_ISLNK(kind) else "160000" if stat.S_ISDIR(kind) else "100644"


def read_bounded(path: Path, limit: int) -> bytes | None:
    """Return the bytes of a regular file, None when it is longer than `limit` or no regular file."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size > limit:
        return None
    return path.read_bytes()


class Folder(Mapping[str, bytes]):
    """The regular files below a folder by posix path, each read when it is asked for. Symbolic links are not there."""

    def __init__(self, root: Path, *, limit: int | None = None) -> None:
        """Keep the folder; nothing is read yet. `limit` are the bytes of the largest file that is read."""
        self._root = root
        self._limit = limit

    def __getitem__(self, path: str) -> bytes:
        """Return the bytes of `path`; raise KeyError when there is no such regular file inside the folder.

        Raise OSError where it is larger than the limit, or cannot be read.
        """
        if path not in self:
            raise KeyError(path)
        with (self._root / path).open("rb") as file:
            data = file.read(-1 if self._limit is None else self._limit + 1)
        if self._limit is not None and len(data) > self._limit:
            raise OSError(errno.EFBIG, f"it is larger than {self._limit} bytes", path)
        return data

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, str) or path.startswith("/") or ".." in path.split("/"):
            return False
        found = self._root / path
        return found.is_file() and not found.is_symlink()

    def __iter__(self) -> Iterator[str]:
        return iter(read_folder(self._root))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def same_sizes(folder: Path, sizes: Mapping[str, int]) -> bool:
    """Tell whether each of the files named by `sizes` (bytes) is a regular file of that size below `folder`."""
    try:
        # Without a Path for each of what may be a hundred thousand.
        found = [(os.lstat(f"{folder}/{path}"), size) for path, size in sizes.items()]
    except OSError:
        return False
    return all(stat.S_ISREG(state.st_mode) and state.st_size == size for state, size in found)
