"""The file is not YAML.

What it says: the parser stopped at the place that is shown. Nothing of the file is used; the last state that could be
read stands. Why it matters: what does not parse for one reader may parse as something else for the next. How to fix:
correct the line: most often a quote, a colon or the indentation.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="yaml-syntax",
    summary="The file is not YAML.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
