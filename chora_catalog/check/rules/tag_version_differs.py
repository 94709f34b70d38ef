"""A tag's manifest names another version than the tag.

What it says: the manifest in the tagged tree and the tag disagree. The tag counts. Why it matters: a consumer that
reads the manifest believes in another version than one that reads the tag. How to fix: tags stay as they are; from
the next release on, set the manifest's version before tagging.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Place, Scope, Severity

RULE = Rule(
    id="tag-version-differs",
    summary="A tag's manifest names another version than the tag.",
    severity=Severity.WARNING,
    scope=Scope.TREE,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each tag whose tree holds one manifest with another version."""
    for release in tree.releases:
        if release.tombstone or len(release.manifests) != 1:
            continue
        manifest = release.manifests[0]
        if manifest.version and manifest.version != release.version:
            yield RULE.finding(
                f"tag {release.tag}: the manifest says {manifest.version}",
                Place(file=manifest.path, line=manifest.line, column=1 if manifest.line else 0),
                hint="The tag counts. Set the version before tagging the next release.",
                subject=release.tag,
            )
