"""An instant as this project writes it, everywhere in one form."""

from __future__ import annotations

from datetime import UTC, datetime


def instant_text(moment: datetime) -> str:
    """Return `moment` (aware) as RFC 3339 UTC in whole seconds: `2026-11-23T05:00:00Z`."""
    # strftime's %Y drops leading zeros of early years on some platforms; isoformat never does.
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
