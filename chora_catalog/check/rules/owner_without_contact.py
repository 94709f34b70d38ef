"""An owner is named, and no way to reach them.

What it says: `owner` is there, `contact` is not. Why it matters: when something breaks, a name alone helps nobody who
does not already know it. How to fix: add `contact`, a channel, an address of the team, or a link.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="owner-without-contact",
    summary="An owner is named, and no way to reach them.",
    severity=Severity.NOTICE,
    scope=Scope.TREE,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each native manifest file whose owner has no contact."""
    seen: set[str] = set()
    for manifest in tree.manifests:
        if manifest.imported or not manifest.owner or manifest.contact or manifest.path in seen:
            continue
        seen.add(manifest.path)
        yield RULE.finding(
            f"{manifest.owner} has no contact",
            tree.find(manifest.path, manifest.line, manifest.owner),
            hint='Say how to reach them, such as contact: "#team-channel".',
            subject=manifest.owner,
        )
