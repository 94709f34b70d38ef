"""A dependency stands twice.

What it says: one capability lists the same id more than once, with the same range or with another. Why it matters:
each entry is judged by itself; with two ranges a reader cannot see which one is meant. How to fix: keep one entry,
with the range that holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity
from chora_catalog.model.manifest import Dependency

RULE = Rule(
    id="dependency-duplicate",
    summary="A dependency stands twice.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each entry whose id stands in an earlier one."""
    for manifest in tree.manifests:
        first: dict[str, Dependency] = {}
        for dependency in manifest.dependencies:
            before = first.setdefault(dependency.id, dependency)
            if before is dependency:
                continue
            same = before.version == dependency.version
            ranges = (
                "" if same else f", with the ranges {before.version or '(any)'} and {dependency.version or '(any)'}"
            )
            yield RULE.finding(
                f"{manifest.id} names {dependency.id} twice, first in line {before.line}{ranges}",
                tree.place(manifest.path, dependency.line),
                hint="Keep one entry, with the range that holds.",
                subject=dependency.id,
            )
