"""The file is kept in Git LFS.

What it says: what Git holds is a pointer to a file elsewhere. The catalog reads what Git holds and nothing else.
Why it matters: the content behind a pointer is in no commit and may change or vanish. How to fix: keep this file out
of Git LFS (.gitattributes).
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="file-lfs-pointer",
    summary="The file is kept in Git LFS.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
