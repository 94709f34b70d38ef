"""The explicit list of rules, and the doors that run them."""

from __future__ import annotations

from typing import Final

from chora_catalog.check.rule import CatalogRule, Federation, PageRule, Rule, Tree, TreeRule
from chora_catalog.check.rules import (
    agent_drafted_unreviewed,
    behavior_duplicate,
    behavior_undeclared,
    behavior_without_feature,
    claim_contradicted,
    codeowners_differs,
    dependency_cycle,
    dependency_duplicate,
    dependency_missing,
    dependency_not_evaluated,
    dependency_on_itself,
    deprecated_without_date,
    deprecated_without_replacement,
    deprecated_without_sunset,
    email_in_manifest,
    id_contested,
    id_lookalike,
    lifecycle_contradiction,
    move_refused,
    naming_deviation,
    owner_lookalike,
    owner_missing,
    owner_without_contact,
    port_duplicate,
    reference_missing,
    replacement_is_itself,
    scenario_without_test,
    secret_in_manifest,
    sunset_before_deprecated,
    tag_version_differs,
    ttl_out_of_range,
    url_insecure,
    version_behind_tag,
    vote_refused,
    vote_unproven,
    waiver_renewed_silently,
    waiver_too_many,
    waiver_unmatched,
)
from chora_catalog.model.finding import Finding, Scope, sort_findings

WHOLE_TREE: Final = frozenset({Scope.DOCUMENT, Scope.TREE})
TREE_RULES: Final[tuple[TreeRule, ...]] = (
    agent_drafted_unreviewed,
    behavior_duplicate,
    behavior_undeclared,
    behavior_without_feature,
    claim_contradicted,
    codeowners_differs,
    dependency_duplicate,
    dependency_on_itself,
    deprecated_without_date,
    deprecated_without_replacement,
    deprecated_without_sunset,
    email_in_manifest,
    lifecycle_contradiction,
    naming_deviation,
    owner_missing,
    port_duplicate,
    reference_missing,
    replacement_is_itself,
    scenario_without_test,
    secret_in_manifest,
    sunset_before_deprecated,
    tag_version_differs,
    ttl_out_of_range,
    url_insecure,
    version_behind_tag,
)
LONE_TREE_RULES: Final[tuple[TreeRule, ...]] = (dependency_not_evaluated,)
"""What is said of a tree only where no catalog is in view to judge it."""
CATALOG_RULES: Final[tuple[CatalogRule, ...]] = (
    dependency_cycle,
    dependency_missing,
    id_contested,
    id_lookalike,
    move_refused,
    owner_lookalike,
    owner_without_contact,
    vote_refused,
    vote_unproven,
    waiver_renewed_silently,
    waiver_too_many,
    waiver_unmatched,
)


def rule_modules() -> tuple[PageRule, ...]:
    """Return the module of every rule, by the rule's id: what is checked here, and what readers find by themselves."""
    # Here, not above: no check needs them, and a build is not to wait for thirty modules of pages.
    from chora_catalog.check.of_readers import READER_RULES

    every: list[PageRule] = [*TREE_RULES, *LONE_TREE_RULES, *CATALOG_RULES, *READER_RULES]
    return tuple(sorted(every, key=lambda module: module.RULE.id))


def rules() -> tuple[Rule, ...]:
    """Return every rule that has a file, by id."""
    return tuple(module.RULE for module in rule_modules())


def check_tree(tree: Tree, *, scopes: frozenset[Scope] = WHOLE_TREE) -> tuple[Finding, ...]:
    """Return what the tree rules of these scopes say about one source at its head."""
    return sort_findings(
        finding for module in TREE_RULES if module.RULE.scope in scopes for finding in module.check(tree)
    )


def check_without_catalog(tree: Tree) -> tuple[Finding, ...]:
    """Return what cannot be judged of `tree` because no catalog is in view; a build judges it instead."""
    return sort_findings(finding for module in LONE_TREE_RULES for finding in module.check(tree))


def check_federation(federation: Federation) -> tuple[Finding, ...]:
    """Return what the catalog rules say about all sources together."""
    return sort_findings(finding for module in CATALOG_RULES for finding in module.check(federation))
