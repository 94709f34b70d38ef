"""A signal was moved to where it cannot go yet.

What it says: the state it is in is not followed by that one, or what the move needs is not there: a steward who
acknowledges it, the votes of those who have to agree, a decision in the log, a reason. The move changes nothing: the
signal stays in the state it is in. Why it matters: a state that nobody agreed to would be shown as agreed. How to fix:
do what is missing, and add another move; the file that is there stays, because records are added and never changed.
`chora signal show ID` says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Federation, Rule
from chora_catalog.model.finding import Finding, Place, Scope, Severity

RULE = Rule(
    id="move-refused",
    summary="A signal was moved to where it cannot go yet.",
    severity=Severity.ERROR,
    scope=Scope.CATALOG,
)


def check(federation: Federation) -> Iterator[Finding]:
    """Yield one finding for each move that changes nothing."""
    for signal in federation.signals:
        for event in signal.events:
            if event.kind == "move" and event.refused:
                yield RULE.finding(
                    f"{signal.id} stays in {event.was}: {event.why} ({event.refused})",
                    Place(file=event.file),
                    hint=f"See what is missing with `chora signal show {signal.id}`, and add another move then.",
                    subject=signal.id,
                )
