"""Nobody is named as the owner.

What it says: a manifest that was written for Chora has no `owner`. A registry entry may name one for the whole source,
which is then shown as such; the manifest itself stays silent. Why it matters: when something breaks, whoever depends
on it looks for somebody to ask. How to fix: add `owner`, a team rather than a person, and `contact`.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="owner-missing",
    summary="Nobody is named as the owner.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each native capability without an owner, at most one for a file."""
    seen: set[str] = set()
    for manifest in tree.manifests:
        if manifest.imported or manifest.owner or manifest.path in seen:
            continue
        seen.add(manifest.path)
        yield RULE.finding(
            f"{manifest.id} has no owner",
            tree.place(manifest.path, manifest.line),
            hint='Add owner: "<team>", and contact: with a way to reach it.',
            subject=manifest.id,
        )
