"""The explicit list of rules, and the two doors that run them."""

from __future__ import annotations

from typing import Final

from chora_catalog.check.rule import CatalogRule, Federation, Rule, Tree, TreeRule
from chora_catalog.check.rules import (
    behavior_undeclared,
    dependency_missing,
    deprecated_without_sunset,
    id_contested,
    id_lookalike,
    owner_without_contact,
    reference_missing,
    tag_version_differs,
    version_behind_tag,
    waiver_unmatched,
)
from chora_catalog.model.finding import Finding, Scope, sort_findings

WHOLE_TREE: Final = frozenset({Scope.DOCUMENT, Scope.TREE})
TREE_RULES: Final[tuple[TreeRule, ...]] = (
    behavior_undeclared,
    deprecated_without_sunset,
    owner_without_contact,
    reference_missing,
    tag_version_differs,
    version_behind_tag,
)
CATALOG_RULES: Final[tuple[CatalogRule, ...]] = (
    dependency_missing,
    id_contested,
    id_lookalike,
    waiver_unmatched,
)


def rules() -> tuple[Rule, ...]:
    """Return every rule that has a file, by id."""
    found = [*(module.RULE for module in TREE_RULES), *(module.RULE for module in CATALOG_RULES)]
    return tuple(sorted(found, key=lambda rule: rule.id))


def check_tree(tree: Tree, *, scopes: frozenset[Scope] = WHOLE_TREE) -> tuple[Finding, ...]:
    """Return what the tree rules of these scopes say about one source at its head."""
    return sort_findings(
        finding for module in TREE_RULES if module.RULE.scope in scopes for finding in module.check(tree)
    )


def check_federation(federation: Federation) -> tuple[Finding, ...]:
    """Return what the catalog rules say about all sources together."""
    return sort_findings(finding for module in CATALOG_RULES for finding in module.check(federation))
