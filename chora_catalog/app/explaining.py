"""What a rule means, from the docstring of the file that checks it."""

from __future__ import annotations

import inspect

from chora_catalog.check.engine import CATALOG_RULES, TREE_RULES
from chora_catalog.check.rule import Rule


def explanations() -> dict[str, tuple[Rule, str]]:
    """Return each rule with its page (plain text), by id."""
    pages = [(module.RULE, inspect.getdoc(module) or "") for module in TREE_RULES]
    pages += [(module.RULE, inspect.getdoc(module) or "") for module in CATALOG_RULES]
    return {rule.id: (rule, page) for rule, page in sorted(pages, key=lambda pair: pair[0].id)}
