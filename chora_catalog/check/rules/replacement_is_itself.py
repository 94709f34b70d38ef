"""A capability is named as its own replacement.

What it says: `replacement` is the capability's own id. Why it matters: dependents are sent back to what they are to
leave. How to fix: name the id of what takes its place, such as the same name with the next `.vN`, or remove the line.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="replacement-is-itself",
    summary="A capability is named as its own replacement.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each capability that replaces itself."""
    for manifest in tree.manifests:
        if manifest.replacement and manifest.replacement == manifest.id:
            yield RULE.finding(
                f"{manifest.id} is its own replacement",
                tree.find(manifest.path, manifest.line, "replacement"),
                hint="Name the id of what takes its place, or remove the line.",
                subject=manifest.id,
            )
