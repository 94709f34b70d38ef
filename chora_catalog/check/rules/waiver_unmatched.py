"""A waiver that counts matches no break.

What it says: the waiver is active, and nothing it names breaks. Why it matters: it would hide the next break without
anybody having agreed to that one. How to fix: let it expire; do not renew it.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Federation, Rule
from chora_catalog.model.finding import Finding, Place, Scope, Severity

RULE = Rule(
    id="waiver-unmatched",
    summary="A waiver that counts matches no break.",
    severity=Severity.WARNING,
    scope=Scope.CATALOG,
)


def check(federation: Federation) -> Iterator[Finding]:
    """Yield one finding for each active waiver that no edge uses."""
    used = {edge.waiver for edge in federation.edges}
    for waiver in federation.waivers:
        if waiver.id in federation.active_waivers and waiver.id not in used:
            yield RULE.finding(
                f"{waiver.id} matches no break of {waiver.capability_id}",
                Place(file=waiver.file),
                hint="Let it expire, and do not renew it.",
                subject=waiver.id,
            )
