"""A capability depends on an id that no registered source declares.

What it says: every source was read, and none declares the id, now or under a former name. Why it matters: nobody can
say whether the dependency still fits. How to fix: correct the id, register the source that has it, or mark the
dependency `optional: true`. Where a source was not read, this rule says nothing: an unread source is not an absent
capability.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Federation, Rule
from chora_catalog.model.finding import Finding, Place, Scope, Severity
from chora_catalog.model.verdict import Verdict

RULE = Rule(
    id="dependency-missing",
    summary="A capability depends on an id that no registered source declares.",
    severity=Severity.WARNING,
    scope=Scope.CATALOG,
)


def check(federation: Federation) -> Iterator[Finding]:
    """Yield one finding for each missing provider of each consumer."""
    where = {manifest.id: (source, manifest) for source, manifest in federation.manifests}
    for edge in federation.edges:
        if edge.verdict is not Verdict.MISSING or edge.consumer not in where:
            continue
        source, manifest = where[edge.consumer]
        line = next((item.line for item in manifest.dependencies if edge.written in (item.name, item.id)), 0)
        yield RULE.finding(
            f"{edge.consumer} depends on {edge.written}, which no registered source declares",
            Place(file=manifest.path, line=line, column=1 if line else 0),
            hint="Correct the id, register the source that declares it, or mark the dependency optional: true.",
            source=source,
            subject=edge.written,
        )
