"""The ledger by week: time within the TTL counts once, time after a run that never came counts as past it, and a share
stands against its target by whole numbers. What nobody measured is neither green nor red.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.build.metrics import NEVER, metrics, standing
from chora_catalog.build.weeks import KEPT, fresh_for, is_complete, until, week_of, with_run
from chora_catalog.model.metric import Metric, Standing, Unit
from chora_catalog.model.record import from_json, to_json
from chora_catalog.model.run import Run, RunLine, SourceRun, WeekLine
from chora_catalog.model.source import Outcome
from chora_catalog.render.baseline import share
from chora_catalog.render.run import run_files

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
DAY = 86_400


def text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat() + "Z"


def line(moment: datetime, *left: tuple[int, int], sources: int = 2, **more: int | None) -> RunLine:
    counts: dict[str, int | None] = {"errors": 1, "warnings": 2, "notices": 3, "valid": 4, "manifests": 5, "seconds": 7}
    counts |= more
    return RunLine(as_of=text(moment), fresh=sources, sources=sources, fresh_for=left, **counts)  # type: ignore[arg-type]


def fold(lines: list[RunLine]) -> tuple[WeekLine, ...]:
    weeks: tuple[WeekLine, ...] = ()
    for before, now in zip([None, *lines], lines, strict=False):
        weeks = with_run(weeks, before, now)
    return weeks


def run_of(*lines: RunLine) -> Run:
    last = lines[-1]
    return Run(
        as_of=last.as_of, trace="", tool="t", published=True, seconds=last.seconds, sources=(), capabilities=0,
        errors=last.errors, warnings=last.warnings, notices=0, ttl=3600, alert=5400, recent=lines,
        weeks=fold(list(lines)),
    )  # fmt: skip


def metric(run: Run, name: str, *, after: int = 0) -> Metric:
    as_of = datetime.fromisoformat(run.as_of) + timedelta(seconds=after)
    [found] = [item for item in metrics(run, as_of) if item.id == name]
    return found


def source(name: str, last: str, ttl: int = 3600) -> SourceRun:
    return SourceRun(name=name, outcome=Outcome.KEPT, last_ok_at=last, ttl=ttl, alert=5400)


def test_a_run_says_how_long_its_sources_stay_fresh() -> None:
    sources = [
        source("a", "2026-11-16T12:00:00Z"),
        source("b", "2026-11-16T12:00:00Z"),
        source("c", "2026-11-16T11:30:00Z"),
        source("d", "2026-11-16T11:00:00Z"),
        source("e", "2026-11-16T10:59:59Z"),
        source("f", ""),
        source("g", "2026-11-16T12:00:00Z", ttl=DAY),
    ]
    assert fresh_for(sources, "2026-11-16T12:00:00Z") == ((0, 1), (1800, 1), (3600, 2), (DAY, 1))


def test_a_gap_between_runs_is_not_fresh() -> None:
    """Two sources, one hour within the TTL, three hours to the next run: a third."""
    [week] = fold([line(MONDAY, (3600, 2)), line(MONDAY + timedelta(hours=3), (3600, 2))])
    assert (week.watched, week.within, week.runs) == (2 * 3 * 3600, 2 * 3600, 2)


def test_a_failed_source_counts_until_its_own_ttl_ends() -> None:
    [week] = fold([line(MONDAY, (600, 1), (3600, 1)), line(MONDAY + timedelta(minutes=30), (3600, 2))])
    assert (week.watched, week.within) == (2 * 1800, 600 + 1800)


def test_a_week_without_a_run_is_a_week_in_which_nothing_was_fresh() -> None:
    weeks = fold([line(MONDAY, (3600, 2)), line(MONDAY + timedelta(days=15), (3600, 2))])
    assert [(week.week, week.runs, is_complete(week)) for week in weeks] == [
        ("2026-W47", 1, True), ("2026-W48", 0, True), ("2026-W49", 1, False)
    ]  # fmt: skip
    assert [week.within for week in weeks] == [7200, 0, 0]
    assert weeks[1].errors is None, "nobody counted"
    assert weeks[1].watched == 2 * 7 * DAY


def test_the_turn_of_the_year_is_week_53() -> None:
    assert week_of(datetime(2026, 12, 31, tzinfo=UTC)) == "2026-W53"
    assert week_of(datetime(2027, 1, 3, 23, 59, 59, tzinfo=UTC)) == "2026-W53"
    start = datetime(2026, 12, 28, tzinfo=UTC)
    weeks = fold([line(start, (14 * DAY, 1)), line(start + timedelta(days=14), (1, 1))])
    assert [week.week for week in weeks] == ["2026-W53", "2027-W01", "2027-W02"]
    assert [week.within for week in weeks[:2]] == [7 * DAY, 7 * DAY]


def test_a_week_that_began_in_its_middle_is_not_complete() -> None:
    weeks = fold([line(MONDAY + timedelta(days=2), (9 * DAY, 2)), line(MONDAY + timedelta(days=9), (1, 2))])
    assert [is_complete(week) for week in weeks] == [False, False]


def test_the_last_run_of_a_week_is_what_it_says_of_counts() -> None:
    later = line(MONDAY + timedelta(hours=1), errors=9, valid=8, seconds=3)
    [week] = fold([line(MONDAY), later])
    assert (week.errors, week.valid, week.seconds, week.longest) == (9, 8, 10, 7)


def test_a_line_of_an_older_tool_watches_nothing_and_a_later_one_makes_up_no_freshness() -> None:
    old = RunLine(as_of=text(MONDAY), fresh=2, sources=2, errors=0, warnings=0, seconds=1)
    assert fold([old]) == ()
    assert [week.since for week in fold([old, line(MONDAY + timedelta(days=1), (1, 2))])] == ["2026-11-17T00:00:00Z"]
    between = RunLine(as_of=text(MONDAY + timedelta(hours=1)), fresh=2, sources=2, errors=0, warnings=0, seconds=1)
    weeks = fold([line(MONDAY, (DAY, 2)), between, line(MONDAY + timedelta(hours=2), (DAY, 2))])
    assert [(week.watched, week.within) for week in weeks] == [(4 * 3600, 0)]


def test_a_clock_that_goes_back_watches_nothing_twice() -> None:
    noon = MONDAY + timedelta(hours=12)
    runs = [line(noon, (DAY, 2)), line(noon + timedelta(hours=2), (DAY, 2)), line(noon - timedelta(hours=5), (DAY, 2)),
            line(noon + timedelta(hours=3), (DAY, 2))]  # fmt: skip
    [week] = fold(runs)
    assert (week.watched, week.within, week.runs) == (2 * 3 * 3600, 2 * 3 * 3600, 4)


def test_a_run_judged_in_an_earlier_week_counts_in_the_last_one() -> None:
    sunday = MONDAY - timedelta(hours=1)
    weeks = fold([line(sunday, (DAY, 2)), line(MONDAY + timedelta(hours=1), (DAY, 2)), line(sunday, (DAY, 2))])
    assert [(week.week, week.runs, week.watched) for week in weeks] == [("2026-W46", 1, 7200), ("2026-W47", 2, 7200)]


def test_no_more_weeks_are_kept_than_400_days_need() -> None:
    weeks = fold([line(MONDAY, (1, 2)), line(MONDAY + timedelta(days=3000), (1, 2))])
    assert len(weeks) == KEPT
    assert 7 * (KEPT - 1) >= 399
    assert weeks[-1].week == week_of(MONDAY + timedelta(days=3000))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 60), st.lists(st.tuples(st.integers(0, 90), st.integers(1, 3)), max_size=3)),
        min_size=2, max_size=12,
    )
)  # fmt: skip
def test_weeks_equal_counting_hour_by_hour(steps: list[tuple[int, list[tuple[int, int]]]]) -> None:
    """An oracle that looks at every hour on its own: hours from 1 to 60 between runs, TTLs in hours."""
    lines, at = [], MONDAY + timedelta(hours=100)
    for hours, left in steps:
        lines.append(line(at, *sorted((3600 * length, count) for length, count in left), sources=9))
        at += timedelta(hours=hours)
    within: dict[str, int] = {}
    watched: dict[str, int] = {}
    for before, now in pairwise(lines):
        start, end = datetime.fromisoformat(before.as_of), datetime.fromisoformat(now.as_of)
        hour = start
        while hour < end:
            age = (hour - start).total_seconds()
            fresh = sum(count for seconds, count in before.fresh_for or () if age < seconds)
            name = f"{hour.isocalendar().year}-W{hour.isocalendar().week:02}"
            within[name] = within.get(name, 0) + 3600 * fresh
            watched[name] = watched.get(name, 0) + 3600 * 9
            hour += timedelta(hours=1)
    found = fold(lines)
    assert {week.week: week.within for week in found if week.watched} == within
    assert {week.week: week.watched for week in found if week.watched} == watched
    assert all(week.since <= week.until for week in found)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (95, 100, Standing.MET),
        (9499, 10_000, Standing.BELOW),
        (90, 100, Standing.BELOW),
        (8999, 10_000, Standing.ALERT),
        (0, 7, Standing.ALERT),
        (19, 20, Standing.MET),
        (0, 0, Standing.NOT_EVALUATED),
        (None, 10, Standing.NOT_EVALUATED),
    ],
)
def test_a_share_stands_by_whole_numbers(part: int | None, whole: int, expected: Standing) -> None:
    assert standing(part, whole) is expected


def test_a_share_is_cut_and_never_rounded_up() -> None:
    assert share(9499, 10_000) == "94.9 %"
    assert share(2, 3) == "66.6 %"
    assert share(1, 1) == "100.0 %"
    assert share(None, 4) == share(0, 0) == "not evaluated"


def test_freshness_is_judged_on_complete_weeks_alone() -> None:
    first = run_of(line(MONDAY + timedelta(hours=5), (3600, 2)), line(MONDAY + timedelta(hours=6), (3600, 2)))
    so_far = metric(first, "metadata-freshness")
    assert (so_far.standing, so_far.part, so_far.whole, so_far.n) == (Standing.NOT_EVALUATED, 7200, 7200, 2)
    assert so_far.note

    hours = [line(MONDAY + timedelta(hours=hour), (3600, 2)) for hour in range(7 * 24 + 3)]
    full = metric(run_of(*hours), "metadata-freshness")
    assert (full.standing, full.period, full.since) == (Standing.MET, "2026-W47", "2026-11-16T00:00:00Z")
    assert full.n == 7 * 24


def test_the_time_since_the_last_run_is_part_of_the_answer() -> None:
    hours = [line(MONDAY + timedelta(hours=hour), (3600, 2)) for hour in range(7 * 24 + 3)]
    run = run_of(*hours)
    assert metric(run, "sources-fresh", after=3600).standing is Standing.MET
    assert metric(run, "sources-fresh", after=3601).standing is Standing.ALERT
    assert metric(run, "metadata-freshness", after=7 * DAY).standing is Standing.ALERT
    [tail] = [week for week in until(run.weeks, run.recent[-1], MONDAY + timedelta(days=14)) if week.week == "2026-W48"]
    assert tail.within == 2 * 3 * 3600


def test_what_was_never_measured_is_not_evaluated() -> None:
    run = run_of(RunLine(as_of=text(MONDAY), fresh=2, sources=2, errors=4, warnings=0, seconds=1))
    found = {item.id: item for item in metrics(run, MONDAY)}
    for name in ("metadata-freshness", "sources-fresh", "manifests-valid", "findings-notices", *(m.id for m in NEVER)):
        item = found[name]
        assert item.standing is Standing.NOT_EVALUATED, name
        assert item.unit is Unit.NONE, name
        assert item.part is None, name
        assert item.since == "", name
        assert item.note, name
    assert (found["findings-errors"].part, found["findings-errors"].since) == (4, text(MONDAY))
    bare = run_of(line(MONDAY, sources=0, valid=0, manifests=0))
    assert metric(bare, "sources-fresh").standing is Standing.NOT_EVALUATED, "nothing of nothing is no pass"
    assert metric(bare, "manifests-valid").standing is Standing.NOT_EVALUATED


def test_the_record_holds_it_all_and_reads_it_back() -> None:
    run = run_of(line(MONDAY, (3600, 2)), line(MONDAY + timedelta(hours=1), (0, 1), (3600, 1)))
    assert from_json(Run, to_json(run)) == run


def test_the_pages_are_told_no_freshness_that_only_a_reader_can_judge() -> None:
    run = run_of(line(MONDAY, (3600, 2)))
    files = run_files(replace(run, metrics=metrics(run, MONDAY)))
    assert '"sources-fresh"' in files["run.json"].decode()
    assert '"sources-fresh"' not in files["run.js"].decode()
    assert '"metadata-freshness"' in files["run.js"].decode()
