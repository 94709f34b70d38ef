"""Breaks over time against the plainest reading of the rule: every release against every state, one by one.

The oracle below knows ranges as pairs of numbers and walks through instants; it shares nothing with what it judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.model.breaks import BreakHistory
from chora_catalog.model.catalog import VersionRow
from chora_catalog.model.manifest import Dependency, Manifest
from chora_catalog.model.source import Alias, Declared, Harvest, LineState, Release, SourceSpec, State
from chora_catalog.resolve.break_history import break_history
from chora_catalog.resolve.history import versions_of
from chora_catalog.resolve.holding import hold

Number = tuple[int, int]


class Required(NamedTuple):
    """From `at` on the versions from `low` to below `high` are required; None: the dependency is gone."""

    at: int
    bounds: tuple[Number, Number] | None


def at(hour: int) -> str:
    return f"2026-01-{hour // 24 + 1:02d}T{hour % 24:02d}:00:00Z"


def declared(capability: str, *needs: tuple[str, str]) -> Declared:
    return Declared(id=capability, dependencies=tuple(Dependency(id=name, version=text) for name, text in needs))


def line(path: str, *states: tuple[int, Declared | None]) -> tuple[LineState, ...]:
    return tuple(
        LineState(commit=f"c{hour}", at=at(hour), path=path, blob="b" if said else "", declares=(said,) if said else ())
        for hour, said in states
    )


def harvest(name: str, *ids: str, states: tuple[LineState, ...] = (), releases: tuple[Release, ...] = ()) -> Harvest:
    manifests = tuple(Manifest(id=key, name=key, path=f"{key}.yaml", dialect="canonical") for key in ids)
    head = State(commit="h", committed_at=at(0), manifests=manifests)
    return Harvest(source=name, head_commit="h", head=head, line=states, releases=releases)


def release(version: str, hour: int, *, major: int = 0, manifests: tuple[Manifest, ...] = ()) -> Release:
    return Release(tag=f"v{version}", version=version, released_at=at(hour), commit="r", tombstone=major >= 900,
                   manifests=manifests)  # fmt: skip


def judged(*harvests: Harvest, aliases: tuple[Alias, ...] = ()) -> BreakHistory:
    by_name = {item.source: item for item in harvests}
    specs = [SourceSpec(name=name, url="", versions="tags", aliases=aliases) for name in by_name]
    holding = hold(specs, by_name)
    versions: dict[str, tuple[VersionRow, ...]] = {}
    for item in harvests:
        for manifest in item.head.manifests if item.head else ():
            former = {old for old, new in holding.alias.items() if new == manifest.id}
            versions[manifest.id] = versions_of(item, manifest, frozenset({manifest.id, *former}))
    return break_history(by_name, holding, versions)


def told(found: BreakHistory) -> list[tuple[str, str, str, str]]:
    return [(item.version, item.range, item.repaired_at, item.repair) for item in found.breaks]


numbers = st.tuples(st.integers(0, 3), st.integers(0, 3))
hours = st.integers(0, 60)
released = st.lists(st.tuples(numbers, hours), unique_by=lambda pair: pair[0], max_size=12)
required = st.lists(
    st.builds(Required, at=hours, bounds=st.none() | st.tuples(numbers, numbers)),
    unique_by=lambda state: state.at,
    max_size=8,
).map(sorted)


@settings(max_examples=300, deadline=None)
@given(released, required)
def test_as_the_rule_says(releases: list[tuple[Number, int]], states: list[Required]) -> None:
    found = judged(
        harvest("p", "p", releases=tuple(release("{}.{}.0".format(*number), hour) for number, hour in releases)),
        harvest("c", "c", states=line("c.yaml", *((s.at, declared("c", *wanted(s))) for s in states))),
    )
    assert sorted((b.version, b.released_at, b.repaired_at, b.repair, b.newest_then) for b in found.breaks) == sorted(
        breaks_by_hand(releases, states)
    )
    assert [(w.version, w.opened_by, w.start, w.end) for w in found.windows] == list(windows_by_hand(releases, states))


def wanted(state: Required) -> list[tuple[str, str]]:
    if state.bounds is None:
        return []
    (low, below), (high, above) = state.bounds
    return [("p", f">={low}.{below}.0 <{high}.{above}.0")]


def in_force(states: Sequence[Required], hour: int) -> tuple[Number, Number] | None:
    return next((state.bounds for state in reversed(states) if state.at <= hour), None)


def admits(bounds: tuple[Number, Number] | None, number: Number) -> bool:
    return bounds is None or bounds[0] <= number < bounds[1]


def newest(releases: Sequence[tuple[Number, int]], hour: int) -> Number | None:
    return max((number for number, when in releases if when <= hour), default=None)


def breaks_by_hand(
    releases: Sequence[tuple[Number, int]], states: Sequence[Required]
) -> Iterator[tuple[str, str, str, str, bool]]:
    for number, hour in releases:
        if admits(in_force(states, hour), number):
            continue
        repair = next((s for s in states if s.at > hour and admits(s.bounds, number)), None)
        how = "" if repair is None else "dependency-gone" if repair.bounds is None else "range"
        version = "{}.{}.0".format(*number)
        yield version, at(hour), at(repair.at) if repair else "", how, newest(releases, hour) == number


def windows_by_hand(
    releases: Sequence[tuple[Number, int]], states: Sequence[Required]
) -> Iterator[tuple[str, str, str, str]]:
    begun: tuple[str, str, str] | None = None
    for hour in range(62):
        number = newest(releases, hour)
        fits = number is None or admits(in_force(states, hour), number)
        if begun and fits:
            yield (*begun, at(hour))
            begun = None
        elif not begun and not fits and number:
            changed = hour == 0 or in_force(states, hour) != in_force(states, hour - 1)
            begun = ("{}.{}.0".format(*number), "consumer" if changed else "release", at(hour))
    if begun:
        yield (*begun, "")


def test_of_several_releases_of_one_instant_one_is_the_newest() -> None:
    found = judged(
        harvest("p", "p", releases=(release("3.0.0", 5), release("2.0.0", 5))),
        harvest("c", "c", states=line("c.yaml", (1, declared("c", ("p", "^1"))))),
    )
    assert [(item.version, item.newest_then) for item in found.breaks] == [("2.0.0", False), ("3.0.0", True)]
    assert [item.version for item in found.windows] == ["3.0.0"]


def test_a_prerelease_and_a_tombstone_break_nobody() -> None:
    found = judged(
        harvest("p", "p", releases=(release("3.0.0-rc.1", 5), release("999.0.0", 6, major=999))),
        harvest("c", "c", states=line("c.yaml", (1, declared("c", ("p", "^1"))))),
    )
    assert found == BreakHistory()


def test_a_range_that_cannot_be_read_changes_nothing() -> None:
    releases = (release("1.0.0", 2), release("2.0.0", 5))
    first_unreadable = line("c.yaml", (1, declared("c", ("p", "one"))), (9, declared("c", ("p", "^2"))))
    assert judged(harvest("p", "p", releases=releases), harvest("c", "c", states=first_unreadable)).breaks == ()
    between = line("c.yaml", (1, declared("c", ("p", "^1"))), (6, declared("c", ("p", "one"))))
    found = judged(harvest("p", "p", releases=releases), harvest("c", "c", states=between))
    assert told(found) == [("2.0.0", "^1", "", "")], "an unreadable range is no repair"
    assert [item.end for item in found.windows] == [""]


def test_a_manifest_that_is_gone_requires_nothing() -> None:
    found = judged(
        harvest("p", "p", releases=(release("2.0.0", 5),)),
        harvest("c", "c", states=line("c.yaml", (1, declared("c", ("p", "^1"))), (7, None))),
    )
    assert told(found) == [("2.0.0", "^1", at(7), "dependency-gone")]


def test_states_of_one_instant_count_as_the_last_of_them() -> None:
    states = ((1, declared("c", ("p", "^1"))), (5, declared("c", ("p", "^3"))), (5, declared("c", ("p", "^1"))))
    found = judged(
        harvest("p", "p", releases=(release("1.0.0", 2), release("2.0.0", 7))),
        harvest("c", "c", states=line("c.yaml", *states)),
    )
    assert told(found) == [("2.0.0", "^1", "", "")]
    assert [(item.start, item.end) for item in found.windows] == [(at(7), "")]


def test_a_manifest_that_moved_is_the_same_consumer() -> None:
    wants = declared("c", ("p", "^1"))
    moved = (*line("old.yaml", (1, wants), (3, None)), *line("c.yaml", (3, wants), (8, declared("c", ("p", "^2")))))
    found = judged(harvest("p", "p", releases=(release("2.0.0", 5),)), harvest("c", "c", states=moved))
    assert told(found) == [("2.0.0", "^1", at(8), "range")]


@pytest.mark.parametrize(
    ("needs", "broken"),
    [
        ((("old", "^1"), ("p", "^2")), 0),
        ((("p", "^2"), ("old", "^1")), 0),
        ((("p", "^1"), ("old", "^2")), 1),
        ((("p", "^1"), ("p", "^2")), 0),
        ((("p", "^2"), ("p", "^1")), 1),
        ((("old", "^1"),), 1),
    ],
)
def test_of_two_dependencies_the_present_name_counts(needs: tuple[tuple[str, str], ...], broken: int) -> None:
    found = judged(
        harvest("p", "p", releases=(release("2.0.0", 5),)),
        harvest("c", "c", states=line("c.yaml", (1, declared("c", *needs)))),
        aliases=(Alias(old="old", new="p"),),
    )
    assert len(found.breaks) == broken


def test_a_consumer_keeps_its_past_under_a_former_name() -> None:
    renamed = line("c.yaml", (1, declared("once", ("p", "^1"))), (7, declared("c", ("p", "^2"))))
    found = judged(harvest("p", "p", releases=(release("2.0.0", 5),)), harvest("c", "c", states=renamed))
    assert [(item.consumer, item.repaired_at) for item in found.breaks] == [("c", at(7))]


def test_a_source_without_history_has_no_breaks_and_no_windows() -> None:
    states = line("c.yaml", (1, declared("c", ("p", "^1"))))
    assert judged(harvest("p", "p"), harvest("c", "c", states=states)) == BreakHistory()
    assert judged(harvest("p", "p", releases=(release("2.0.0", 5),)), harvest("c", "c")) == BreakHistory()


def test_what_was_shipped_is_judged_by_the_newest_release() -> None:
    def of(text: str) -> tuple[Manifest, ...]:
        needs = (Dependency(id="p", version=text),)
        return (Manifest(id="c", name="c", path="c.yaml", dialect="canonical", dependencies=needs),)

    provider = harvest("p", "p", releases=(release("1.0.0", 1), release("2.0.0", 5)))
    for newest_release, expected in (("^1", [("1.1.0", "2.0.0", "^1")]), (">=1", []), ("one", [])):
        shipped = (release("1.0.0", 2, manifests=of("^1")), release("1.1.0", 3, manifests=of(newest_release)))
        found = judged(provider, harvest("c", "c", releases=shipped)).shipped
        assert [(item.version, item.newest, item.range) for item in found] == expected


def test_many_versions_of_a_line_are_told_apart() -> None:
    """More releases than one stride of the masks holds."""
    releases = tuple(release(f"1.{minor}.0", minor) for minor in range(150))
    states = line("c.yaml", (0, declared("c", ("p", ">=1.3.0 <1.100.0 || 1.120"))))
    found = judged(harvest("p", "p", releases=releases), harvest("c", "c", states=states))
    refused = [*range(3), *range(100, 120), *range(121, 150)]
    assert [item.version for item in found.breaks] == [f"1.{minor}.0" for minor in refused]
    assert [(item.version, item.end) for item in found.windows] == [
        ("1.0.0", at(3)),
        ("1.100.0", at(120)),
        ("1.121.0", ""),
    ]
