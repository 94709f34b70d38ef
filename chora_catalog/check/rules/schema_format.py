"""A date or a time is none of the calendar.

What it says: the text has the form of a date or a time, and the calendar has no such day or moment. Why it matters:
deadlines are computed from it, and there is no answer for the 30th of February. How to fix: correct it, in the form
2026-01-31 or 2026-01-31T12:00:00Z.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="schema-format",
    summary="A date or a time is none of the calendar.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
