"""Tags are not read.

What it says: a value carries a tag such as `!!python/object` or `!include`, or the file has a %TAG directive.
Why it matters: tags ask the reader to make something other than text, numbers, lists and mappings; a catalog makes
nothing a source asks for. How to fix: remove the tag; quote a value to make it text.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="yaml-tag",
    summary="Tags are not read.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
