"""Sigstore bundles in one spelling.

A bundle holds more than is verified: second proofs of the same time, signatures of witnesses, names of what was already
told by a digest. What proves nothing is left out when it is written, and refused when it is read, so that no bit
changes unseen. A timestamp of an authority, which only version 2 of the log needs, is held to its form apart.

What stays is another value that counts as much, and decides nothing: an ECDSA signature (r, s) of a log or an authority
has the twin (r, n - s), which anybody can compute.
"""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import dataclass
from typing import Any, Final

from sigstore.models import Bundle

from chora_catalog.edge.signing.timestamps import check_timestamp

_DASH: Final = "\u2014 "


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a trusted root says of its services: ids (base64) of logs, chains (DER) of timestamp authorities."""

    log_ids: frozenset[str]
    authorities: tuple[tuple[bytes, ...], ...]


def tidy(value: Any) -> Any:
    """Return the JSON of a bundle without what proves nothing."""
    bundle = copy.deepcopy(value)
    material = bundle["verificationMaterial"]
    (entry,) = material["tlogEntries"]
    if entry.get("inclusionPromise"):
        # The log's own time is promised, and one time is asked for.
        material.pop("timestampVerificationData", None)
    else:
        stamps = material["timestampVerificationData"]
        stamps["rfc3161Timestamps"] = stamps["rfc3161Timestamps"][:1]
    checkpoint = entry["inclusionProof"]["checkpoint"]
    body, signatures = _parts(checkpoint["envelope"])
    checkpoint["envelope"] = body + "".join(line for line in signatures if line.startswith(_DASH + _origin(body)))
    return bundle


def read_bundle(value: Any, services: Services) -> Bundle:
    """Return the Sigstore bundle of the JSON `value`; raise an exception of any kind where it is not tidy.

    `services` are those of the trusted root that it will be verified against.
    """
    bundle = Bundle.from_json(json.dumps(value))
    if json.loads(bundle.to_json()) != value or tidy(value) != value:
        raise ValueError("the bundle was changed after it was written")
    (entry,) = value["verificationMaterial"]["tlogEntries"]
    proof = entry["inclusionProof"]
    message = value.get("messageSignature")
    if (
        len(_parts(proof["checkpoint"]["envelope"])[1]) != 1
        or not (entry.get("inclusionPromise") or entry["logIndex"] == proof["logIndex"])
        or entry["logId"]["keyId"] not in services.log_ids
        or (message is not None and message["messageDigest"]["algorithm"] != "SHA2_256")
    ):
        raise ValueError("the bundle was changed after it was written")
    for stamp in value["verificationMaterial"].get("timestampVerificationData", {}).get("rfc3161Timestamps", ()):
        check_timestamp(base64.b64decode(stamp["signedTimestamp"]), services.authorities)
    return bundle


def _parts(envelope: str) -> tuple[str, list[str]]:
    """Return the signed part of a checkpoint with the empty line after it, and the lines of signatures.

    Format: a signed note (pkg.go.dev/golang.org/x/mod/sumdb/note).
    """
    body, _, rest = envelope.partition("\n\n")
    return f"{body}\n\n", rest.splitlines(keepends=True)


def _origin(body: str) -> str:
    """Return the name of the log that a checkpoint is of, as its own signature repeats it."""
    return body.split("\n")[0].split(" - ")[0] + " "
