"""Every rule about two contracts, in the order of the reference."""

from __future__ import annotations

from typing import Final

from chora_catalog.resolve.contract import dependencies, ports
from chora_catalog.resolve.contract.rule import ContractRule

RULES: Final[tuple[ContractRule, ...]] = (*ports.RULES, *dependencies.RULES)
