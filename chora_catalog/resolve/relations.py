"""Records -> what they say of one another, seen from the other side: made once, asked by every page and every file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chora_catalog.model.catalog import Catalog
from chora_catalog.model.decision import Decision, Waiver
from chora_catalog.resolve.waiving import MOST, renewed_silently, too_many

Names = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """By the id of a record: the ids of those that name it, sorted."""

    corrected_signals: Names
    corrected_decisions: Names
    corrected_waivers: Names
    """A record is corrected by one of its own kind; a record of another kind may have the same id."""
    renewed_by: Names
    replaced_by: Names
    repeated_by: Names
    decided_by: dict[str, tuple[Decision, ...]]
    """The decisions that name a signal under `related`."""
    waived_by: dict[str, tuple[Waiver, ...]]
    """The waivers that belong to a signal."""
    never: dict[str, str]
    """Why a waiver counts at no time, for those of which that is so because of others."""

    @classmethod
    def of(cls, catalog: Catalog) -> Relations:
        """Return the relations of the records of `catalog`."""
        signals, decisions, waivers = catalog.signals, catalog.decisions, catalog.waivers
        decided: dict[str, list[Decision]] = {}
        for decision in decisions:
            for name in dict.fromkeys(decision.related):
                decided.setdefault(name, []).append(decision)
        waived: dict[str, list[Waiver]] = {}
        for waiver in waivers:
            waived.setdefault(waiver.signal, []).append(waiver)
        moved = ((move.superseded_by, signal.id) for signal in signals for move in signal.moves)
        never = {item.id: f"it would be one more than the {MOST} that may count for a capability at once"
                 for item in too_many(waivers)}  # fmt: skip
        silent = "it goes on with an earlier one and does not say so with `renews`"
        return cls(
            corrected_signals=_named((item.corrects, item.id) for item in signals),
            corrected_decisions=_named((item.corrects, item.id) for item in decisions),
            corrected_waivers=_named((item.corrects, item.id) for item in waivers),
            renewed_by=_named((item.renews, item.id) for item in waivers),
            replaced_by=_named(
                [*((item.supersedes, item.id) for item in signals), *((old, new) for new, old in moved)]
            ),
            repeated_by=_named((item.duplicate_of, item.id) for item in signals),
            decided_by={name: tuple(items) for name, items in decided.items()},
            waived_by={name: tuple(items) for name, items in waived.items() if name},
            never=never | {item.id: silent for item in renewed_silently(waivers) if item.id not in never},
        )


def _named(pairs: Iterable[tuple[str, str]]) -> Names:
    """Return who names each, of pairs of the one that is named and the one that does."""
    found: dict[str, set[str]] = {}
    for named, by in pairs:
        if named and by:
            found.setdefault(named, set()).add(by)
    return {named: tuple(sorted(by)) for named, by in found.items()}
