"""The head of a publication, made: statement, targets, snapshot and timestamp over one index.

A head whose index stays is signed anew with a timestamp alone: the rest is carried, byte for byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from securesystemslib.signer import Key, Signer
from tuf.api.exceptions import UnsignedMetadataError
from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp

from chora_catalog.edge.signing.roots import TrustRoot, spoken
from chora_catalog.edge.signing.strict import EXTRA, write
from chora_catalog.edge.signing.verifying import TIMESTAMP
from chora_catalog.errors import ChoraError
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.trust import Trusted

TIMESTAMP_DAYS: Final = 7
CONTENT_DAYS: Final = 90
RENEWED_DAYS: Final = 30
"""With fewer days left, targets and snapshot are signed anew although nothing in them changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineSigner:
    """What signs a catalog: `metadata` for the roles of TUF, `statement` for the statement of provenance."""

    metadata: Signer
    statement: Callable[[bytes], bytes]

    @property
    def key(self) -> Key:
        """Return its public key."""
        key: Key = self.metadata.public_key
        return key


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a timestamp says: when it was signed, how long that counts as fresh, and the digests of the run record."""

    as_of: datetime
    ttl_seconds: int
    alert_seconds: int
    run: Mapping[str, str] = field(default_factory=dict)


def sign_head(
    *,
    trust: TrustRoot,
    roots: Mapping[str, bytes],
    signer: OnlineSigner,
    index: bytes,
    statement: Callable[[], bytes],
    facts: Facts,
    before: Mapping[str, bytes],
    accepted: Trusted | None,
) -> dict[str, bytes]:
    """Return the files of the head below `mirror/` by path.

    `roots` are the files of the whole chain that ends with `trust`; `before` is the head that stands and `accepted`
    what `verify_metadata` said of it, both empty for a first one. `statement` makes the statement, where one is needed.
    Raise ChoraError (usage) where `signer` may not sign for `trust`, or time would go back.
    """
    if signer.key.keyid not in trust.root.roles["timestamp"].keyids:
        raise ChoraError(
            f"{spoken(signer.key)} may not sign this catalog: its root names {', '.join(trust.signers)}",
            hint="Use the trust folder of this catalog, or change the keys with: chora trust rotate",
        )
    as_of = facts.as_of.astimezone(UTC)
    if accepted is not None and as_of < datetime.fromisoformat(accepted.checked_at):
        raise ChoraError(
            f"it was signed at {accepted.checked_at}, which is after the present time here ({instant_text(as_of)})",
            hint="Set the clock of this machine, or correct --as-of.",
        )
    files = dict(roots)
    kept = _kept(before, accepted, trust, index=index, as_of=as_of)
    if kept is None:
        kept = _content(before, accepted, signer, index=index, statement=statement(), as_of=as_of)
    files |= kept
    number, snapshot = next(_versioned(kept, "snapshot"))
    stamp = Timestamp(
        version=(accepted.sequence if accepted else 0) + 1,
        expires=as_of + timedelta(days=TIMESTAMP_DAYS),
        snapshot_meta=_meta(number, snapshot),
        unrecognized_fields={
            EXTRA: {
                "checked_at": instant_text(as_of),
                "ttl_seconds": facts.ttl_seconds,
                "alert_seconds": facts.alert_seconds,
                "run": dict(facts.run),
            }
        },
    )
    files[TIMESTAMP] = _sign(stamp, signer)
    return files


def _kept(
    before: Mapping[str, bytes], accepted: Trusted | None, trust: TrustRoot, *, index: bytes, as_of: datetime
) -> dict[str, bytes] | None:
    """Return the part of the head that stands for as long as its content does, None where it must be made anew."""
    if accepted is None or accepted.index != index or accepted.root != trust.data:
        return None
    soon = as_of + timedelta(days=RENEWED_DAYS)
    kept = {path: data for path, data in before.items() if path != TIMESTAMP and not path.endswith(".root.json")}
    for role in ("snapshot", "targets"):
        for _, data in _versioned(kept, role):
            if Metadata[Any].from_bytes(data).signed.is_expired(soon):
                return None
    return kept


def _content(
    before: Mapping[str, bytes],
    accepted: Trusted | None,
    signer: OnlineSigner,
    *,
    index: bytes,
    statement: bytes,
    as_of: datetime,
) -> dict[str, bytes]:
    expires = as_of + timedelta(days=CONTENT_DAYS)
    signed = signer.statement(statement)
    targets = Targets(
        version=_after(before, "targets") if accepted else 1,
        expires=expires,
        targets={
            name: TargetFile(len(data), {"sha256": hashlib.sha256(data).hexdigest()}, name)
            for name, data in (("index.json", index), ("provenance.json", signed))
        },
    )
    targets_bytes = _sign(targets, signer)
    snapshot = Snapshot(
        version=_after(before, "snapshot") if accepted else 1,
        expires=expires,
        meta={"targets.json": _meta(targets.version, targets_bytes)},
    )
    return {
        f"targets/{hashlib.sha256(index).hexdigest()}.index.json": index,
        f"targets/{hashlib.sha256(signed).hexdigest()}.provenance.json": signed,
        f"metadata/{targets.version}.targets.json": targets_bytes,
        f"metadata/{snapshot.version}.snapshot.json": _sign(snapshot, signer),
    }


def _sign(signed: Timestamp | Snapshot | Targets, signer: OnlineSigner) -> bytes:
    metadata: Metadata[Any] = Metadata(signed)
    try:
        metadata.sign(signer.metadata)
    except UnsignedMetadataError as error:
        # tuf wraps whatever a signer says; what ours says is meant for people.
        if isinstance(error.__cause__, ChoraError):
            raise error.__cause__ from error
        raise
    return write(metadata)


def _meta(version: int, data: bytes) -> MetaFile:
    return MetaFile(version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})


def _versioned(files: Mapping[str, bytes], role: str) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the bytes of each `metadata/<n>.<role>.json`."""
    for path, data in files.items():
        name = path.removeprefix("metadata/")
        if name != path and name.endswith(f".{role}.json"):
            yield int(name.split(".")[0]), data


def _after(files: Mapping[str, bytes], role: str) -> int:
    return max(number for number, _ in _versioned(files, role)) + 1
