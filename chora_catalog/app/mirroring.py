"""A mirror: a bundle verified and put in place, with nothing placed that was not signed, and what it remembers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from chora_catalog.app.exported import refuse_false_list
from chora_catalog.app.signed_site import (
    head_in,
    listed,
    read_index,
    refuse_differences,
    refuse_false_facts,
    refuse_strays,
)
from chora_catalog.edge import bundle, files, generations
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.imported import Imported, NotARecordError, Rollback, is_decision
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.mirror_index import MirrorIndex
from chora_catalog.model.trust import Known, Trusted
from chora_catalog.render.bundle_list import bundle_files
from chora_catalog.render.trust import trust_files

_ROOT_HINT: Final = "Name the root that whoever runs the catalog gave you, by another way than the bundle: --root FILE"
_AGAIN: Final = "Import it anew: chora mirror import FILE --output DIR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A bundle that was read to its end and found genuine."""

    trusted: Trusted
    files: int
    size: int
    """Bytes of all files together."""
    sha256: str
    """Of the bundle."""
    is_new: bool = True
    rollback: Rollback | None = None


def import_mirror(
    file: Path, *, root: Path | None, output: Path, as_of: datetime, min_sequence: int = 0, allow_rollback: str = ""
) -> Carried:
    """Verify the bundle `file` and let it stand in the folder `output`; what stood is kept as the generation before.

    `root` may be left out once something was imported. `allow_rollback` is the id of the decision that allows to go
    back behind what is remembered. Raise ChoraError: exit 1 where the bundle is refused, exit 2 where it was asked
    wrongly, exit 3 where it cannot be told or the disk refuses. What stood in the folder stands then.
    """
    if allow_rollback and not is_decision(allow_rollback):
        raise ChoraError(f"{allow_rollback!a} is no id of a decision", hint="Name the decision that allows it.")
    given = None if root is None else read_root(root)
    with bundle.opened(file) as reading, generations.held(output, _timestamp_of) as place:
        record = _read_record(place.folder)
        known = _known(place.folder, record, given, as_of)
        head = reading.head()
        allowed = replace(known, sequence=0, timestamp_sha256="") if known and allow_rollback else known
        trusted, index = verified(head, root=given, known=allowed, as_of=as_of)
        _refuse_lower(trusted, min_sequence)
        run = reading.run_record(trusted.run)
        size = _size(index)
        is_there = known is not None and known.timestamp_sha256 == trusted.timestamp_sha256
        if is_there and _stands(place.site, head, trusted, index):
            digest = reading.files(index.files)
            if record is None or record.timestamp_sha256 != trusted.timestamp_sha256:
                place.remember(_remembered(trusted, as_of, digest, record).to_bytes())
            return Carried(trusted=trusted, files=len(index.files), size=size, sha256=digest, is_new=False)
        back = None
        if known is not None and not is_there and trusted.sequence <= known.sequence:
            back = Rollback(after=known.sequence, to=trusted.sequence, at=instant_text(as_of), decision=allow_rollback)
        with place.incoming() as incoming:
            incoming.refuse_too_large(size)
            for path, data in {**{f"{bundle.MIRROR}{path}": data for path, data in head.items()}, **run}.items():
                incoming.write(path, data)
            for path, data in {**trust_files(trusted), **bundle_files([])}.items():
                incoming.write(path, data)
            digest = reading.files(index.files, incoming.open)
            place.take(incoming, _remembered(trusted, as_of, digest, record, back).to_bytes(), keep=not is_there)
    return Carried(trusted=trusted, files=len(index.files), size=size, sha256=digest, rollback=back)


def verify_bundle(file: Path, *, root: Path, as_of: datetime, min_sequence: int = 0) -> Carried:
    """Read the bundle `file` to its end and say what it is; nothing is written. Raise ChoraError as `import_mirror`."""
    return read_bundle(file, root=read_root(root), as_of=as_of, min_sequence=min_sequence)


def read_bundle(file: Path, *, root: bytes, as_of: datetime, min_sequence: int = 0) -> Carried:
    """Do what `verify_bundle` does, with the bytes of the root."""
    with bundle.opened(file) as reading:
        trusted, index = verified(reading.head(), root=root, known=None, as_of=as_of)
        _refuse_lower(trusted, min_sequence)
        reading.run_record(trusted.run)
        digest = reading.files(index.files)
    return Carried(trusted=trusted, files=len(index.files), size=_size(index), sha256=digest)


def mirror_status(folder: Path, *, as_of: datetime) -> Trusted:
    """Return what was imported into `folder`, its signatures verified again whatever its age.

    Its files are not read; `verify_imported` does that. Raise ChoraError: exit 2 where nothing was imported there, exit
    1 where its signatures were changed since, exit 3 where they are of a time after `as_of`.
    """
    return _imported(folder, as_of=as_of)[0]


def verify_imported(folder: Path, *, root: Path | None, as_of: datetime, min_sequence: int = 0) -> Carried:
    """Verify every file of the mirror in `folder` against what was signed, whatever its age.

    Raise ChoraError: exit 2 where nothing was imported there, exit 1 where anything was changed since, exit 3 where it
    was signed after `as_of`.
    """
    trusted, index, record = _imported(folder, None if root is None else read_root(root), as_of=as_of)
    _refuse_lower(trusted, min_sequence)
    site = folder / generations.SITE
    _refuse_changed(site, head_in(site), trusted, index)
    return Carried(trusted=trusted, files=len(index.files), size=_size(index), sha256=record.bundle_sha256)


def read_root(path: Path) -> bytes:
    """Return the bytes of the trust root that the caller names; raise ChoraError (usage) when it cannot be read."""
    return files.read_own(path, what="the trust root", hint=_ROOT_HINT)


def verified(
    head: Mapping[str, bytes],
    *,
    root: bytes | None,
    known: Known | None,
    as_of: datetime,
    allow_expired: bool = False,
) -> tuple[Trusted, MirrorIndex]:
    """Return what the head of a bundle says and its index, once all signatures hold and every name in it is safe.

    Raise ChoraError: exit 2 without a root, and as `edge.signing.verify_metadata`.
    """
    # Late: the libraries behind it take a quarter of a second.
    from chora_catalog.edge.signing import verify_metadata

    if root is None and known is None:
        raise ChoraError("no trust root is known here yet", hint=_ROOT_HINT)
    trust = root if root is not None else known.root if known is not None else b""
    trusted = verify_metadata(head, root=trust, as_of=as_of, known=known, allow_expired=allow_expired)
    index = read_index(trusted)
    bundle.refuse_unsafe(index.files)
    return trusted, index


def _stands(site: Path, head: Mapping[str, bytes], trusted: Trusted, index: MirrorIndex) -> bool:
    try:
        _refuse_changed(site, head, trusted, index)
        return head_in(site) == head
    except ChoraError:
        return False


def _refuse_changed(site: Path, head: Mapping[str, bytes], trusted: Trusted, index: MirrorIndex) -> None:
    found = listed(site)
    refuse_strays(found, head)
    refuse_differences(site, found, trusted, index)
    refuse_false_facts(site, trust_files(trusted))
    refuse_false_list(site, found.sizes)


def _size(index: MirrorIndex) -> int:
    return sum(entry.size for entry in index.files.values())


def _imported(folder: Path, root: bytes | None = None, *, as_of: datetime) -> tuple[Trusted, MirrorIndex, Imported]:
    from chora_catalog.edge.signing import refuse_future

    record = _read_record(folder)
    if record is None:
        raise ChoraError(f"nothing was imported into {folder}", hint=_AGAIN)
    head = head_in(folder / generations.SITE)
    known = Known(sequence=record.sequence, root=record.root, timestamp_sha256=record.timestamp_sha256)
    trusted, index = verified(head, root=root, known=known, as_of=as_of, allow_expired=True)
    refuse_future(trusted.checked_at, as_of)
    return trusted, index, record


def _known(folder: Path, record: Imported | None, given: bytes | None, as_of: datetime) -> Known | None:
    """Return what is remembered; where an import was killed at its end, what stands is ahead of what is written."""
    root = given if record is None else record.root
    stamp = generations.read_file(folder / generations.SITE, generations.TIMESTAMP)
    standing = 0 if stamp is None else _sequence(stamp)
    if root is None or (record is None and not standing):
        return None
    if record is not None:
        remembered = Known(sequence=record.sequence, root=root, timestamp_sha256=record.timestamp_sha256)
        if standing <= record.sequence:
            return remembered
    try:
        head = head_in(folder / generations.SITE)
        trusted, _ = verified(head, root=root, known=None, as_of=as_of, allow_expired=True)
    except ChoraError as error:
        if error.code is not Exit.NO:
            raise
        # Damaged: nobody has accepted what nobody has signed.
        return None if record is None else remembered
    return Known(sequence=trusted.sequence, root=root, timestamp_sha256=trusted.timestamp_sha256)


def _sequence(stamp: bytes) -> int:
    try:
        version = json.loads(stamp)["signed"]["version"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return 0
    return version if type(version) is int else 0


def _read_record(folder: Path) -> Imported | None:
    data = generations.read_record(folder)
    try:
        return None if data is None else Imported.from_bytes(data)
    except NotARecordError as error:
        raise ChoraError(
            f"{folder / generations.RECORD} cannot be read: {error}",
            hint="Put it back from a copy, or import into a new folder with the root that you trust.",
            code=Exit.CANNOT_TELL,
        ) from error


def _timestamp_of(record: bytes) -> str:
    try:
        return Imported.from_bytes(record).timestamp_sha256
    except NotARecordError:
        return ""


def _remembered(
    trusted: Trusted, as_of: datetime, digest: str, before: Imported | None, back: Rollback | None = None
) -> Imported:
    return Imported(
        sequence=trusted.sequence,
        timestamp_sha256=trusted.timestamp_sha256,
        root=trusted.root,
        imported_at=instant_text(as_of),
        bundle_sha256=digest,
        rollbacks=(*(before.rollbacks if before else ()), *((back,) if back else ())),
    )


def _refuse_lower(trusted: Trusted, least: int) -> None:
    if trusted.sequence < least:
        raise ChoraError(
            f"rejected: sequence {trusted.sequence} is lower than {least}, the least that you accept",
            hint="Get the newest copy. Somebody may be offering you an old one.",
            code=Exit.NO,
        )
