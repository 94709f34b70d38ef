"""Whether a dependency exists was not judged.

What it says: a capability depends on an id that is not declared here, and no catalog is in view that could know it. In
the build of a catalog this is never said: there `dependency-missing` judges. Why it matters: no answer is not a good
answer; the id may be misspelt, and nothing here would show it. How to fix: nothing has to be changed. With a catalog
in view the question is answered.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="dependency-not-evaluated",
    summary="Whether a dependency exists was not judged.",
    severity=Severity.NOTICE,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each id of each file that only a catalog could know."""
    here = {manifest.id for manifest in tree.manifests}
    seen: set[tuple[str, str]] = set()
    for manifest in tree.manifests:
        for dependency in manifest.dependencies:
            if dependency.id in here or (manifest.path, dependency.id) in seen:
                continue
            seen.add((manifest.path, dependency.id))
            written = dependency.name or dependency.id
            yield RULE.finding(
                f"no catalog is known here, so whether {written} exists was not judged",
                tree.find(manifest.path, dependency.line, written),
                hint="Nothing to change. The build of a catalog judges it.",
                subject=dependency.id,
            )
