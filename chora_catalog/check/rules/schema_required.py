"""A key is missing.

What it says: the schema asks for a key that is not there. Why it matters: without it the rest cannot be used: a
manifest without an id is nobody's. How to fix: add the key; the finding says what belongs there.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="schema-required",
    summary="A key is missing.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
