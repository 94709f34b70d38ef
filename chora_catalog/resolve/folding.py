"""Signals with their events -> their state, who has voted, what is missing and until when: the fold of the events.

Each event is accepted, or refused with one code and a sentence, and one that is refused changes nothing. The order is
that of the times the events name, then of their files. Nothing here knows what time it is, so that a catalog says the
same of the same files for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from chora_catalog.model.decision import Decision
from chora_catalog.model.signal import ENDED, HUMAN, Agreement, ChangeSignal, Event, Evidence, Proof
from chora_catalog.model.steward import Stewards
from chora_catalog.resolve.clock import instant
from chora_catalog.resolve.sla import deadlines
from chora_catalog.resolve.transitions import TRANSITIONS, Guard, next_states
from chora_catalog.resolve.voting import Cast, agreement, asked_teams, ballots, is_author, is_machine, look_at

_SPENT = "it was rolled back afterwards, and is voted on anew"
_NOT_DECIDED = ("proposed", "rejected", "deferred", "superseded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the events of a signal are judged by: who has to agree, what signatures show, and the records beside it."""

    policy: Stewards = field(default_factory=Stewards)
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    """By the file of the event."""
    decided: frozenset[str] = frozenset()
    """Ids of signals that a decision of the log names."""
    signals: Mapping[str, ChangeSignal] = field(default_factory=dict)


def fold_all(
    signals: Iterable[ChangeSignal], decisions: Iterable[Decision], policy: Stewards, proofs: Mapping[str, Proof]
) -> tuple[ChangeSignal, ...]:
    """Return each signal with its events judged, and with what follows from them."""
    every = tuple(signals)
    around = Around(
        policy=policy,
        proofs=proofs,
        decided=named_by(decisions),
        signals={signal.id: signal for signal in every},
    )
    return tuple(fold(signal, around) for signal in every)


def named_by(decisions: Iterable[Decision]) -> frozenset[str]:
    """Return what the decisions that stand name under `related`: the ids of signals among them are recorded."""
    return frozenset(named for record in decisions if record.status not in _NOT_DECIDED for named in record.related)


def fold(signal: ChangeSignal, around: Around) -> ChangeSignal:
    """Return `signal` with each event accepted or refused, its ballots, its agreement and its deadlines."""
    way = _Way(signal=signal, around=around, state=signal.filed_state)
    for event in signal.events:
        way.take(event)
    policy = around.policy
    votes = ballots(signal, way.casts, policy)
    asked = asked_teams(signal, policy)
    derived = tuple(sorted({*signal.derived, *(["asked"] if set(asked) - set(signal.stewards) else [])}))
    last = way.last_at or signal.created_at
    judged = replace(signal, events=tuple(way.events), derived=derived, asked=asked, ballots=votes)
    return replace(
        judged,
        agreement=way.agreed or agreement(signal, votes, policy, at=last),
        deadlines=deadlines(judged, policy.holidays),
    )


@dataclass(slots=True, kw_only=True)
class _Way:
    """The way of one signal so far."""

    signal: ChangeSignal
    around: Around
    state: str
    outcome: str = "approved"
    events: list[Event] = field(default_factory=list)
    casts: list[Cast] = field(default_factory=list)
    agreed: Agreement | None = None
    """What the agreement was when it was decided; a move back to review asks anew."""
    last_at: str = ""

    def take(self, event: Event) -> None:
        """Judge the next event, and go on with what it changes."""
        code, why = self.judge(event)
        self.events.append(replace(event, was=self.state, refused=code, why=why))
        if code:
            return
        self.last_at = event.at
        if event.kind == "move":
            if event.to == "decision":
                self.outcome = event.outcome or "approved"
                self.agreed = self.agreement(event)
            elif event.to == "review" and self.state == "rollout":
                # What was agreed to did not hold; a deferral changes nothing but the time.
                self.agreed, self.casts = None, [replace(cast, why=_SPENT) for cast in self.casts]
            elif event.to == "review":
                self.agreed = None
            self.state = event.to

    def judge(self, event: Event) -> tuple[str, str]:
        """Return the code and the sentence of what is wrong with `event`; two empty texts where it counts."""
        if event.kind == "comment":
            return "", ""
        if self.state in ENDED:
            return "signal-ended", f"{self.signal.id} ended as {self.state}; what ended is taken up by a new signal"
        return self.vote(event) if event.kind == "vote" else self.move(event)

    def vote(self, event: Event) -> tuple[str, str]:
        if self.state not in ("proposed", "review"):
            return "vote-out-of-time", f"votes are cast while it is proposed or in review, and it is in {self.state}"
        cast = look_at(event, self.signal, self.around.policy, self.around.proofs.get(event.file))
        if not cast.refused and self.is_replay(cast):
            why = f"{cast.person} has signed this very vote before and changed it since, so a copy of it proves nothing"
            return "signature-replayed", why
        if not cast.refused:
            self.casts.append(cast)
        return cast.refused, cast.why if cast.refused else ""

    def is_replay(self, cast: Cast) -> bool:
        """Tell whether a signature may be a copy of an earlier one that does not say any more what the person says.

        A signature holds no time, so that whoever has the first could add it again. It is no matter of bytes: from one
        signature others of the same vote can be made with some kinds of keys.
        """
        own = [one for one in self.casts if (one.person, one.event.team) == (cast.person, cast.event.team)]
        known = [one for one in own if one.evidence is not Evidence.CLAIMED]
        same = [one for one in known if one.evidence is Evidence.SSH and one.event.vote == cast.event.vote]
        if cast.evidence is not Evidence.SSH or not same:
            return False
        return known[-1].event.vote != cast.event.vote or known[-1].why == _SPENT

    def move(self, event: Event) -> tuple[str, str]:
        guard = TRANSITIONS.get((self.state, event.to))
        if guard is None:
            after = ", ".join(next_states(self.state)) or "nothing"
            return "no-such-move", f"{self.state} is not followed by {event.to}; it is followed by {after}"
        return {
            Guard.NONE: self.free,
            Guard.ACKNOWLEDGED: self.acknowledged,
            Guard.AGREED: self.decided,
            Guard.APPROVED: self.approved,
            Guard.REJECTED: self.rejected,
            Guard.REASON: self.reasoned,
            Guard.OWN: self.withdrawn,
            Guard.REPLACED: self.replaced,
        }[guard](event)

    def free(self, event: Event) -> tuple[str, str]:
        return "", ""

    def acknowledged(self, event: Event) -> tuple[str, str]:
        policy = self.around.policy
        if not policy.is_known or policy.is_solo:
            return "", ""
        if event.drafted_by not in ("", HUMAN) or is_machine(event.by):
            return "not-acknowledged", f"{event.by} is no person; a steward acknowledges a signal"
        if is_author(self.signal, event.by, policy):
            return "not-acknowledged", f"{event.by} filed it; a steward other than its author acknowledges it"
        if not self.is_steward(event.by):
            return "not-acknowledged", f"{event.by or 'nobody'} is no member of a team that is asked"
        return "", ""

    def is_steward(self, who: str) -> bool:
        policy = self.around.policy
        person = policy.person(who)
        return person is not None and any(policy.is_member(person, team) for team in asked_teams(self.signal, policy))

    def agreement(self, event: Event) -> Agreement:
        # Of two times that are there the earlier one counts: a notice is not shortened by dating a move later.
        known = [(moment, text) for text in (event.at, event.recorded_at) if (moment := instant(text))]
        votes = ballots(self.signal, self.casts, self.around.policy)
        return agreement(self.signal, votes, self.around.policy, at=min(known)[1] if known else "")

    def decided(self, event: Event) -> tuple[str, str]:
        agreed = self.agreement(event)
        match event.outcome or "approved":
            case "approved" if not agreed.is_met:
                return "no-quorum", f"those who have to agree have not: {'; '.join(agreed.missing)}"
            case "rejected" if not agreed.vetoes and not (agreed.by_one and event.reason):
                return "no-objection", "nobody whose vote counts has objected"
            case "deferred" if not event.reason:
                return "no-reason", "a deferral says why"
        return "", ""

    def approved(self, event: Event) -> tuple[str, str]:
        if self.outcome != "approved":
            return "other-outcome", f"it was decided as {self.outcome}; only what is approved is rolled out"
        if self.signal.id not in self.around.decided:
            return "no-decision-record", f"no decision of the log that stands names {self.signal.id} under `related`"
        return "", ""

    def rejected(self, event: Event) -> tuple[str, str]:
        if self.outcome != "rejected":
            return "other-outcome", f"it was decided as {self.outcome}, not as rejected"
        return "", ""

    def reasoned(self, event: Event) -> tuple[str, str]:
        if self.state == "decision" and self.outcome != "deferred":
            return "other-outcome", f"it was decided as {self.outcome}; only what is deferred goes back to review"
        return ("", "") if event.reason else ("no-reason", f"a move from {self.state} back to {event.to} says why")

    def withdrawn(self, event: Event) -> tuple[str, str]:
        policy = self.around.policy
        if policy.is_known and not is_author(self.signal, event.by, policy) and not self.is_steward(event.by):
            return "not-yours", f"{event.by or 'nobody'} neither filed it nor is a steward who is asked"
        return ("", "") if event.reason else ("no-reason", "whoever withdraws a signal says why")

    def replaced(self, event: Event) -> tuple[str, str]:
        signals, seen, name = self.around.signals, {self.signal.id}, event.superseded_by
        if not name:
            name = min((one.id for one in signals.values() if one.supersedes == self.signal.id), default="")
        if not name:
            return "no-successor", "`superseded_by` names the signal that takes its place, and is missing"
        first = name
        while name:
            if name in seen:
                return "no-successor", f"{first} is itself replaced by {self.signal.id}, in the end"
            seen.add(name)
            other = signals.get(name)
            if other is None or other.filed_state == "draft":
                return "no-successor", f"{name} is no signal that was proposed"
            name = next((one.superseded_by for one in reversed(other.events) if one.to == "superseded"), "")
        return "", ""
