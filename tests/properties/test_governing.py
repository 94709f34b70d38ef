"""What happened to a signal folds into one state, and nobody agrees by accident.

Promise 1 for governance: an event is accepted or refused with one code, only votes on evidence count, and what is
missing is said. Who may agree is the stewards' file alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.app.governing import govern
from chora_catalog.model.decision import Decision
from chora_catalog.model.signal import (
    ENDED,
    STATES,
    VOTE_NAMESPACE,
    ChangeSignal,
    Event,
    Evidence,
    Proof,
    Review,
    Sla,
    vote_text,
)
from chora_catalog.model.steward import Person, Stewards, Team, public_key
from chora_catalog.model.working_days import business_days_after
from chora_catalog.parse.records import Added, Records, load_records
from chora_catalog.parse.schema import compile_schemas
from chora_catalog.resolve.folding import Around, fold, fold_all
from chora_catalog.resolve.inbox import by_risk
from chora_catalog.resolve.sla import Standing, deadlines, is_overdue, running, standing
from chora_catalog.resolve.transitions import TRANSITIONS, next_states
from examples import demo_keys

SCHEMAS = compile_schemas(
    {path.name: path.read_bytes() for path in (Path(__file__).parents[2] / "schemas").glob("*.schema.json")}
)
PEOPLE = ("Ann", "Bo", "Cleo", "Dee")
POLICY = Stewards(
    mode="council",
    humans=2,
    teams=(
        Team(name="team-users", capabilities=("api.users.*",), members=("Ann", "Bo")),
        Team(name="team-shop", members=("Cleo", "@dee")),
    ),
    people=tuple(
        Person(name=name, handle=name.lower(), keys=(f"ssh-ed25519 {name}Key {name} at work",)) for name in PEOPLE
    ),
)
SOLO = Stewards(mode="solo", notice="3d", teams=(Team(name="team-one", capabilities=("api.*",)),))
SIGNAL = ChangeSignal(
    id="SIG-a",
    file="decisions/signals/SIG-a.yaml",
    type="breaking-change",
    capability_id="api.users.v1",
    stewards=("team-shop",),
    author="Zoe",
    created_at="2026-10-01T00:00:00Z",
    recorded_at="2026-10-01T00:00:00Z",
    digest="sha256:" + "a" * 64,
)
DECIDED = frozenset({"SIG-a"})


def move(to: str, day: int, by: str = "Ann", **more: str) -> Event:
    file = f"decisions/signals/SIG-a/{day:02}-{to}.yaml"
    return Event(kind="move", at=f"2026-10-{day:02}", by=by, file=file, to=to, **more)


def vote(by: str, team: str, day: int, said: str = "approve", **more: str) -> Event:
    file = f"decisions/signals/SIG-a/{day:02}-{by}.yaml"
    given = {"digest": SIGNAL.digest, "signature": f"{by} signed"} | more
    return Event(kind="vote", at=f"2026-10-{day:02}", by=by, file=file, team=team, vote=said, **given)


def folded(
    *events: Event, signal: ChangeSignal = SIGNAL, policy: Stewards = POLICY, decided: frozenset[str] = DECIDED
) -> ChangeSignal:
    """Fold with signatures that show the key of whom they say."""
    proofs = {
        event.file: Proof(key=f"ssh-ed25519 {event.signature.split()[0]}Key") for event in events if event.signature
    }
    around = Around(policy=policy, proofs=proofs, decided=decided, signals={signal.id: signal})
    return fold(replace(signal, events=events), around)


def codes(signal: ChangeSignal) -> list[str]:
    return [event.refused for event in signal.events]


AGREED = (move("review", 2), vote("Ann", "team-users", 3), vote("Cleo", "team-shop", 4))

# ---- The way of a signal -------------------------------------------------------------------------------------------


def test_a_signal_goes_its_way_to_the_end() -> None:
    done = folded(*AGREED, move("decision", 5), move("rollout", 6), move("complete", 7))
    assert codes(done) == [""] * 6
    assert (done.state, done.version, done.is_open, done.state_since) == ("complete", 6, False, "2026-10-07")
    assert done.agreement.is_met
    assert [event.was for event in done.events][-3:] == ["review", "decision", "rollout"]


@pytest.mark.parametrize("state", [*STATES, "rejected", "withdrawn", "superseded"])
@pytest.mark.parametrize("to", [*STATES, "rejected", "withdrawn", "superseded"])
def test_what_the_table_does_not_name_is_refused(state: str, to: str) -> None:
    done = folded(move(to, 2), signal=replace(SIGNAL, filed_state=state))
    if (state, to) not in TRANSITIONS:
        assert codes(done) == ["signal-ended" if state in ENDED else "no-such-move"]
        assert done.state == state
        assert done.version == 0
    else:
        assert to in next_states(state)


@pytest.mark.parametrize(
    ("by", "ok"), [("Ann", True), ("ann", True), ("@Ann", True), ("Dee", True), ("Zoe", False), ("Mallory", False)]
)
def test_a_steward_other_than_the_author_acknowledges(by: str, ok: bool) -> None:
    done = folded(move("review", 2, by))
    assert codes(done) == [""] if ok else ["not-acknowledged"]
    assert folded(move("review", 2, "Ann"), signal=replace(SIGNAL, author="ann")).state == "proposed"
    assert folded(move("review", 2, "Ann", drafted_by="agent")).state == "proposed"


def test_without_the_votes_nothing_is_decided_and_what_is_missing_is_said() -> None:
    done = folded(move("review", 2), vote("Ann", "team-users", 3), move("decision", 5))
    assert codes(done) == ["", "", "no-quorum"]
    assert done.state == "review"
    assert done.agreement.missing == ("team-shop has not approved", "1 of 2 different people have approved")
    assert "team-shop has not approved" in done.events[-1].why


def test_what_was_decided_otherwise_is_not_rolled_out() -> None:
    against = (move("review", 2), vote("Ann", "team-users", 3, "reject"))
    assert codes(folded(*against, move("decision", 5)))[-1] == "no-quorum"
    rejected = folded(*against, move("decision", 5, outcome="rejected"), move("rollout", 6), move("rejected", 7))
    assert codes(rejected) == ["", "", "", "other-outcome", ""]
    assert rejected.state == "rejected"
    assert codes(folded(*AGREED, move("decision", 5, outcome="rejected")))[-1] == "no-objection"
    later = folded(
        *AGREED,
        move("decision", 5, outcome="deferred", reason="not before the fair"),
        move("review", 6, reason="after the fair", decision_by="2026-12-01"),
        move("decision", 7),
    )
    assert codes(later) == ["", "", "", "", "", ""]
    assert next(one.by for one in later.deadlines if one.step == "decision") == "2026-12-01"


def test_what_was_rolled_back_is_voted_on_anew() -> None:
    back = (*AGREED, move("decision", 5), move("rollout", 6), move("review", 7, reason="it broke the shop"))
    done = folded(*back, move("decision", 8))
    assert codes(done)[-1] == "no-quorum"
    assert {ballot.why for ballot in done.ballots} == {"it was rolled back afterwards, and is voted on anew"}
    copied = folded(*back, vote("Ann", "team-users", 8), vote("Bo", "team-users", 9))
    assert codes(copied)[-2:] == ["signature-replayed", ""]
    reviewed = vote("Ann", "team-users", 8, signature="", review=Review(user="ann"))  # type: ignore[arg-type]
    assert codes(folded(*back, reviewed))[-1] == ""


def test_an_old_signature_does_not_undo_a_change_of_mind() -> None:
    changed = (move("review", 2), vote("Ann", "team-users", 3), vote("Ann", "team-users", 4, "reject"))
    done = folded(*changed, vote("Ann", "team-users", 5))
    assert codes(done) == ["", "", "", "signature-replayed"]
    assert done.agreement.vetoes == ("Ann for team-users",)
    twice = folded(move("review", 2), vote("Ann", "team-users", 3), vote("Ann", "team-users", 4))
    assert codes(twice) == ["", "", ""], "what says the same again changes nothing"
    asked = vote("Ann", "team-users", 5, signature="", review=Review(user="ann"))  # type: ignore[arg-type]
    assert folded(*changed, asked).agreement.vetoes == ()


def test_a_rollout_needs_a_decision_in_the_log() -> None:
    way = (*AGREED, move("decision", 5), move("rollout", 6))
    assert codes(folded(*way, decided=frozenset()))[-1] == "no-decision-record"
    event = [replace(SIGNAL, events=way)]
    proofs = {one.file: Proof(key=f"ssh-ed25519 {one.by}Key") for one in way if one.kind == "vote"}
    for status, state in (("accepted", "rollout"), ("rejected", "decision"), ("proposed", "decision")):
        log = [Decision(id="D", file="d", status=status, related=("SIG-a",))]
        (done,) = fold_all(event, log, POLICY, proofs)
        assert done.state == state


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (move("withdrawn", 3, "Zoe", reason="we keep it"), ""),
        (move("withdrawn", 3, "Ann", reason="it is not needed"), ""),
        (move("withdrawn", 3, "Zoe"), "no-reason"),
        (move("withdrawn", 3, "Mallory", reason="because"), "not-yours"),
        (move("superseded", 3), "no-successor"),
        (move("superseded", 3, superseded_by="SIG-nowhere"), "no-successor"),
        (move("superseded", 3, superseded_by="SIG-a"), "no-successor"),
    ],
)
def test_an_early_end_needs_its_ground(event: Event, code: str) -> None:
    assert codes(folded(event)) == [code]


def test_no_two_signals_replace_each_other() -> None:
    def replaced(name: str, other: str) -> ChangeSignal:
        event = Event(kind="move", at="2026-10-03", by="Ann", file=name, to="superseded", superseded_by=other)
        return replace(SIGNAL, id=name, events=(event,))

    one, two, three = replaced("SIG-1", "SIG-2"), replaced("SIG-2", "SIG-1"), replace(SIGNAL, id="SIG-3")
    assert {signal.state for signal in fold_all([one, two], (), POLICY, {})} == {"proposed"}
    chain = fold_all([replaced("SIG-1", "SIG-2"), replaced("SIG-2", "SIG-3"), three], (), POLICY, {})
    assert [signal.state for signal in chain] == ["superseded", "superseded", "proposed"]


def test_nothing_happens_after_the_end() -> None:
    done = folded(
        move("withdrawn", 3, "Zoe", reason="no"),
        move("review", 4),
        vote("Ann", "team-users", 5),
        Event(kind="comment", at="2026-10-06", by="Ann", file="c", reason="a pity"),
    )
    assert codes(done) == ["", "signal-ended", "signal-ended", ""]


# ---- Votes ---------------------------------------------------------------------------------------------------------


def test_only_votes_on_evidence_count() -> None:
    done = folded(move("review", 2), vote("Ann", "team-users", 3, signature="", digest=""), move("decision", 4))
    (ballot,) = [one for one in done.ballots if one.team == "team-users"]
    assert (ballot.person, ballot.evidence, ballot.counts) == ("Ann", Evidence.CLAIMED, False)
    assert ballot.why.startswith("there is no signature")
    assert done.state == "review"
    (silent,) = [one for one in done.ballots if one.team == "team-shop"]
    assert (silent.vote, silent.is_asked, silent.why) == ("", True, "has not voted")


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (vote("Ann", "team-users", 3, digest="sha256:" + "b" * 64), "other-digest"),
        (vote("Ann", "team-users", 3, digest=""), "signature-invalid"),
        (vote("Cleo", "team-users", 3), "voter-not-member"),
        (vote("Ann", "team-users", 3, signature="Cleo signed"), "signature-of-other"),
        (vote("Ann", "team-users", 3, signature="Mallory signed"), "signature-unknown-key"),
        (vote("Ann", "team-users", 3, drafted_by="agent"), "voter-is-machine"),
        (vote("ci[bot]", "team-users", 3), "voter-is-machine"),
        (vote("Ann", "team-far", 3), "voter-not-member"),
    ],
)
def test_a_vote_that_is_none_is_refused_and_counts_as_nothing(event: Event, code: str) -> None:
    done = folded(move("review", 2), event)
    assert codes(done) == ["", code]
    assert not any(ballot.counts for ballot in done.ballots)


def test_the_author_does_not_vote() -> None:
    done = folded(vote("Ann", "team-users", 3), signal=replace(SIGNAL, author="@ann"))
    assert codes(done) == ["voter-is-author"]


def test_a_team_that_is_not_asked_does_not_vote_and_one_that_answers_is_always_asked() -> None:
    other = replace(SIGNAL, capability_id="api.users.v1", stewards=())
    done = folded(vote("Cleo", "team-shop", 3), signal=other)
    assert codes(done) == ["team-not-asked"]
    assert (done.asked, done.derived) == (("team-users",), ("asked",))


def test_one_person_counts_once_for_one_team_with_the_newest_vote() -> None:
    done = folded(
        move("review", 2),
        vote("Ann", "team-users", 3),
        vote("Ann", "team-users", 4, "reject"),
        vote("Cleo", "team-shop", 5),
        vote("Bo", "team-users", 6),
    )
    assert [(one.vote, one.counts) for one in done.ballots if one.person == "Ann"] == [
        ("approve", False),
        ("reject", True),
    ]
    assert done.agreement.vetoes == ("Ann for team-users",)
    assert not done.agreement.is_met
    again = vote("Ann", "team-users", 7, signature="", review=Review(user="ann"))  # type: ignore[arg-type]
    back = folded(*[replace(one, refused="", why="", was="") for one in done.events], again)
    assert back.agreement.is_met
    assert back.agreement.humans == 3


def test_who_left_does_not_vote_any_more_and_what_was_said_before_stays() -> None:
    left = replace(POLICY, people=tuple(replace(one, until="2026-10-03") for one in POLICY.people))
    assert codes(folded(vote("Ann", "team-users", 3), policy=left)) == [""]
    assert codes(folded(vote("Ann", "team-users", 4), policy=left)) == ["voter-left"]
    late = replace(vote("Ann", "team-users", 3), recorded_at="2026-10-09T00:00:00Z")
    assert codes(folded(late, policy=left)) == ["voter-left"]


@pytest.mark.parametrize(
    ("kind", "voters", "met"),
    [
        ("breaking-change", {"Ann": "team-users", "Cleo": "team-shop"}, True),
        ("breaking-change", {"Ann": "team-users", "Bo": "team-users"}, False),
        ("breaking-change", {"Cleo": "team-shop", "Dee": "team-shop"}, False),
        ("deprecation", {"Ann": "team-users"}, False),
        ("deprecation", {"Ann": "team-users", "Dee": "team-shop"}, True),
    ],
)
def test_how_many_it_takes(kind: str, voters: dict[str, str], met: bool) -> None:
    votes = [vote(who, team, day) for day, (who, team) in enumerate(voters.items(), 3)]
    done = folded(move("review", 2), *votes, signal=replace(SIGNAL, type=kind))
    assert done.agreement.is_met is met
    more = folded(move("review", 2), *votes, policy=replace(POLICY, approvals=3))
    assert not more.agreement.is_met


def test_nobody_is_known_so_nobody_agrees() -> None:
    done = folded(*AGREED, move("decision", 5), policy=Stewards())
    assert codes(done) == ["", "", "", "no-quorum"]
    assert done.agreement.missing == ("decisions/stewards.yaml does not say who has to agree",)
    assert folded(signal=replace(SIGNAL, capability_id="x.y.z", stewards=())).agreement.missing == (
        "no team answers for x.y.z, and the signal lists none",
    )


@pytest.mark.parametrize(("day", "ok"), [(3, False), (4, True), (9, True)])
def test_one_person_decides_after_the_notice_and_it_is_shown_as_decided_by_one(day: int, ok: bool) -> None:
    done = folded(move("review", 1, "Zoe"), move("decision", day, "Zoe"), policy=SOLO)
    assert codes(done) == ["", "" if ok else "no-quorum"]
    assert done.agreement.by_one
    assert done.agreement.notice_until == "2026-10-04T00:00:00Z"
    assert done.agreement.approvals == 0


def test_a_notice_is_not_shortened_by_dating_something_otherwise() -> None:
    early = replace(SIGNAL, created_at="2026-01-01", recorded_at="2026-10-01T00:00:00Z")
    assert not folded(move("review", 1), move("decision", 2), signal=early, policy=SOLO).agreement.is_met
    late = replace(move("decision", 9), recorded_at="2026-10-02T00:00:00Z")
    assert codes(folded(move("review", 1), late, policy=SOLO))[-1] == "no-quorum"


def test_an_objection_holds_up_a_decision_of_one() -> None:
    policy = replace(
        SOLO,
        teams=(Team(name="team-one", capabilities=("api.*",), members=("Ann",)),),
        people=(Person(name="Ann", keys=("ssh-ed25519 AnnKey",)),),
    )
    done = folded(move("review", 1), vote("Ann", "team-one", 2, "reject"), move("decision", 9), policy=policy)
    assert codes(done)[-1] == "no-quorum"
    assert "Ann for team-one objects" in done.agreement.missing


def test_real_signatures_from_files_to_the_state() -> None:
    """Through the reader, the signatures and the fold: what a catalog does with its files."""
    keys = "".join(f'  - name: "{name}"\n    keys: ["{demo_keys.public_key(name)}"]\n' for name in ("Ann", "Cleo"))
    stewards = (
        'mode: "council"\nteams:\n  - {name: "team-users", capabilities: ["api.users.*"], members: ["Ann"]}\n'
        f'  - {{name: "team-shop", members: ["Cleo"]}}\npeople:\n{keys}'
    )
    filed = (
        b'type: "breaking-change"\ncapability_id: "api.users.v1"\nproposed_version: "2.0.0"\nimpact: "x"\n'
        b'priority: "high"\nstewards: ["team-shop"]\n'
    )
    digest = f"sha256:{hashlib.sha256(filed).hexdigest()}"

    def signed(name: str, team: str, said: str = "approve", about: str = digest) -> bytes:
        text = vote_text("SIG-a", about, team, said)
        armored = demo_keys.signature(name, text, namespace=VOTE_NAMESPACE).replace("\n", "\\n")
        words = {"kind": "vote", "by": name, "team": team, "vote": "approve", "digest": digest, "signature": armored}
        return "".join(f'{key}: "{value}"\n' for key, value in words.items()).encode()

    def records(**more: bytes) -> Records:
        files = {"stewards.yaml": stewards.encode(), "signals/SIG-a.yaml": filed}
        files |= {f"signals/SIG-a/{name}.yaml": data for name, data in more.items()}
        fact = Added(commit="c", at="2026-10-02T00:00:00Z", author="Zoe")
        return govern(load_records(files, added=dict.fromkeys(files, fact), schemas=SCHEMAS))

    good = records(a=b'kind: "move"\nto: "review"\nby: "Ann"\n', b=signed("Ann", "team-users"),
                   c=signed("Cleo", "team-shop"), d=b'kind: "move"\nto: "decision"\n')  # fmt: skip
    assert good.findings == ()
    assert (good.signals[0].digest, good.signals[0].state) == (digest, "decision")
    assert [one.evidence for one in good.signals[0].ballots] == [Evidence.SSH, Evidence.SSH]
    for forged in (signed("Ann", "team-users", "reject"), signed("Ann", "team-users", about="sha256:" + "0" * 64)):
        (event,) = records(b=forged).signals[0].events
        assert (event.refused, event.is_accepted) == ("signature-invalid", False)


# ---- Deadlines and order -------------------------------------------------------------------------------------------


def test_five_lines_have_deadlines_that_are_marked_as_derived() -> None:
    # Thursday 2026-10-01; Monday the 5th is a holiday.
    found = deadlines(replace(SIGNAL, priority="high"), {"2026-10-05"})
    assert [(one.step, one.by, one.is_derived) for one in found] == [
        ("acknowledge", "2026-10-06", True),
        ("review", "2026-10-09", True),
        ("decision", "2026-10-13", True),
    ]
    assert found[0].due == "2026-10-07T00:00:00Z"
    assert [one.by for one in deadlines(replace(SIGNAL, priority="P0"), ())] == [
        "2026-10-02",
        "2026-10-05",
        "2026-10-06",
    ]
    own = deadlines(replace(SIGNAL, sla=Sla(review_by="2026-11-02")), ())
    assert [(one.by, one.is_derived) for one in own][1] == ("2026-11-02", False)
    assert deadlines(replace(SIGNAL, created_at=""), ()) == ()


@pytest.mark.parametrize(
    ("as_of", "met", "how"),
    [
        ("2026-10-02", "", Standing.ON_TIME),
        ("2026-10-05", "", Standing.DUE_SOON),
        ("2026-10-05T23:59:59", "", Standing.DUE_SOON),
        ("2026-10-06", "", Standing.BREACHED),
        ("2026-12-01", "2026-10-06T00:00:00Z", Standing.MET),
        ("2026-12-01", "2026-10-06T00:00:01Z", Standing.LATE),
    ],
)
def test_how_a_deadline_stands_is_said_when_it_is_read(as_of: str, met: str, how: Standing) -> None:
    (first, *_) = deadlines(SIGNAL, ())
    assert first.due == "2026-10-06T00:00:00Z"
    assert standing(replace(first, met_at=met), datetime.fromisoformat(as_of).replace(tzinfo=UTC)) is how


def test_the_deadline_that_runs_is_the_first_that_is_not_met() -> None:
    fresh, in_review = folded(), folded(move("review", 2))
    assert (running(fresh).step, running(in_review).step) == ("acknowledge", "review")  # type: ignore[union-attr]
    assert running(folded(move("withdrawn", 3, "Zoe", reason="no"))) is None
    assert is_overdue(fresh, datetime(2026, 10, 6, tzinfo=UTC))
    assert not is_overdue(fresh, datetime(2026, 10, 5, 23, tzinfo=UTC))


@settings(derandomize=True, deadline=None, database=None, max_examples=60)
@given(day=st.dates(date(2020, 1, 1), date(2030, 1, 1)), count=st.integers(0, 12), free=st.sets(st.integers(0, 20)))
def test_business_days_are_counted_one_by_one(day: date, count: int, free: set[int]) -> None:
    holidays = {date.fromordinal(day.toordinal() + offset).isoformat() for offset in free}
    after = business_days_after(day, count, holidays)
    between = [date.fromordinal(number) for number in range(day.toordinal() + 1, after.toordinal() + 1)]
    assert sum(one.weekday() < 5 and one.isoformat() not in holidays for one in between) == count


def test_risk_comes_before_age() -> None:
    def one(name: str, **more: str) -> ChangeSignal:
        signal = replace(SIGNAL, id=name, **more)  # type: ignore[arg-type]
        return replace(signal, deadlines=deadlines(signal, ()))

    signals = [
        one("low", priority="low", created_at="2026-01-01"),
        one("new", priority="P1", created_at="2026-10-20"),
        one("old", priority="high", created_at="2026-10-01"),
        one("top", priority="critical", created_at="2026-10-21"),
        one("odd", priority="whenever", created_at="2025-01-01"),
        one("done", priority="critical", filed_state="complete"),
    ]
    as_of = datetime(2026, 10, 21, tzinfo=UTC)
    assert [signal.id for signal in by_risk(signals, {}, as_of=as_of)] == ["top", "old", "new", "low", "odd", "done"]
    assert [signal.id for signal in by_risk(reversed(signals), {})] == ["top", "old", "new", "low", "odd", "done"]


# ---- Any sequence --------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(["", "Ann", "Bo", "Cleo", "dee", "Zoe", "Mallory", "ci[bot]"])
EVENTS = st.builds(
    Event,
    kind=st.sampled_from(["move", "vote", "comment"]),
    at=st.sampled_from(["2026-10-02", "2026-10-03", "2026-10-09"]),
    by=WORDS,
    file=st.integers(0, 40).map(lambda number: f"decisions/signals/SIG-a/{number}.yaml"),
    to=st.sampled_from([*STATES, *ENDED]),
    team=st.sampled_from(["team-users", "team-shop", "team-far", ""]),
    vote=st.sampled_from(["approve", "reject", "abstain"]),
    reason=st.sampled_from(["", "because"]),
    outcome=st.sampled_from(["", "approved", "rejected", "deferred"]),
    digest=st.sampled_from(["", SIGNAL.digest, "sha256:" + "b" * 64]),
    signature=st.sampled_from(["", "Ann signed", "Cleo signed", "Mallory signed"]),
    superseded_by=st.sampled_from(["", "SIG-a", "SIG-b"]),
)


@settings(derandomize=True, deadline=None, database=None, max_examples=300)
@given(events=st.lists(EVENTS, max_size=12), policy=st.sampled_from([POLICY, SOLO, Stewards()]))
def test_any_sequence_folds_and_each_event_counts_or_has_one_code(events: list[Event], policy: Stewards) -> None:
    done = folded(*events, policy=policy)
    assert done == folded(*events, policy=policy)
    assert done.version == sum(not event.refused for event in done.events)
    state = "proposed"
    for event in done.events:
        assert event.was == state
        assert bool(event.refused) is bool(event.why)
        if event.kind == "move" and event.is_accepted:
            assert (state, event.to) in TRANSITIONS
            state = event.to
    assert done.state == state
    for ballot in done.ballots:
        assert not ballot.counts or ballot.evidence is not Evidence.CLAIMED
    if policy is POLICY and any(move.to == "decision" and move.outcome in ("", "approved") for move in done.moves):
        said = {(one.by.casefold(), one.team) for one in done.events if one.kind == "vote" and one.signature}
        assert {"team-users", "team-shop"} <= {team for _, team in said}


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("ssh-ed25519 AAAA ann@work", "ssh-ed25519 AAAA"),
        ('ann@example.org namespaces="chora-vote" ssh-ed25519 AAAA', "ssh-ed25519 AAAA"),
        ("sk-ssh-ed25519@openssh.com AAAA", "sk-ssh-ed25519@openssh.com AAAA"),
        ("ecdsa-sha2-nistp256 AAAA", "ecdsa-sha2-nistp256 AAAA"),
        ("ssh-ed25519", ""),
        ("no key at all", ""),
        ("", ""),
    ],
)
def test_a_key_is_found_in_its_line(line: str, key: str) -> None:
    assert public_key(line) == key
