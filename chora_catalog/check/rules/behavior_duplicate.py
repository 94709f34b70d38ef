"""A capability declares a behavior twice.

What it says: one capability lists the same behavior id more than once; case does not count. In star.yaml, where the
repository repeats what its capabilities declare, this is not asked. Why it matters: two entries may name two files or
two statuses, and only one of them can be shown. How to fix: keep one entry.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="behavior-duplicate",
    summary="A capability declares a behavior twice.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each entry whose id stands in an earlier one."""
    for manifest in tree.manifests:
        first: dict[str, int] = {}
        for behavior in () if manifest.dialect == "star" else manifest.behaviors:
            line = first.get(behavior.id.casefold())
            if line is None:
                first[behavior.id.casefold()] = behavior.line
                continue
            yield RULE.finding(
                f"{manifest.id} declares behavior {behavior.id} twice, first in line {line}",
                tree.place(manifest.path, behavior.line),
                hint="Keep one entry.",
                subject=behavior.id,
            )
