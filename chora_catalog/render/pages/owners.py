"""Owners: what they have, and what asks for their attention."""

from __future__ import annotations

from dataclasses import dataclass

from chora_catalog.model.catalog import Entry, OwnerView, SourceView
from chora_catalog.model.decision import Waiver
from chora_catalog.render import links
from chora_catalog.render.instants import instant
from chora_catalog.render.pages.inbox import SignalRow, signal_rows
from chora_catalog.render.pages.lookup import EdgeView, Lookup, entry_order
from chora_catalog.resolve.acting import NextStep

ENTRIES = 500
BREAKS = 100
SIGNALS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRow:
    """A waiver, whether it counts at the build's instant, and why it never does, where that is so.

    `begins` and `ends` are instants: the browser says which of them has passed since.
    """

    waiver: Waiver
    counts: bool
    why: str
    begins: str
    ends: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRow:
    """One line of the list of owners."""

    owner: OwnerView
    open_signals: int
    waits: int
    """Signals that wait for them."""
    waivers: int
    silent: int
    """Sources of theirs that did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersPage:
    """The owners, those with breaks first, and how many capabilities have none."""

    rows: tuple[OwnerRow, ...]
    unowned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPage:
    """One owner."""

    owner: OwnerView
    row: OwnerRow
    contact_href: str
    breaks: tuple[EdgeView, ...]
    more_breaks: int
    breaks_others: tuple[EdgeView, ...]
    more_breaks_others: int
    silent: tuple[SourceView, ...]
    waits: tuple[SignalRow, ...]
    """Signals that wait for this owner."""
    signals: tuple[SignalRow, ...]
    """The others that name it."""
    waivers: tuple[WaiverRow, ...]
    entries: tuple[Entry, ...]
    more_entries: int
    from_registry: int
    """How many of the capabilities are owned by the registry's word alone."""
    twin: str


def owners(lookup: Lookup) -> OwnersPage:
    """Return what the list of owners shows."""
    rows = [owner_row(lookup, owner) for owner in lookup.catalog.owners]
    return OwnersPage(
        rows=tuple(sorted(rows, key=lambda row: (-len(row.owner.breaks), row.owner.name))),
        unowned=sum(not entry.owner for entry in lookup.catalog.entries),
    )


def owner(lookup: Lookup, view: OwnerView) -> OwnerPage:
    """Return what the page of one owner shows."""
    entries = sorted((lookup.entries[name] for name in view.capabilities if name in lookup.entries), key=entry_order)
    every = signal_rows(lookup, tuple(lookup.signals[name] for name in view.signals if name in lookup.signals))
    return OwnerPage(
        owner=view,
        row=owner_row(lookup, view),
        contact_href=links.outward(view.contact),
        breaks=lookup.edges(view.breaks)[:BREAKS],
        more_breaks=max(0, len(view.breaks) - BREAKS),
        breaks_others=lookup.edges(view.breaks_others)[:BREAKS],
        more_breaks_others=max(0, len(view.breaks_others) - BREAKS),
        silent=tuple(lookup.sources[name] for name in view.sources if name in lookup.kept),
        waits=tuple(row for row in every if _waits_for(row.step, view.name)),
        signals=tuple(row for row in every if not _waits_for(row.step, view.name))[:SIGNALS],
        waivers=waiver_rows(lookup, [lookup.waivers[name] for name in view.waivers if name in lookup.waivers]),
        entries=tuple(entries[:ENTRIES]),
        more_entries=max(0, len(entries) - ENTRIES),
        from_registry=sum(entry.owner_from_registry for entry in entries),
        twin=links.twin(links.owner_page(view.name)),
    )


def owner_row(lookup: Lookup, view: OwnerView) -> OwnerRow:
    """Return one owner as a line of the list."""
    return OwnerRow(
        owner=view,
        open_signals=sum(name in lookup.signals and lookup.signals[name].is_open for name in view.signals),
        waits=sum(_waits_for(lookup.next_steps.get(name), view.name) for name in view.signals),
        waivers=sum(name in lookup.catalog.active_waivers for name in view.waivers),
        silent=sum(name in lookup.kept for name in view.sources),
    )


def waiver_rows(lookup: Lookup, waivers: list[Waiver]) -> tuple[WaiverRow, ...]:
    """Return `waivers`, those that count first, the next to end first."""
    rows = [
        WaiverRow(
            waiver=waiver,
            counts=waiver.id in lookup.catalog.active_waivers,
            why=_never(lookup, waiver),
            begins=instant(waiver.granted_at),
            ends=instant(waiver.expires_at),
        )
        for waiver in waivers
    ]
    return tuple(sorted(rows, key=lambda row: (not row.counts, instant(row.waiver.expires_at), row.waiver.id)))


def _waits_for(step: NextStep | None, name: str) -> bool:
    return step is not None and name in step.who


def _never(lookup: Lookup, waiver: Waiver) -> str:
    """Return why `waiver` counts at no time, empty where it does."""
    unsaid = not instant(waiver.granted_at) or not instant(waiver.expires_at)
    return "it does not say from when until when" if unsaid else lookup.relations.never.get(waiver.id, "")
