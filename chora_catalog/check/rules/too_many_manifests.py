"""More manifests fit than are read of one tree.

What it says: the globs of the registry entry fit more than 200 files of one tree. The rest was not read.
Why it matters: what was not read is absent from the catalog, and looks as if nobody had declared it. How to fix: name
fewer in the registry entry (`manifests:`), or split the repository into several sources.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="too-many-manifests",
    summary="More manifests fit than are read of one tree.",
    severity=Severity.ERROR,
    scope=Scope.TREE,
)
