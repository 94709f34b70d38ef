"""A value has the wrong type.

What it says: the schema asks for text, a number, a list or a mapping, and the value is something else. The value is
not used. Why it matters: guessing what was meant would be an invention; a version 1.0 without quotes is a number, and
1.10 would be 1.1. How to fix: write a value of the type that the finding names. A number where text is asked for needs
quotes; `chora validate --fix` adds them.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="schema-type",
    summary="A value has the wrong type.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
    fixable=True,
)
