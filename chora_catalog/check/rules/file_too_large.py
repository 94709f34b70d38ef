"""The file is larger than what is read.

What it says: a file has more than 256 KiB, more than 20,000 values, or (a feature file) more than 20,000 lines.
Why it matters: a build reads many sources; one file may not take the time of all others. How to fix: split it, or keep
generated content out of it.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="file-too-large",
    summary="The file is larger than what is read.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
