"""What a rule means, from the docstring of its file."""

from __future__ import annotations

import inspect

from chora_catalog.check.engine import rule_modules
from chora_catalog.check.gate.pages import gate_pages
from chora_catalog.check.rule import Rule
from chora_catalog.model.checked import RuleWords
from chora_catalog.resolve.contract.every import RULES
from chora_catalog.resolve.contract.rule import ContractRule


def explanations() -> dict[str, tuple[Rule, str]]:
    """Return each rule with its page (plain text), by id."""
    return {module.RULE.id: (module.RULE, inspect.getdoc(module) or "") for module in rule_modules()}


def gate_rules() -> dict[str, tuple[Rule, str]]:
    """Return each rule of the gate with its page (plain text), by id."""
    return {rule.id: (rule, page) for rule, page in gate_pages()}


def contract_rules() -> dict[str, ContractRule]:
    """Return each rule about two contracts, by id."""
    return {rule.id: rule for rule in RULES}


def rules_in_words() -> tuple[RuleWords, ...]:
    """Return each rule with its page, for a report that travels without this tool."""
    return tuple(
        RuleWords(id=rule.id, severity=rule.severity, scope=rule.scope, summary=rule.summary, page=page)
        for rule, page in (*explanations().values(), *gate_rules().values())
    )
