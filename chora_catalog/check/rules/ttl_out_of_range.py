"""What the manifest says is to hold for more than a year.

What it says: `ttl` is longer than 366 days. Why it matters: a manifest that never grows old is never looked at again,
and its age is what readers go by. How to fix: write the time after which somebody is to look again, such as 90d.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity
from chora_catalog.parse.instants import duration

RULE = Rule(
    id="ttl-out-of-range",
    summary="What the manifest says is to hold for more than a year.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
)

_LONGEST = timedelta(days=366)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each capability whose ttl is too long to mean anything."""
    for manifest in tree.manifests:
        lasts = duration(manifest.ttl) if manifest.ttl else None
        if lasts is not None and lasts > _LONGEST:
            yield RULE.finding(
                f"{manifest.id} is to hold for {manifest.ttl}, which is more than a year",
                tree.find(manifest.path, manifest.line, "ttl"),
                hint='Write the time after which somebody is to look again, such as "90d".',
                subject=manifest.id,
            )
