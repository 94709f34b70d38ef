"""What is broken now and since when, what was repaired and how long it took, and of what nothing is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from chora_catalog.model.breaks import Break, Shipped, Window
from chora_catalog.model.catalog import Edge
from chora_catalog.model.verdict import Verdict
from chora_catalog.render import links
from chora_catalog.render.drafts import signal_draft
from chora_catalog.render.pages.lookup import EdgeView, Lookup, edge_order, tally
from chora_catalog.render.text import some

OPEN, LATELY, OLDER, SHIPPED, SOURCES = 500, 50, 50, 100, 50
"""How many rows each part shows; of more, it says how many the data file holds."""
_BROKEN = frozenset({Verdict.BREAKING, Verdict.WAIVED})
_UNJUDGED = frozenset({Verdict.UNKNOWN, Verdict.INVALID})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """One dependency that is broken now, or was when it could last be judged."""

    view: EdgeView
    range: str
    version: str
    """The release with which it began, empty where nobody can say."""
    newest: str
    since: str
    by_consumer: bool
    """True where the consumer's own change began it."""
    contact: str
    contact_href: str
    signal_href: str
    """The forge's page for a change signal about it, filled in; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairedRow:
    """A break that is over, and how long it lasted in words."""

    item: Break
    took: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreaksPage:
    """What the page of breaks shows."""

    counts: dict[str, int]
    """Open rows by verdict."""
    rows: tuple[OpenRow, ...]
    more_rows: int
    total: int
    """All breaks of the histories that were read."""
    repaired: int
    median: str
    longest: str
    slowest: Break | None
    lately: tuple[RepairedRow, ...]
    older: tuple[Break, ...]
    """Releases of older lines that are not admitted, where the newest is."""
    more_older: int
    shipped: tuple[Shipped, ...]
    more_shipped: int
    read: int
    """Sources whose history was read."""
    unread: tuple[str, ...]
    more_unread: int
    judged: int
    """Dependencies that have an answer."""


def breaks(lookup: Lookup) -> BreaksPage:
    """Return what the page of breaks shows."""
    catalog = lookup.catalog
    rows = open_rows(lookup)
    now = {(row.view.edge.consumer, row.view.edge.provider) for row in rows}
    over = [item for item in catalog.breaks if item.repaired_at]
    older = [item for item in catalog.breaks if not item.repaired_at and (item.consumer, item.provider) not in now]
    lasted = [_seconds(item) for item in over]
    slowest = max(over, key=_seconds, default=None)
    unread = [view.spec.name for view in catalog.sources if not view.has_history]
    return BreaksPage(
        counts=tally(row.view.edge for row in rows),
        rows=rows[:OPEN],
        more_rows=max(0, len(rows) - OPEN),
        total=len(catalog.breaks),
        repaired=len(over),
        median=_words(median(lasted)) if lasted else "",
        longest=_words(_seconds(slowest)) if slowest else "",
        slowest=slowest,
        lately=tuple(
            RepairedRow(item=item, took=took(item))
            for item in sorted(over, key=lambda item: item.repaired_at, reverse=True)[:LATELY]
        ),
        older=tuple(older[:OLDER]),
        more_older=max(0, len(older) - OLDER),
        shipped=catalog.shipped[:SHIPPED],
        more_shipped=max(0, len(catalog.shipped) - SHIPPED),
        read=len(catalog.sources) - len(unread),
        unread=tuple(unread[:SOURCES]),
        more_unread=max(0, len(unread) - SOURCES),
        judged=sum(edge.verdict is not Verdict.UNKNOWN for edge in catalog.edges),
    )


def open_rows(lookup: Lookup) -> tuple[OpenRow, ...]:
    """Return each dependency that is broken now: those that nothing excuses first, the oldest first.

    Where a history says that it broke and the present state cannot be judged, it stays open as what it is.
    """
    lasting = lookup.lasting
    rows: dict[tuple[str, str], OpenRow] = {}
    for edge in sorted(lookup.catalog.edges, key=edge_order):
        pair = (edge.consumer, edge.provider)
        if pair not in rows and (edge.verdict in _BROKEN or (edge.verdict in _UNJUDGED and pair in lasting)):
            rows[pair] = _row(lookup, edge, lasting.get(pair))
    return tuple(sorted(rows.values(), key=_urgency))


def took(item: Break) -> str:
    """Return how long a break lasted in words, empty while it lasts."""
    return _words(_seconds(item)) if item.repaired_at else ""


def _row(lookup: Lookup, edge: Edge, window: Window | None) -> OpenRow:
    # A removed output or a sunset is none of the range's business, and neither is the window of the range of theirs.
    said = window if edge.verdict not in _BROKEN or edge.rule == "outside-range" else None
    entry = lookup.entries.get(edge.consumer)
    contact = entry.manifest.contact if entry else ""
    paper = signal_draft(edge, edge.provider_version)
    return OpenRow(
        view=lookup.edge(edge),
        range=said.range if said and edge.verdict in _UNJUDGED else edge.range,
        version=said.version if said else edge.provider_version,
        newest=lookup.entries[edge.provider].version if edge.provider in lookup.entries else "",
        since=said.start if said else edge.since,
        by_consumer=said is not None and said.opened_by == "consumer",
        contact=contact,
        contact_href=links.outward(contact),
        signal_href=links.new_file(lookup.catalog.registry, paper.file, paper.text).href if paper else "",
    )


def _urgency(row: OpenRow) -> tuple[int, str, str, str]:
    edge = row.view.edge
    order = {Verdict.BREAKING: 0, Verdict.WAIVED: 2}.get(edge.verdict, 1)
    return (order, row.since or "9", edge.consumer, edge.provider)


def _seconds(item: Break) -> float:
    lasted = datetime.fromisoformat(item.repaired_at) - datetime.fromisoformat(item.released_at)
    return lasted.total_seconds()


def _words(seconds: float) -> str:
    """Return a time between two instants, rounded down: `26 days`, `5 hours`, `less than an hour`."""
    if seconds < 3600:
        return "less than an hour"
    return some(int(seconds // 86_400), "day") if seconds >= 2 * 86_400 else some(int(seconds // 3600), "hour")
