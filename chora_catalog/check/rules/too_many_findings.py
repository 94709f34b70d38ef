"""A file has more problems than are named.

What it says: the first 100 problems of a file are shown. There are more. Why it matters: a list that looks complete
and is not would be a false comfort. How to fix: correct these and check again.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="too-many-findings",
    summary="A file has more problems than are named.",
    severity=Severity.NOTICE,
    scope=Scope.DOCUMENT,
)
