"""The file does not hold exactly one document.

What it says: the file is empty, or holds several YAML documents with `---` between them. Why it matters: one file is
one manifest; which of several documents counts would be a guess. How to fix: write one document, or put each into a
file of its own.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="yaml-documents",
    summary="The file does not hold exactly one document.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
