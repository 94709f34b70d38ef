"""No manifest was found where one was looked for.

What it says: the tree holds none of the manifest names that are known, or that the registry entry names.
Why it matters: the repository is registered and offers nothing, which is rarely what was meant. How to fix: add a
chora.yaml to the root of the repository, or say `manifests:` in the registry entry.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="manifest-missing",
    summary="No manifest was found where one was looked for.",
    severity=Severity.WARNING,
    scope=Scope.TREE,
)
