"""What a rule means, from the docstring of the file that checks it."""

from __future__ import annotations

import inspect

from chora_catalog.check.engine import CATALOG_RULES, TREE_RULES
from chora_catalog.check.rule import Rule


def explanations() -> dict[str, tuple[Rule, str]]:
    """Return each rule with its page (plain text), by id."""
    modules = [*TREE_RULES, *CATALOG_RULES]
    return {module.RULE.id: (module.RULE, inspect.getdoc(module) or "") for module in modules}
