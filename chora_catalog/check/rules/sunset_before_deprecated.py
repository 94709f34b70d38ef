"""It ends before it was deprecated.

What it says: `sunset_at` is earlier than `deprecated_at`. Why it matters: dependents would learn of the end after it;
most often a year or two dates are mixed up. How to fix: correct one of the two dates.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity
from chora_catalog.parse.instants import moment

RULE = Rule(
    id="sunset-before-deprecated",
    summary="It ends before it was deprecated.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each capability whose end comes before its deprecation."""
    for manifest in tree.manifests:
        since, until = moment(manifest.deprecated_at), moment(manifest.sunset_at)
        if since and until and until < since:
            yield RULE.finding(
                f"{manifest.id} ends on {manifest.sunset_at}, before it was deprecated on {manifest.deprecated_at}",
                tree.find(manifest.path, manifest.line, "sunset_at"),
                hint="Correct sunset_at or deprecated_at.",
                subject=manifest.id,
            )
