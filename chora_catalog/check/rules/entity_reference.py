"""This is no reference to an entity of Backstage.

What it says: the reference does not have the form `kind:namespace/name`, or names no kind where one is needed.
Why it matters: a reference that can be read in two ways leads nowhere; the dependency is left out. How to fix: write a
reference such as `component:default/name`.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="entity-reference",
    summary="This is no reference to an entity of Backstage.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
