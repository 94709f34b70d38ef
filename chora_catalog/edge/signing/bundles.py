"""Sigstore bundles in one spelling.

A bundle holds more than is verified: second proofs of the same time, signatures of witnesses, names of what was already
told by a digest. What proves nothing is left out when it is written, and refused when it is read, so that no byte
changes unseen. One thing stays: in a timestamp of an authority (which only version 2 of the log needs) the name of the
signature's own algorithm, which the library does not show.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Set as AbstractSet
from typing import Any, Final

from sigstore.models import Bundle

_DASH: Final = "\u2014 "


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


def read_bundle(value: Any, log_ids: AbstractSet[str]) -> Bundle:
    """Return the Sigstore bundle of the JSON `value`; raise an exception of any kind where it is not tidy.

    `log_ids` are the ids (base64) of the logs in the trusted root.
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
        or entry["logId"]["keyId"] not in log_ids
        or (message is not None and message["messageDigest"]["algorithm"] != "SHA2_256")
    ):
        raise ValueError("the bundle was changed after it was written")
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
