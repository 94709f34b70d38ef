"""Two states of one capability's manifest -> what changed between them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from chora_catalog.model.change import Change
from chora_catalog.model.manifest import Manifest
from chora_catalog.resolve.contract.behaviors import compare_behaviors
from chora_catalog.resolve.contract.dependencies import compare_dependencies
from chora_catalog.resolve.contract.life import compare_life
from chora_catalog.resolve.contract.ports import compare_ports
from chora_catalog.resolve.contract.rule import in_order
from chora_catalog.resolve.contract.servers import compare_servers
from chora_catalog.resolve.contract.standing import added, compare_standing, removed


def compare_files(
    old: Iterable[Manifest], new: Iterable[Manifest]
) -> tuple[tuple[Manifest | None, Manifest | None, tuple[Change, ...]], ...]:
    """Return what changed in each capability of two manifest files: its states and its changes, by id.

    One capability on each side is the same one, whatever its id; of several, those with one id are.
    """
    before, after = ({manifest.id: manifest for manifest in side} for side in (old, new))
    if len(before) == len(after) == 1:
        was, now = next(iter(before.values())), next(iter(after.values()))
        return ((was, now, compare(was, now)),)
    rows: list[tuple[Manifest | None, Manifest | None, tuple[Change, ...]]] = []
    for identifier in sorted({*before, *after}):
        one, other = before.get(identifier), after.get(identifier)
        changes = compare(one, other) if one and other else (removed(one),) if one else (added(other),) if other else ()
        rows.append((one, other, changes))
    return tuple(rows)


def compare(old: Manifest, new: Manifest) -> tuple[Change, ...]:
    """Return what changed from `old` to `new`, the worst first, then by place and rule; empty when nothing did.

    Two manifests that say the same in another order or spelling of their ranges have no change between them. Names,
    summaries, descriptions, tags and links are no part of the contract.
    """
    changes = [
        *compare_ports(old, new),
        *compare_dependencies(old, new),
        *compare_behaviors(old, new),
        *compare_standing(old, new),
        *compare_life(old, new),
    ]
    if old.dialect == new.dialect == "mcp" and old.original != new.original:
        changes += compare_servers(json.loads(old.original), json.loads(new.original))
    return tuple(sorted(changes, key=in_order))
