"""A key stands twice.

What it says: one mapping has the same key twice. Why it matters: some readers take the first, some the last, some
neither; what it says depends on who reads it. How to fix: keep one of the two.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="yaml-duplicate-key",
    summary="A key stands twice.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
