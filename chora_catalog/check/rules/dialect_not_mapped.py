"""The catalog has no place for something that another tool says.

What it says: a manifest of another tool holds something that has no counterpart here. It is kept with the original.
Why it matters: whoever reads the page alone does not see it. How to fix: nothing has to be done.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="dialect-not-mapped",
    summary="The catalog has no place for something that another tool says.",
    severity=Severity.NOTICE,
    scope=Scope.DOCUMENT,
)
