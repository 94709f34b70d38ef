"""The path leads out of the repository.

What it says: the path is absolute, names a drive or an address, or climbs out with `..`, also where that is written in
percent signs. Nothing outside is read. Why it matters: a file outside of the repository is not in the same commit, so
nobody can say what it held. How to fix: write a path inside this repository, relative to its root, such as docs/a.md.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="path-escapes",
    summary="The path leads out of the repository.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
