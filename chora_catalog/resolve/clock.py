"""Instants in data against the instant a build judges at. Nothing here knows what time it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def instant(text: str, *, end: bool = False) -> datetime | None:
    """Return the aware UTC instant that an RFC 3339 date or date-time means; None when `text` is neither.

    A bare date means its first moment, or (with `end`) the first moment after it: a deadline holds all day. A time
    without a zone is UTC.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    bare = len(text) == len("2026-11-23")
    return moment.astimezone(UTC) + (timedelta(days=1) if end and bare else timedelta())


def passed(text: str, as_of: datetime, *, end: bool = False) -> bool:
    """Tell whether the instant `text` has come by `as_of`. Text that is no instant never has."""
    moment = instant(text, end=end)
    return moment is not None and moment <= as_of
