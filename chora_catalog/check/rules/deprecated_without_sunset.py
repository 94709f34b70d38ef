"""A deprecated capability does not say until when it stays.

What it says: `stability` or `lifecycle_stage` is deprecated and `sunset_at` is empty. Why it matters: its dependents
cannot plan. How to fix: add `sunset_at` (a date), and `replacement` (an id) where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="deprecated-without-sunset",
    summary="A deprecated capability does not say until when it stays.",
    severity=Severity.WARNING,
    scope=Scope.TREE,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each deprecated capability without a sunset."""
    for manifest in tree.manifests:
        if "deprecated" in (manifest.stability, manifest.lifecycle_stage) and not manifest.sunset_at:
            yield RULE.finding(
                f"{manifest.id} is deprecated and has no sunset",
                tree.place(manifest.path, manifest.line),
                hint='Add sunset_at: "YYYY-MM-DD", and replacement: "<id>" where there is one.',
                subject=manifest.id,
            )
