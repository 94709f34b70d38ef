"""What an imported mirror remembers, so that nobody can lead it back or swap its root."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

SCHEMA: Final = "chora.imported-mirror/v1"
MOST_ROLLBACKS: Final = 100
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_DECISION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")
_FIELDS: Final = {
    "bundle_sha256",
    "imported_at",
    "rollbacks",
    "root",
    "schema",
    "sequence",
    "timestamp_sha256",
}


class NotARecordError(ValueError):
    """Bytes that are no record of an imported mirror."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """A step back that somebody allowed: from which sequence, to which, when, and by which decision."""

    after: int
    to: int
    at: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The last import: its sequence, the SHA-256 of its timestamp, its newest root. Instants are RFC 3339 UTC."""

    sequence: int
    timestamp_sha256: str
    root: bytes = field(repr=False)
    imported_at: str
    bundle_sha256: str
    rollbacks: tuple[Rollback, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the record as it stands in mirror.json."""
        value = {
            "schema": SCHEMA,
            "sequence": self.sequence,
            "timestamp_sha256": self.timestamp_sha256,
            "imported_at": self.imported_at,
            "bundle_sha256": self.bundle_sha256,
            "rollbacks": [
                {"after": line.after, "to": line.to, "at": line.at, "decision": line.decision}
                for line in self.rollbacks[-MOST_ROLLBACKS:]
            ],
            "root": base64.b64encode(self.root).decode("ascii"),
        }
        return (json.dumps(value, indent=1) + "\n").encode("ascii")

    @classmethod
    def from_bytes(cls, data: bytes) -> Imported:
        """Return the record that `data` is; raise NotARecordError where it is none."""
        try:
            value = json.loads(data)
            found = cls(
                sequence=value["sequence"],
                timestamp_sha256=value["timestamp_sha256"],
                root=base64.b64decode(value["root"], validate=True),
                imported_at=value["imported_at"],
                bundle_sha256=value["bundle_sha256"],
                rollbacks=tuple(Rollback(**line) for line in value["rollbacks"]),
            )
            whole = value.keys() == _FIELDS and value["schema"] == SCHEMA and found.to_bytes() == data
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise NotARecordError("it is not what `chora mirror import` writes") from error
        if not whole or not _is_sound(found):
            raise NotARecordError("it is not what `chora mirror import` writes")
        return found


def is_decision(text: Any) -> bool:
    """Tell whether `text` can be the id of a decision."""
    return isinstance(text, str) and _DECISION.fullmatch(text) is not None


def _is_sound(record: Imported) -> bool:
    # What came out of JSON may be of any type, whatever the noun says.
    digests: tuple[Any, ...] = (record.timestamp_sha256, record.bundle_sha256)
    return (
        _is_sequence(record.sequence)
        and all(isinstance(digest, str) and _HEX.fullmatch(digest) for digest in digests)
        and _is_instant(record.imported_at)
        and all(
            _is_sequence(line.after) and _is_sequence(line.to) and _is_instant(line.at) and is_decision(line.decision)
            for line in record.rollbacks
        )
    )


def _is_sequence(value: Any) -> bool:
    return type(value) is int and value >= 1


def _is_instant(text: Any) -> bool:
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
