"""What a rule means, from the docstring of its file."""

from __future__ import annotations

import inspect

from chora_catalog.check.engine import rule_modules
from chora_catalog.check.rule import Rule


def explanations() -> dict[str, tuple[Rule, str]]:
    """Return each rule with its page (plain text), by id."""
    return {module.RULE.id: (module.RULE, inspect.getdoc(module) or "") for module in rule_modules()}
