"""Stage and stability contradict each other.

What it says: `lifecycle_stage` says deprecated or retired and `stability` says something other than deprecated; or the
stage is plan or draft and the stability is stable. Why it matters: two filters of one catalog give two answers about
the same capability. How to fix: change the one that is out of date.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="lifecycle-contradiction",
    summary="Stage and stability contradict each other.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each capability whose two words cannot both hold."""
    for manifest in tree.manifests:
        stage, stability = manifest.lifecycle_stage, manifest.stability
        ends = stage in ("deprecated", "retired") and stability not in ("", "deprecated")
        begins = stage in ("plan", "draft") and stability == "stable"
        if ends or begins:
            yield RULE.finding(
                f"{manifest.id} is in stage {stage} and its stability is {stability}",
                tree.find(manifest.path, manifest.line, "stability"),
                hint=f'Write stability: "{"deprecated" if ends else "experimental"}", or correct lifecycle_stage.',
                subject=manifest.id,
            )
