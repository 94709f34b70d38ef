"""A value is too short, too long, too small or too large.

What it says: a text, a list or a number is outside of the bounds that the schema sets. Why it matters: pages, files
and readers have limits; a bound that is said is better than text that is cut. How to fix: give more or shorten it, as
the finding says.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="schema-range",
    summary="A value is too short, too long, too small or too large.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
