"""A published catalog that is asked for single files, wherever it stands: a folder, an address, or a tar file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from chora_catalog.app.publication_reading import is_address
from chora_catalog.edge import files, http
from chora_catalog.edge.tarball import Tarball, TornError
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.parse.kept import UnreadableError

LIMIT = 64 * 2**20
"""Bytes of a file, as over http."""


class Published(Protocol):
    """A published catalog. `asked` are the paths that were read so far, in order."""

    where: str
    asked: list[str]

    def read(self, path: str) -> bytes | None:
        """Return the bytes at `path`, None where there is nothing; raise ChoraError (3) where it cannot be told."""
        ...


@contextmanager
def open_published(where: str) -> Iterator[Published]:
    """Give the catalog at `where`. Raise ChoraError: exit 2 for no name at all, exit 3 when there is nothing."""
    if not where:
        raise ChoraError("no catalog is named", hint="Name its folder, its address or its tar file with --catalog.")
    path = Path(where)
    if is_address(where):
        yield _Address(where)
    elif path.is_dir():
        yield _Held(where, files.Folder(path, limit=LIMIT))
    else:
        try:
            held = Tarball(path)
        except (OSError, TornError) as error:
            raise _cannot_tell(where, f"{error.strerror if isinstance(error, OSError) else error}") from error
        with closing(held):
            yield _Held(where, held)


def read_whole(published: Published, path: str) -> bytes:
    """Return the bytes at `path`; raise ChoraError (3) where there are none."""
    data = published.read(path)
    if data is None:
        raise _cannot_tell(published.where, f"it holds no {path}")
    return data


def torn(published: Published, error: UnreadableError) -> ChoraError:
    """Return what to say of a file that is not what its name says."""
    return _cannot_tell(published.where, str(error))


class _Held:
    """A catalog in a folder, or in a tar file."""

    def __init__(self, where: str, held: files.Folder | Tarball) -> None:
        self.where = where
        self.asked: list[str] = []
        self._held = held

    def read(self, path: str) -> bytes | None:
        self.asked.append(path)
        try:
            return self._held[path]
        except KeyError:
            return None
        except (OSError, TornError) as error:
            why = f"{path}: {error.strerror}" if isinstance(error, OSError) else str(error)
            raise _cannot_tell(self.where, why) from error


class _Address:
    """A catalog at an address."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.asked: list[str] = []
        self._base = where if where.endswith("/") else f"{where}/"

    def read(self, path: str) -> bytes | None:
        self.asked.append(path)
        try:
            return http.get(self._base + path, limit=LIMIT)
        except http.HttpFailed as error:
            if error.missing:
                return None
            raise _cannot_tell(self.where, str(error)) from error


def _cannot_tell(where: str, why: str) -> ChoraError:
    return ChoraError(
        f"the catalog {where} cannot be read, so nothing was compared: {why}",
        hint="Name the folder of a publication, its address, or a tar file of it; if that is right, try again later.",
        code=Exit.CANNOT_TELL,
    )
