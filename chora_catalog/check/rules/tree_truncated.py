"""The tree is larger than what is looked at.

What it says: the tree has more than 100,000 entries or is deeper than 32 folders. The rest was not looked at.
Why it matters: what was not looked at was not judged, and a file there may be taken for missing. How to fix: name the
manifests in the registry entry, near the root.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="tree-truncated",
    summary="The tree is larger than what is looked at.",
    severity=Severity.NOTICE,
    scope=Scope.TREE,
)
