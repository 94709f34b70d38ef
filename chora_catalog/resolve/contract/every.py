"""Every rule about two contracts, in the order of the reference."""

from __future__ import annotations

from typing import Final

from chora_catalog.resolve.contract import (
    behaviors,
    dependencies,
    json_schema_rules,
    life,
    operations_rules,
    ports,
    servers,
    standing,
    step,
)
from chora_catalog.resolve.contract.rule import ContractRule

GROUPS: Final[tuple[tuple[str, tuple[ContractRule, ...]], ...]] = (
    ("Inputs and outputs", ports.RULES),
    ("Schemas", json_schema_rules.RULES),
    ("OpenAPI operations", operations_rules.RULES),
    ("MCP servers", servers.RULES),
    ("Behaviors", behaviors.RULES),
    ("Dependencies", dependencies.RULES),
    ("The capability as a whole", standing.RULES),
    ("Its end", life.RULES),
    ("The step between two versions", step.RULES),
)
"""The rules, by what they are about."""
RULES: Final[tuple[ContractRule, ...]] = tuple(rule for _, rules in GROUPS for rule in rules)
