"""How long an end should be announced, and that it then comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chora_catalog.model.breaks import Break
from chora_catalog.model.verdict import Verdict
from chora_catalog.resolve.deprecation import ENOUGH, earliest_removal, repair_days, suggested_window
from tests.properties.test_compat import consumer, judged, provider, world

DAYS = st.integers(min_value=0, max_value=400)


@pytest.mark.parametrize(
    ("stability", "days"), [("stable", 90), ("", 90), ("beta", 30), ("alpha", 0), ("draft", 0), ("experimental", 0)]
)
def test_the_window_follows_the_stability(stability: str, days: int) -> None:
    assert suggested_window(stability) == days
    assert earliest_removal(datetime(2026, 11, 1, 12, tzinfo=UTC), 90) == "2027-01-30"


@pytest.mark.parametrize(
    ("stability", "repairs", "days"),
    [
        ("stable", [400] * 4, 90),  # four say nothing yet
        ("stable", [1] * 5, 90),  # quick dependents take nothing from what was promised
        ("stable", [45] * 5, 90),
        ("stable", [46] * 5, 120),
        ("beta", [10, 10, 10, 10, 16], 60),  # the nearest rank of five is the fifth
        ("alpha", [1] * 9 + [300], 30),  # of ten the ninth: one that was very slow does not count
        ("alpha", [0] * 5, 0),
    ],
)
def test_slow_dependents_get_more_time(stability: str, repairs: list[int], days: int) -> None:
    assert suggested_window(stability, repairs) == days


@given(st.sampled_from(["stable", "beta", "alpha"]), st.lists(DAYS, max_size=30))
def test_the_window_is_never_shorter_and_gives_nine_of_ten_twice_their_time(stability: str, repairs: list[int]) -> None:
    days = suggested_window(stability, repairs)
    assert days >= suggested_window(stability)
    assert suggested_window(stability, repairs[::-1]) == days, "order says nothing"
    if len(repairs) >= ENOUGH:
        assert sum(2 * repair <= days for repair in repairs) * 10 >= len(repairs) * 9


def test_from_its_sunset_on_a_provider_breaks_whoever_still_depends_on_it() -> None:
    going = replace(provider("1.0.0"), is_deprecated=True, sunset_at="2026-12-01")
    last = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    before, after = (
        judged(consumer(), replace(world(going), as_of=moment)) for moment in (last, last + timedelta(seconds=1))
    )
    assert (before.verdict, before.rule) == (Verdict.DEPRECATED, "provider-deprecated")
    assert (after.verdict, after.rule) == (Verdict.BREAKING, "provider-sunset")


def test_only_what_was_repaired_says_how_long_it_took() -> None:
    def broke(at: str, until: str, name: str = "a.b.c") -> Break:
        return Break(
            provider=name, version="2.0.0", released_at=at, consumer="d.e.f", range="^1", commit="", newest_then=True,
            repaired_at=until,
        )  # fmt: skip

    rows = [
        broke("2026-01-01T00:00:00Z", "2026-01-31T12:00:00Z"),
        broke("2026-02-01T00:00:00Z", "2026-02-01T23:59:59Z"),
        broke("2026-03-01T00:00:00Z", ""),
        broke("2026-03-01T00:00:00Z", "2026-03-11T00:00:00Z", "x.y.z"),
    ]
    assert repair_days(rows) == {"a.b.c": (0, 30), "x.y.z": (10,)}
