"""A feature file or CODEOWNERS was not read.

What it says: at most 200 feature files of 256 KiB, and 4 MiB in all, are read from one tree, and a CODEOWNERS of at
most 256 KiB; this one is beyond that, or no text. Why it matters: its behaviors count as not observed, its owners as
not compared, which is not the same as not there. How to fix: split or remove feature files, name the folder that counts
in the manifest's `behaviors:`, or shorten CODEOWNERS.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="file-not-read",
    summary="A feature file or CODEOWNERS was not read.",
    severity=Severity.NOTICE,
    scope=Scope.TREE,
)
