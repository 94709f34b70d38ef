"""Dates and times as people write them in records, and durations."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_DURATION = re.compile(r"([1-9][0-9]{0,5})(s|m|min|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}


def moment(text: str) -> datetime | None:
    """Return the start of the date or the time `text` (RFC 3339; without an offset it is UTC), or None."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_date(text: str) -> bool:
    """Tell whether `text` is a date without a time."""
    return "T" not in text


def has_offset(text: str) -> bool:
    """Tell whether `text` ends in Z or in an offset from UTC."""
    return text.endswith("Z") or text[-6:-5] in ("+", "-")


def day(text: str) -> date | None:
    """Return the UTC day of the date or time `text`, or None."""
    parsed = moment(text)
    return parsed.date() if parsed else None


def rfc3339(text: str) -> str:
    """Return the date as written, or the time in UTC with a final Z; what is neither is returned as it is."""
    parsed = moment(text)
    if parsed is None or is_date(text):
        return text
    return parsed.replace(tzinfo=None).isoformat() + "Z"


def duration(text: str) -> timedelta | None:
    """Return the duration `<n>(min|h|d|w)`, or None; the months or minutes of a bare `m` are anybody's guess."""
    return None if text.endswith(("m", "s")) else short_duration(text)


def short_duration(text: str) -> timedelta | None:
    """Return the duration `<n>(s|m|min|h|d|w)`, or None; in a registry, where nothing lasts months, `m` is minutes."""
    match = _DURATION.fullmatch(text)
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]]) if match else None
