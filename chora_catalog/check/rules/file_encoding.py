"""The file is not UTF-8.

What it says: a byte at the place that is shown is not valid UTF-8, or the file is UTF-16. Why it matters: the same
bytes would be other letters on another machine. How to fix: save the file as UTF-8.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="file-encoding",
    summary="The file is not UTF-8.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
