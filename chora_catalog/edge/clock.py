"""The clock: the only module that asks what time it is. Everything else is told."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime, timedelta

from chora_catalog.errors import ChoraError, Exit

_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2}))?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_of(text: str | None) -> datetime:
    """Return the moment a command works at: aware, UTC, whole seconds.

    `text` is an RFC 3339 time or a date (midnight UTC); None means `SOURCE_DATE_EPOCH` of the environment
    (reproducible-builds.org/specs/source-date-epoch), else now. Raises ChoraError (exit 2) for anything else.
    """
    if text is not None:
        return _parse(text)
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch:
        return _from_epoch(epoch)
    return datetime.now(UTC).replace(microsecond=0)


def monotonic() -> float:
    """Return seconds from an arbitrary start that never go back: for deadlines and durations."""
    return time.monotonic()


def _parse(text: str) -> datetime:
    match = _MOMENT.fullmatch(text.strip())
    if match:
        date, clock, zone = match.groups()
        try:
            offset = "+00:00" if zone in (None, "Z", "z") else zone
            return datetime.fromisoformat(f"{date}T{clock or '00:00:00'}{offset}").astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise ChoraError(
        f"{text!r} is not a time.",
        hint="Write an RFC 3339 time such as 2026-11-23T05:00:00Z, or a date such as 2026-11-23 (midnight UTC).",
        code=Exit.USAGE,
    )


def _from_epoch(text: str) -> datetime:
    try:
        if not re.fullmatch(r"[0-9]{1,12}", text):
            raise ValueError
        return _EPOCH + timedelta(seconds=int(text))
    except (ValueError, OverflowError):
        raise ChoraError(
            f"SOURCE_DATE_EPOCH is {text!r}, which is not a number of seconds since 1970.",
            hint="Unset the variable, or set it to the output of: git log -1 --format=%ct",
            code=Exit.USAGE,
        ) from None
