"""A manifest names a file that is not in its tree.

What it says: a behavior's `ref`, a scenario's guide or test, the schema of an input or output, an ADR link, the
document of a signal, or another document of the capability is a path that the same commit does not hold.
Why it matters: the catalog would link to nothing, and what the manifest promises cannot be checked. How to fix: commit
the file, or correct the path; paths are relative to the repository's root and written with `/`.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity
from chora_catalog.model.manifest import Manifest

RULE = Rule(
    id="reference-missing",
    summary="A manifest names a file that is not in its tree.",
    severity=Severity.WARNING,
    scope=Scope.TREE,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each missing path of each file, at the line that names it."""
    seen: set[tuple[str, str]] = set()
    for manifest in tree.manifests:
        for what, path, line in _references(manifest):
            if path in tree.paths or (manifest.path, path) in seen or "://" in path:
                continue
            seen.add((manifest.path, path))
            yield RULE.finding(
                f"{what} {path} is not in the repository",
                tree.find(manifest.path, line, path),
                hint=f"Commit {path}, or correct the path in {manifest.path}.",
                subject=path,
            )


def _references(manifest: Manifest) -> Iterator[tuple[str, str, int]]:
    for behavior in manifest.behaviors:
        if behavior.ref:
            yield "behavior file", behavior.ref.split("#")[0], behavior.line
    for scenario in manifest.value_scenarios:
        if scenario.guide:
            yield "guide", scenario.guide.split("#")[0], scenario.line
        for test in scenario.tests:
            yield "test", test.split("::")[0], scenario.line
    for port in (*manifest.inputs, *manifest.outputs):
        if port.schema:
            yield "schema", port.schema, manifest.line
    for link in manifest.adr_links:
        yield "decision record", link.split("#")[0], manifest.line
    for artifact in manifest.artifacts:
        yield "document", artifact.path.split("#")[0], artifact.line
