"""Metadata read strictly: only the bytes that our own writer would make of it.

TUF verifies the meaning of metadata and lets its spelling be: white space, letter case of a signature, signatures of
strangers. What a reader accepts here has one spelling, so that no byte of it can change unseen.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, TypeVar

from tuf.api.metadata import Metadata, Root, Signed, Snapshot, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

from chora_catalog.errors import ChoraError, Exit

T = TypeVar("T", Root, Timestamp, Snapshot, Targets)

LIMITS: Final = {"root": 512 * 2**10, "timestamp": 64 * 2**10, "snapshot": 64 * 2**10, "targets": 64 * 2**10}
"""Bytes of the largest metadata of each role that is looked at."""
EXTRA: Final = "x-chora"
"""The signed field of ours in root and timestamp."""
_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}")
_WRITER: Final = JSONSerializer(compact=True)
AGAIN: Final = "Get the file again from where it is published; if it stays like this, ask whoever publishes it."


def write(metadata: Metadata[Any]) -> bytes:
    """Return the one spelling of `metadata`."""
    return _WRITER.serialize(metadata)


def refused(why: str, *, hint: str = AGAIN, code: Exit = Exit.NO) -> ChoraError:
    """Return the refusal of a publication, in one sentence."""
    return ChoraError(f"rejected: {why}", hint=hint, code=code)


def read(data: bytes, role: type[T], *, name: str) -> Metadata[T]:
    """Return the metadata of `role` that `data` is, its signatures not yet verified; `name` is how to call it.

    Raise ChoraError (rejected) unless it is exactly what `write` makes of it, without a signature in another spelling
    than that of its kind.
    """
    if len(data) > LIMITS[role.type]:
        raise refused(f"{name} has {len(data)} bytes, more than such a file ever has")
    try:
        metadata = Metadata[T].from_bytes(data)
        is_canonical = write(metadata) == data and _has_plain_signatures(json.loads(data))
    except Exception as error:  # hostile bytes raise what they like in a parser; all of it means the same
        raise refused(f"{name} is no signed metadata") from error
    if not isinstance(metadata.signed, role):
        raise refused(f"{name} is metadata of another role ({metadata.signed.type})")
    if not is_canonical:
        raise refused(f"{name} was changed after it was written")
    return metadata


def _has_plain_signatures(value: Any) -> bool:
    if value.keys() != {"signatures", "signed"} or not value["signatures"]:
        return False
    for signature in value["signatures"]:
        names = signature.keys()
        if names == {"keyid", "sig"}:
            if not _SIGNATURE.fullmatch(signature["sig"]):
                return False
        elif (
            names != {"keyid", "sig", "bundle"}
            or signature["bundle"].get("messageSignature", {}).get("signature") != signature["sig"]
        ):
            return False
    return True


def refuse_strangers(metadata: Metadata[Any], keyids: set[str], *, name: str) -> None:
    """Raise ChoraError (rejected) where a signature of `metadata` is by none of `keyids`."""
    strangers = metadata.signatures.keys() - keyids
    if strangers:
        raise refused(
            f"{name} is signed by a key that is not trusted ({sorted(strangers)[0][:8]})",
            hint="Is it the catalog you mean, and the right --root? If its keys were changed, ask for its new root.",
        )


def extra_of(signed: Signed, *, name: str) -> dict[str, Any]:
    """Return our signed field of `signed`; raise ChoraError (rejected) where it is missing."""
    extra = signed.unrecognized_fields.get(EXTRA)
    if not isinstance(extra, dict) or signed.unrecognized_fields.keys() != {EXTRA}:
        raise refused(f"{name} was not written by this tool")
    return extra
