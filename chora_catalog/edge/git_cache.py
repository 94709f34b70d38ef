"""The fetch cache: one bare repository a source, with a note that says what a finished fetch left in it.

A cache is an accelerator: whatever does not look as its note says is thrown away and fetched again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chora_catalog.edge.clock import monotonic

NOTE = "chora.json"
FORMAT = 1
HEAD_REF = "refs/chora/head"
MAX_PACKS = 50
"""Every update adds a pack; past this the cache is made anew, which packs it as the server does."""
_REF = re.compile(rb"([0-9a-f]{40}(?:[0-9a-f]{24})?)\n")
_CONFIG = b"[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a finished fetch left: `refs` by the source's names, `packs` as (file name, bytes)."""

    address: str
    """SHA-256 of the address: another address is another repository."""
    versions: str
    held_back: bool
    """Whether the server honours the size filter, so that a blob which is missing was too large."""
    refs: tuple[tuple[str, str], ...]
    packs: tuple[tuple[str, int], ...]


def address_digest(address: str) -> str:
    """Return the SHA-256 by which a note knows an address."""
    return hashlib.sha256(address.encode()).hexdigest()


def read_note(repository: Path) -> Note | None:
    """Return the note of the cache, or None when there is none that can be understood."""
    try:
        data = json.loads((repository / NOTE).read_bytes())
        if data["format"] != FORMAT:
            return None
        return Note(
            address=str(data["address"]),
            versions=str(data["versions"]),
            held_back=bool(data["held_back"]),
            refs=tuple((str(name), str(value)) for name, value in data["refs"]),
            packs=tuple((str(name), int(size)) for name, size in data["packs"]),
        )
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def write_note(repository: Path, note: Note) -> None:
    """Write the note in one step, as the last of a fetch."""
    data = {
        "format": FORMAT,
        "address": note.address,
        "versions": note.versions,
        "held_back": note.held_back,
        "refs": note.refs,
        "packs": note.packs,
    }
    fresh = repository / f"{NOTE}.new"
    fresh.write_text(json.dumps(data, indent=0) + "\n", encoding="utf-8")
    fresh.replace(repository / NOTE)


def head_here(repository: Path) -> str:
    """Return the id that a finished fetch wrote for the head; empty when git keeps it in another way than as a file."""
    try:
        found = _REF.fullmatch((repository / HEAD_REF).read_bytes())
    except OSError:
        return ""
    return found[1].decode("ascii") if found else ""


def packs_of(repository: Path) -> tuple[tuple[str, int], ...]:
    """Return (file name, bytes) of every pack and index in the cache, sorted."""
    with os.scandir(repository / "objects" / "pack") as entries:
        return tuple(
            sorted((entry.name, entry.stat().st_size) for entry in entries if entry.name.endswith((".pack", ".idx")))
        )


def tidy(repository: Path) -> None:
    """Remove what an update that failed left of its pack."""
    for litter in (repository / "objects" / "pack").glob("tmp_*"):
        litter.unlink(missing_ok=True)


def came_in_packs(repository: Path, *, promised: bool) -> bool:
    """Say whether all objects came as packs (marked as a filtered fetch marks them when `promised`), none alone."""
    objects = repository / "objects"
    with os.scandir(objects) as entries:
        if any(entry.name not in ("pack", "info") for entry in entries):
            return False
    packs = [objects / "pack" / name for name, _ in packs_of(repository) if name.endswith(".pack")]
    return not promised or all(pack.with_suffix(".promisor").exists() for pack in packs)


def usable(repository: Path, note: Note, *, address: str, versions: str, max_pack: int) -> bool:
    """Say whether an update may build on the cache: its own note agrees, and it has not grown out of bounds."""
    if note.address != address_digest(address) or (versions == "tags" and note.versions != "tags"):
        return False
    if versions == "tags" and (repository / "shallow").exists():
        return False
    try:
        # A fetch leaves the configuration as it was made. Any other came from elsewhere, and git would obey it.
        if (repository / "config").read_bytes() != _CONFIG:
            return False
        packs = packs_of(repository)
    except OSError:
        return False
    return packs == note.packs and len(packs) <= 2 * MAX_PACKS and sum(size for _, size in packs) <= 2 * max_pack


def make_empty(repository: Path) -> None:
    """Make the bare repository that a fetch fills, in the empty folder `repository`.

    It is what git takes for one (gitrepository-layout(5)), without a process; git adds the rest as it needs it.
    """
    for folder in ("objects", "refs"):
        (repository / folder).mkdir()
    (repository / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
    (repository / "config").write_bytes(_CONFIG)


@contextlib.contextmanager
def beside(repository: Path) -> Iterator[Path]:
    """Give an empty folder on the same disk to build in; leaving the context removes what was not put into place."""
    workshop = _workshop(repository)
    workshop.mkdir(exist_ok=True)
    try:
        # Never twice the same name: a git that outlived its killed parent may still be writing to the last one.
        yield Path(tempfile.mkdtemp(dir=workshop))
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def put_in_place(fresh: Path, repository: Path) -> None:
    """Make `fresh`, which `beside` gave, the cache. A kill in between leaves none, and the next fetch makes it."""
    if repository.is_dir() and not repository.is_symlink():
        repository.rename(Path(tempfile.mkdtemp(dir=_workshop(repository))) / "old")
    elif repository.is_symlink() or repository.exists():
        repository.unlink()
    fresh.rename(repository)


@contextlib.contextmanager
def held(repository: Path, deadline: float) -> Iterator[bool]:
    """Hold the cache against other runs, waiting until `deadline` (monotonic seconds); gives False when that passed.

    What a killed run left beside the cache is removed by the holder.
    """
    with _lock_file(repository.parent / f".{repository.name}.lock") as lock:
        while not (mine := _lock(lock.fileno())) and monotonic() < deadline:
            time.sleep(0.05)
        if mine:
            # Looked for by its one name: a listing of the folder would grow with the number of sources, each time.
            with contextlib.suppress(FileNotFoundError):
                _workshop(repository).lstat()
                shutil.rmtree(_workshop(repository), ignore_errors=True)
        yield mine


def _lock_file(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except (FileNotFoundError, NotADirectoryError):
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _workshop(repository: Path) -> Path:
    return repository.parent / f".{repository.name}.making"
