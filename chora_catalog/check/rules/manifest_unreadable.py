"""The manifest is no regular file.

What it says: the manifest is a symbolic link, a submodule or another entry that is no file. Links are not followed.
Why it matters: a link can point out of the repository, at what the reader's machine holds. How to fix: commit the
manifest as a regular file.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="manifest-unreadable",
    summary="The manifest is no regular file.",
    severity=Severity.ERROR,
    scope=Scope.TREE,
)
