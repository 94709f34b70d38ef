"""A vote is void.

What it says: the vote is about the signal with another digest, by its author, by somebody who is no member of the team,
by an agent, for a team that is not asked, or at a time when nobody votes. It counts as nothing. Why it matters: an
approval that does not count looks like one until somebody needs it. How to fix: somebody of the team votes on the
signal as it stands, with `chora signal vote`; the void vote stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chora_catalog.check.rule import Federation, Rule
from chora_catalog.model.finding import Finding, Place, Scope, Severity

RULE = Rule(
    id="vote-refused",
    summary="A vote is void.",
    severity=Severity.WARNING,
    scope=Scope.CATALOG,
)
CODES: Final = (
    "other-digest",
    "signal-ended",
    "team-not-asked",
    "vote-out-of-time",
    "voter-is-author",
    "voter-is-machine",
    "voter-left",
    "voter-not-member",
)


def check(federation: Federation) -> Iterator[Finding]:
    """Yield one finding for each vote that is void for what it is, whatever its evidence."""
    for signal in federation.signals:
        for event in signal.events:
            if event.kind == "vote" and event.refused in CODES:
                yield RULE.finding(
                    f"the vote of {event.by or 'nobody'} on {signal.id} is void: {event.why} ({event.refused})",
                    Place(file=event.file),
                    hint=f"Somebody who may votes on {signal.id} as it stands, with `chora signal vote {signal.id}`.",
                    subject=signal.id,
                )
