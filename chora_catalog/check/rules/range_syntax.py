"""This is no version range.

What it says: the range of a dependency cannot be read. Ranges are written as npm writes them: comparators such as
`>=1.2 <2`, carets, tildes, and `||` between alternatives. Where another tool's format allows other forms it is a
warning. Why it matters: a range that cannot be read admits nothing and refuses nothing, so the dependency is judged by
nobody. How to fix: write a range such as ">=1.2 <2" or "^1.2.0".
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="range-syntax",
    summary="This is no version range.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
    also=(Severity.WARNING,),
)
