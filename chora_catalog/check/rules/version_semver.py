"""This is no version.

What it says: the version is not one of SemVer 2.0: three numbers joined by dots, with an optional pre-release and
build. Where another tool's format allows other forms it is a warning. Why it matters: a version that cannot be
compared fits no range, so nobody can depend on it. How to fix: write three numbers, such as 1.2.3, without a leading
v. `chora validate --fix` removes such a v.
"""

from __future__ import annotations

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

RULE = Rule(
    id="version-semver",
    summary="This is no version.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
    also=(Severity.WARNING,),
    fixable=True,
)
