"""The file holds a character that does not belong in text.

What it says: the file holds a control character, or one that is invisible or reorders what is shown, written out or as
an escape. Why it matters: with such a character a line can look like another than it is. How to fix: remove the
character; the finding names it.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="file-control-character",
    summary="The file holds a character that does not belong in text.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
