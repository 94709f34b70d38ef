"""Two owners differ in case, dots, dashes or underscores alone.

What it says: two names of owners are one to a reader, such as team-a and Team_A. They are never joined.
Why it matters: what one team owns is then shown on two pages, and each of them looks complete. How to fix: write the
name in one way in all manifests.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from chora_catalog.check.rule import Federation, Rule
from chora_catalog.model.finding import Finding, Place, Scope, Severity
from chora_catalog.model.ids import fold
from chora_catalog.model.manifest import Manifest

RULE = Rule(
    id="owner-lookalike",
    summary="Two owners differ in case, dots, dashes or underscores alone.",
    severity=Severity.WARNING,
    scope=Scope.CATALOG,
)

_BETWEEN = re.compile(r"[\s.]+")


def check(federation: Federation) -> Iterator[Finding]:
    """Yield one finding for each spelling but the most frequent one, at the first manifest that has it."""
    meets: dict[str, Counter[str]] = {}
    first: dict[str, tuple[str, Manifest]] = {}
    for source, manifest in federation.manifests:
        if manifest.owner:
            meets.setdefault(_BETWEEN.sub("-", fold(manifest.owner)), Counter())[manifest.owner] += 1
            first.setdefault(manifest.owner, (source, manifest))
    for spellings in meets.values():
        ranked = sorted(spellings, key=lambda name: (-spellings[name], name))
        for owner in ranked[1:]:
            source, manifest = first[owner]
            yield RULE.finding(
                f"owner {owner} looks like {ranked[0]}",
                Place(file=manifest.path, line=manifest.line, column=1 if manifest.line else 0),
                hint=f"Write {ranked[0]} if they are the same team.",
                source=source,
                subject=owner,
            )
