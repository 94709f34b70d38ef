"""How old a run record and each of its sources are at an instant.

Fresh is within the TTL, overdue is past the alert age or never read; what lies between is late. An index that is itself
past its alert age says nothing new about the sources that answered when it was built: then the index is what is
overdue, and of the sources only those that had not answered.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chora_catalog.model.alert import Ages, Overdue
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.ruling import Age
from chora_catalog.model.run import Run, SourceRun
from chora_catalog.model.source import Outcome
from chora_catalog.resolve.clock import instant

SKEW = timedelta(minutes=5)
"""How far clocks may disagree before an age is unknown."""


def age_of(built_at: str, as_of: datetime) -> timedelta | None:
    """Return how old a record built at `built_at` is at `as_of`, at least nothing.

    None when that cannot be told: the text is no instant, or lies more than five minutes in the future.
    """
    built = instant(built_at)
    if built is None or built - as_of > SKEW:
        return None
    return max(as_of - built, timedelta())


def age_word(age: timedelta | None, *, ttl: int, alert: int) -> Age:
    """Return what an age means; `ttl` and `alert` are seconds. One that cannot be told proves nothing."""
    if age is None or age > timedelta(seconds=alert):
        return Age.OVERDUE
    return Age.LATE if age > timedelta(seconds=ttl) else Age.FRESH


def ages(run: Run, as_of: datetime) -> Ages | None:
    """Return the sources of a run by their age at `as_of`; None when the record's own age cannot be told."""
    age = age_of(run.as_of, as_of)
    if age is None:
        return None
    index_is_old = age > timedelta(seconds=run.alert)
    overdue: list[Overdue] = []
    late: list[str] = []
    fresh: list[str] = []
    for source in sorted(run.sources, key=lambda source: source.name):
        limit = source.alert or run.alert
        answered = source.outcome in (Outcome.READ, Outcome.UNCHANGED)
        old = age_of(source.last_ok_at, as_of)
        past = old is not None and old > timedelta(seconds=limit)
        if not source.last_ok_at or (past and not (index_is_old and answered)):
            overdue.append(_overdue(source, limit))
        elif old is not None and old <= timedelta(seconds=source.ttl or run.ttl):
            fresh.append(source.name)
        else:
            late.append(source.name)
    return Ages(
        as_of=instant_text(as_of),
        built_at=run.as_of,
        alert=run.alert,
        index_alert_at=_after(run.as_of, run.alert) if index_is_old else "",
        overdue=tuple(overdue),
        late=tuple(late),
        fresh=tuple(fresh),
    )


def _overdue(source: SourceRun, limit: int) -> Overdue:
    return Overdue(
        source=source.name,
        last_ok_at=source.last_ok_at,
        alert=limit,
        alert_at=_after(source.last_ok_at, limit),
        error=source.error,
    )


def _after(text: str, seconds: int) -> str:
    moment = instant(text)
    return instant_text(moment + timedelta(seconds=seconds)) if moment else ""
