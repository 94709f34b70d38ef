"""What the signatures say, for pages: unsigned, and made anew from the signed metadata whenever it changes."""

from __future__ import annotations

from chora_catalog.model.trust import Trusted
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.script import script_json

SCHEMA = "chora.trust/v1"


def trust_files(trusted: Trusted) -> dict[str, bytes]:
    """Return `mirror/trust.json`, and `mirror/trust.js` for pages opened from a disk (`window.choraTrust`)."""
    facts = {
        "schema": SCHEMA,
        "sequence": trusted.sequence,
        "checked_at": trusted.checked_at,
        "expires_at": trusted.expires_at,
        "ttl_seconds": trusted.ttl_seconds,
        "alert_seconds": trusted.alert_seconds,
        "profile": trusted.profile,
        "signer": trusted.signer,
        "root_version": trusted.root_version,
        "root_sha256": trusted.root_sha256,
        "index_sha256": trusted.index_sha256,
        "timestamp_sha256": trusted.timestamp_sha256,
    }
    script = f"window.choraTrust = {script_json(facts, indent=1)};\n"
    return {"mirror/trust.json": json_bytes(facts), "mirror/trust.js": script.encode()}
