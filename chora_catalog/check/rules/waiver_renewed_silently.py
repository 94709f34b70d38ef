"""A waiver goes on with another and does not say so.

What it says: an earlier waiver excused the very same, and this one has no `renews`, so it counts for nothing.
Why it matters: an exception that is prolonged by itself has no end. How to fix: name the earlier one in `renews`, so
that whoever agrees sees that it was asked for before; better, end the exception.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Federation, Rule
from chora_catalog.model.finding import Finding, Place, Scope, Severity
from chora_catalog.resolve.waiving import renewed_silently

RULE = Rule(
    id="waiver-renewed-silently",
    summary="A waiver goes on with another and does not say so.",
    severity=Severity.ERROR,
    scope=Scope.CATALOG,
)


def check(federation: Federation) -> Iterator[Finding]:
    """Yield one finding for each waiver that excuses what an earlier one did, without naming that one."""
    for waiver in renewed_silently(federation.waivers):
        yield RULE.finding(
            f"{waiver.id} does not count: an earlier waiver excused the same, and it does not say that it renews it",
            Place(file=waiver.file),
            hint="Name the earlier one: `renews`.",
            subject=waiver.id,
        )
