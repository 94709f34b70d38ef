"""A capability depends on itself.

What it says: the capability's own id stands among its dependencies. Why it matters: nothing can be built before
itself; in a graph the arrow leads nowhere. How to fix: remove the entry, or correct the id.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="dependency-on-itself",
    summary="A capability depends on itself.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each dependency of a capability on its own id."""
    for manifest in tree.manifests:
        for dependency in manifest.dependencies:
            if dependency.id == manifest.id:
                yield RULE.finding(
                    f"{manifest.id} depends on itself",
                    tree.place(manifest.path, dependency.line),
                    hint="Remove the entry, or correct the id.",
                    subject=manifest.id,
                )
