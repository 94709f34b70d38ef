"""A folded signal -> who has it in hand, and what they do next: what an inbox is sorted out by.

It follows from the table of transitions and from what is missing; nobody types it. Nothing here knows what time it is:
where a notice runs, the answer names the instant at which it ends.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from chora_catalog.model.signal import ChangeSignal
from chora_catalog.model.steward import Stewards
from chora_catalog.resolve.voting import is_author


class Doing(StrEnum):
    """What somebody has to do next."""

    PROPOSE = "propose"
    ACKNOWLEDGE = "acknowledge"
    VOTE = "vote"
    ANSWER = "answer"
    """Somebody objects: the signal is changed by a new one, withdrawn, or the objection is taken back."""
    WAIT = "wait"
    """A notice runs."""
    NAME = "name"
    """Nobody is known who could agree."""
    DECIDE = "decide"
    RECORD = "record"
    """It is approved, and no decision of the log says so."""
    ROLL_OUT = "roll out"
    END = "end"
    """It was decided as rejected."""
    TAKE_UP = "take up"
    """It was deferred."""
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What comes next: `who` are teams, or people where no team is meant; `words` say it in a sentence.

    `to` is the state of the move that does it; empty where it is no move.
    """

    doing: Doing
    who: tuple[str, ...]
    words: str
    to: str = ""


def next_step(signal: ChangeSignal, policy: Stewards, decided: Collection[str]) -> NextStep | None:
    """Return the next step of `signal`, None where it has ended.

    `decided` are the ids of signals that a decision of the log names.
    """
    match signal.state:
        case "draft":
            return NextStep(
                doing=Doing.PROPOSE,
                who=_author(signal),
                words="Its author proposes it, or withdraws it.",
                to="proposed",
            )
        case "proposed":
            return _acknowledge(signal, policy)
        case "review":
            return _agree(signal, policy)
        case "decision":
            return _after_decision(signal, decided)
        case "rollout":
            return NextStep(
                doing=Doing.COMPLETE,
                who=_in_hand(signal, policy),
                words="Once what it proposes is released and has reached everybody, it is completed.",
                to="complete",
            )
    return None


def may_vote(signal: ChangeSignal, policy: Stewards, team: str) -> tuple[str, ...]:
    """Return the members of `team` who may vote on `signal`, sorted: its author may not."""
    found = policy.team(team)
    return tuple(sorted(name for name in (found.members if found else ()) if not is_author(signal, name, policy)))


def _acknowledge(signal: ChangeSignal, policy: Stewards) -> NextStep:
    if not policy.is_known or policy.is_solo:
        return NextStep(
            doing=Doing.ACKNOWLEDGE, who=_in_hand(signal, policy), words="It is moved to review.", to="review"
        )
    if not signal.asked:
        return _name(signal)
    return NextStep(
        doing=Doing.ACKNOWLEDGE,
        who=signal.asked,
        words="A steward of a team that is asked, and not its author, acknowledges it.",
        to="review",
    )


def _agree(signal: ChangeSignal, policy: Stewards) -> NextStep:
    agreed = signal.agreement
    if agreed.is_met:
        return NextStep(
            doing=Doing.DECIDE,
            who=_in_hand(signal, policy),
            words="The notice is over and nobody objects: it is moved to decision."
            if agreed.by_one
            else "Everybody who has to agree does: it is moved to decision.",
            to="decision",
        )
    if agreed.vetoes:
        return NextStep(
            doing=Doing.ANSWER,
            who=(*_author(signal), *_objecting(signal)),
            words="It cannot be approved while somebody objects. It is decided as rejected, withdrawn, replaced by "
            "another signal, or the objection is taken back by a new vote.",
        )
    if agreed.by_one:
        return NextStep(
            doing=Doing.WAIT if agreed.notice_until else Doing.NAME,
            who=_in_hand(signal, policy),
            words="One person decides, after a published notice; whoever objects says so until it ends."
            if agreed.notice_until
            else "Nobody can say since when it is published, so its notice does not end.",
            to="decision" if agreed.notice_until else "",
        )
    if not signal.asked or not policy.is_known:
        return _name(signal)
    agreeing = {ballot.team for ballot in signal.ballots if ballot.counts and ballot.vote == "approve"}
    silent = tuple(team for team in signal.asked if team not in agreeing)
    # Every team agrees and people are still missing: any of them can send one more.
    return NextStep(
        doing=Doing.VOTE,
        who=silent or signal.asked,
        words="Each team that is asked votes on the signal as it was filed."
        if silent
        else "Every team agrees; one more person has to.",
    )


def _after_decision(signal: ChangeSignal, decided: Collection[str]) -> NextStep:
    outcome = next((move.outcome for move in reversed(signal.moves) if move.to == "decision"), "") or "approved"
    who = signal.asked or _author(signal)
    if outcome == "rejected":
        return NextStep(
            doing=Doing.END, who=who, words="It was decided as rejected, and is ended as that.", to="rejected"
        )
    if outcome == "deferred":
        words = "It was deferred: it goes back to review, with a new date."
        return NextStep(doing=Doing.TAKE_UP, who=who, words=words, to="review")
    if signal.id not in decided:
        return NextStep(
            doing=Doing.RECORD,
            who=who,
            words="It is approved. A decision of the log has to name it before it is rolled out.",
        )
    return NextStep(
        doing=Doing.ROLL_OUT,
        who=_author(signal) or who,
        words="It is approved and recorded: it is rolled out.",
        to="rollout",
    )


def _name(signal: ChangeSignal) -> NextStep:
    return NextStep(
        doing=Doing.NAME,
        who=_author(signal),
        words="Nobody is known who could agree: decisions/stewards.yaml names no team for its capability, and the "
        "signal lists none.",
    )


def _in_hand(signal: ChangeSignal, policy: Stewards) -> tuple[str, ...]:
    """Return the teams that answer for its capability, else those that are asked, else its author."""
    return policy.teams_for(signal.capability_id) or signal.asked or _author(signal)


def _objecting(signal: ChangeSignal) -> tuple[str, ...]:
    return tuple(sorted({ballot.team for ballot in signal.ballots if ballot.counts and ballot.vote == "reject"}))


def _author(signal: ChangeSignal) -> tuple[str, ...]:
    return (signal.author,) if signal.author else ()
