"""The statement of provenance, signed and verified: in-toto in a DSSE envelope, or in a Sigstore bundle.

DSSE: github.com/secure-systems-lab/dsse, protocol.md. Statement: in-toto.io/Statement/v1.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, Final

from securesystemslib.dsse import Envelope
from securesystemslib.signer import Signer

from chora_catalog.edge.signing.roots import TrustRoot
from chora_catalog.edge.signing.strict import refused
from chora_catalog.model.trust import KEYLESS

if TYPE_CHECKING:
    from sigstore.verify import Verifier
    from tuf.api.metadata import Metadata

    from chora_catalog.edge.signing.bundles import Services

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://slsa.dev/provenance/v1"
_NAME: Final = "the statement of provenance"


def sign_statement(statement: bytes, signer: Signer) -> bytes:
    """Return the DSSE envelope of `statement`, signed by `signer`, in its one spelling."""
    envelope = Envelope(statement, PAYLOAD_TYPE, {})
    envelope.sign(signer)
    return _spelling(envelope.to_dict())


def verify_statement(data: bytes, trust: TrustRoot, *, index_sha256: str, verifier: Verifier | None) -> None:
    """Raise ChoraError (rejected) unless `data` is a signed statement about the index of that digest."""
    if trust.profile == KEYLESS and verifier is not None:
        from chora_catalog.edge.signing import identities

        payload = identities.verified_payload(data, trust, verifier)
    else:
        payload = _payload(data, trust)
    try:
        statement = json.loads(payload)
        kinds = (statement["_type"], statement["predicateType"])
        subjects = [(subject["name"], subject["digest"]["sha256"]) for subject in statement["subject"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise refused(f"{_NAME} is no in-toto statement") from error
    if kinds != (STATEMENT_TYPE, PREDICATE_TYPE):
        raise refused(f"{_NAME} is a statement of another kind")
    if subjects != [("index.json", index_sha256)]:
        raise refused(f"{_NAME} speaks of another index", hint="Parts of two generations were mixed.")


def _payload(data: bytes, trust: TrustRoot) -> bytes:
    """Return what the DSSE envelope `data` holds, after its signature was verified."""
    try:
        value = json.loads(data)
        if _spelling(value) != data or not _is_plain(value):
            raise refused(f"{_NAME} was changed after it was written")
        envelope = Envelope.from_dict(value)
        if envelope.payload_type != PAYLOAD_TYPE:
            raise refused(f"{_NAME} is a statement of another kind")
        envelope.verify(trust.keys_of("targets"), 1)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise refused(f"{_NAME} cannot be read") from error
    except Exception as error:
        from chora_catalog.errors import ChoraError

        if isinstance(error, ChoraError):
            raise
        raise refused(f"{_NAME} is not signed by whom you trust: expected {', '.join(trust.signers)}") from error
    payload: bytes = envelope.payload
    return payload


def _spelling(value: Any) -> bytes:
    return (json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n").encode("ascii")


def _is_plain(value: Any) -> bool:
    """Tell whether an envelope holds its fields alone, in the one spelling of base64."""
    if value.keys() != {"payload", "payloadType", "signatures"} or len(value["signatures"]) != 1:
        return False
    if value["signatures"][0].keys() != {"keyid", "sig"}:
        return False
    try:
        texts = (value["payload"], value["signatures"][0]["sig"])
        return all(base64.b64encode(base64.b64decode(text, validate=True)).decode() == text for text in texts)
    except binascii.Error:
        return False


def verifier_of(trust: TrustRoot) -> Verifier:
    """Return what verifies identities against the trusted root that `trust` carries."""
    from chora_catalog.edge.signing import identities

    return identities.verifier_of(trust)


def services_of(trust: TrustRoot) -> Services:
    """Return the services in the trusted root that `trust` carries."""
    from chora_catalog.edge.signing import identities

    return identities.services_of(trust)


def identity_in(metadata: Metadata[Any]) -> str:
    """Return whose certificate stands in the signature of `metadata`, in words; empty where it cannot be told."""
    from chora_catalog.edge.signing import identities

    return identities.identity_in(metadata)
