"""The instant a command judges at."""

from __future__ import annotations

from datetime import datetime

from chora_catalog.edge import clock


def moment(text: str | None) -> datetime:
    """Return the instant of `--as-of` (RFC 3339, or a date), else SOURCE_DATE_EPOCH, else now; aware, UTC.

    Raise ChoraError (usage) for text that is no instant.
    """
    return clock.as_of(text)
