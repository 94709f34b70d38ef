"""Values are nested too deep.

What it says: lists and mappings stand in one another more than 32 levels deep. Why it matters: no manifest needs that,
and deep nesting is a known way to exhaust a reader. How to fix: flatten the document.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="yaml-too-deep",
    summary="Values are nested too deep.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
