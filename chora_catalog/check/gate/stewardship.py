"""Who has to agree is what the base says: a pull request does not choose its own judges."""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.gate.proposed import POLICY, Proposed
from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.signal import ChangeSignal, Event
from chora_catalog.model.steward import Stewards

_UNKNOWN = ("signature-unknown-key", "reviewer-unknown", "voter-not-member", "not-acknowledged", "not-yours")


def check(proposed: Proposed) -> Iterator[Finding]:
    """Yield what is wrong with a changed policy, and with events of people whom this change alone makes stewards."""
    if any(change.path == POLICY and change.status == "M" for change in proposed.changes):
        yield from _changed(proposed)
    if proposed.wanted is not None:
        for signal, event in proposed.added_events():
            who = _made_by_it(signal, event, proposed.policy, proposed.wanted)
            if who:
                yield Finding(
                    rule="steward-self-added",
                    severity=Severity.ERROR,
                    message=f"{who} is a steward by this pull request alone; what counts is the policy of the base",
                    place=Place(file=event.file),
                    hint=f"Merge the change of {POLICY} first, by itself; {who} acts on {signal.id} after that.",
                    related=(Place(file=POLICY),),
                )


def missing_agreement(proposed: Proposed) -> tuple[str, ...]:
    """Return what a changed policy lacks, in sentences: a majority of the base's teams, by different people.

    In solo mode nothing is asked: whoever decides alone may say that others decide with them.
    """
    policy = proposed.policy
    if proposed.is_merged or not policy.is_known or policy.is_solo:
        return ()
    if proposed.reviews is None:
        return ("no review list was given that could show that they agree",)
    said = proposed.reviews.last(proposed.head)
    people = [
        person
        for person in policy.people
        if person.handle and (one := said.get(person.handle.casefold())) and one.state == "APPROVED"
    ]
    against = [
        person.name
        for person in policy.people
        if person.handle and (one := said.get(person.handle.casefold())) and one.state == "CHANGES_REQUESTED"
    ]
    teams = {team.name for team in policy.teams for person in people if policy.is_member(person, team.name)}
    needed = len(policy.teams) // 2 + 1
    humans = min(policy.humans, len({member for team in policy.teams for member in team.members}))
    missing = [f"{name} has asked for changes" for name in against]
    if len(teams) < needed:
        missing.append(f"{len(teams)} of {needed} teams have approved it at {proposed.head[:12]}")
    if len(people) < humans:
        missing.append(f"{len(people)} of {humans} different stewards have approved it at {proposed.head[:12]}")
    return tuple(missing)


def _changed(proposed: Proposed) -> Iterator[Finding]:
    missing = missing_agreement(proposed)
    if missing:
        yield Finding(
            rule="policy-edited",
            severity=Severity.ERROR,
            message=f"it changes who has to agree, and those who have to agree now have not: {'; '.join(missing)}",
            place=Place(file=POLICY),
            hint="Let a majority of the teams that the base lists approve this pull request at its last commit.",
        )


def _made_by_it(signal: ChangeSignal, event: Event, base: Stewards, head: Stewards) -> str:
    """Return the name of whoever would count by the head's policy and does not by the base's; empty for nobody."""
    if event.refused not in _UNKNOWN:
        return ""
    before, person = (
        policy.account(event.review.user) if event.review else policy.person(event.by) for policy in (base, head)
    )
    teams = [event.team] if event.kind == "vote" else [team.name for team in head.teams]
    if person is None or not any(head.is_member(person, team) for team in teams):
        return ""
    same = before is not None and before.keys == person.keys and before.handle == person.handle
    return "" if same and any(base.is_member(before, team) for team in teams if before) else person.name
