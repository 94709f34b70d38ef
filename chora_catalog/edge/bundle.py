"""A bundle: one tar file that carries a signed catalog, read in one pass and in the one form that this tool writes.

What the head says is read within fixed bounds and interpreted by nobody here: the caller verifies it, and only then
asks for the files, whose names, sizes and digests are known by then. So each header that follows is not read but
compared with the one that must stand there. Nothing is extracted by the standard library's `tarfile`.

The format is docs/reference/bundle.md; research/reliability, section 4 "Bundle".
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from chora_catalog.edge.ustar import BLOCK, END, HeaderError, header, padding, read_header
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.mirror_index import FileEntry

MIRROR: Final = "mirror/"
RUN_RECORD: Final = ("run.json", "run.js")
GZIP_START: Final = b"\x1f\x8b\x08\x04" + bytes(4) + b"\0\xff" + b"\x24\0" + b"ch" + b"\x20\0"
"""The beginning of a compressed bundle (RFC 1952): deflate, one extra field, no time, no name, no system; the field is
`ch`, 32 bytes: the SHA-256 of all that follows it. Deflate has several ways to write the same bytes, so that without it
a changed bit could go unseen."""
GZIP_HEADER: Final = len(GZIP_START) + 32
MOST_ROOTS: Final = 1_024
MOST_RATIO: Final = 100
"""How many times its size the head may hold: digests and signatures hardly compress, a bomb comes to 1,000."""
LARGEST_RUN_RECORD: Final = 16 * 2**20
_LARGEST_METADATA: Final = 2**20
_LARGEST_INDEX: Final = 64 * 2**20
_LARGEST_STATEMENT: Final = 16 * 2**20
_LARGEST_ROOTS: Final = 16 * 2**20
_CHUNK: Final = 2**18
_NOT_THERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EISDIR, errno.ENXIO)
_HEAD: Final = (
    ("timestamp", re.compile(r"mirror/metadata/timestamp\.json"), _LARGEST_METADATA),
    ("root", re.compile(r"mirror/metadata/([1-9][0-9]{0,8})\.root\.json"), _LARGEST_ROOTS),
    ("snapshot", re.compile(r"mirror/metadata/[1-9][0-9]{0,18}\.snapshot\.json"), _LARGEST_METADATA),
    ("targets", re.compile(r"mirror/metadata/[1-9][0-9]{0,18}\.targets\.json"), _LARGEST_METADATA),
    ("index", re.compile(r"mirror/targets/[0-9a-f]{64}\.index\.json"), _LARGEST_INDEX),
    ("statement", re.compile(r"mirror/targets/[0-9a-f]{64}\.provenance\.json"), _LARGEST_STATEMENT),
)
"""The parts of the head in their order: what each is called, its name, the most bytes it may have (roots: together)."""
_TELL: Final = "Tell those who signed it: no catalog of theirs can mean this."
_LEADS_AWAY: Final = re.compile(r"(?:\A|/)(?:\.\.?)?(?:/|\Z)|\\|[^ -~]")
_MEANS_MORE: Final = re.compile(
    r'(?:\A|/)(?:\.|(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:[./]|\Z))|[<>:"|?*]', re.IGNORECASE
)
"""Parts of a path that mean something else to somebody: hidden ones (`.git`), devices and signs of Windows."""


def head_paths(names: list[str]) -> list[str]:
    """Return those of `names` (paths in a site) that make the head of its bundle, in their order in it.

    There is one of each kind, and every root. Raise ChoraError (exit 3) where one is missing or stands twice.
    """
    found: list[str] = []
    for what, pattern, _ in _HEAD:
        matches = [(match, name) for name in names if (match := pattern.fullmatch(name))]
        if what == "root":
            found += [name for _, name in sorted((int(match[1]), name) for match, name in matches)]
        elif len(matches) == 1:
            found.append(matches[0][1])
        if not matches or (len(matches) > 1 and what != "root"):
            raise ChoraError(
                f"the signatures of this site hold {'no' if not matches else 'more than one'} {what}",
                hint="Sign it (`chora sign`), then run the same command again.",
                code=Exit.CANNOT_TELL,
            )
    return found


def refuse_unsafe(files: Mapping[str, FileEntry]) -> None:
    """Raise ChoraError (exit 1) where a name could lead elsewhere, or mean something else on another system.

    The index has refused most of them by itself; a reader places nothing that only one door has looked at.
    """
    for path in files:
        if _LEADS_AWAY.search(path):
            raise _rejected(f"unsafe member {path!a}: it leads outside, or hides what it is", _TELL)
        if _MEANS_MORE.search(path):
            raise _rejected(f"unsafe member {path!a}: hidden, or a device on some system", _TELL)
        if (path + "/").startswith(("mirror/metadata/", "mirror/targets/", "mirror/bundles/")) or path in RUN_RECORD:
            raise _rejected(f"unsafe member {path!a}: no file of the content has that name", _TELL)


class Bundle:
    """An open bundle, read once from front to back: first `head`, then `run_record`, then `files`.

    Each raises ChoraError: exit 1 where this is no bundle in its one form, or not what was signed; exit 3 where it
    cannot be read.
    """

    def __init__(self, stream: _Stream) -> None:
        """Keep the stream; nothing of it is read yet."""
        self._stream = stream
        self._next: tuple[str, int] | None = None

    def head(self) -> Mapping[str, bytes]:
        """Return the files below `mirror/` that say who signed what, by path from there. None is interpreted."""
        found: dict[str, bytes] = {}
        roots: list[int] = []
        for what, pattern, largest in _HEAD:
            count = total = 0
            while match := pattern.fullmatch(self._peek()[0]):
                path, size = self._peek()
                count, total = count + 1, total + size
                if what == "root":
                    roots.append(int(match[1]))
                elif count > 1:
                    raise _WrongError(f"it has a second {what}, {path}")
                if total > largest or count > MOST_ROOTS:
                    raise _WrongError(f"its {what} has more than it could have: {total} bytes in {count} files")
                found[path.removeprefix(MIRROR)] = self._content(size)
            if not count:
                raise _WrongError(f"{self._peek()[0]!a} stands where its {what} must")
        if roots != sorted(set(roots)):
            raise _WrongError("its roots do not follow each other")
        return found

    def run_record(self, digests: Mapping[str, str]) -> Mapping[str, bytes]:
        """Return the files of the run record, whose SHA-256 are `digests`."""
        self._stream.most_ratio = 0
        found: dict[str, bytes] = {}
        for path in RUN_RECORD:
            name, size = self._peek()
            if name != path or size > LARGEST_RUN_RECORD:
                raise _WrongError(f"{name!a} ({size} bytes) stands where {path} must")
            found[path] = self._content(size)
            digest = hashlib.sha256(found[path]).hexdigest()
            if digest != digests.get(path):
                raise _changed(path, digest, digests.get(path, "nothing"))
        return found

    def files(self, expected: Mapping[str, FileEntry], place: Callable[[str], BinaryIO] | None = None) -> str:
        """Read all the rest, which must be exactly the files `expected` in that order, and return the bundle's SHA-256.

        `place` opens where the bytes of a path go. Until this has returned, none of them may be used.
        """
        for path, entry in expected.items():
            self._expect(header(path, entry.size), path)
            digest = hashlib.sha256()
            with contextlib.nullcontext() if place is None else place(path) as out:
                for data in self._stream.some(entry.size):
                    digest.update(data)
                    if out is not None:
                        out.write(data)
            if digest.hexdigest() != entry.sha256:
                raise _changed(path, digest.hexdigest(), entry.sha256)
            self._expect(padding(entry.size), f"the end of {path}")
        self._expect(END, "the end")
        return self._stream.finish()

    def _expect(self, wanted: bytes, what: str) -> None:
        found = self._stream.exactly(len(wanted))
        if found != wanted:
            try:
                name = ascii(read_header(found)[0])
            except HeaderError:
                name = "something else"
            raise _WrongError(f"{name} stands where {what!a} must")

    def _peek(self) -> tuple[str, int]:
        """Return path and size of the next file of the head."""
        if self._next is None:
            try:
                self._next = read_header(self._stream.exactly(BLOCK))
            except HeaderError as error:
                raise _WrongError(str(error)) from error
        return self._next

    def _content(self, size: int) -> bytes:
        self._next = None
        data = self._stream.exactly(size)
        self._expect(padding(size), "the end of a file")
        return data


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """Open a bundle, compressed or not, for one pass.

    Raise ChoraError: exit 2 where there is no such regular file, and as `Bundle` does.
    """
    file = _open(path)
    try:
        yield Bundle(_Stream(file))
    except _WrongError as error:
        raise ChoraError(
            f"rejected: {path} is no bundle as `chora mirror export` writes it: {error}",
            hint="Fetch it again, and compare its SHA-256 with the one published beside it.",
            code=Exit.NO,
        ) from error
    except _ReadError as error:
        raise ChoraError(
            f"{path} cannot be read: {error}", hint="Look at the medium, or copy it anew.", code=Exit.CANNOT_TELL
        ) from error
    finally:
        # It was only read: nothing is lost where closing it fails.
        with contextlib.suppress(OSError):
            file.close()


def _open(path: Path) -> BinaryIO:
    try:
        # Never waits: a pipe of that name would be opened, seen and refused.
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        file = open(handle, "rb", buffering=0)  # noqa: SIM115 - it is handed on
    except OSError as error:
        if error.errno not in _NOT_THERE:
            raise ChoraError(
                f"{path} cannot be read: {os.strerror(error.errno or 0)}",
                hint="Look at the medium and its rights.",
                code=Exit.CANNOT_TELL,
            ) from error
        raise ChoraError(
            f"there is no bundle {path}: {os.strerror(error.errno or 0)}",
            hint="Name the file. A bundle at an address is downloaded first; this command opens no connection.",
        ) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise ChoraError(f"{path} is no regular file", hint="Name the file of a bundle.")
    return file


class _WrongError(Exception):
    """A file that is no bundle in its one form; the text says why."""


class _ReadError(Exception):
    """A medium that does not give what is on it."""


class _Stream:
    """The tar file inside of a bundle, from front to back; every byte of the bundle is counted and digested."""

    def __init__(self, file: BinaryIO) -> None:
        self.most_ratio = MOST_RATIO
        self._file = file
        self._whole = hashlib.sha256()
        self._rest = hashlib.sha256()
        self._packed = self._made = 0
        self._data, self._at = b"", 0
        self._unpack: zlib._Decompress | None = None
        start = self._raw(GZIP_HEADER)
        if start[:2] != GZIP_START[:2]:
            self._data = start
        elif start.startswith(GZIP_START) and len(start) == GZIP_HEADER:
            self._digest = start[len(GZIP_START) :]
            self._rest = hashlib.sha256()
            self._unpack = zlib.decompressobj(wbits=31)
            self._unpack.decompress(start)
        else:
            raise _WrongError("its first bytes are those of another kind of gzip file")

    def exactly(self, size: int) -> bytes:
        """Return the next `size` bytes; raise _WrongError where there are fewer."""
        end = self._at + size
        if end <= len(self._data):
            data, self._at = self._data[self._at : end], end
            return data
        return b"".join(self.some(size))

    def some(self, size: int) -> Iterator[bytes]:
        """Yield the next `size` bytes in parts; raise _WrongError where there are fewer."""
        while size:
            if self._at == len(self._data):
                self._data, self._at = self._more(), 0
                if not self._data:
                    raise _WrongError("it ends too early")
            part = self._data[self._at : self._at + size]
            self._at += len(part)
            size -= len(part)
            yield part

    def finish(self) -> str:
        """Return the SHA-256 of the whole file; raise _WrongError where anything follows, or anything was changed."""
        if self._at < len(self._data) or self._more():
            raise _WrongError("something stands after its end")
        if self._unpack is not None:
            if not self._unpack.eof:
                raise _WrongError("it ends too early")
            if self._unpack.unused_data or self._raw(1):
                raise _WrongError("something stands after its end")
            if self._rest.digest() != self._digest:
                raise _WrongError("its compressed bytes are not those that its first bytes name")
        return self._whole.hexdigest()

    def _more(self) -> bytes:
        """Return more of the tar file; nothing at its end."""
        if self._unpack is None:
            return self._raw(_CHUNK)
        while not self._unpack.eof:
            packed = self._unpack.unconsumed_tail or self._raw(_CHUNK)
            try:
                data = self._unpack.decompress(packed, _CHUNK)
            except zlib.error as error:
                raise _WrongError("its compression is damaged") from error
            self._made += len(data)
            if self.most_ratio and self._made > self.most_ratio * self._packed + 4 * _CHUNK:
                raise _WrongError(f"its head unpacks to more than {self.most_ratio} times its size")
            if data or not packed:
                return data
        return b""

    def _raw(self, size: int) -> bytes:
        try:
            data = self._file.read(size)
        except OSError as error:
            raise _ReadError(os.strerror(error.errno or 0)) from error
        self._packed += len(data)
        self._whole.update(data)
        self._rest.update(data)
        return data


def _changed(path: str, digest: str, signed: str) -> ChoraError:
    return _rejected(f"{path} sha256 {digest[:12]}.. is not the signed {signed[:12]}..", "Fetch the bundle again.")


def _rejected(what: str, hint: str) -> ChoraError:
    return ChoraError(f"rejected: {what}", hint=hint, code=Exit.NO)
