"""What carries a mirror: the signed index, the headers of an archive, whole bundles. The first byte chooses.

Judges: whatever is read writes the same bytes again, and no path of it leads outside of the folder it is placed in.
"""

from __future__ import annotations

import gzip
import posixpath
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chora_catalog.edge import bundle
from chora_catalog.edge.ustar import BLOCK, HeaderError, header, read_header
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.mirror_index import FileEntry, ManifestEntry, MirrorIndex, NotAnIndexError
from tests.fuzz.promises import in_time

LONGEST = 8192
DIGEST = "0" * 64
WORDS = (
    *('"files":{', '"manifests":{', '"schema":"', "..", "../", "/", "\\\\", ".git", "con", "aux.html", "a//b", "%2e"),
    *("ustar\x0000", "0000644\x00", "00000000000\x00", "mirror/metadata/timestamp.json", "mirror/metadata/1.root.json"),
    *("mirror/targets/", ".index.json", ".provenance.json", "mirror/metadata/1.snapshot.json", "1.targets.json"),
)


def seeds() -> Iterator[bytes]:
    entry = FileEntry(DIGEST, 5)
    manifests = {"a-source": {"chora.yaml": ManifestEntry("a" * 40, DIGEST)}}
    for paths in ((), ("a.html",), ("a.html", "b/c.html", "b/d.json"), ("index.html", "data/v1/index.json")):
        whole = MirrorIndex(files=dict.fromkeys(paths, entry), manifests=manifests if paths else {}).to_bytes()
        yield b"i" + whole
        yield b"i" + whole.replace(b"html", b"../x")
    for path in ("a", "a/b.html", "x" * 100, "p" * 90 + "/" + "n" * 90, "mirror/metadata/1.root.json"):
        for size in (0, 1, 511, 512, 8**11 - 1):
            yield b"h" + header(path, size)
    for count in range(1, len(HEAD) + 1):
        archive = b"".join(header(path, 3) + b"{}\n" + bytes(BLOCK - 3) for path in HEAD[:count])
        yield b"b" + archive
        yield b"b" + gzip.compress(archive, mtime=0)
        yield b"b" + archive + bytes(2 * BLOCK)


HEAD = (
    *("mirror/metadata/timestamp.json", "mirror/metadata/1.root.json", "mirror/metadata/1.snapshot.json"),
    *("mirror/metadata/1.targets.json", f"mirror/targets/{DIGEST}.index.json"),
    f"mirror/targets/{DIGEST}.provenance.json",
)


def check(data: bytes) -> None:
    kind, rest = data[:1], data[1:]
    if kind == b"i":
        _index(rest)
    elif kind == b"h":
        _header(rest)
    else:
        _bundle(rest)


def _index(data: bytes) -> None:
    try:
        index = in_time(MirrorIndex.from_bytes, data)
    except NotAnIndexError as error:
        assert str(error).isprintable()  # noqa: PT017 - its kind is known
        return
    assert index.to_bytes() == data
    for path in index.files:
        _stays_inside(path)


def _header(data: bytes) -> None:
    try:
        path, size = in_time(read_header, data)
    except HeaderError:
        return
    assert len(data) == BLOCK
    assert header(path, size) == data


def _bundle(data: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="chora-fuzz-") as folder:
        file = Path(folder) / "bundle"
        file.write_bytes(data)
        try:
            head = in_time(_head_of, file)
        except ChoraError as error:
            assert error.code is Exit.NO  # noqa: PT017 - its kind is known
            return
    assert len(head) >= len(HEAD)
    assert sum(map(len, head.values())) <= bundle.MOST_RATIO * len(data) + 2**20
    for path in head:
        _stays_inside(path)


def _head_of(file: Path) -> dict[str, bytes]:
    with bundle.opened(file) as reading:
        return dict(reading.head())


def _stays_inside(path: str) -> None:
    assert path.isascii()
    assert path.isprintable()
    assert "\\" not in path
    assert posixpath.normpath(f"/place/{path}") == f"/place/{path}", path
