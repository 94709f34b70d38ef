"""A deprecated capability names nothing to move to.

What it says: `stability` or `lifecycle_stage` is deprecated and `replacement` is empty. Whether there is a replacement
cannot be judged here. Why it matters: the first question of every dependent is where to go. How to fix: add
`replacement` with the id of what takes its place. Where nothing does, say so in `summary`; the notice stays and blocks
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="deprecated-without-replacement",
    summary="A deprecated capability names nothing to move to.",
    severity=Severity.NOTICE,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each deprecated native capability without a replacement."""
    for manifest in tree.manifests:
        deprecated = "deprecated" in (manifest.stability, manifest.lifecycle_stage)
        if deprecated and not manifest.replacement and not manifest.imported:
            yield RULE.finding(
                f"{manifest.id} is deprecated and names no replacement",
                tree.find(manifest.path, manifest.line, "deprecated"),
                hint='Add replacement: "<id>" where there is one.',
                subject=manifest.id,
            )
