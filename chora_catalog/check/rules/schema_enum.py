"""A word is not among those that are known.

What it says: the schema lists the words that are known here, and this is none of them. Where words of one's own are
admitted the finding is a warning and the word is kept as written; where the list is closed it is an error.
Why it matters: filters, policies and colours go by these words; a spelling of one's own stands alone. How to fix: use
one of the known words. Where only the case differs, `chora validate --fix` corrects it.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="schema-enum",
    summary="A word is not among those that are known.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
    also=(Severity.ERROR,),
    fixable=True,
)
