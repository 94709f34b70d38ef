"""What stands behind a vote does not prove it.

What it says: the vote carries a signature or a review, and it is not one of the person who is named: the signature does
not fit, its key is of nobody whom the stewards list, the account is of another person, or the person has signed the
same before and changed it since, so that this may be a copy. It counts as nothing.
Why it matters: this is what a forged vote looks like. How to fix: ask the person; whoever voted signs again with
`chora signal vote --key`, and a new key is listed in `decisions/stewards.yaml` before it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chora_catalog.check.rule import Federation, Rule
from chora_catalog.model.finding import Finding, Place, Scope, Severity

RULE = Rule(
    id="vote-unproven",
    summary="What stands behind a vote does not prove it.",
    severity=Severity.ERROR,
    scope=Scope.CATALOG,
)
CODES: Final = (
    "review-of-other",
    "reviewer-unknown",
    "signature-invalid",
    "signature-of-other",
    "signature-replayed",
    "signature-unknown-key",
)


def check(federation: Federation) -> Iterator[Finding]:
    """Yield one finding for each vote whose evidence is not that of the person it names."""
    for signal in federation.signals:
        for event in signal.events:
            if event.kind == "vote" and event.refused in CODES:
                yield RULE.finding(
                    f"the vote of {event.by or 'nobody'} on {signal.id} is not proven: {event.why} ({event.refused})",
                    Place(file=event.file),
                    hint="Ask who is named; a key is listed in decisions/stewards.yaml before it is used.",
                    subject=signal.id,
                )
