"""A sixth waiver would count for one capability at the same time.

What it says: at some instant of its life five others count for the capability already, so this one counts for nothing.
Why it matters: an exception for everybody is no exception any more; the capability needs a decision. How to fix: let
one of the others end first, or decide on the change itself: move its consumers, or take it back.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Federation, Rule
from chora_catalog.model.finding import Finding, Place, Scope, Severity
from chora_catalog.resolve.waiving import MOST, too_many

RULE = Rule(
    id="waiver-too-many",
    summary="A sixth waiver would count for one capability at the same time.",
    severity=Severity.ERROR,
    scope=Scope.CATALOG,
)


def check(federation: Federation) -> Iterator[Finding]:
    """Yield one finding for each waiver beyond the five that may count for a capability at any instant."""
    for waiver in too_many(federation.waivers):
        yield RULE.finding(
            f"{waiver.id} does not count: {MOST} waivers count for {waiver.capability_id} already while it would",
            Place(file=waiver.file),
            hint="Let another one end first, or decide on the change that they all excuse.",
            subject=waiver.id,
        )
