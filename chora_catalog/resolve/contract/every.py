"""Every rule about two contracts, in the order of the reference."""

from __future__ import annotations

from typing import Final

from chora_catalog.resolve.contract import behaviors, dependencies, json_schema_rules, life, ports, standing, step
from chora_catalog.resolve.contract.rule import ContractRule

RULES: Final[tuple[ContractRule, ...]] = (
    *ports.RULES,
    *dependencies.RULES,
    *behaviors.RULES,
    *standing.RULES,
    *life.RULES,
    *step.RULES,
    *json_schema_rules.RULES,
)
