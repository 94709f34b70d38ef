"""A package names no exact version.

What it says: a package of an MCP server names `latest` or a range where one version has to stand. Why it matters: what
is installed today and what is installed tomorrow are then two things with one name. How to fix: name one version.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="version-not-exact",
    summary="A package names no exact version.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)
