"""Onboarding: two clocks, no figure where nothing was measured, and never a shorter time than what happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.build.onboarding import business_seconds, onboarding, rank
from chora_catalog.model.catalog import Entry, First
from tests import sample_catalog

START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 90 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
FREE = frozenset({date(2026, 1, 6), date(2026, 2, 14)})


def by_minutes(began: datetime, ended: datetime, holidays: frozenset[date]) -> int:
    """The same, counted a minute at a time."""
    minutes, at = 0, began
    while at < ended:
        minutes += at.weekday() < 5 and 9 <= at.hour < 17 and at.date() not in holidays
        at += timedelta(minutes=1)
    return minutes * 60


@settings(max_examples=60, deadline=None)
@given(MOMENTS, MOMENTS, st.sampled_from([frozenset(), FREE]))
def test_business_hours_are_those_that_minutes_count(one: datetime, other: datetime, holidays: frozenset[date]) -> None:
    began, ended = sorted((one, other))
    assert business_seconds(began, ended, holidays) == by_minutes(began, ended, holidays)


@pytest.mark.parametrize(
    ("began", "ended", "hours"),
    [
        ("2026-11-02T09:00:00+00:00", "2026-11-02T17:00:00+00:00", 8),
        ("2026-11-06T16:00:00+00:00", "2026-11-09T10:00:00+00:00", 2),
        ("2026-11-07T00:00:00+00:00", "2026-11-08T23:00:00+00:00", 0),
        ("2026-11-02T12:00:00+00:00", "2026-11-02T11:00:00+00:00", 0),
        ("2026-11-02T18:00:00+09:00", "2026-11-02T10:00:00+00:00", 1),
        ("2020-01-06T00:00:00+00:00", "2026-01-05T00:00:00+00:00", 313 * 40),
    ],
)
def test_business_hours(began: str, ended: str, hours: int) -> None:
    assert business_seconds(datetime.fromisoformat(began), datetime.fromisoformat(ended)) == hours * 3600


def test_the_clocks_going_back_change_nothing() -> None:
    """Two instants are as far apart as they are, whatever the clocks on the wall said at each of them."""
    summer, winter = timezone(timedelta(hours=2)), timezone(timedelta(hours=1))
    friday, monday = datetime(2026, 10, 23, 18, 0, tzinfo=summer), datetime(2026, 10, 26, 11, 0, tzinfo=winter)
    assert business_seconds(friday, monday) == (1 + 1) * 3600


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 100))
def test_a_percentile_is_a_value_that_occurred(values: list[int], percent: int) -> None:
    values.sort()
    found = rank(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)


def entry(**first: str) -> Entry:
    found = next(item for item in sample_catalog.sample().entries if not item.manifest.imported)
    return replace(found, first=First(**first))


def test_nothing_measured_is_no_time_at_all() -> None:
    assert onboarding([]).p95 is None
    waiting = onboarding([entry(seen="2026-11-02T09:00:00Z")])
    assert (waiting.n, waiting.waiting, waiting.p95) == (0, 1, None)
    unknown = onboarding([entry(onboarded="2026-11-02T09:00:00Z")])
    assert (unknown.n, unknown.unknown, unknown.p95) == (0, 1, None)
    known = onboarding([entry(seen="2026-11-02T09:00:00Z", onboarded="2026-11-03T10:00:00Z")])
    assert (known.n, known.median, known.business_p95) == (1, 25 * 3600, 9 * 3600)
    later = onboarding([entry(seen="2020-01-01", registered="2026-11-03T09:00:00Z", onboarded="2026-11-03T10:00:00Z")])
    assert (later.n, later.p95, later.business_p95) == (1, 3600, 3600), (
        "an old repository begins where it is registered"
    )
    sooner = onboarding([entry(seen="2026-11-03T09:30:00Z", registered="2026-11-01", onboarded="2026-11-03T10:00:00Z")])
    assert sooner.p95 == 1800
    there = entry(seen="2026-11-02T09:00:00Z", onboarded="2026-11-03T10:00:00Z")
    there = replace(there, first=replace(there.first, from_start=True))
    assert (onboarding([there]).n, onboarding([there]).unknown) == (0, 1), "nobody can say since when"
    imported = entry(seen="2026-11-02T09:00:00Z", onboarded="2026-11-03T10:00:00Z")
    imported = replace(imported, manifest=replace(imported.manifest, dialect="puppet"))
    assert onboarding([imported]).n == 0
