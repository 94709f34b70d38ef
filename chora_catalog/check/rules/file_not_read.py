"""A feature file, a schema or CODEOWNERS was not read.

What it says: at most 200 schemas and feature files of 256 KiB, and 4 MiB in all, are read from one tree, and a
CODEOWNERS of at most 256 KiB; this one is beyond that, or not what it should be. Why it matters: its behaviors count as
not observed, what changes in it as undecided, its owners as not compared, which is not the same as not there.
How to fix: split or remove files, name the folder that counts in the manifest's `behaviors:`, or shorten CODEOWNERS.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="file-not-read",
    summary="A feature file, a schema or CODEOWNERS was not read.",
    severity=Severity.NOTICE,
    scope=Scope.TREE,
)
