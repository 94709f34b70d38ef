"""Who has voted, which votes count, and whether those who have to agree do.

A vote counts when it is about the signal as it was filed (its digest), stands on evidence that can be checked, and is
cast by a person whom the stewards list for a team that is asked. The author, an agent and automation never count; one
person counts once for one team, with the newest vote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.signal import HUMAN, Agreement, Ballot, ChangeSignal, Event, Evidence, Proof
from chora_catalog.model.steward import Person, Stewards
from chora_catalog.parse.instants import duration
from chora_catalog.resolve.clock import instant, passed

_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """One vote looked at: whose it is, on what evidence; `refused` is the code of why it cannot be a vote at all."""

    event: Event
    person: str = ""
    evidence: Evidence = Evidence.CLAIMED
    refused: str = ""
    why: str = ""


def asked_teams(signal: ChangeSignal, policy: Stewards) -> tuple[str, ...]:
    """Return the teams that have to agree: those the signal lists and those that answer for its capability, sorted.

    Whoever files a signal may ask more teams, and cannot leave out the one that answers for what changes.
    """
    return tuple(sorted({*signal.stewards, *policy.teams_for(signal.capability_id)}))


def look_at(event: Event, signal: ChangeSignal, policy: Stewards, proof: Proof | None) -> Cast:
    """Return whose vote `event` is, on what evidence, or why it is none. `proof` is what a look at it showed."""
    if event.drafted_by not in ("", HUMAN) or is_machine(event.by):
        return _void(event, "voter-is-machine", f"{event.by or 'it'} is no person; agents and automation do not vote")
    if event.digest and event.digest != signal.digest:
        return _void(event, "other-digest", "the vote is about the signal with another digest, so it is void")
    if not policy.is_known:
        return Cast(event=event, person=event.by, why="nobody says who has to agree, so no vote counts")
    person, evidence = policy.person(event.by), Evidence.CLAIMED
    if event.signature:
        if not event.digest:
            return _void(event, "signature-invalid", "the vote is signed and names no digest")
        if proof is None or proof.problem:
            return _void(event, "signature-invalid", f"the signature proves nothing: {_problem(proof)}")
        signer = policy.holder_of(proof.key)
        if signer is None:
            return _void(event, "signature-unknown-key", "the key that signed it is of nobody whom the stewards list")
        if event.by and "by" not in event.derived and signer is not person:
            return _void(event, "signature-of-other", f"the key that signed it is of {signer.name}, not of {event.by}")
        person, evidence = signer, Evidence.SSH
    elif event.review is not None:
        if proof is not None and proof.problem:
            return _void(event, "review-missing", proof.problem)
        reviewer = policy.account(event.review.user)
        if reviewer is None:
            return _void(event, "reviewer-unknown", f"{event.review.user} is the account of nobody whom they list")
        if event.by and "by" not in event.derived and reviewer is not person:
            return _void(event, "review-of-other", f"the review is of {reviewer.name}, not of {event.by}")
        person, evidence = reviewer, Evidence.REVIEW
    return _of_person(event, signal, policy, person, evidence)


def _of_person(event: Event, signal: ChangeSignal, policy: Stewards, person: Person | None, by: Evidence) -> Cast:
    who = person.name if person else event.by
    if person is None or not policy.is_member(person, event.team):
        return _void(event, "voter-not-member", f"{who or 'nobody'} is no member of {event.team}", who)
    if is_author(signal, who, policy):
        return _void(event, "voter-is-author", f"{who} filed the signal, and an author does not vote on it", who)
    if event.team not in asked_teams(signal, policy):
        return _void(event, "team-not-asked", f"{event.team} is not asked about {signal.id}", who)
    if person.until and passed(person.until, instant(event.recorded_at or event.at) or _EARLIEST, end=True):
        return _void(event, "voter-left", f"{who} was a steward until {person.until}", who)
    if by is Evidence.CLAIMED:
        why = "there is no signature and no review that could be checked"
        return Cast(event=event, person=who, evidence=by, why=why)
    return Cast(event=event, person=who, evidence=by)


def is_machine(who: str) -> bool:
    """Tell whether a forge's name says that no person is behind it."""
    return who.strip().casefold().endswith("[bot]")


def is_author(signal: ChangeSignal, who: str, policy: Stewards) -> bool:
    """Tell whether `who` filed `signal`, under the name or the handle: by what it says, or by its commit."""
    return any(_same(who, author, policy) for author in (signal.author, signal.filed_by))


def _same(who: str, author: str, policy: Stewards) -> bool:
    one, other = policy.person(who), policy.person(author)
    if one is not None and other is not None:
        return one.name == other.name
    return bool(who) and who.strip().casefold() == author.strip().casefold()


def ballots(signal: ChangeSignal, casts: Iterable[Cast], policy: Stewards) -> tuple[Ballot, ...]:
    """Return one ballot for each vote of `casts` (in their order), and one for each asked team that has none.

    By team, then in order; of the votes of one person for one team the newest counts.
    """
    asked = asked_teams(signal, policy)
    every = [cast for cast in casts if not cast.refused]
    last = {(cast.event.team, cast.person): cast for cast in every if _is_checked(cast)}
    found = []
    for cast in every:
        counts = _is_checked(cast) and last[cast.event.team, cast.person] is cast
        why = cast.why or ("" if counts else f"{cast.person} voted again later")
        found.append(
            Ballot(
                team=cast.event.team,
                is_asked=cast.event.team in asked,
                person=cast.person,
                vote=cast.event.vote,
                at=cast.event.at,
                file=cast.event.file,
                evidence=cast.evidence,
                counts=counts,
                why=why,
            )
        )
    silent = [team for team in asked if not any(ballot.team == team for ballot in found)]
    found += [Ballot(team=team, is_asked=True, why="has not voted") for team in silent]
    return tuple(sorted(found, key=lambda ballot: (not ballot.is_asked, ballot.team)))


def agreement(signal: ChangeSignal, votes: tuple[Ballot, ...], policy: Stewards, *, at: str) -> Agreement:
    """Return how far those who have to agree have come at the instant `at` (which only a notice depends on)."""
    counted = [ballot for ballot in votes if ballot.counts]
    vetoes = tuple(sorted(f"{ballot.person} for {ballot.team}" for ballot in counted if ballot.vote == "reject"))
    objections = tuple(f"{veto} objects" for veto in vetoes)
    if policy.is_solo:
        return _by_one(signal, policy, at, vetoes, objections)
    approvals = [ballot for ballot in counted if ballot.vote == "approve"]
    people = {ballot.person for ballot in approvals}
    asked = asked_teams(signal, policy)
    agreed = {ballot.team for ballot in approvals}
    if signal.is_breaking:
        needed, humans = max(len(asked), policy.approvals), policy.humans
        missing = [_not_yet(team, policy) for team in asked if team not in agreed]
        if len(approvals) < needed and not missing:
            missing.append(f"{len(approvals)} of {needed} approvals are there")
    else:
        needed, humans = len(asked) // 2 + 1, 1
        missing = []
        if len(agreed) < needed:
            missing = [f"{len(agreed)} of the {needed} teams that are a majority have approved"]
            missing += [_not_yet(team, policy) for team in asked if team not in agreed]
    if len(people) < humans:
        missing.append(f"{len(people)} of {humans} different people have approved")
    if not policy.is_known:
        missing = ["decisions/stewards.yaml does not say who has to agree"]
    elif not asked:
        missing = [f"no team answers for {signal.capability_id}, and the signal lists none"]
    return Agreement(
        is_met=not missing and not vetoes,
        approvals=len(agreed) if not signal.is_breaking else len(approvals),
        approvals_needed=needed,
        humans=len(people),
        humans_needed=humans,
        vetoes=vetoes,
        missing=(*missing, *objections),
    )


def _by_one(
    signal: ChangeSignal, policy: Stewards, at: str, vetoes: tuple[str, ...], objections: tuple[str, ...]
) -> Agreement:
    published = max(filter(None, map(instant, (signal.recorded_at, signal.created_at))), default=None)
    notice, now = duration(policy.notice), instant(at)
    ends = None
    try:
        ends = published + notice if published and notice else published
    except OverflowError:
        ends = None
    missing = []
    if ends is None:
        missing.append("nobody can say since when it is published")
    elif now is None or now < ends:
        missing.append(f"its notice of {policy.notice} ends at {instant_text(ends)}")
    return Agreement(
        is_met=not missing and not vetoes,
        vetoes=vetoes,
        missing=(*missing, *objections),
        by_one=True,
        notice_until=instant_text(ends) if ends else "",
    )


def _not_yet(team: str, policy: Stewards) -> str:
    return f"{team} has not approved" if policy.team(team) else f"{team} is no team of the stewards, so it cannot agree"


def _is_checked(cast: Cast) -> bool:
    return cast.evidence is not Evidence.CLAIMED and not cast.why


def _void(event: Event, code: str, why: str, who: str = "") -> Cast:
    return Cast(event=event, person=who, refused=code, why=why)


def _problem(proof: Proof | None) -> str:
    return proof.problem if proof and proof.problem else "nobody looked at it"


def proofs_asked(signals: Iterable[ChangeSignal]) -> Mapping[str, tuple[ChangeSignal, Event]]:
    """Return what carries a signature, by the event's file: the signal and the event that it is about."""
    return {
        event.file: (signal, event)
        for signal in signals
        for event in signal.events
        if event.kind == "vote" and event.signature
    }
