"""How long a capability took from its first commit to being found with an owner whom somebody can reach.

The clause is the plan's ("New Project Onboarding"): at most 24 hours on the clock, and at most 8 business hours for 95
of 100. It begins with the first commit that declared the id, or with the last publication that did not know its source
where that was later: what is measured is never shorter than what happened, and longer by one build at most. It ends
with the first publication that held the capability with an owner, a contact, and no error. Two clocks are kept apart:
the wall's, and business hours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from chora_catalog.model.catalog import Entry
from chora_catalog.resolve.clock import instant

OPENS, CLOSES = 9, 17
"""The hours of a business day, UTC; Monday to Friday."""
WALL_TARGET: Final = 24 * 3600
BUSINESS_TARGET: Final = 8 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Onboarding:
    """One capability's way in, in seconds of both clocks."""

    id: str
    wall: int
    business: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Onboarded:
    """All of a catalog: how many are in, how many are not yet, and how many nobody can say it of.

    The figures (seconds) are None where nothing was measured: nobody onboarded is not onboarded in no time.
    """

    n: int
    waiting: int
    unknown: int
    """In, and nobody can say since when: there when the catalog began, or of a source with `versions: head`."""
    median: int | None = None
    p95: int | None = None
    business_median: int | None = None
    business_p95: int | None = None


def onboarding(entries: Iterable[Entry], *, holidays: Collection[date] = ()) -> Onboarded:
    """Return how the own manifests of `entries` came in; an imported one is not in before its owner adopts it."""
    waiting = unknown = 0
    found: list[Onboarding] = []
    for entry in entries:
        if entry.manifest.imported:
            continue
        seen, registered = instant(entry.first.seen), instant(entry.first.registered)
        ended = instant(entry.first.onboarded)
        if ended is None:
            waiting += 1
        elif seen is None or entry.first.from_start:
            unknown += 1
        else:
            began = max(seen, registered or seen)
            wall = max(0, round((ended - began).total_seconds()))
            found.append(Onboarding(id=entry.id, wall=wall, business=business_seconds(began, ended, holidays)))
    walls, hours = sorted(item.wall for item in found), sorted(item.business for item in found)
    return Onboarded(
        n=len(found),
        waiting=waiting,
        unknown=unknown,
        median=rank(walls, 50),
        p95=rank(walls, 95),
        business_median=rank(hours, 50),
        business_p95=rank(hours, 95),
    )


def rank(values: list[int], percent: int) -> int | None:
    """Return the nearest-rank percentile of sorted `values`: a value that occurred, and none for nothing."""
    return values[max(0, -(-percent * len(values) // 100) - 1)] if values else None


def business_seconds(began: datetime, ended: datetime, holidays: Collection[date] = ()) -> int:
    """Return the business seconds between two aware instants; 0 where the second is not later."""
    began, ended = began.astimezone(UTC), ended.astimezone(UTC)
    total = 0
    day = began.date()
    # Whole weeks first: years may lie between a first commit and a first publication.
    if not holidays and ended - began > timedelta(days=14):
        weeks = (ended - began).days // 7 - 1
        total = weeks * 5 * (CLOSES - OPENS) * 3600
        began += timedelta(weeks=weeks)
        day = began.date()
    while day <= ended.date():
        if day.weekday() < 5 and day not in holidays:
            opens = datetime(day.year, day.month, day.day, OPENS, tzinfo=UTC)
            inside = min(ended, opens + timedelta(hours=CLOSES - OPENS)) - max(began, opens)
            total += max(0, round(inside.total_seconds()))
        day += timedelta(days=1)
    return total
