"""What is said of a signed catalog that was carried: one line with its age, and a warning where that is high."""

from __future__ import annotations

from datetime import datetime

from chora_catalog.errors import Exit
from chora_catalog.model.imported import Rollback
from chora_catalog.model.trust import Freshness, Trusted, spoken_age


def carried_line(what: str, trusted: Trusted, files: int, size: int, as_of: datetime) -> str:
    """Return the line about a catalog that was read whole: `what` was done, by whom it is signed, how old and large."""
    return f"OK, {what}{_signed(trusted, as_of)}, {files} files, {_size(size)}"


def status_line(trusted: Trusted, as_of: datetime) -> str:
    """Return the line about a catalog that stands: its freshness in one word, by whom it is signed, how old."""
    return f"{trusted.freshness_at(as_of)}: {_signed(trusted, as_of)}"


def warning_line(trusted: Trusted, as_of: datetime) -> str:
    """Return what is to be said of its age; empty where it is fresh."""
    limits = f"ttl {_minutes(trusted.ttl_seconds)}, alert {_minutes(trusted.alert_seconds)}"
    age = spoken_age(trusted.age_at(as_of))
    match trusted.freshness_at(as_of):
        case Freshness.FRESH:
            return ""
        case Freshness.STALE:
            return f"warning: stale: last confirmed {age} ago ({limits})"
        case Freshness.ALERT:
            return f"warning: past its alert age: last confirmed {age} ago ({limits}); nothing in it counts as a pass"
        case Freshness.EXPIRED:
            return (
                f"warning: expired: it was valid until {trusted.expires_at}; what was imported can be read as history, "
                "and nothing in it counts as a pass"
            )


def rollback_line(back: Rollback) -> str:
    """Return the line about a step back that was allowed."""
    return f"Gone back from sequence {back.after} to {back.to} by {back.decision}; mirror.json remembers it"


def status_exit(trusted: Trusted, as_of: datetime) -> Exit:
    """Return the exit code of its age: 0 within the alert age, else 3."""
    word = trusted.freshness_at(as_of)
    return Exit.YES if word in (Freshness.FRESH, Freshness.STALE) else Exit.CANNOT_TELL


def _signed(trusted: Trusted, as_of: datetime) -> str:
    age = spoken_age(trusted.age_at(as_of))
    return f"signed by {trusted.signer} at {trusted.checked_at}, {age} old, sequence {trusted.sequence}"


def _minutes(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{size / 1e3:.1f} kB"
