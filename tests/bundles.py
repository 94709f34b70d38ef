"""Signed sites and their bundles, small enough to be made for each test, and a hostile writer of tar files."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from chora_catalog.app import mirroring
from chora_catalog.app.exporting import export_mirror
from chora_catalog.edge.bundle import GZIP_HEADER, GZIP_START
from tests.signed_head import FILES, NOON, RUN, Publisher

SOON = NOON + timedelta(minutes=5)
MORE = FILES | {"capabilities/a.html": b"<p>a</p>\n" * 100, "empty.txt": b""}
Member = tuple[str, bytes]


@dataclass
class World:
    """A publisher, its site and its root in a folder of the test's."""

    folder: Path
    publisher: Publisher = field(default_factory=Publisher)

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def root(self) -> Path:
        path = self.folder / "root.json"
        path.write_bytes(self.publisher.root)
        return path

    def publish(
        self, files: Mapping[str, bytes] = MORE, *, as_of: datetime = NOON, run: Mapping[str, bytes] = RUN
    ) -> None:
        """Sign `files` and let exactly them stand in the site, with what was exported before."""
        head = self.publisher.sign(files, as_of=as_of, run=run)
        for path in sorted(self.site.rglob("*")):
            if path.is_file() and "mirror" not in path.relative_to(self.site).parts:
                path.unlink()
        lay(self.site, {**files, **run, **{f"mirror/{path}": data for path, data in head.items()}})

    def bundle(self, name: str = "b.tar", *, as_of: datetime = SOON) -> Path:
        """Export the site into a file of that name."""
        return export_mirror(self.site, root=self.root, output=self.folder / name, as_of=as_of).path

    def take(
        self, file: Path, *, as_of: datetime = SOON, root: bool = True, to: str = "mirror", least: int = 0, by: str = ""
    ) -> mirroring.Carried:
        """Import a bundle into a folder beside the site."""
        return mirroring.import_mirror(
            file,
            root=self.root if root else None,
            output=self.folder / to,
            as_of=as_of,
            min_sequence=least,
            allow_rollback=by,
        )

    def members(self, files: Mapping[str, bytes] = MORE, run: Mapping[str, bytes] = RUN) -> list[Member]:
        """What a bundle of the last signing holds, in order, told from the format's page and not from the writer."""
        head = self.publisher.head
        roots = sorted((path for path in head if path.endswith(".root.json")), key=lambda path: int(path[9:-10]))
        order = ["metadata/timestamp.json", *roots]
        order += [path for kind in ("snapshot", "targets") for path in head if path.endswith(f".{kind}.json")]
        order += [path for kind in ("index", "provenance") for path in head if path.endswith(f".{kind}.json")]
        assert sorted(order) == sorted(head)
        found = [(f"mirror/{path}", head[path]) for path in order]
        return [*found, *((path, run[path]) for path in ("run.json", "run.js")), *sorted(files.items())]


def lay(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by path, but the lock."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {path: place.read_bytes() for path, place in sorted(found.items()) if path != ".chora-lock"}


def info(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, **more: object) -> tarfile.TarInfo:
    """A header with any name, size and kind; `more` are other fields of it."""
    made = tarfile.TarInfo(name)
    made.size, made.type, made.mode = size, kind, 0o644
    for field_name, value in more.items():
        setattr(made, field_name, value)
    return made


def raw(header: tarfile.TarInfo, data: bytes = b"") -> bytes:
    """The blocks of one member as the standard library writes them, its devices in our writer's digits."""
    blocks = bytearray(header.tobuf(tarfile.USTAR_FORMAT, "utf-8", "surrogateescape"))
    if header.isreg():
        blocks[329:345] = b"0000000\0" * 2
        blocks[148:156] = b" " * 8
        blocks[148:156] = b"%06o\0 " % sum(blocks)
    return bytes(blocks) + data + bytes(-len(data) % 512)


def tar(members: Sequence[Member | bytes], end: bytes = bytes(1024)) -> bytes:
    """A tar file of members, or of blocks as they are."""
    return (
        b"".join(part if isinstance(part, bytes) else raw(info(part[0], len(part[1])), part[1]) for part in members)
        + end
    )


def packed(data: bytes) -> bytes:
    """A tar file compressed as a bundle says it is, by another writer than ours."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as file:
        file.write(data)
    rest = out.getvalue()[10:]
    made = GZIP_START + hashlib.sha256(rest).digest() + rest
    assert len(made) == GZIP_HEADER + len(rest)
    return made
