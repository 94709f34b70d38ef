"""A value has the wrong form.

What it says: a text does not have the form that the schema asks for, such as a duration or a date. Why it matters:
what has no known form cannot be computed with. How to fix: write it in the form that the finding names.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="schema-pattern",
    summary="A value has the wrong form.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
