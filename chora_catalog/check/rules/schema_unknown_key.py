"""A key is not known; it is kept.

What it says: the format has no such key. It is kept in the original and not used. Why it matters: most often it is a
misspelling, and what it says is heard by nobody. How to fix: correct the spelling, or begin a key of your own with
`x-`.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="schema-unknown-key",
    summary="A key is not known; it is kept.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
)
