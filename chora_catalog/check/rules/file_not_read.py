"""A feature file was not read.

What it says: at most 200 feature files of 256 KiB, and 4 MiB in all, are read from one tree; this one is beyond that.
Why it matters: its behaviors count as not observed, which is not the same as not there. How to fix: split or remove
feature files, or name the folder that counts in the manifest's `behaviors:`.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="file-not-read",
    summary="A feature file was not read.",
    severity=Severity.NOTICE,
    scope=Scope.TREE,
)
