"""Anchors and aliases are not read.

What it says: the file uses `&anchor`, `*alias` or the merge key `<<`. They are switched off. Why it matters: a few
lines of aliases can stand for gigabytes of values, and readers disagree about merge keys. How to fix: write the value
out where it is used.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="yaml-alias",
    summary="Anchors and aliases are not read.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
