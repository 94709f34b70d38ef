"""CODEOWNERS names nobody that fits the owner.

What it says: the tree has a CODEOWNERS file that names people or teams, and none of them fits the manifest's `owner`.
A team fits by the last part of its handle (`@org/team-a` fits `team-a`), an address by the part before the `@`; case,
blanks, dots, dashes and underscores do not count. Why it matters: the owner that the catalog names is then not whom
the forge asks for a review; one of the two is out of date. How to fix: correct `owner`, or add the team to CODEOWNERS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="codeowners-differs",
    summary="CODEOWNERS names nobody that fits the owner.",
    severity=Severity.WARNING,
    scope=Scope.TREE,
)

_SHOWN = 3
_BETWEEN = re.compile(r"[\s._-]+")


def _spellings(name: str) -> set[str]:
    """Return what a handle, an address or a name is known by."""
    plain = name.casefold().removeprefix("@")
    local = plain.partition("@")[0]
    return {_BETWEEN.sub("-", spelling).strip("-") for spelling in (plain, local, local.rpartition("/")[2])}


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each owner of a native manifest that CODEOWNERS does not know."""
    code_owners = tree.code_owners
    named = sorted({name for entry in code_owners.entries for name in entry.owners}) if code_owners else []
    if code_owners is None or not named:
        return
    known = {spelling for name in named for spelling in _spellings(name)}
    seen: set[str] = set()
    for manifest in tree.manifests:
        if manifest.imported or not manifest.owner or manifest.owner in seen:
            continue
        seen.add(manifest.owner)
        if not known & _spellings(manifest.owner):
            more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
            yield RULE.finding(
                f"{code_owners.file} names {', '.join(named[:_SHOWN])}{more}, and nobody that fits {manifest.owner}",
                tree.find(manifest.path, manifest.line, manifest.owner),
                hint=f"Correct owner:, or add the team to {code_owners.file}.",
                subject=manifest.owner,
            )
