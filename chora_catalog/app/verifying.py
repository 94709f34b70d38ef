"""Verifying what was signed: a site in a folder, a bundle, one published file, or one manifest of a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from chora_catalog.app.exported import refuse_false_list
from chora_catalog.app.signed_site import (
    HEAD_FOLDERS,
    head_in,
    listed,
    read_index,
    refuse_differences,
    refuse_digest,
    refuse_false_facts,
)
from chora_catalog.edge import files, site_files
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.mirror_index import MirrorIndex
from chora_catalog.model.trust import Freshness, Trusted, spoken_age
from chora_catalog.parse.instants import short_duration
from chora_catalog.render.trust import trust_files

_BUNDLES: Final = (".tar", ".tar.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader asks: what to verify, against which root, when, and how old or how far back it may be.

    `site` is the signed site that a single file or manifest is held against; None looks for it above the file.
    """

    what: Path
    root: Path
    as_of: datetime
    site: Path | None = None
    max_age: str = ""
    min_sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was verified, and what to say of it: `line` for everybody, `warning` where it is past its TTL."""

    trusted: Trusted
    line: str
    warning: str = ""


def verify(asked: Asked) -> Verified:
    """Verify what is asked for.

    Raise ChoraError: exit 1 (rejected) for whatever does not hold; exit 2 where something is asked wrongly; exit 3
    where it is expired, or older than `max_age` (the catalog's own alert age by default), or cannot be read.
    """
    root = files.read_own(asked.root, what="the root of trust", hint="Name it with --root FILE: a root.json.")
    if asked.what.is_dir():
        trusted = verify_site(asked.what, root, asked.as_of)
        subject = ""
    elif not asked.what.is_file():
        raise ChoraError(f"there is no {asked.what}", hint="Name a site, a bundle, or a file of a site.")
    elif asked.site is None and _is_bundle(asked.what):
        trusted, subject = verify_bundle(asked.what, root, asked.as_of), ""
    else:
        trusted, subject = verify_file(asked.what, asked.site, root, asked.as_of)
    return _judged(trusted, asked, subject)


def verify_site(site: Path, root: bytes, as_of: datetime) -> Trusted:
    """Verify a whole site: its head, that exactly the signed files are there, and each of their digests."""
    found = listed(site)
    trusted, index = _head(site, root, as_of, found=found)
    refuse_differences(site, found, trusted, index)
    refuse_false_facts(site, trust_files(trusted))
    refuse_false_list(site, found.sizes)
    return trusted


def verify_bundle(bundle: Path, root: bytes, as_of: datetime) -> Trusted:
    """Verify a bundle to its end without placing anything."""
    from chora_catalog.app.mirroring import read_bundle

    return read_bundle(bundle, root=root, as_of=as_of).trusted


def verify_file(path: Path, site: Path | None, root: bytes, as_of: datetime) -> tuple[Trusted, str]:
    """Verify one published file, or one manifest of a source, against the signed index of a site.

    A file that lies in the site is held against its own entry; one from elsewhere against all of them.
    """
    above = _site_above(path)
    place = site or above
    if place is None:
        raise ChoraError(
            f"{path} lies in no signed site", hint="Name the site that it is to be held against: --site SITE."
        )
    trusted, index = _head(place, root, as_of)
    try:
        digest, size = site_files.digest_of(path)
    except OSError as error:
        raise ChoraError(f"{path} cannot be read: {error.strerror}", hint="Correct the rights there.") from error
    if above is not None and above.resolve() == place.resolve():
        inside = path.resolve().relative_to(place.resolve()).as_posix()
        signed = trusted.run.get(inside) or (index.files[inside].sha256 if inside in index.files else "")
        if signed:
            refuse_digest(inside, digest, signed)
            return trusted, inside
    return trusted, _named(path, digest, size, index)


def _named(path: Path, digest: str, size: int, index: MirrorIndex) -> str:
    """Return what a file from elsewhere is in the index; raise ChoraError (rejected) where it is nothing."""
    for published, entry in index.files.items():
        if (entry.sha256, entry.size) == (digest, size):
            return published
    for source, manifests in index.manifests.items():
        for name, manifest in manifests.items():
            if manifest.sha256 == digest:
                return f"{name} of {source} at {manifest.commit[:12]}"
    raise ChoraError(
        f"rejected: {path} (sha256 {digest[:12]}...) is no file of this publication and no manifest it was built from",
        hint="Was it changed, or is it of another day? The catalog shows which commit of a source it read.",
        code=Exit.NO,
    )


def _head(
    site: Path, root: bytes, as_of: datetime, *, found: site_files.Listed | None = None
) -> tuple[Trusted, MirrorIndex]:
    from chora_catalog.edge.signing import verify_metadata

    head = head_in(site)
    if not head:
        raise ChoraError(
            f"rejected: {site} is not signed: it holds no mirror/metadata/timestamp.json",
            hint="Sign it with: chora sign SITE --trust DIR",
            code=Exit.NO,
        )
    if found is not None:
        strays = {path.removeprefix("mirror/"): b"" for path in found.sizes if path.startswith(HEAD_FOLDERS)}
        head = strays | head
    trusted = verify_metadata(head, root=root, as_of=as_of, exact=False)
    return trusted, read_index(trusted)


def _is_bundle(path: Path) -> bool:
    """Tell a bundle by its name; what a site publishes under such a name is a file of it, unless it lies in mirror/."""
    above = _site_above(path)
    is_content = above is not None and path.resolve().relative_to(above).parts[0] != "mirror"
    return path.name.endswith(_BUNDLES) and not is_content


def _site_above(path: Path) -> Path | None:
    for folder in path.resolve().parents:
        if (folder / "mirror" / "metadata" / "timestamp.json").is_file():
            return folder
    return None


def _judged(trusted: Trusted, asked: Asked, subject: str) -> Verified:
    if trusted.sequence < asked.min_sequence:
        raise ChoraError(
            f"rejected: sequence {trusted.sequence} is older than {asked.min_sequence}, the least you accept",
            hint="Get the newest copy. Somebody may be offering you an old one.",
            code=Exit.NO,
        )
    age = trusted.age_at(asked.as_of)
    said = f"signed by {trusted.signer} at {trusted.checked_at}, {spoken_age(age)} old, sequence {trusted.sequence}"
    limit = short_duration(asked.max_age) if asked.max_age else None
    if asked.max_age and limit is None:
        raise ChoraError(f"{asked.max_age!a} is no length of time", hint="Write a number and min, h, d or w: 90min.")
    freshness = trusted.freshness_at(asked.as_of)
    if age > limit if limit is not None else freshness is Freshness.ALERT:
        most = limit.total_seconds() if limit is not None else trusted.alert_seconds
        raise ChoraError(
            f"too old: {said}; the most is {_length(most)}",
            hint="Get a newer copy, or say how old it may be: --max-age 7d.",
            code=Exit.CANNOT_TELL,
        )
    warning = "" if freshness is Freshness.FRESH else f"stale: it counts as fresh for {_length(trusted.ttl_seconds)}"
    return Verified(trusted=trusted, line=f"OK{f', {subject}' if subject else ''}, {said}", warning=warning)


def _length(seconds: float) -> str:
    from datetime import timedelta

    return spoken_age(timedelta(seconds=seconds))
