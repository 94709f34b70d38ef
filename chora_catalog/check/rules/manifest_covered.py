"""A file of another tool is not read, because a manifest of ours stands beside it.

What it says: the repository has a manifest of its own, so what it has for other tools is not read. Why it matters: the
same thing would stand in the catalog twice, with two owners of one name. How to fix: nothing has to be done. To read
both, name both under `manifests:` in the registry entry.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="manifest-covered",
    summary="A file of another tool is not read, because a manifest of ours stands beside it.",
    severity=Severity.NOTICE,
    scope=Scope.TREE,
)
