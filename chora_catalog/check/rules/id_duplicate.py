"""One file declares the same id twice.

What it says: two entries of one manifest have the same id. The first counts. Why it matters: what the second says is
lost, and a reader of the file cannot see that. How to fix: keep one of the two, or rename one.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="id-duplicate",
    summary="One file declares the same id twice.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
