"""Whether the signatures of a publication hold: the client's workflow of TUF, with the time as an argument.

TUF specification (theupdateframework.github.io/specification/v1.0.33), section 5, in its order: roots, timestamp,
snapshot, targets, then the two targets that we have, the index and the statement of its provenance.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from tuf.api.exceptions import LengthOrHashMismatchError, UnsignedMetadataError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from chora_catalog.edge.signing import provenance
from chora_catalog.edge.signing.pinned import PinnedKey
from chora_catalog.edge.signing.roots import TrustRoot, follow, own_root
from chora_catalog.edge.signing.strict import AGAIN, extra_of, read, refuse_strangers, refused
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.trust import KEYLESS, Known, Trusted, spoken_age

T = TypeVar("T", Timestamp, Snapshot, Targets)

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""How far a reader's clock may be behind the signer's."""
LARGEST_INDEX: Final = 64 * 2**20
LARGEST_STATEMENT: Final = 16 * 2**20
TIMESTAMP: Final = "metadata/timestamp.json"
RUN_FILES: Final = frozenset({"run.json", "run.js"})
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_LONGEST: Final = 10**9
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_STRAY: Final = re.compile(
    r"metadata/[1-9][0-9]{0,8}\.(?:root|snapshot|targets)\.json|targets/[0-9a-f]{64}\.(?:index|provenance)\.json"
)
_MIXED: Final = "Parts of two generations were mixed. " + AGAIN


def verify_metadata(
    files: Mapping[str, bytes],
    *,
    root: bytes,
    as_of: datetime,
    known: Known | None = None,
    exact: bool = True,
    allow_expired: bool = False,
) -> Trusted:
    """Return what the head of a publication says, once every signature in it was verified.

    `files` are the bytes below `mirror/` by path (`metadata/...`, `targets/...`), `root` the root that the reader
    trusts, `known` what it remembers of the last publication it accepted. With `exact` a file too many is refused;
    else only one whose name is none of ours, because a signing that was interrupted leaves old ones behind. With
    `allow_expired` only integrity is judged, not age: for what was accepted before, and for who signs anew.

    Pure of disk, network and clock. Raise ChoraError: exit 2 where `root` is no root; exit 1 (rejected) where anything
    is missing, unsigned, mixed, rolled back or changed; exit 3 where it is expired or lies in the future.
    """
    now = _NEVER if allow_expired else as_of
    pins = [own_root(root)]
    if known is not None:
        pins.append(own_root(known.root))
    trust = follow(files, sorted(pins, key=lambda pin: pin.version))
    verifier = provenance.verifier_of(trust) if trust.profile == KEYLESS else None
    for key in trust.root.keys.values():
        if isinstance(key, PinnedKey) and verifier is not None:
            key.pin(verifier, provenance.services_of(trust))
    _refuse_expired(trust.root, "its newest root", as_of=now, hint="Ask whoever runs the catalog for a new root.")

    stamp_bytes = _have(files, TIMESTAMP)
    stamp = _signed(stamp_bytes, Timestamp, trust, name="the timestamp")
    trusted_facts = _facts(stamp, name="the timestamp")
    if known is not None and not _are_other_keys(trust, known):
        _refuse_rollback(stamp.signed.version, stamp_bytes, known)
    if not allow_expired:
        refuse_future(trusted_facts["checked_at"], as_of)
    _refuse_expired(stamp.signed, "it", as_of=now, hint="Get a newer copy. What was imported before still stands.")

    meta = stamp.signed.snapshot_meta
    path = f"metadata/{meta.version}.snapshot.json"
    used = [TIMESTAMP, path, *(f"metadata/{n}.root.json" for n in range(1, trust.version + 1))]
    snapshot_bytes = _pinned(files, path, meta, name="the snapshot", by="the timestamp")
    snapshot = _signed(snapshot_bytes, Snapshot, trust, name="the snapshot").signed
    _refuse_version(snapshot.version, meta.version, name="the snapshot")
    _refuse_expired(snapshot, "its snapshot", as_of=now, hint="It has to be signed anew where it is published.")
    if snapshot.meta.keys() != {"targets.json"} or snapshot.unrecognized_fields:
        raise refused("the snapshot was not written by this tool")

    meta = snapshot.meta["targets.json"]
    path = f"metadata/{meta.version}.targets.json"
    used.append(path)
    targets_bytes = _pinned(files, path, meta, name="the list of targets", by="the snapshot")
    targets = _signed(targets_bytes, Targets, trust, name="the list of targets").signed
    _refuse_version(targets.version, meta.version, name="the list of targets")
    _refuse_expired(targets, "its list of targets", as_of=now, hint="It has to be signed anew where it is published.")
    if (
        targets.targets.keys() != {"index.json", "provenance.json"}
        or targets.delegations
        or targets.unrecognized_fields
    ):
        raise refused("the list of targets was not written by this tool")

    index, index_path = _target(files, targets.targets["index.json"], "the index", most=LARGEST_INDEX)
    statement, statement_path = _target(
        files, targets.targets["provenance.json"], "the statement of provenance", most=LARGEST_STATEMENT
    )
    digest = hashlib.sha256(index).hexdigest()
    provenance.verify_statement(statement, trust, index_sha256=digest, verifier=verifier)
    _refuse_more(files, {*used, index_path, statement_path}, exact=exact)
    return Trusted(
        sequence=stamp.signed.version,
        expires_at=instant_text(stamp.signed.expires),
        profile=trust.profile,
        signer=", ".join(trust.signers),
        root_version=trust.version,
        root=trust.data,
        root_sha256=trust.sha256,
        timestamp_sha256=hashlib.sha256(stamp_bytes).hexdigest(),
        index=index,
        index_sha256=digest,
        **trusted_facts,
    )


def head_of(read_file: Callable[[str], bytes | None]) -> dict[str, bytes]:
    """Return the files that a head is made of, as `verify_metadata` takes them; nothing in them is believed by this.

    `read_file` gives the bytes at a path below `mirror/`, None where there is nothing. Empty where there is no
    timestamp; what one file names and is not there is left out, for `verify_metadata` to miss.
    """
    found: dict[str, bytes] = {}

    def take(path: str) -> bytes | None:
        data = read_file(path)
        if data is not None:
            found[path] = data
        return data

    stamp = take(TIMESTAMP)
    if stamp is None:
        return {}
    number = 1
    while take(f"metadata/{number}.root.json") is not None:
        number += 1
    try:
        snapshot = take(f"metadata/{Metadata[Timestamp].from_bytes(stamp).signed.snapshot_meta.version}.snapshot.json")
        version = Metadata[Snapshot].from_bytes(snapshot or b"").signed.meta["targets.json"].version
        listed = Metadata[Targets].from_bytes(take(f"metadata/{version}.targets.json") or b"").signed.targets
        for name in ("index.json", "provenance.json"):
            take(f"targets/{listed[name].hashes['sha256']}.{name}")
    except Exception:  # hostile bytes: whatever cannot be followed is missed by who verifies
        return found
    return found


def _have(files: Mapping[str, bytes], path: str) -> bytes:
    data = files.get(path)
    if data is None:
        raise refused(f"mirror/{path} is missing", hint=AGAIN)
    return data


def _signed(data: bytes, role: type[T], trust: TrustRoot, *, name: str) -> Metadata[T]:
    """Return the metadata of an online role after its signatures were verified."""
    metadata = read(data, role, name=name)
    keys = trust.keys_of(role.type)
    expected = ", ".join(trust.signers)
    refuse_strangers(metadata, {key.keyid for key in keys}, name=name)
    try:
        trust.root.verify_delegate(role.type, metadata.signed_bytes, metadata.signatures)
    except UnsignedMetadataError as error:
        found = provenance.identity_in(metadata) if trust.profile == KEYLESS else ""
        raise refused(
            f"{name} is not signed by whom you trust: expected {expected}"
            + (f", found {found}" if found and found not in expected else ", and the signature does not fit"),
            hint="Is it the catalog you mean, and the right --root? " + AGAIN,
        ) from error
    except Exception as error:  # a signature that cannot even be tried is none
        raise refused(f"{name} is not signed by whom you trust: its signature cannot be read") from error
    return metadata


def _facts(stamp: Metadata[Timestamp], *, name: str) -> dict[str, Any]:
    extra = extra_of(stamp.signed, name=name)
    match extra:
        case {"checked_at": str(checked), "ttl_seconds": int(ttl), "alert_seconds": int(alert), "run": dict(run)}:
            if (
                len(extra) == 4
                and _INSTANT.fullmatch(checked)
                and type(ttl) is type(alert) is int
                and 0 <= ttl <= alert <= _LONGEST
                and run.keys() == RUN_FILES
                and all(isinstance(digest, str) and _HEX.fullmatch(digest) for digest in run.values())
            ):
                try:
                    datetime.fromisoformat(checked)
                except ValueError:
                    pass
                else:
                    return {"checked_at": checked, "ttl_seconds": ttl, "alert_seconds": alert, "run": run}
    raise refused(f"{name} says when it was signed in a way that this tool does not know")


def _are_other_keys(trust: TrustRoot, known: Known) -> bool:
    """Tell whether a root since the remembered one has replaced the keys that sign the timestamp.

    Then what the old keys said counts no more, or a thief could have signed a sequence that nobody can ever pass (TUF
    specification, section 5.3.11).
    """
    return set(trust.root.roles["timestamp"].keyids) != set(own_root(known.root).root.roles["timestamp"].keyids)


def _refuse_rollback(sequence: int, stamp: bytes, known: Known) -> None:
    if sequence < known.sequence:
        raise refused(
            f"sequence {sequence} is older than {known.sequence}, which was accepted before",
            hint="Get the newest copy. Somebody may be offering you an old one.",
        )
    if sequence == known.sequence and hashlib.sha256(stamp).hexdigest() != known.timestamp_sha256:
        raise refused(
            f"sequence {sequence} was accepted before with another content: there are two of that number",
            hint="Ask whoever runs the catalog: its key may be used in two places, or be stolen.",
        )


def refuse_future(checked_at: str, as_of: datetime) -> None:
    """Raise ChoraError (exit 3) where it was signed after `as_of`: a clock that is behind tells no age."""
    ahead = datetime.fromisoformat(checked_at) - as_of
    if ahead > CLOCK_TOLERANCE:
        raise ChoraError(
            f"cannot tell: it was signed at {checked_at}, {spoken_age(ahead)} after the present time here",
            hint="Set the clock of this machine, or correct --as-of.",
            code=Exit.CANNOT_TELL,
        )


def _refuse_expired(signed: Root | Timestamp | Snapshot | Targets, what: str, *, as_of: datetime, hint: str) -> None:
    if signed.is_expired(as_of):
        ends = instant_text(signed.expires)
        raise ChoraError(
            f"cannot tell: {what} expired {spoken_age(as_of - signed.expires)} ago (it was valid until {ends})",
            hint=hint,
            code=Exit.CANNOT_TELL,
        )


def _refuse_version(found: int, named: int, *, name: str) -> None:
    if found != named:
        raise refused(f"{name} has the number {found}, and {named} is signed", hint=_MIXED)


def _pinned(files: Mapping[str, bytes], path: str, meta: MetaFile, *, name: str, by: str) -> bytes:
    if not meta.hashes or meta.hashes.keys() != {"sha256"} or meta.length is None:
        raise refused(f"{by} does not say what {name} is")
    data = files.get(path)
    if data is None:
        raise refused(f"mirror/{path} is missing, and {by} names it", hint=_MIXED)
    try:
        meta.verify_length_and_hashes(data)
    except LengthOrHashMismatchError as error:
        raise refused(f"{name} is not the one that {by} names", hint=_MIXED) from error
    return data


def _target(files: Mapping[str, bytes], target: TargetFile, name: str, *, most: int) -> tuple[bytes, str]:
    if target.hashes.keys() != {"sha256"} or not _HEX.fullmatch(target.hashes["sha256"]) or target.length > most:
        raise refused(f"the list of targets does not say what {name} is")
    path = f"targets/{target.hashes['sha256']}.{target.path}"
    data = files.get(path)
    if data is None:
        raise refused(f"mirror/{path} is missing, and the list of targets names it", hint=_MIXED)
    try:
        target.verify_length_and_hashes(data)
    except LengthOrHashMismatchError as error:
        raise refused(f"{name} does not match what was signed", hint=_MIXED) from error
    return data, path


def _refuse_more(files: Iterable[str], used: set[str], *, exact: bool) -> None:
    more = sorted(path for path in files if path not in used and (exact or not _STRAY.fullmatch(path)))
    if more:
        raise refused(
            f"mirror/{more[0]} is nothing that was signed" + (f", and {len(more) - 1} more" if more[1:] else ""),
            hint=AGAIN,
        )
