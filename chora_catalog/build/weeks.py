"""The ledger by ISO week: how long sources were within their time to live, and what the runs of a week counted.

A run says how long each source stays within its TTL. Until the next run that is all that is known, so the time between
two runs counts as far as the first one's word goes and no further: a schedule that stops is no freshness. That is the
interval-weighted mean of the research notes (semantics, section 6). Weeks are ISO 8601, in UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.run import RunLine, SourceRun, WeekLine
from chora_catalog.resolve.clock import instant

KEPT = 58
"""Weeks, so that 400 days are covered whatever day it is."""
WEEK = timedelta(days=7)


def fresh_for(sources: Iterable[SourceRun], as_of: str) -> tuple[tuple[int, int], ...]:
    """Return (seconds left within the TTL, how many sources) at the instant `as_of`, the shortest first.

    A source that is past its TTL, or was never read, is not in it.
    """
    now = instant(as_of)
    left: Counter[int] = Counter()
    for source in sources:
        read = instant(source.last_ok_at)
        if now is not None and read is not None:
            left[source.ttl - round((now - read).total_seconds())] += 1
    return tuple(sorted((seconds, count) for seconds, count in left.items() if seconds >= 0))


def with_run(weeks: tuple[WeekLine, ...], before: RunLine | None, line: RunLine) -> tuple[WeekLine, ...]:
    """Return the weeks with the run `line` folded in; `before` is the run before it.

    Collecting begins with the first run that says how long its sources stay fresh. A run judged at an earlier instant
    than the one before it counts as one at that instant: nothing is watched twice.
    """
    at = instant(line.as_of)
    if at is None or line.fresh_for is None:
        return weeks
    weeks = until(weeks, before, at)
    at = max(at, _end(weeks) or at)
    name = week_of(at)
    last = (
        weeks[-1]
        if weeks and weeks[-1].week == name
        else WeekLine(week=name, since=instant_text(at), until=instant_text(at))
    )
    counted = replace(
        last,
        runs=last.runs + 1,
        seconds=last.seconds + line.seconds,
        longest=max(last.longest, line.seconds),
        valid=line.valid,
        manifests=line.manifests,
        errors=line.errors,
        warnings=line.warnings,
        notices=line.notices,
    )
    return (*(week for week in weeks if week.week != name), counted)[-KEPT:]


def until(weeks: tuple[WeekLine, ...], last: RunLine | None, moment: datetime) -> tuple[WeekLine, ...]:
    """Return the weeks watched up to `moment` on the word of the run `last`; weeks without a run are among them.

    Where that run does not say how long its sources stay fresh, none of the time counts as within.
    """
    start = _end(weeks)
    began = instant(last.as_of) if last else None
    if start is None or last is None or began is None or moment <= start:
        return weeks
    found = {week.week: week for week in weeks}
    opening = max(week_start(start), week_start(moment) - (KEPT - 1) * WEEK)
    while opening < moment:
        left, right = max(opening, start), min(opening + WEEK, moment)
        name = week_of(opening)
        old = found.get(name) or WeekLine(week=name, since=instant_text(left), until=instant_text(left))
        found[name] = replace(
            old,
            until=instant_text(right),
            watched=old.watched + last.sources * _seconds(right - left),
            within=old.within + _within(last.fresh_for or (), began, left, right),
        )
        opening += WEEK
    return tuple(found[name] for name in sorted(found))[-KEPT:]


def is_complete(week: WeekLine) -> bool:
    """Tell whether the week was watched from its first instant to its last."""
    since, end = instant(week.since), instant(week.until)
    return since is not None and end is not None and end - since >= WEEK


def week_of(moment: datetime) -> str:
    """Return the ISO week of an instant: `2026-W47`."""
    year, week, _ = moment.astimezone(UTC).isocalendar()
    return f"{year}-W{week:02}"


def week_start(moment: datetime) -> datetime:
    """Return the first instant of the ISO week of an instant, UTC."""
    year, week, _ = moment.astimezone(UTC).isocalendar()
    monday = date.fromisocalendar(year, week, 1)
    return datetime(monday.year, monday.month, monday.day, tzinfo=UTC)


def _within(left: Iterable[tuple[int, int]], began: datetime, start: datetime, end: datetime) -> int:
    """Return the source-seconds between `start` and `end` that lie within the TTLs as they stood at `began`."""
    total = 0
    for seconds, count in left:
        over = min(end, began + timedelta(seconds=seconds))
        total += count * max(0, _seconds(over - start))
    return total


def _end(weeks: tuple[WeekLine, ...]) -> datetime | None:
    return instant(weeks[-1].until) if weeks else None


def _seconds(length: timedelta) -> int:
    return round(length.total_seconds())
