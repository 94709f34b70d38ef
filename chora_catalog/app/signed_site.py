"""A signed site in a folder: its head as it lies there, and its files held against the index."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from chora_catalog.edge import files, site_files
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.mirror_index import FileEntry, MirrorIndex, NotAnIndexError, is_indexed
from chora_catalog.model.trust import Trusted

HEAD_FOLDERS: Final = ("mirror/metadata/", "mirror/targets/")
_LIMIT: Final = 64 * 2**20
_AGAIN: Final = "Get the site or the bundle again; if it stays like this, ask whoever publishes it."
_NAMED: Final = 3


def head_in(site: Path) -> dict[str, bytes]:
    """Return the files of the head that lies in the folder, by path below `mirror/`; empty where it is not signed."""
    from chora_catalog.edge.signing.verifying import head_of

    return head_of(partial(_read, site))


def _read(site: Path, path: str) -> bytes | None:
    try:
        return files.read_bounded(site / "mirror" / path, _LIMIT)
    except OSError as error:
        raise ChoraError(
            f"{site / 'mirror' / path} cannot be read: {error.strerror}",
            hint="Correct the rights there, then run the same command again.",
            code=Exit.CANNOT_TELL,
        ) from error


def listed(site: Path) -> site_files.Listed:
    """Return what lies in the folder; raise ChoraError: exit 2 where it is no folder, 3 where it cannot be read."""
    if not site.is_dir():
        raise ChoraError(f"{site} is no folder", hint="Name the folder of a built site.")
    try:
        return site_files.list_site(site)
    except OSError as error:
        raise _unreadable(site, error) from error


def index_of_files(site: Path, found: site_files.Listed) -> dict[str, FileEntry]:
    """Return the entry of every file that belongs into an index; raise ChoraError where something cannot be signed."""
    if found.others:
        path, kind = min(found.others.items())
        raise ChoraError(
            f"{path} is {kind}, and only regular files can be signed", hint="Build the site anew, then sign it."
        )
    try:
        digests = site_files.digests(site, sorted(path for path in found.sizes if is_indexed(path)))
    except OSError as error:
        raise _unreadable(site, error) from error
    return {path: FileEntry(*entry) for path, entry in digests.items()}


def read_index(trusted: Trusted) -> MirrorIndex:
    """Return the index that was signed; raise ChoraError (rejected) where it is none."""
    try:
        return MirrorIndex.from_bytes(trusted.index)
    except NotAnIndexError as error:
        raise ChoraError(f"rejected: what was signed is no index: {error}", hint=_AGAIN, code=Exit.NO) from error


def refuse_differences(site: Path, found: site_files.Listed, trusted: Trusted, index: MirrorIndex) -> None:
    """Hold every file of the site against what was signed; raise ChoraError (rejected) that names what differs.

    Sizes come first, so that nothing is opened that is not of the signed size.
    """
    if found.others:
        path, kind = min(found.others.items())
        raise _rejected(f"{path} is {kind}, and nothing but regular files was signed")
    here = {path for path in found.sizes if is_indexed(path)}
    missing, more = sorted(index.files.keys() - here), sorted(here - index.files.keys())
    if missing:
        raise _rejected(f"{_some(missing)} is missing: it was signed")
    if more:
        raise _rejected(f"{_some(more)} is there and was not signed")
    for path, entry in index.files.items():
        if found.sizes[path] != entry.size:
            raise _rejected(f"{path} has {found.sizes[path]} bytes, {entry.size} were signed")
    run = {path: digest for path, digest in trusted.run.items() if path in found.sizes}
    if len(run) != len(trusted.run):
        raise _rejected(f"{min(trusted.run.keys() - run.keys())} is missing: it was signed")
    signed = {path: entry.sha256 for path, entry in index.files.items()} | run
    try:
        digests = site_files.digests(site, sorted(signed))
    except OSError as error:
        raise _unreadable(site, error) from error
    for path in sorted(signed):
        refuse_digest(path, digests[path][0], signed[path])


def refuse_strays(found: site_files.Listed, head: Mapping[str, bytes]) -> None:
    """Raise ChoraError (rejected) where something lies beside the files of `head` that is none of them."""
    strays = [
        path for path in found.sizes if path.startswith(HEAD_FOLDERS) and path.removeprefix("mirror/") not in head
    ]
    if strays:
        raise _rejected(f"{_some(sorted(strays))} is there and was not signed")


def refuse_digest(path: str, found: str, signed: str) -> None:
    """Raise ChoraError (rejected) where a file has another digest than was signed."""
    if found != signed:
        hint = _AGAIN
        if path in ("run.json", "run.js"):
            hint = "Was it built again after it was signed? Then sign it: chora sign SITE --trust DIR"
        raise _rejected(f"{path}: its sha256 {found[:12]}... is not the signed {signed[:12]}...", hint)


def refuse_false_facts(site: Path, facts: Mapping[str, bytes]) -> None:
    """Raise ChoraError (rejected) where the site tells its pages something else of its signatures than they say."""
    for path, data in facts.items():
        stands = files.read_bounded(site / path, _LIMIT) if os.path.lexists(site / path) else data
        if stands != data:
            raise _rejected(f"{path} says something else than the signatures", "Sign it anew, or get it again.")


def _some(paths: list[str]) -> str:
    shown = ", ".join(paths[:_NAMED])
    return shown + (f" and {len(paths) - _NAMED} more" if paths[_NAMED:] else "")


def _rejected(why: str, hint: str = _AGAIN) -> ChoraError:
    return ChoraError(f"rejected: {why}", hint=hint, code=Exit.NO)


def _unreadable(site: Path, error: OSError) -> ChoraError:
    where = error.filename or site
    return ChoraError(
        f"{where} cannot be read: {error.strerror}",
        hint="Correct the rights there, then run the same command again.",
        code=Exit.CANNOT_TELL,
    )
