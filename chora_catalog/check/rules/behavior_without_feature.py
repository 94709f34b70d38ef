"""No feature file carries a declared behavior.

What it says: a manifest declares a behavior, and no `.feature` file of the tree has its tag (`@behavior:<id>`).
Nothing is said where the file it names is missing, is no feature file or could not be read, and nothing of behaviors
that are planned or in draft. Why it matters: a promise that no scenario holds is a promise that nobody can check.
How to fix: tag the scenarios with `@behavior:<id>`, or mark the behavior `status: planned`.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="behavior-without-feature",
    summary="No feature file carries a declared behavior.",
    severity=Severity.WARNING,
    scope=Scope.TREE,
)

_NOT_YET = ("planned", "draft")


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each declared behavior that was looked for and not found."""
    carried = {behavior.id.casefold() for behavior in tree.behaviors}
    seen: set[str] = set()
    for manifest in tree.manifests:
        for behavior in manifest.behaviors:
            key, file = behavior.id.casefold(), behavior.ref.split("#")[0]
            unseen = (
                not file.endswith(".feature") or file not in tree.lines or file in tree.unread if file else tree.unread
            )
            if key in carried or key in seen or unseen or behavior.status in _NOT_YET:
                continue
            seen.add(key)
            yield RULE.finding(
                f"no feature file carries behavior {behavior.id}",
                tree.find(manifest.path, behavior.line or manifest.line, behavior.id),
                hint=f'Tag its scenarios with @behavior:{behavior.id}, or mark it status: "planned".',
                subject=behavior.id,
            )
