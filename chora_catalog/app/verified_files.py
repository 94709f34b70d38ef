"""A publication that stands somewhere, and its files held against the index that was signed, each when it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from chora_catalog.edge import files, http
from chora_catalog.edge.tarball import Tarball
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.mirror_index import MirrorIndex, NotAnIndexError

_WEB: Final = ("https://", "http://")
_TAR: Final = (".tar", ".tar.gz")
_PART: Final = 64 * 2**20
_TIMESTAMP: Final = "metadata/timestamp.json"


class Held:
    """A publication in a folder, a tar file, or at an address. `closes` tells that it cannot be read for long."""

    def __init__(self, source: Mapping[str, bytes] | str, *, closes: bool = False) -> None:
        """Keep where its files are: by path, or below an address."""
        self._source = source
        self.closes = closes

    def files(self) -> Mapping[str, bytes]:
        """Return the files that a build needs, by path in the publication; raise HttpFailed, OSError."""
        return http.read_publication(self._source) if isinstance(self._source, str) else self._source

    def head(self) -> dict[str, bytes]:
        """Return the files of its signatures, by path below `mirror/`; empty where it is not signed."""
        stamp = self._part(_TIMESTAMP)
        if stamp is None:
            return {}
        from chora_catalog.edge.signing.verifying import head_of

        return head_of(lambda path: stamp if path == _TIMESTAMP else self._part(path))

    def _part(self, path: str) -> bytes | None:
        if isinstance(self._source, str):
            base = self._source if self._source.endswith("/") else f"{self._source}/"
            try:
                return http.get(f"{base}mirror/{path}", limit=_PART)
            except http.HttpFailed as error:
                if error.missing:
                    return None
                raise
        return self._source.get(f"mirror/{path}")


@contextmanager
def open_held(where: str) -> Iterator[Held]:
    """Give the publication at `where`: a folder, a tar file, an address, or the address of a tar file.

    Raise HttpFailed, OSError or TornError where it cannot be read.
    """
    if where.startswith(_WEB):
        if not where.endswith(_TAR):
            yield Held(where)
            return
        with TemporaryDirectory(prefix="chora-previous-") as folder:
            place = Path(folder) / "bundle"
            place.write_bytes(http.get(where, limit=http.TOTAL_LIMIT))
            with _tarball(place) as held:
                yield held
    elif Path(where).is_file():
        with _tarball(Path(where)) as held:
            yield held
    else:
        yield Held(files.Folder(Path(where), limit=http.TOTAL_LIMIT))


@contextmanager
def _tarball(path: Path) -> Iterator[Held]:
    held = Tarball(path)
    try:
        yield Held(held, closes=True)
    finally:
        held.close()


def verified(
    held: Mapping[str, bytes], head: Mapping[str, bytes], root: Path, *, where: str, as_of: datetime
) -> Mapping[str, bytes]:
    """Return the files `held` of the publication `where`, each checked against the signed index when it is read.

    `head` are its signatures, `root` the file with the root that they are verified against. Raise ChoraError: exit 3
    where it is not signed or the root cannot be read, exit 1 where the signatures or, later, a file do not hold.
    """
    from chora_catalog.edge.signing import verify_metadata

    try:
        trusted_root = root.read_bytes()
    except OSError as error:
        raise ChoraError(
            f"the root that the registry names cannot be read: {root}: {error.strerror}",
            hint="Correct `root` in the registry; it is a path relative to it.",
            code=Exit.CANNOT_TELL,
        ) from error
    if not head:
        raise ChoraError(
            f"the previous publication {where} is not signed, so it cannot be verified",
            hint="Sign it with: chora sign; or leave `root` out of the registry until one that is signed is published.",
            code=Exit.CANNOT_TELL,
        )
    try:
        trusted = verify_metadata(head, root=trusted_root, as_of=as_of, allow_expired=True)
        index = MirrorIndex.from_bytes(trusted.index)
    except ChoraError as error:
        code = Exit.CANNOT_TELL if error.code is Exit.USAGE else error.code
        raise ChoraError(f"the previous publication {where}: {error.what}", hint=error.hint, code=code) from error
    except NotAnIndexError as error:
        raise _tampered(where, f"its index is none: {error}") from error
    signed = {path: entry.sha256 for path, entry in index.files.items()} | dict(trusted.run)
    return _Checked(held, signed, where)


class _Checked(Mapping[str, bytes]):
    """Files that are what was signed; reading another raises ChoraError (exit 1)."""

    def __init__(self, held: Mapping[str, bytes], signed: Mapping[str, str], where: str) -> None:
        self._held, self._signed, self._where = held, signed, where

    def __getitem__(self, path: str) -> bytes:
        data = self._held[path]
        signed = self._signed.get(path)
        if signed is None:
            raise _tampered(self._where, f"{path} was not signed")
        if hashlib.sha256(data).hexdigest() != signed:
            raise _tampered(self._where, f"{path} is not what was signed")
        return data

    def __contains__(self, path: object) -> bool:
        return path in self._held

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)


def _tampered(where: str, why: str) -> ChoraError:
    return ChoraError(
        f"rejected: the previous publication {where} was tampered with: {why}",
        hint="Nothing was built from it. Find out who changed it; a mirror of an earlier day is good: --previous FILE.",
        code=Exit.NO,
    )
