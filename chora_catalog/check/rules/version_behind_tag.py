"""The head's version is older than the newest release.

What it says: the manifest on the main line names a version that a tag has already passed. Why it matters: a reader of
the manifest, and everything made from it, is told an old version. How to fix: raise `version` with each release.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity
from chora_catalog.model.versions import Version

RULE = Rule(
    id="version-behind-tag",
    summary="The head's version is older than the newest release.",
    severity=Severity.WARNING,
    scope=Scope.TREE,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each file that is alone in its tree and behind the newest tag."""
    files = sorted({manifest.path for manifest in tree.manifests})
    released = [
        (version, release.tag)
        for release in tree.releases
        if not release.tombstone and (version := Version.parse(release.version)) and not version.is_prerelease
    ]
    if len(files) != 1 or not released:
        return
    newest, tag = max(released)
    manifest = tree.manifests[0]
    version = Version.parse(manifest.version)
    if version is not None and version < newest:
        yield RULE.finding(
            f"the manifest says {manifest.version}, the newest tag is {tag}",
            tree.find(manifest.path, manifest.line, manifest.version),
            hint=f'Set version: "{newest}" or newer in {manifest.path}.',
            subject=manifest.version,
        )
