"""The manifest claims to pass, and its own files say otherwise.

What it says: `validation_status` says passing, while a feature file that a behavior names is not in the tree, or all
behaviors that the feature files carry have only scenarios in draft or planned, or none at all. Why it matters: a claim
is shown as a claim and proves nothing; this one cannot even be true. How to fix: commit the feature file, activate the
scenarios, or remove the claim.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="claim-contradicted",
    summary="The manifest claims to pass, and its own files say otherwise.",
    severity=Severity.WARNING,
    scope=Scope.TREE,
)

_NOT_YET = ("planned", "draft")


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each capability whose claim cannot hold."""
    observed = {behavior.id.casefold(): behavior for behavior in tree.behaviors}
    for manifest in tree.manifests:
        if manifest.claim is None or manifest.claim.result != "passing":
            continue
        files = (behavior.ref.split("#")[0] for behavior in manifest.behaviors)
        missing = sorted({file for file in files if file.endswith(".feature") and file not in tree.paths})
        mine = [observed[item.id.casefold()] for item in manifest.behaviors if item.id.casefold() in observed]
        idle = mine and all(not item.scenarios or item.status in _NOT_YET for item in mine)
        if missing:
            why = f"{missing[0]} is not in the repository"
        elif idle:
            why = "no scenario of its behaviors is active"
        else:
            continue
        yield RULE.finding(
            f"{manifest.id} claims to pass, and {why}",
            tree.find(manifest.path, manifest.line, "validation_status"),
            hint="Commit or activate what the claim is about, or remove validation_status.",
            subject=manifest.id,
        )
