"""One change signal: where it stands, who has and who has not voted on what evidence, what is due, what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from chora_catalog.model.decision import Decision
from chora_catalog.model.signal import EARLY_ENDS, STATES, Ballot, ChangeSignal, Event, Evidence
from chora_catalog.model.verdict import Verdict
from chora_catalog.render import instants, links
from chora_catalog.render.pages.acts import Act, acts
from chora_catalog.render.pages.inbox import Due, due, due_of
from chora_catalog.render.pages.lookup import EdgeView, Lookup
from chora_catalog.render.pages.owners import WaiverRow, waiver_rows
from chora_catalog.resolve.acting import NextStep, may_vote

REACH = 200
EVENTS = 200
VOTES = 200
_EVIDENCE = {
    Evidence.SSH: "SSH signature over the digest, checked",
    Evidence.REVIEW: "review at the forge, seen by the gate",
    Evidence.CLAIMED: "none: counts as nothing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One state a signal goes through; `at` is when it came there, as an instant or empty."""

    state: str
    at: str
    is_done: bool
    is_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRow:
    """One deadline: `met` is an instant, empty while nobody has met it."""

    word: str
    due: Due
    met: str

    @property
    def is_in_time(self) -> bool:
        """Tell whether it was met before its end."""
        return bool(self.met) and self.met <= self.due.at


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRow:
    """One vote, or a team that has not voted (`state` is `waiting`); else `counts`, `claimed`, `again` or `void`."""

    team: str
    state: str
    is_asked: bool
    vote: str = ""
    person: str = ""
    at: str = ""
    reason: str = ""
    evidence: str = ""
    """What stands behind it, or why it counts as nothing."""
    may_vote: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalPage:
    """One change signal."""

    signal: ChangeSignal
    due: Due
    step: NextStep | None
    steps: tuple[Step, ...]
    deadlines: tuple[DeadlineRow, ...]
    votes: tuple[VoteRow, ...]
    more_votes: int
    agreed: int
    """How many of the teams that are asked have approved with a vote that counts."""
    rule: str
    """Who has to agree, in a sentence."""
    reach: tuple[EdgeView, ...]
    more_reach: int
    released: str
    """The newest version of the capability, empty when it is not in the catalog."""
    events: tuple[Event, ...]
    """The newest first."""
    more_events: int
    refused: int
    acts: tuple[Act, ...]
    waivers: tuple[WaiverRow, ...]
    decisions: tuple[Decision, ...]
    before: tuple[tuple[str, str], ...]
    """Signals that this one is said to replace, correct or repeat: the word, and the id."""
    after: tuple[tuple[str, str], ...]
    """Signals that say so of this one."""
    file_href: str
    twin: str


def signal(lookup: Lookup, given: ChangeSignal) -> SignalPage:
    """Return what the page of one signal shows."""
    entry = lookup.entries.get(given.capability_id)
    reach = lookup.edges(entry.dependents) if entry else ()
    step = lookup.next_steps.get(given.id)
    votes = vote_rows(lookup, given)
    agreeing = {row.team for row in votes if row.state == "counts" and row.vote == "approve" and row.is_asked}
    events = tuple(reversed(given.events))
    broken = [view for view in reach if view.edge.verdict is Verdict.BREAKING]
    return SignalPage(
        signal=given,
        due=due_of(given),
        step=step,
        steps=steps(given),
        deadlines=tuple(
            DeadlineRow(word=item.step.capitalize(), due=due(item), met=instants.instant(item.met_at))
            for item in given.deadlines
        ),
        votes=votes[:VOTES],
        more_votes=max(0, len(votes) - VOTES),
        agreed=len(agreeing),
        rule=rule(lookup, given),
        reach=reach[:REACH],
        more_reach=max(0, len(reach) - REACH),
        released=entry.version if entry else "",
        events=events[:EVENTS],
        more_events=max(0, len(events) - EVENTS),
        refused=sum(not event.is_accepted for event in events),
        acts=acts(lookup, given, step, broken) if given.is_open else (),
        waivers=waiver_rows(lookup, list(lookup.relations.waived_by.get(given.id, ()))),
        decisions=lookup.relations.decided_by.get(given.id, ()),
        before=_before(given),
        after=_after(lookup, given),
        file_href=links.catalog_file(lookup.catalog.registry, given.file, given.commit),
        twin=links.twin(links.signal_page(given.id)),
    )


def steps(given: ChangeSignal) -> tuple[Step, ...]:
    """Return the way `given` has gone and goes on; the end it came to early stands in its place."""
    moves = {event.to: event.at for event in given.moves}
    moves.setdefault(given.filed_state, given.created_at)
    way = list(STATES) if given.state in STATES else [*STATES[:-1], given.state]
    now = way.index(given.state)
    early = given.state in EARLY_ENDS
    return tuple(
        Step(
            state=state,
            at=instants.instant(moves.get(state, "")),
            is_done=index <= now and (not early or state in moves or index == now),
            is_now=index == now,
        )
        for index, state in enumerate(way)
    )


def vote_rows(lookup: Lookup, given: ChangeSignal) -> tuple[VoteRow, ...]:
    """Return every vote and every team that has none: teams that are asked first, what counts before what does not."""
    policy = lookup.catalog.stewards
    events = {event.file: event for event in given.events}
    rows = [_vote(ballot, events.get(ballot.file)) for ballot in given.ballots if ballot.person or ballot.vote]
    rows += [
        VoteRow(
            team=event.team,
            state="void",
            is_asked=event.team in given.asked,
            vote=event.vote,
            person=event.by,
            at=event.at,
            reason=event.reason,
            evidence=event.why,
        )
        for event in given.events
        if event.kind == "vote" and event.refused
    ]
    heard, said = {row.team for row in rows if row.state == "counts"}, {row.team for row in rows}
    rows += [
        VoteRow(
            team=team,
            state="waiting",
            is_asked=True,
            evidence="what was said so far does not count" if team in said else "",
            may_vote=may_vote(given, policy, team),
        )
        for team in given.asked
        if team not in heard and given.is_open
    ]
    order = ("counts", "claimed", "waiting", "again", "void")
    return tuple(
        sorted(rows, key=lambda row: (not row.is_asked, row.state == "void", row.team, order.index(row.state), row.at))
    )


def rule(lookup: Lookup, given: ChangeSignal) -> str:
    """Return in a sentence who has to agree to `given`, by the policy of the catalog."""
    policy, agreed = lookup.catalog.stewards, given.agreement
    if not policy.is_known:
        return "Who has to agree is not said: there is no decisions/stewards.yaml with teams."
    if policy.is_solo:
        return (
            f"One person decides, {policy.notice or 'at once'} after it was published, unless somebody objects. It is "
            "shown as decided by one, never as an agreement of several."
        )
    if given.is_breaking:
        return (
            f"A breaking change needs an approval of every team that is asked, by at least "
            f"{agreed.humans_needed} different people."
        )
    return "It needs an approval of most of the teams that are asked, by at least one person."


def _vote(ballot: Ballot, event: Event | None) -> VoteRow:
    # A ballot that is checked and does not count was overtaken, by a newer vote or by a move back to review.
    state = "counts" if ballot.counts else "claimed" if ballot.evidence is Evidence.CLAIMED else "again"
    return VoteRow(
        team=ballot.team,
        state=state,
        is_asked=ballot.is_asked,
        vote=ballot.vote,
        person=ballot.person,
        at=ballot.at,
        reason=event.reason if event else "",
        evidence=ballot.why if state == "again" else _EVIDENCE[ballot.evidence],
    )


def _before(given: ChangeSignal) -> tuple[tuple[str, str], ...]:
    said = (("Replaces", given.supersedes), ("Corrects", given.corrects), ("Repeats", given.duplicate_of))
    return tuple((word, name) for word, name in said if name)


def _after(lookup: Lookup, given: ChangeSignal) -> tuple[tuple[str, str], ...]:
    told = lookup.relations
    said = (
        ("Replaced by", told.replaced_by),
        ("Corrected by", told.corrected_signals),
        ("Repeated by", told.repeated_by),
    )
    return tuple((word, name) for word, names in said for name in names.get(given.id, ()))
