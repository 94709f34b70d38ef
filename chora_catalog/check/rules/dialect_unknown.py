"""The file is of no format that is known.

What it says: the file has the name of a manifest, and its content was written for something else. Nothing is read from
it. Why it matters: either it is no manifest, or it is one that the catalog silently lacks. How to fix: name the
manifests of this source in the registry (`manifests:`), or write the file in a known format.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="dialect-unknown",
    summary="The file is of no format that is known.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
)
