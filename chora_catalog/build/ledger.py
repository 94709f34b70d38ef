"""Who owns what, and what asks for their attention."""

from __future__ import annotations

from collections.abc import Iterable

from chora_catalog.model.catalog import Edge, Entry, OwnerView
from chora_catalog.model.decision import Waiver
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.model.verdict import Verdict


def owners_of(
    entries: Iterable[Entry], edges: Iterable[Edge], signals: Iterable[ChangeSignal], waivers: Iterable[Waiver]
) -> tuple[OwnerView, ...]:
    """Return one view for each owner that has a capability, is a steward, or answers for a waiver; by name."""
    entries, edges, signals, waivers = list(entries), list(edges), list(signals), list(waivers)
    owner_of = {entry.id: entry.owner for entry in entries}
    names = {owner for owner in owner_of.values() if owner}
    names |= {team for signal in signals for team in (*signal.stewards, *signal.asked)} | {
        waiver.owner for waiver in waivers if waiver.owner
    }
    breaking = [edge for edge in edges if edge.verdict is Verdict.BREAKING]
    views = []
    for name in sorted(names):
        mine = sorted((entry for entry in entries if entry.owner == name), key=lambda entry: entry.id)
        views.append(
            OwnerView(
                name=name,
                contact=next((entry.manifest.contact for entry in mine if entry.manifest.contact), ""),
                capabilities=tuple(entry.id for entry in mine),
                sources=tuple(sorted({entry.source for entry in mine})),
                breaks=tuple(edge for edge in breaking if owner_of.get(edge.consumer) == name),
                breaks_others=tuple(edge for edge in breaking if owner_of.get(edge.provider) == name),
                signals=tuple(
                    sorted(
                        signal.id
                        for signal in signals
                        if name in (*signal.stewards, *signal.asked) or owner_of.get(signal.capability_id) == name
                    )
                ),
                waivers=tuple(
                    sorted(
                        waiver.id for waiver in waivers if waiver.owner == name or owner_of.get(waiver.consumer) == name
                    )
                ),
            )
        )
    return tuple(views)
