"""The file is not JSON.

What it says: the text does not follow RFC 8259 at the place that is shown: a comment, a comma too many, a quote that
is open, `NaN`. Nothing of the file is used. Why it matters: lenient readers repair such files in different ways, and
then disagree about what it says. How to fix: correct it as the finding says.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="json-syntax",
    summary="The file is not JSON.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
