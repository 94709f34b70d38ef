"""A signed site into a bundle: into the site itself, where readers find it, or into a file of the caller's."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from chora_catalog.app.exported import BUNDLES, bundles_of
from chora_catalog.app.mirroring import read_root, verified
from chora_catalog.app.signed_site import head_in, listed, refuse_differences
from chora_catalog.edge import bundle_writing, files, publication
from chora_catalog.errors import ChoraError
from chora_catalog.model.trust import Trusted
from chora_catalog.render.bundle_list import bundle_files

KEPT: Final = 3
"""How many of the newest bundles stay in the site."""
LATEST: Final = "mirror/latest.tar.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A bundle that was written."""

    path: Path
    sha256: str
    size: int
    files: int
    trusted: Trusted


def export_mirror(site: Path, *, root: Path, output: Path | None, as_of: datetime) -> Export:
    """Write the bundle of the signed `site` and the file with its SHA-256 beside it, and return what was written.

    Without `output` it goes into the site: readers find the newest three there, `mirror/latest.tar.gz`, and the list of
    them. The same site gives the same bytes. Raise ChoraError: exit 1 where a signature does not hold or a file is not
    what was signed, exit 2 where there is no signed site or it was asked wrongly, exit 3 where it cannot be told.
    """
    if not site.is_dir():
        raise ChoraError(f"there is no folder {site}", hint="Name the folder of a signed site.")
    if output is not None:
        bundle_writing.refuse_other_names(output)
    given = read_root(root)
    with publication.locked(site) if output is None else contextlib.nullcontext():
        return _export(site, given, output, as_of)


def _export(site: Path, root: bytes, output: Path | None, as_of: datetime) -> Export:
    head = head_in(site)
    if not head:
        raise ChoraError(f"{site} is not signed", hint="Sign it first: chora sign SITE --trust DIR")
    trusted, index = verified(head, root=root, known=None, as_of=as_of)
    refuse_differences(site, listed(site), trusted, index)
    path = output or site / BUNDLES / f"chora-mirror-{trusted.sequence}{bundle_writing.COMPRESSED}"
    if output is None:
        path.parent.mkdir(parents=True, exist_ok=True)
    written = bundle_writing.write_bundle(site, path, head=head, run=trusted.run, files=index.files)
    digest = f"{written.sha256}  {path.name}\n".encode()
    files.write_own(path.with_name(f"{path.name}.sha256"), digest, what="the SHA-256 of the bundle")
    made = Export(path=path, sha256=written.sha256, size=written.size, files=len(index.files), trusted=trusted)
    if output is None:
        bundle_writing.link_latest(path, site / LATEST)
        _list(site, made)
    return made


def _list(site: Path, made: Export) -> None:
    """Write the list of the newest bundles, and remove the others."""
    entry = {
        "sequence": made.trusted.sequence,
        "path": f"{BUNDLES}/{made.path.name}",
        "bytes": made.size,
        "files": made.files,
        "sha256": made.sha256,
        "checked_at": made.trusted.checked_at,
        "expires_at": made.trusted.expires_at,
        "profile": made.trusted.profile,
        "signer": made.trusted.signer,
    }
    others = [line for line in bundles_of(site) if line["sequence"] < made.trusted.sequence]
    kept = [entry, *others][:KEPT]
    for path, data in bundle_files(kept).items():
        files.write_own(site / path, data, what="the list of bundles")
    names = {Path(line["path"]).name for line in kept}
    bundle_writing.keep_only(site / BUNDLES, names | {f"{name}.sha256" for name in names})
