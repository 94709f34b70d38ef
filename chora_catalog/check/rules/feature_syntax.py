"""A feature file cannot be parsed.

What it says: the file is no Gherkin at the place that is shown, or a `@behavior:` tag names no id. What stands in it
counts as not observed. Why it matters: a behavior whose file cannot be read is proven by nothing. How to fix: correct
the keyword at the start of the line, the tables, or the tag.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="feature-syntax",
    summary="A feature file cannot be parsed.",
    severity=Severity.WARNING,
    scope=Scope.TREE,
)
