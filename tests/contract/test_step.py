"""The step between two versions against what changed, and the laws of a comparison."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.model.change import Bump, Change, Effect
from chora_catalog.model.manifest import Behavior, Dependency, Manifest, Port
from chora_catalog.model.versions import Version
from chora_catalog.resolve.contract.compare import compare
from chora_catalog.resolve.contract.every import RULES
from chora_catalog.resolve.contract.rule import in_order
from chora_catalog.resolve.contract.step import declared_bump, judge_step, next_version, smallest_bump

BY_ID = {rule.id: rule for rule in RULES}


def change(effect: Effect) -> Change:
    return Change(rule="any", effect=effect, pointer="/any")


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        ("1.4.0", "1.4.0", Bump.NONE),
        ("1.4.0", "1.4.0+build.2", Bump.NONE),
        ("1.4.0", "1.4.1", Bump.PATCH),
        ("1.4.9", "1.5.0", Bump.MINOR),
        ("1.4.0", "2.0.0", Bump.MAJOR),
        ("1.4.0", "2.0.0-rc.1", Bump.MAJOR),
        ("2.0.0-rc.1", "2.0.0-rc.2", Bump.MAJOR),
        ("2.0.0-rc.1", "2.0.0", Bump.MAJOR),
        ("0.2.3", "0.2.4", Bump.MINOR),
        ("0.2.3", "0.3.0", Bump.MAJOR),
        ("0.2.3", "1.0.0", Bump.MAJOR),
        ("0.0.3", "0.0.4", Bump.MAJOR),
        ("0.0.0", "0.0.1", Bump.MAJOR),
        ("1.4.0", "1.3.9", None),
        ("1.4.0", "", None),
        ("v1", "1.4.0", None),
    ],
)
def test_what_a_step_announces(old: str, new: str, bump: Bump | None) -> None:
    assert declared_bump(old, new) is bump


@pytest.mark.parametrize(
    ("effects", "old", "new", "suffices", "problem"),
    [
        ([], "1.4.0", "1.4.0", True, ""),
        ([], "", "", True, ""),
        ([Effect.NEUTRAL], "1.4.0", "1.4.1", True, ""),
        ([Effect.NEUTRAL], "1.4.0", "1.4.0", False, "version-not-bumped"),
        ([Effect.ADDITION], "1.4.0", "1.5.0", True, ""),
        ([Effect.ADDITION], "1.4.0", "1.4.1", False, "minor-not-bumped"),
        ([Effect.ADDITION], "0.4.0", "0.4.1", True, ""),
        ([Effect.BREAKING, Effect.ADDITION], "1.4.0", "1.5.0", False, "major-not-bumped"),
        ([Effect.BREAKING], "1.4.0", "2.0.0", True, ""),
        ([Effect.BREAKING], "0.4.0", "0.5.0", True, ""),
        ([Effect.BREAKING], "0.4.0", "0.4.1", False, "major-not-bumped"),
        ([Effect.UNDECIDED], "1.4.0", "1.5.0", None, "major-perhaps-due"),
        ([Effect.UNDECIDED], "1.4.0", "2.0.0", True, ""),
        ([Effect.UNDECIDED, Effect.ADDITION], "1.4.0", "1.4.1", False, "major-perhaps-due"),
        ([Effect.ADDITION], "1.4.0", "1.3.0", False, "version-decreased"),
        ([Effect.ADDITION], "1.4.0", "", None, "version-unreadable"),
    ],
)
def test_whether_a_step_carries_it(
    effects: list[Effect], old: str, new: str, suffices: bool | None, problem: str
) -> None:
    step = judge_step(old, new, map(change, effects))
    assert step.suffices is suffices
    assert [found.rule for found in step.problems] == ([problem] if problem else [])


def test_a_version_that_was_not_bumped_is_no_worse_than_what_changed() -> None:
    for effect in (Effect.NEUTRAL, Effect.ADDITION, Effect.UNDECIDED, Effect.BREAKING):
        [problem] = judge_step("1.4.0", "1.4.0", [change(effect)]).problems
        assert problem.effect is effect


NUMBERS = st.tuples(*[st.integers(0, 3)] * 3).map(lambda numbers: ".".join(map(str, numbers)))


@given(old=NUMBERS, bump=st.sampled_from([Bump.PATCH, Bump.MINOR, Bump.MAJOR]))
def test_the_next_version_is_a_step_that_suffices(old: str, bump: Bump) -> None:
    new = next_version(old, bump)
    declared = declared_bump(old, new)
    assert declared is not None
    assert declared.rank >= bump.rank
    was, now = Version.parse(old), Version.parse(new)
    assert was is not None
    assert now is not None
    assert was < now


NAMES = st.sampled_from(["a", "b", "a/b", "~"])
PORTS = st.lists(
    st.builds(Port, name=NAMES, type=st.sampled_from(["", "text", "number"]), optional=st.booleans()), max_size=3
).map(tuple)
RANGES = st.sampled_from(["", "1.x", ">=1 <3", "^2", ">=2 <4", "the newest"])
DEPENDENCIES = st.lists(st.builds(Dependency, id=NAMES, version=RANGES, optional=st.booleans()), max_size=3).map(tuple)
STATUSES = st.sampled_from(["", "active", "draft", "deprecated", "retired", "failing"])
BEHAVIORS = st.lists(st.builds(Behavior, id=NAMES, status=STATUSES), max_size=3).map(tuple)
DATES = st.sampled_from(["", "2026-01-01", "2026-02-01T00:00:00Z", "2026-12-31"])
MANIFESTS = st.builds(
    Manifest,
    id=st.just("a.b.c"),
    name=st.just("a"),
    path=st.just("chora.yaml"),
    dialect=st.just("canonical"),
    inputs=PORTS,
    outputs=PORTS,
    dependencies=DEPENDENCIES,
    behaviors=BEHAVIORS,
    stability=st.sampled_from(["", "beta", "stable", "deprecated", "ripe"]),
    lifecycle_stage=st.sampled_from(["", "build", "operate", "deprecated", "retired"]),
    security_tier=st.sampled_from(["", "low", "medium", "moderate", "secret"]),
    deprecated_at=DATES,
    sunset_at=DATES,
)


@settings(max_examples=60)
@given(MANIFESTS, MANIFESTS)
def test_a_difference_is_seen_from_both_sides(left: Manifest, right: Manifest) -> None:
    def seen(old: Manifest, new: Manifest) -> set[str]:
        return {change.pointer for change in compare(old, new) if not BY_ID[change.rule].alone}

    unclear = {"/stability", "/security_tier"}
    assert seen(left, right) - unclear == seen(right, left) - unclear


@settings(max_examples=60)
@given(MANIFESTS, MANIFESTS)
def test_the_order_of_a_list_says_nothing_and_what_is_found_is_sorted(left: Manifest, right: Manifest) -> None:
    found = compare(left, right)
    assert list(found) == sorted(found, key=in_order)
    assert compare(left, left) == ()
    turned = replace(left, inputs=left.inputs[::-1], outputs=left.outputs[::-1], dependencies=left.dependencies[::-1])
    assert compare(turned, right) == found
    assert all(change.message and change.pointer for change in found)
    assert smallest_bump(found).rank == max((change.effect.bump.rank for change in found), default=0)
