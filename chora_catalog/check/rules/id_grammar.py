"""This is no capability id.

What it says: an id is lower case: 1 to 6 segments of a-z, 0-9, `-` and `_`, joined by single dots, with an optional
last `.vN` and at most 128 bytes. What is written is none. Why it matters: ids are names of pages, of files and of what
others depend on; one spelling has to work for all of them. How to fix: write the id that the finding proposes, or
choose one of that form. Others who depend on the old name need to hear of it.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="id-grammar",
    summary="This is no capability id.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
