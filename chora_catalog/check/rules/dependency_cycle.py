"""Capabilities depend on one another in a circle.

What it says: following dependencies from a capability leads back to it. That is allowed; whether it is meant cannot be
judged here. Why it matters: none of them can be released, changed or removed without the others. How to fix: where it
is not meant, let both depend on a contract of their own instead. Otherwise release them together.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Federation, Rule
from chora_catalog.model.finding import Finding, Place, Scope, Severity
from chora_catalog.resolve.graph import circles

RULE = Rule(
    id="dependency-cycle",
    summary="Capabilities depend on one another in a circle.",
    severity=Severity.NOTICE,
    scope=Scope.CATALOG,
)

_SHOWN = 5


def check(federation: Federation) -> Iterator[Finding]:
    """Yield one finding for each group of capabilities in a circle, at the first of them."""
    where = {manifest.id: (source, manifest) for source, manifest in reversed(federation.manifests)}
    needs: dict[str, list[str]] = {}
    for edge in federation.edges:
        if edge.consumer != edge.provider and edge.provider in where and edge.consumer in where:
            needs.setdefault(edge.consumer, []).append(edge.provider)
    for group in sorted(circles(needs)):
        source, manifest = where[group[0]]
        more = f" and {len(group) - _SHOWN} more" if len(group) > _SHOWN else ""
        yield RULE.finding(
            f"{', '.join(group[:_SHOWN])}{more} depend on one another in a circle",
            Place(file=manifest.path, line=manifest.line, column=1 if manifest.line else 0),
            hint="Let them depend on a contract of its own, or release them together.",
            source=source,
            subject=group[0],
        )
