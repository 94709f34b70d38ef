"""The path was read with forward slashes.

What it says: the path is written with backslashes. It was read with `/` in their place. Why it matters: other tools
read a backslash as a part of the name and find no such file. How to fix: write `/` between the parts. `chora validate
--fix` does.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="path-backslash",
    summary="The path was read with forward slashes.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
    fixable=True,
)
