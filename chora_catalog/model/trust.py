"""What the signatures of a publication say, once they are verified, and how old that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

KEY: Final = "key"
"""The profile in which an ed25519 key signs."""
KEYLESS: Final = "keyless"
"""The profile in which an identity of an OIDC issuer signs, through Sigstore."""
PROFILES: Final = (KEY, KEYLESS)


class Freshness(StrEnum):
    """How old what was signed is: within its TTL, past it, past its alert age, or past the end of its validity."""

    FRESH = "fresh"
    STALE = "stale"
    ALERT = "alert"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """The head of a signed publication after every signature in it was verified. Instants are RFC 3339 UTC."""

    sequence: int
    """The version of the timestamp: it grows with each signing."""
    checked_at: str
    expires_at: str
    ttl_seconds: int
    alert_seconds: int
    profile: str
    signer: str
    """Who signed: the first digits of a key's id, or an identity and its issuer."""
    root_version: int
    root: bytes = field(repr=False)
    """The newest root of the chain that begins with the reader's."""
    root_sha256: str
    timestamp_sha256: str
    index: bytes = field(repr=False)
    index_sha256: str
    run: Mapping[str, str]
    """SHA-256 of the run record's files by path; they stand outside of the index."""

    def age_at(self, as_of: datetime) -> timedelta:
        """Return how long ago it was signed; nothing where a clock is a little behind."""
        return max(as_of - datetime.fromisoformat(self.checked_at), timedelta())

    def freshness_at(self, as_of: datetime) -> Freshness:
        """Return how old it is at `as_of` (aware). An age that equals a limit is still within it."""
        if as_of >= datetime.fromisoformat(self.expires_at):
            return Freshness.EXPIRED
        age = self.age_at(as_of).total_seconds()
        if age <= self.ttl_seconds:
            return Freshness.FRESH
        return Freshness.STALE if age <= self.alert_seconds else Freshness.ALERT


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a reader remembers of the last publication it accepted, so that nobody can lead it back."""

    sequence: int
    root: bytes = field(repr=False)
    timestamp_sha256: str


def spoken_age(age: timedelta) -> str:
    """Return a length of time in words, its two largest units: `41 s`, `12 min`, `3 h 5 min`, `2 d 3 h`."""
    seconds = int(age.total_seconds())
    for length, unit, below, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= length:
            rest = seconds % length // below
            return f"{seconds // length} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"
