"""YAML would change the value; quote it.

What it says: the value stands without quotes, and readers of YAML make something else of it than what is written:
`1.10` becomes 1.1, `1_000` becomes 1000. Why it matters: the version 1.10 would be published as 1.1, and nobody would
have written that. How to fix: put it in double quotes. `chora validate --fix` does.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="yaml-quote-it",
    summary="YAML would change the value; quote it.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
    fixable=True,
)
