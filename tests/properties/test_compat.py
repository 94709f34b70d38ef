"""A dependency judged: what breaks, what cannot be told, and what an answer survives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chora_catalog.errors import Exit
from chora_catalog.model.change import Change, Effect
from chora_catalog.model.decision import Waiver
from chora_catalog.model.manifest import Dependency
from chora_catalog.model.parties import Consumer, ProvidedVersion, Provider
from chora_catalog.model.ruling import Age, Side
from chora_catalog.model.verdict import Verdict
from chora_catalog.resolve.compat import World, judge, judge_all
from chora_catalog.resolve.intervals import range_runs
from chora_catalog.resolve.truth_table import rule_on, worst
from chora_catalog.resolve.waiving import active, renewed_silently, too_many

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


def removed(name: str, side: str = "output", **more: Any) -> Change:
    said = {"before": "json", "after": "", "message": f"{side} `{name}` is gone", "effect": Effect.BREAKING}
    return Change(rule=f"{side}-removed", pointer=f"/{side}s/{name}", subject=name, side=side, **said | more)


def added(name: str) -> Change:
    return Change(
        rule="output-added",
        effect=Effect.ADDITION,
        pointer=f"/outputs/{name}",
        subject=name,
        side="output",
        after="json",
    )


def provider(*versions: str | ProvidedVersion, **more: Any) -> Provider:
    rows = [item if isinstance(item, ProvidedVersion) else ProvidedVersion(version=item) for item in versions]
    return Provider(id="data.store.keep", releases=tuple(rows), **more)


def consumer(text: str = "^1", **more: Any) -> Consumer:
    need = Dependency(id="data.store.keep", version=text)
    return Consumer(**{"id": "data.report.draw", "version": "3.0.0", "needs": (need,), "inputs": ("rows",)} | more)


def world(*providers: Provider, **more: Any) -> World:
    return World(providers={item.id: item for item in providers}, alias={}, as_of=AS_OF, **more)


def judged(who: Consumer, what: World) -> Any:
    return judge(who, who.needs[0], what)


def at(version: str, *changes: Change) -> ProvidedVersion:
    return ProvidedVersion(version=version, released_at=f"2026-01-0{len(version)}T00:00:00Z", changes=changes)


def test_a_break_inside_of_an_allowed_range_is_found() -> None:
    """Tools that look at ranges alone pass this one: 1.2.0 is a minor step, and it took away what is read."""
    edge = judged(consumer(), world(provider(at("1.1.0"), at("1.2.0", removed("rows")), at("1.3.0"))))
    assert (edge.verdict, edge.rule, edge.subject) == (Verdict.BREAKING, "output-removed", "rows")
    assert (edge.fits, edge.provider_version, edge.before, edge.after) == ("1.1.0", "1.3.0", "json", "")
    assert edge.reason == "output `rows` is gone since 1.2.0, and it reads that"


@pytest.mark.parametrize(
    ("who", "releases", "verdict", "rule"),
    [
        # Nothing of it was ever promised to this consumer: its range begins where the output was gone already.
        (consumer("^1.2"), [at("1.1.0"), at("1.2.0", removed("rows"))], Verdict.COMPATIBLE, "in-range"),
        # It uses something else.
        (consumer(inputs=("other",)), [at("1.1.0"), at("1.2.0", removed("rows"))], Verdict.COMPATIBLE, "in-range"),
        # Nobody knows what it uses.
        (consumer(inputs=()), [at("1.1.0"), at("1.2.0", removed("rows"))], Verdict.UNKNOWN, "use-undeclared"),
        # That it admits the next major, it says itself.
        (consumer(">=1", inputs=()), [at("1.1.0"), at("2.0.0", removed("rows"))], Verdict.COMPATIBLE, "in-range"),
        (consumer(">=1"), [at("1.1.0"), at("2.0.0", removed("rows"))], Verdict.BREAKING, "output-removed"),
        # It came later than the oldest version in range, and went again: whoever reads it has met it.
        (
            consumer(),
            [at("1.0.0"), at("1.1.0", added("rows")), at("1.2.0", removed("rows"))],
            Verdict.BREAKING,
            "output-removed",
        ),
        # It came back.
        (
            consumer(),
            [at("1.1.0"), at("1.2.0", removed("rows")), at("1.3.0", added("rows"))],
            Verdict.COMPATIBLE,
            "in-range",
        ),
        # What nobody can judge is no pass.
        (
            consumer(),
            [at("1.1.0"), at("1.2.0", removed("rows", effect=Effect.UNDECIDED))],
            Verdict.UNKNOWN,
            "output-removed",
        ),
        # A pre-release on the way breaks nobody who does not get it.
        (consumer(), [at("1.1.0"), at("1.2.0-rc.1", removed("rows")), at("1.2.0")], Verdict.COMPATIBLE, "in-range"),
        # An input that must be given now concerns whoever feeds the provider anything.
        (
            consumer(outputs=("rows",)),
            [
                at("1.0.0"),
                at("1.1.0", replace(removed("key", "input"), rule="input-required-added", before="", after="x")),
            ],
            Verdict.BREAKING,
            "input-required-added",
        ),
        (
            consumer(outputs=("other",)),
            [
                at("1.0.0"),
                at("1.1.0", replace(removed("key", "input"), rule="input-required-added", before="", after="x")),
            ],
            Verdict.COMPATIBLE,
            "in-range",
        ),
        (consumer(">=2"), [at("1.0.0")], Verdict.BREAKING, "outside-range"),
        (consumer("nonsense!"), [at("1.0.0")], Verdict.INVALID, "range-invalid"),
        (consumer(is_readable=False), [at("1.0.0")], Verdict.UNKNOWN, "consumer-unreadable"),
    ],
)
def test_verdicts(who: Consumer, releases: list[ProvidedVersion], verdict: Verdict, rule: str) -> None:
    edge = judged(who, world(provider(*releases, inputs=("rows",))))
    assert (edge.verdict, edge.rule) == (verdict, rule)
    assert bool(edge.fingerprint) == (verdict in (Verdict.BREAKING, Verdict.MISSING))


def test_an_absent_provider_is_missing_only_where_all_was_read() -> None:
    assert judged(consumer(), world()).verdict is Verdict.MISSING
    assert judged(consumer(), world(unread=("far",))).rule == "provider-unread"
    assert judged(consumer(), world(contested=frozenset({"data.store.keep"}))).rule == "provider-contested"
    optional = consumer()
    optional = replace(optional, needs=(replace(optional.needs[0], optional=True),))
    assert judged(optional, world()).rule == "optional-absent"


def test_a_provider_that_names_no_version_cannot_be_judged() -> None:
    assert judged(consumer(), world(provider(version="soon"))).rule == "provider-unversioned"


def test_two_majors_live_side_by_side() -> None:
    """`.v2` is another id: who needs the first is not broken by the second."""
    first, second = provider("1.4.0"), replace(provider("2.0.0"), id="data.store.keep.v2")
    assert judged(consumer(), world(first, second)).verdict is Verdict.COMPATIBLE


# Fingerprints


def prints(text: str = "^1", newest: str = "2.0.0", **more: Any) -> str:
    edge = judged(consumer(text, **more), world(provider("1.0.0", newest)))
    assert edge.verdict is Verdict.BREAKING
    return str(edge.fingerprint)


def test_a_fingerprint_survives_what_changes_nothing() -> None:
    said = prints()
    assert len(said) == 16
    assert said == prints(">=1.0.0 <2.0.0"), "another spelling of the same range"
    assert said == prints(version="4.0.0", owner="somebody-else", inputs=("b", "a"))
    need = consumer().needs[0]
    other = replace(need, id="x.y.z", version="*")
    moved = replace(need, line=77, name="data/store")
    both = consumer(needs=(other, moved))
    (edge,) = [item for item in judge_all([both], world(provider("1.0.0", "2.0.0"))) if item.provider == need.id]
    assert edge.fingerprint == said


def test_a_fingerprint_changes_with_what_it_is_about() -> None:
    every = [prints(), prints(newest="3.0.0"), prints("~1"), prints("1.x <1.5"), prints(id="data.other.draw")]
    assert len(set(every)) == 4, "~1 and ^1 admit the same versions"
    message = "words in another language"
    one = judged(consumer(), world(provider(at("1.1.0"), at("1.2.0", removed("rows")))))
    two = judged(consumer(), world(provider(at("1.1.0"), at("1.2.0", removed("rows", message=message)), at("1.3.0"))))
    assert one.fingerprint == two.fingerprint
    assert one.reason != two.reason


# The truth table

COMPATIBLE, BREAKING, DEPRECATED = Verdict.COMPATIBLE, Verdict.BREAKING, Verdict.DEPRECATED
C, P = Side.CONSUMER, Side.PROVIDER
FRESH, LATE, OVERDUE = Age.FRESH, Age.LATE, Age.OVERDUE


@pytest.mark.parametrize(
    ("verdict", "age", "side", "more", "status", "code", "strict"),
    [
        (Verdict.INVALID, FRESH, C, {}, "invalid", 1, 1),
        (Verdict.INVALID, OVERDUE, C, {}, "invalid", 1, 1),
        (Verdict.INVALID, FRESH, P, {}, "invalid", 0, 0),
        (BREAKING, FRESH, C, {}, "breaking", 1, 1),
        (BREAKING, LATE, C, {}, "breaking", 1, 1),
        (BREAKING, OVERDUE, C, {}, "breaking", 1, 1),
        (BREAKING, FRESH, P, {}, "breaking", 1, 1),
        (BREAKING, OVERDUE, P, {}, "breaking", 1, 1),
        (BREAKING, FRESH, P, {"was_so": True}, "breaking", 0, 0),
        (BREAKING, FRESH, C, {"was_so": True}, "breaking", 1, 1),
        (BREAKING, FRESH, P, {"is_pending": True}, "pending", 0, 0),
        (BREAKING, FRESH, C, {"is_pending": True}, "breaking", 1, 1),
        (Verdict.WAIVED, FRESH, C, {}, "waived", 0, 0),
        (Verdict.WAIVED, OVERDUE, C, {}, "waived", 0, 0),
        (Verdict.MISSING, FRESH, C, {}, "missing", 1, 1),
        (Verdict.MISSING, LATE, C, {}, "missing", 1, 1),
        (Verdict.MISSING, OVERDUE, C, {}, "unknown", 3, 3),
        (Verdict.UNKNOWN, FRESH, C, {}, "unknown", 3, 3),
        (Verdict.UNKNOWN, FRESH, P, {}, "unknown", 3, 3),
        (Verdict.UNKNOWN, FRESH, P, {"is_pending": True}, "pending", 0, 0),
        (Verdict.UNKNOWN, FRESH, C, {"is_pending": True}, "unknown", 3, 3),
        (DEPRECATED, FRESH, C, {}, "deprecated", 0, 0),
        (DEPRECATED, LATE, C, {}, "stale", 0, 3),
        (DEPRECATED, OVERDUE, C, {}, "stale", 3, 3),
        (COMPATIBLE, FRESH, C, {}, "compatible", 0, 0),
        (COMPATIBLE, LATE, C, {}, "stale", 0, 3),
        (COMPATIBLE, OVERDUE, C, {}, "stale", 3, 3),
        (COMPATIBLE, FRESH, P, {}, "compatible", 0, 0),
        (COMPATIBLE, OVERDUE, P, {}, "stale", 3, 3),
    ],
)
def test_the_truth_table(
    verdict: Verdict, age: Age, side: Side, more: dict[str, bool], status: str, code: int, strict: int
) -> None:
    plain, hard = (rule_on(verdict, age=age, side=side, strict=flag, **more) for flag in (False, True))
    assert (plain.status, plain.exit, hard.status, hard.exit) == (status, code, status, strict)


def test_age_never_makes_a_verdict_better() -> None:
    for verdict in Verdict:
        for side in Side:
            codes = [rule_on(verdict, age=age, side=side).exit for age in (FRESH, LATE, OVERDUE)]
            passed = [code is Exit.YES for code in codes]
            assert passed == sorted(passed, reverse=True) or verdict in (Verdict.INVALID, Verdict.WAIVED)
            assert not (codes[0] is not Exit.YES and codes[2] is Exit.YES)


def test_a_no_stands_above_what_cannot_be_told() -> None:
    assert worst([Exit.YES, Exit.CANNOT_TELL, Exit.NO]) is Exit.NO
    assert worst([Exit.YES, Exit.CANNOT_TELL]) is Exit.CANNOT_TELL
    assert worst([]) is Exit.YES


# Waivers


def waiver(name: str, start: str = "2026-10-20", end: str = "2026-11-10", **more: Any) -> Waiver:
    said = {"capability_id": "data.store.keep", "consumer": "data.report.draw"} | more
    return Waiver(id=name, file=f"decisions/waivers/{name}.yaml", granted_at=start, expires_at=end, **said)


def test_a_waiver_covers_the_break_whose_fingerprint_it_names_and_no_other() -> None:
    said = prints()
    mine, other = waiver("w1", fingerprints=(said,)), waiver("w1", fingerprints=("0" * 16,))
    assert judged(consumer(), world(provider("1.0.0", "2.0.0"), waivers=(mine,))).verdict is Verdict.WAIVED
    assert judged(consumer(), world(provider("1.0.0", "2.0.0"), waivers=(other,))).verdict is Verdict.BREAKING
    newer = world(provider("1.0.0", "2.0.0", "3.0.0"), waivers=(mine,))
    assert judged(consumer(), newer).verdict is Verdict.BREAKING, "3.0.0 is another break than the one waived"
    assert judged(consumer("bad range!"), world(provider("1.0.0"), waivers=(mine,))).verdict is Verdict.INVALID


def test_an_expired_waiver_fails_again() -> None:
    for day, counts in (("2026-10-19", 0), ("2026-10-20", 1), ("2026-11-10", 1), ("2026-11-11", 0)):
        moment = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        assert len(active([waiver("w1")], moment)) == counts, day


def test_the_sixth_that_overlaps_counts_for_nothing() -> None:
    five = [waiver(f"w{number}", consumer=f"a.b.c{number}") for number in range(5)]
    sixth = waiver("w5", "2026-11-05", consumer="a.b.c5")
    assert too_many([sixth, *five]) == (sixth,)
    assert sixth not in active([*five, sixth], datetime(2026, 11, 6, tzinfo=UTC))
    later = waiver("w5", "2026-11-11", "2026-12-01", consumer="a.b.c5")
    assert too_many([*five, later]) == (), "the others are over by then"
    elsewhere = replace(sixth, capability_id="data.other.keep")
    assert too_many([*five, elsewhere]) == ()


def test_the_five_are_counted_at_every_instant() -> None:
    """Never six at once at its first moment, and six in the middle."""
    spans = [("2026-11-01", "2026-11-10"), *[("2026-11-05", "2026-11-20")] * 4]
    before = [waiver(f"w{at}", *span, consumer=f"a.b.c{at}") for at, span in enumerate(spans)]
    long = waiver("x", "2026-11-02", "2026-11-30", consumer="a.b.cx")
    # In order of their beginnings: w0, x, w1 to w4; the last of them is the sixth from the 5th to the 10th.
    assert [item.id for item in too_many([*before, long])] == ["w4"]


def test_a_renewal_says_what_it_renews() -> None:
    first, again = waiver("w1"), waiver("w2", "2026-11-11", "2026-12-01")
    assert renewed_silently([again, first]) == (again,)
    assert renewed_silently([first, replace(again, renews="w1")]) == ()
    assert renewed_silently([first, replace(again, renews="w9")]) != ()
    assert renewed_silently([first, replace(again, fingerprints=("0" * 16,))]) == (), "another scope"
    assert active([first, again], datetime(2026, 11, 12, tzinfo=UTC)) == ()


# Intervals


def test_the_matrix_of_a_pair_is_runs_of_states_by_runs_of_releases() -> None:
    states = [("t1", "^1"), ("t2", "^1"), ("t3", ">=1 <3"), ("t4", None), ("t5", "oops!")]
    rows = range_runs(states, ["1.0.0", "1.1.0", "2.0.0-rc.1", "2.0.0", "3.0.0"])
    said = [
        (row.since, row.until, row.range, [(run.first, run.last, run.count, run.verdict.value) for run in row.releases])
        for row in rows
    ]
    assert said == [
        ("t1", "t3", "^1", [("1.0.0", "1.1.0", 2, "compatible"), ("2.0.0-rc.1", "3.0.0", 3, "breaking")]),
        (
            "t3",
            "t4",
            ">=1 <3",
            [
                ("1.0.0", "1.1.0", 2, "compatible"),
                ("2.0.0-rc.1", "2.0.0-rc.1", 1, "breaking"),
                ("2.0.0", "2.0.0", 1, "compatible"),
                ("3.0.0", "3.0.0", 1, "breaking"),
            ],
        ),
        ("t5", "", "oops!", [("1.0.0", "3.0.0", 5, "invalid")]),
    ]
