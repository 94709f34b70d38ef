"""The id was read in lower case.

What it says: the manifest's format admits capital letters in ids, this catalog does not; the id was read in small
letters and the spelling is kept as the name. Why it matters: two spellings of one id look like two capabilities to
everybody who searches for one of them. How to fix: write it in lower case. `chora validate --fix` does.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="id-rewritten",
    summary="The id was read in lower case.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
    fixable=True,
)
