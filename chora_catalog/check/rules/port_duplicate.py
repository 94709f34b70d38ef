"""Two inputs or two outputs have one name.

What it says: the same name stands twice among the inputs, or twice among the outputs, of one capability.
Why it matters: a contract is compared by names; of two with one name only one can be compared. How to fix: rename one,
or remove it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="port-duplicate",
    summary="Two inputs or two outputs have one name.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each name that stands twice in one list."""
    for manifest in tree.manifests:
        for what, ports in (("input", manifest.inputs), ("output", manifest.outputs)):
            counts = Counter(port.name for port in ports)
            for name in sorted(name for name, count in counts.items() if count > 1):
                yield RULE.finding(
                    f"{manifest.id} has {counts[name]} {what}s named {name}",
                    tree.find(manifest.path, manifest.line, f"{what}s"),
                    hint="Rename one, or remove it.",
                    subject=name,
                )
