"""Two ids differ in case, dots, dashes or underscores alone.

What it says: two capabilities have names that a reader takes for one. They are never joined. Why it matters: a
dependency on the wrong one is easy to write and hard to see. How to fix: rename one, or add an alias in the registry.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Federation, Rule
from chora_catalog.model.finding import Finding, Place, Scope, Severity
from chora_catalog.model.ids import fold

RULE = Rule(
    id="id-lookalike",
    summary="Two ids differ in case, dots, dashes or underscores alone.",
    severity=Severity.WARNING,
    scope=Scope.CATALOG,
)


def check(federation: Federation) -> Iterator[Finding]:
    """Yield one finding on each manifest whose id looks like another's."""
    meets: dict[str, set[str]] = {}
    for _, manifest in federation.manifests:
        meets.setdefault(fold(manifest.id), set()).add(manifest.id)
    for source, manifest in federation.manifests:
        others = sorted(meets[fold(manifest.id)] - {manifest.id})
        if others:
            yield RULE.finding(
                f"{manifest.id} looks like {', '.join(others)}",
                Place(file=manifest.path, line=manifest.line, column=1 if manifest.line else 0),
                hint="Rename one of them, or add an alias to the registry if they are the same.",
                source=source,
                subject=manifest.id,
            )
