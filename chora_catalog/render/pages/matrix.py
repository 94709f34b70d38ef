"""The compatibility matrix: the head of each consumer against the newest version of each provider."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from chora_catalog.model.catalog import Edge
from chora_catalog.model.verdict import Verdict
from chora_catalog.render.pages.lookup import EdgeView, Lookup, edge_order, tally

CELLS = 1500
MOST_ROWS, MOST_COLUMNS = 60, 24
REASONS = 300
EDGES = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One consumer's row; a cell is None where no dependency was declared."""

    consumer: str
    version: str
    cells: tuple[EdgeView | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixPage:
    """The matrix as a grid, the reasons of what is not well, and every dependency as a plain table."""

    counts: dict[str, int]
    total: int
    columns: tuple[tuple[str, str], ...]
    """Providers: id and newest version."""
    rows: tuple[Row, ...]
    is_cut: bool
    """True when the grid shows only what is not well, because the whole would be too large to read."""
    reasons: tuple[EdgeView, ...]
    more_reasons: int
    edges: tuple[EdgeView, ...]
    more_edges: int


def matrix(lookup: Lookup) -> MatrixPage:
    """Return what the page of the matrix shows."""
    edges = sorted(lookup.catalog.edges, key=edge_order)
    chosen, is_cut = _readable(edges)
    unwell = [edge for edge in edges if edge.verdict not in (Verdict.COMPATIBLE, Verdict.DEPRECATED)]
    columns = _columns(chosen, lookup)
    return MatrixPage(
        counts=tally(edges),
        total=len(edges),
        columns=columns,
        rows=_rows(chosen, [name for name, _ in columns], lookup),
        is_cut=is_cut,
        reasons=lookup.edges(unwell[:REASONS]),
        more_reasons=max(0, len(unwell) - REASONS),
        edges=lookup.edges(edges[:EDGES]),
        more_edges=max(0, len(edges) - EDGES),
    )


def _readable(edges: list[Edge]) -> tuple[list[Edge], bool]:
    """Return the edges whose grid can be read: all, or the worst of those that are not compatible."""
    if _size(edges) <= CELLS:
        return edges, False
    consumers: dict[str, None] = {}
    providers: dict[str, None] = {}
    kept: list[Edge] = []
    for edge in edges:
        if edge.verdict is Verdict.COMPATIBLE:
            continue
        fits_row = edge.consumer in consumers or len(consumers) < MOST_ROWS
        fits_column = edge.provider in providers or len(providers) < MOST_COLUMNS
        if fits_row and fits_column:
            consumers[edge.consumer] = providers[edge.provider] = None
            kept.append(edge)
    return kept, True


def _size(edges: Iterable[Edge]) -> int:
    pairs = list(edges)
    return len({edge.consumer for edge in pairs}) * len({edge.provider for edge in pairs})


def _columns(edges: list[Edge], lookup: Lookup) -> tuple[tuple[str, str], ...]:
    """Return the providers with their newest versions: the one with the worst verdict first, then the most wanted."""
    wanted = Counter(edge.provider for edge in edges)
    worst = {edge.provider: edge.verdict.rank for edge in reversed(edges)}
    names = sorted(wanted, key=lambda name: (worst[name], -wanted[name], name))
    return tuple((name, lookup.entries[name].version if name in lookup.entries else "") for name in names)


def _rows(edges: list[Edge], columns: list[str], lookup: Lookup) -> tuple[Row, ...]:
    by_consumer: dict[str, dict[str, Edge]] = {}
    for edge in edges:
        # Two edges of one pair: the worse is met first, since `edges` is sorted.
        by_consumer.setdefault(edge.consumer, {}).setdefault(edge.provider, edge)
    rows = []
    for consumer, cells in by_consumer.items():
        views = tuple(lookup.edge(cells[name]) if name in cells else None for name in columns)
        version = lookup.entries[consumer].version if consumer in lookup.entries else ""
        rows.append(Row(consumer=consumer, version=version, cells=views))
    return tuple(rows)
