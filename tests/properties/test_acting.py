"""Who has a signal in hand, and what they do next: it follows from where the signal stands and what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chora_catalog.model.signal import ENDED, ChangeSignal, Event, Proof
from chora_catalog.model.steward import Person, Stewards, Team
from chora_catalog.resolve.acting import Doing, NextStep, may_vote, next_step
from chora_catalog.resolve.folding import Around, fold
from chora_catalog.resolve.transitions import TRANSITIONS

DIGEST = f"sha256:{'a' * 64}"
COUNCIL = Stewards(
    mode="council",
    teams=(
        Team(name="team-a", members=("Ada", "Abe"), capabilities=("users.*",)),
        Team(name="team-b", members=("Bea",)),
    ),
    people=tuple(Person(name=name, keys=(f"ssh-ed25519 {name}",)) for name in ("Ada", "Abe", "Bea")),
)
FILED = ChangeSignal(
    id="SIG-users-2",
    file="decisions/signals/SIG-users-2.yaml",
    type="breaking-change",
    capability_id="users.profile.read",
    stewards=("team-b",),
    created_at="2026-11-02T08:00:00Z",
    recorded_at="2026-11-02T08:00:00Z",
    author="Abe",
    digest=DIGEST,
)


def event(number: int, kind: str, by: str, **more: str) -> Event:
    return Event(
        kind=kind,
        at=f"2026-11-{number + 2:02d}T08:00:00Z",
        by=by,
        file=f"decisions/signals/SIG-users-2/{number}.yaml",
        **more,
    )


def vote(number: int, by: str, team: str, said: str = "approve") -> Event:
    return event(number, "vote", by, team=team, vote=said, digest=DIGEST, signature="signed")


REVIEW = event(1, "move", "Ada", to="review")
YES = (vote(2, "Ada", "team-a"), vote(3, "Bea", "team-b"))


def asked(*events: Event, policy: Stewards = COUNCIL, decided: tuple[str, ...] = (), **more: object) -> NextStep | None:
    given = replace(FILED, events=events, **more)  # type: ignore[arg-type]
    proofs = {one.file: Proof(key=f"ssh-ed25519 {one.by}") for one in events if one.signature}
    folded = fold(given, Around(policy=policy, proofs=proofs, decided=frozenset(decided)))
    assert [one.why for one in folded.events if one.refused] == []
    return next_step(folded, policy, decided)


def test_a_draft_is_proposed_by_its_author() -> None:
    step = asked(filed_state="draft")
    assert step is not None
    assert (step.doing, step.who, step.to) == (Doing.PROPOSE, ("Abe",), "proposed")


def test_what_is_proposed_waits_for_every_team_that_is_asked() -> None:
    step = asked()
    assert step is not None
    assert (step.doing, step.who, step.to) == (Doing.ACKNOWLEDGE, ("team-a", "team-b"), "review")


def test_in_review_it_waits_for_those_who_have_not_voted() -> None:
    step = asked(REVIEW, YES[0])
    assert step is not None
    assert (step.doing, step.who, step.to) == (Doing.VOTE, ("team-b",), "")


def test_a_claimed_vote_leaves_the_team_waited_for() -> None:
    step = asked(REVIEW, replace(YES[0], signature=""), YES[1])
    assert step is not None
    assert (step.doing, step.who) == (Doing.VOTE, ("team-a",))


def test_where_every_team_agrees_and_a_person_is_missing_all_are_waited_for() -> None:
    more = replace(COUNCIL, humans=3)
    step = asked(REVIEW, *YES, policy=more)
    assert step is not None
    assert (step.doing, step.who) == (Doing.VOTE, ("team-a", "team-b"))
    assert "one more person" in step.words


def test_an_objection_is_answered_by_the_author_and_by_who_objects() -> None:
    step = asked(REVIEW, YES[0], vote(3, "Bea", "team-b", "reject"))
    assert step is not None
    assert (step.doing, step.who) == (Doing.ANSWER, ("Abe", "team-b"))


def test_when_all_agree_the_team_of_the_capability_decides() -> None:
    step = asked(REVIEW, *YES)
    assert step is not None
    assert (step.doing, step.who, step.to) == (Doing.DECIDE, ("team-a",), "decision")


def test_what_is_approved_is_recorded_before_it_is_rolled_out() -> None:
    decided = (REVIEW, *YES, event(4, "move", "Ada", to="decision"))
    step = asked(*decided)
    assert step is not None
    assert (step.doing, step.to) == (Doing.RECORD, "")
    step = asked(*decided, decided=(FILED.id,))
    assert step is not None
    assert (step.doing, step.to) == (Doing.ROLL_OUT, "rollout")
    step = asked(*decided, event(5, "move", "Ada", to="rollout"), decided=(FILED.id,))
    assert step is not None
    assert (step.doing, step.who, step.to) == (Doing.COMPLETE, ("team-a",), "complete")


def test_what_was_rejected_is_ended_and_what_was_deferred_taken_up() -> None:
    no = (REVIEW, YES[0], vote(3, "Bea", "team-b", "reject"))
    step = asked(*no, event(4, "move", "Ada", to="decision", outcome="rejected"))
    assert step is not None
    assert (step.doing, step.to) == (Doing.END, "rejected")
    step = asked(*no, event(4, "move", "Ada", to="decision", outcome="deferred", reason="after the summer"))
    assert step is not None
    assert (step.doing, step.to) == (Doing.TAKE_UP, "review")


def test_a_notice_is_waited_for() -> None:
    solo = Stewards(mode="solo", notice="3d", teams=(Team(name="team-a", capabilities=("users.*",)),))
    step = asked(REVIEW, policy=solo)
    assert step is not None
    assert (step.doing, step.who, step.to) == (Doing.WAIT, ("team-a",), "decision")


@pytest.mark.parametrize("policy", [Stewards(), Stewards(mode="council")])
def test_where_nobody_is_known_it_says_so(policy: Stewards) -> None:
    step = asked(policy=policy, stewards=(), filed_state="review")
    assert step is not None
    assert (step.doing, step.who, step.to) == (Doing.NAME, ("Abe",), "")


@pytest.mark.parametrize("state", ENDED)
def test_what_ended_waits_for_nobody(state: str) -> None:
    assert asked(filed_state=state) is None


def test_every_move_it_names_is_one_of_the_table() -> None:
    told = [
        ("draft", asked(filed_state="draft")),
        ("proposed", asked()),
        ("review", asked(REVIEW, *YES)),
        ("rollout", asked(filed_state="rollout")),
    ]
    assert [(state, step.to) for state, step in told if step and (state, step.to) not in TRANSITIONS] == []


def test_the_author_may_not_vote() -> None:
    assert may_vote(FILED, COUNCIL, "team-a") == ("Ada",)
    assert may_vote(FILED, COUNCIL, "team-z") == ()
