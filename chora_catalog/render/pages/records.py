"""Decisions and waivers: records that are added and never changed, with the links that only time shows."""

from __future__ import annotations

from dataclasses import dataclass

from chora_catalog.model.decision import Decision, Waiver
from chora_catalog.render import links
from chora_catalog.render.instants import instant
from chora_catalog.render.pages.lookup import EdgeView, Lookup
from chora_catalog.render.pages.owners import WaiverRow, waiver_rows

ROWS = 1000
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One line of the decision log; `corrected_by` are the decisions that correct it."""

    decision: Decision
    corrected_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The decisions of a month, newest first; `word` is empty for those without a date."""

    word: str
    rows: tuple[DecisionRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLog:
    """The decision log by month, newest first."""

    months: tuple[Month, ...]
    total: int
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    """One decision."""

    decision: Decision
    corrected_by: tuple[str, ...]
    file_href: str
    twin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverList:
    """Every waiver: those that count, next to end first; then those that do not, the latest first."""

    active: tuple[WaiverRow, ...]
    over: tuple[WaiverRow, ...]
    more_over: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverPage:
    """One waiver, and the dependency it excuses where there is one."""

    row: WaiverRow
    edges: tuple[EdgeView, ...]
    renewed_by: tuple[str, ...]
    corrected_by: tuple[str, ...]
    file_href: str
    twin: str


def decisions(lookup: Lookup) -> DecisionLog:
    """Return what the decision log shows."""
    every = sorted(lookup.catalog.decisions, key=lambda item: (instant(item.date), item.id), reverse=True)
    corrected = lookup.relations.corrected_decisions
    months: dict[str, list[DecisionRow]] = {}
    for item in every[:ROWS]:
        row = DecisionRow(decision=item, corrected_by=corrected.get(item.id, ()))
        months.setdefault(_month(item.date), []).append(row)
    return DecisionLog(
        months=tuple(Month(word=word, rows=tuple(rows)) for word, rows in months.items()),
        total=len(every),
        more=max(0, len(every) - ROWS),
    )


def decision(lookup: Lookup, given: Decision) -> DecisionPage:
    """Return what the page of one decision shows."""
    return DecisionPage(
        decision=given,
        corrected_by=lookup.relations.corrected_decisions.get(given.id, ()),
        file_href=links.catalog_file(lookup.catalog.registry, given.file, given.commit),
        twin=links.twin(links.decision_page(given.id)),
    )


def waivers(lookup: Lookup) -> WaiverList:
    """Return what the list of waivers shows."""
    rows = waiver_rows(lookup, list(lookup.catalog.waivers))
    over = sorted(
        (row for row in rows if not row.counts), key=lambda row: (instant(row.waiver.expires_at), row.waiver.id)
    )
    over.reverse()
    return WaiverList(
        active=tuple(row for row in rows if row.counts),
        over=tuple(over[:ROWS]),
        more_over=max(0, len(over) - ROWS),
        total=len(rows),
    )


def waiver(lookup: Lookup, given: Waiver) -> WaiverPage:
    """Return what the page of one waiver shows."""
    edges = [
        edge
        for edge in lookup.catalog.edges
        if edge.waiver == given.id or (edge.consumer == given.consumer and edge.provider == given.capability_id)
    ]
    return WaiverPage(
        row=waiver_rows(lookup, [given])[0],
        edges=lookup.edges(edges),
        renewed_by=lookup.relations.renewed_by.get(given.id, ()),
        corrected_by=lookup.relations.corrected_waivers.get(given.id, ()),
        file_href=links.catalog_file(lookup.catalog.registry, given.file, given.commit),
        twin=links.twin(links.waiver_page(given.id)),
    )


def _month(date: str) -> str:
    known = instant(date)
    return f"{_MONTHS[int(known[5:7]) - 1]} {known[:4]}" if known else ""
