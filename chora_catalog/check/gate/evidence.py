"""A vote stands on evidence that the gate can check; what an agent drafted was read by a person."""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.gate.proposed import Proposed
from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.signal import HUMAN, ChangeSignal, Event
from chora_catalog.resolve.voting import is_machine

_SAYS = {"approve": "APPROVED", "reject": "CHANGES_REQUESTED"}


def check(proposed: Proposed) -> Iterator[Finding]:
    """Yield one finding for each vote without evidence, and each drafted record that no person has reviewed."""
    for signal, event in proposed.added_events():
        if event.kind == "vote" and not event.signature:
            yield from _vote(proposed, signal, event)
    if not proposed.is_merged:
        yield from _drafts(proposed)


def review_problem(proposed: Proposed, event: Event) -> tuple[str, str]:
    """Return the rule and the sentence of what is wrong with the review that a vote names; empty texts where it holds.

    The review has to be in the list, of the account, its newest opinion, of the same word, and on the commit that
    would be merged.
    """
    review = event.review
    if review is None or proposed.is_merged:
        return "", ""
    if proposed.reviews is None:
        return "review-not-seen", f"it stands on a review of {review.user}, and no review list was given"
    said = proposed.reviews.last(proposed.head).get(review.user.casefold().removeprefix("@"))
    own = [one for one in proposed.reviews.given if one.user.casefold() == review.user.casefold().removeprefix("@")]
    if said is None or (review.id and review.id not in {one.id for one in own}):
        what = f"with the id {review.id} " if said is not None else ""
        return "review-missing", f"the forge has no review of {review.user} {what}at {proposed.head[:12]}"
    if review.commit and review.commit not in {one.commit for one in own}:
        return "review-missing", f"the forge has no review of {review.user} on the commit {review.commit[:12]}"
    wanted = _SAYS.get(event.vote, said.state)
    if said.state != wanted:
        return "review-says-otherwise", f"the review of {review.user} says {said.state}, and the vote {event.vote}"
    return "", ""


def _vote(proposed: Proposed, signal: ChangeSignal, event: Event) -> Iterator[Finding]:
    if event.review is None:
        message = (
            f"nobody can check that {event.by or 'anybody'} voted on {signal.id}: there is no signature and no review"
        )
        hint = f"Sign it: chora signal vote {signal.id} --key FILE. Or name the review at the forge under `review`."
        yield _finding("vote-without-evidence", event.file, message, hint)
        return
    rule, why = review_problem(proposed, event)
    if rule:
        hint = f"{event.review.user} reviews this pull request at its last commit, or signs the vote."
        severity = Severity.NOTICE if rule == "review-not-seen" else Severity.ERROR
        yield _finding(rule, event.file, why, hint, severity)


def _drafts(proposed: Proposed) -> Iterator[Finding]:
    drafted = [(record.file, record.drafted_by, record.drafter) for record in proposed.added_records()]
    drafted += [(event.file, event.drafted_by, event.drafter) for _, event in proposed.added_events()]
    for file, kind, name in sorted(drafted):
        if kind in ("", HUMAN):
            continue
        who = name or f"an {kind}" if kind == "agent" else name or kind
        hint = "Let a steward read it and approve this pull request at its last commit."
        if proposed.reviews is None:
            message = f"it was drafted by {who}, and no review list was given that could show who read it"
            yield _finding("review-not-seen", file, message, hint, Severity.NOTICE)
        elif not _readers(proposed, name):
            message = f"it was drafted by {who}, and no person has approved it at {proposed.head[:12]}"
            yield _finding("draft-unreviewed", file, message, hint)


def _readers(proposed: Proposed, drafter: str) -> list[str]:
    """Return who has approved: people whom the stewards list by account, where they list any, and never a machine."""
    assert proposed.reviews is not None  # noqa: S101  (its caller has looked)
    listed = {person.handle.casefold() for person in proposed.policy.people if person.handle}
    return [
        user
        for user, one in sorted(proposed.reviews.last(proposed.head).items())
        if one.state == "APPROVED"
        and not is_machine(user)
        and user != drafter.casefold()
        and (not listed or user in listed)
    ]


def _finding(rule: str, file: str, message: str, hint: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(rule=rule, severity=severity, message=message, place=Place(file=file), hint=hint)
