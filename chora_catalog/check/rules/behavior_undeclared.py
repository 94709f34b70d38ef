"""A feature file carries a behavior that no manifest declares.

What it says: a `@behavior:` tag names an id that is in no `behaviors:` list of the same tree. Why it matters: what is
tested and what is promised drift apart, and the catalog cannot say whose behavior it is. How to fix: declare the
behavior in the manifest, or correct the tag. Ids are compared without regard to case, because older manifests write
the capability's id in capitals.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="behavior-undeclared",
    summary="A feature file carries a behavior that no manifest declares.",
    severity=Severity.WARNING,
    scope=Scope.TREE,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each undeclared behavior, at the tag that carries it first."""
    if not tree.manifests:
        return
    declared = {behavior.id.casefold() for manifest in tree.manifests for behavior in manifest.behaviors}
    seen: set[str] = set()
    for behavior in sorted(tree.behaviors, key=lambda item: (item.ref, item.line)):
        key = behavior.id.casefold()
        if key in declared or key in seen:
            continue
        seen.add(key)
        yield RULE.finding(
            f"behavior {behavior.id} is declared in no manifest",
            tree.place(behavior.ref, behavior.line),
            hint=f"Add it to `behaviors:` in {tree.manifests[0].path}, or correct the tag.",
            subject=behavior.id,
        )
