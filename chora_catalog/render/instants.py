"""Instants as pages show them. Words for age are made in the browser; here is what stands without it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from chora_catalog.render.text import some

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SPAN = re.compile(r"(\d{1,6})\s*(s|min|h|d|w)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}


def instant(text: str) -> str:
    """Return `text` as RFC 3339 UTC when it is an instant or a date, else empty. A date holds until its end."""
    try:
        if _DAY.fullmatch(text):
            return f"{date.fromisoformat(text).isoformat()}T23:59:59Z"
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"
    except (ValueError, OverflowError):
        return ""
    return ""


def moment(text: str) -> str:
    """Return `text` as RFC 3339 UTC when it is an instant or a date, else empty. A date is its first moment."""
    known = instant(text)
    return f"{known[:10]}T00:00:00Z" if _DAY.fullmatch(text) and known else known


def day(text: str) -> str:
    """Return the day of an instant or date, the text itself when it is neither."""
    return instant(text)[:10] or text


def minute(text: str) -> str:
    """Return `2026-11-22 12:00 UTC`, the text itself when it is no instant."""
    known = instant(text)
    return f"{known[:10]} {known[11:16]} UTC" if known else text


def weekday(text: str) -> str:
    """Return the English weekday of an instant or date, empty when it is neither."""
    known = instant(text)
    return _WEEKDAYS[date.fromisoformat(known[:10]).weekday()] if known else ""


def span(seconds: int) -> str:
    """Return a duration in the largest unit that divides it, up to 90 minutes in minutes: `90 minutes`, `2 hours`."""
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % size == 0 and seconds >= size and (size == 60 or seconds > 5400):
            count = seconds // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def hours(seconds: int) -> str:
    """Return a measured time in hours, begun ones counted: a target is held against it. `1 hour`, `31 hours`."""
    return some(-(-seconds // 3600), "hour")


def seconds(text: str) -> int:
    """Return a duration such as `90d` in seconds, 0 when it is none."""
    match = _SPAN.fullmatch(text.strip())
    return int(match[1]) * _SECONDS[match[2]] if match else 0
