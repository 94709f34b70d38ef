"""A deprecated capability does not say since when.

What it says: `stability` or `lifecycle_stage` is deprecated and `deprecated_at` is empty. Why it matters: the time
that dependents are given counts from that day; without it nobody can say how much is left. How to fix: add
`deprecated_at` (a date).
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="deprecated-without-date",
    summary="A deprecated capability does not say since when.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each deprecated native capability without the date."""
    for manifest in tree.manifests:
        deprecated = "deprecated" in (manifest.stability, manifest.lifecycle_stage)
        if deprecated and not manifest.deprecated_at and not manifest.imported:
            yield RULE.finding(
                f"{manifest.id} is deprecated and does not say since when",
                tree.find(manifest.path, manifest.line, "deprecated"),
                hint='Add deprecated_at: "YYYY-MM-DD".',
                subject=manifest.id,
            )
