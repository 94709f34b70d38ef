"""Writing a bundle: the files of a signed site as one tar file, streamed, in the one form that `edge/bundle` reads."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
import struct
import zlib
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from chora_catalog.edge.bundle import GZIP_HEADER, GZIP_START, LARGEST_RUN_RECORD, RUN_RECORD, head_paths
from chora_catalog.edge.files import beside
from chora_catalog.edge.ustar import END, HeaderError, header, padding
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.mirror_index import FileEntry

COMPRESSED: Final = ".tar.gz"
PLAIN: Final = ".tar"
_LEVEL: Final = 6
_CHUNK: Final = 2**20
_BUNDLE: Final = re.compile(r"chora-mirror-[0-9]{1,19}\.tar\.gz(?:\.sha256)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A bundle that was written."""

    sha256: str
    size: int


def write_bundle(
    site: Path, output: Path, *, head: Mapping[str, bytes], run: Mapping[str, str], files: Mapping[str, FileEntry]
) -> Exported:
    """Write the bundle of `site` to the file `output`, whole or not at all; its name says whether it is compressed.

    `head` are the verified files below `mirror/`, `run` the SHA-256 of the run record, `files` the index in its order.
    Every byte is digested as it is written: a site that changes meanwhile, or is not what was signed, is refused.
    Raise ChoraError: exit 2 for a name that is none of a bundle, exit 1 where a file is not what was signed, exit 3
    where a disk refuses.
    """
    refuse_other_names(output)
    fresh = beside(output)
    try:
        with fresh.open("wb") as file:
            packed = _Gzip(file) if output.name.endswith(COMPRESSED) else _Tar(file)
            for path in head_paths([f"mirror/{name}" for name in head]):
                packed.add(path, head[path.removeprefix("mirror/")])
            for path in RUN_RECORD:
                packed.add_file(site, path, run.get(path, ""))
            for path, entry in files.items():
                packed.add_file(site, path, entry.sha256, entry.size)
            packed.finish()
            file.flush()
            os.fsync(file.fileno())
        with fresh.open("rb") as file:
            done = Exported(sha256=hashlib.file_digest(file, "sha256").hexdigest(), size=fresh.stat().st_size)
        fresh.replace(output)
    except HeaderError as error:
        raise ChoraError(f"this site cannot be carried: {error}", hint="Rename that file.", code=Exit.NO) from error
    except OSError as error:
        raise _unwritten(error, output) from error
    finally:
        fresh.unlink(missing_ok=True)
    return done


def refuse_other_names(output: Path) -> None:
    """Raise ChoraError (usage) unless the name says which of the two forms is meant."""
    if not output.name.endswith((COMPRESSED, PLAIN)):
        raise ChoraError(f"{output} names no kind of bundle", hint=f"End it with {COMPRESSED} or {PLAIN}.")


class _Tar:
    """A tar file that is being written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def add(self, path: str, data: bytes) -> None:
        """Add a file."""
        self.write(header(path, len(data)) + data + padding(len(data)))

    def add_file(self, site: Path, path: str, signed: str, size: int | None = None) -> None:
        """Add the file `path` of the site, whose SHA-256 (and size, where it is known) must be what was signed."""
        try:
            handle = os.open(f"{site}/{path}", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise _not_signed(path) from error
        with open(handle, "rb", buffering=0) as file:
            found = os.fstat(handle)
            most = LARGEST_RUN_RECORD if size is None else size
            if not stat.S_ISREG(found.st_mode) or found.st_size > most or (size is not None and found.st_size < most):
                raise _not_signed(path)
            self.write(header(path, found.st_size))
            digest, rest = hashlib.sha256(), found.st_size
            while data := file.read(min(rest, _CHUNK)):
                rest -= len(data)
                digest.update(data)
                self.write(data)
            if rest or digest.hexdigest() != signed:
                raise _not_signed(path)
        self.write(padding(found.st_size))

    def finish(self) -> None:
        """Write what stands at the end."""
        self.write(END)

    def write(self, data: bytes) -> None:
        """Write a part of the tar file."""
        self._file.write(data)


class _Gzip(_Tar):
    """A compressed one. Its first bytes name the SHA-256 of all others, so they are written last."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._pack = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._digest = hashlib.sha256()
        self._crc = self._size = 0
        file.write(bytes(GZIP_HEADER))

    def finish(self) -> None:
        super().finish()
        self._put(self._pack.flush() + struct.pack("<II", self._crc, self._size & 0xFFFFFFFF))
        self._file.seek(0)
        self._file.write(GZIP_START + self._digest.digest())

    def write(self, data: bytes) -> None:
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        self._put(self._pack.compress(data))

    def _put(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)


def _not_signed(path: str) -> ChoraError:
    return ChoraError(
        f"{path} is not what was signed, so nothing was exported",
        hint="Build and sign the site again; if nobody changed it, find out who did.",
        code=Exit.NO,
    )


def link_latest(bundle: Path, latest: Path) -> None:
    """Let `latest` be the file `bundle`: one more name of it, or a copy where the system has no hard links.

    Raise ChoraError (exit 3) when the disk refuses.
    """
    fresh = beside(latest)
    try:
        fresh.unlink(missing_ok=True)
        try:
            os.link(bundle, fresh)
        except OSError:
            shutil.copyfile(bundle, fresh)
        fresh.replace(latest)
        # A rename onto another name of the same file does nothing and leaves both.
        fresh.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritten(error, latest) from error


def keep_only(folder: Path, names: Container[str]) -> None:
    """Remove the bundles in `folder` that are not among `names`; what cannot be removed is tried again next time."""
    for path in sorted(folder.iterdir()):
        if _BUNDLE.fullmatch(path.name) and path.name not in names:
            with contextlib.suppress(OSError):
                path.unlink()


def _unwritten(error: OSError, path: Path) -> ChoraError:
    return ChoraError(
        f"the bundle cannot be written: {os.strerror(error.errno or 0)} ({error.filename or path})",
        hint="Make room or correct the rights there, then run the same command again.",
        code=Exit.CANNOT_TELL,
    )
