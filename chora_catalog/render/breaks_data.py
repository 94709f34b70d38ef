"""`data/v1/breaks.json`: every break of the histories that were read, and what is broken now without one there.

A break of history is a release that the range in force did not admit. What is broken now and has no history (one of the
two histories is not read, or another rule than the range decided) stands beside them with the basis `present`. Where a
consumer's own change began it, no release broke anything: that is a window `opened_by` the consumer. So all that the
matrix shows as breaking is either a row without `repaired_at` or a window without `end`.
"""

from __future__ import annotations

from typing import Any

from chora_catalog.model.breaks import Break
from chora_catalog.model.catalog import Catalog, Edge
from chora_catalog.model.record import to_json
from chora_catalog.model.verdict import Verdict

OUTSIDE = "outside-range"


def breaks(catalog: Catalog) -> dict[str, Any]:
    """Return the content of the file, its schema left aside."""
    source_of = {entry.id: entry.source for entry in catalog.entries}
    now = [edge for edge in catalog.edges if edge.verdict in (Verdict.BREAKING, Verdict.WAIVED)]
    waiver_of = {(edge.consumer, edge.provider): edge.waiver for edge in now}
    still = {(window.consumer, window.provider) for window in catalog.windows if not window.end}
    present = [edge for edge in now if edge.rule != OUTSIDE or (edge.consumer, edge.provider) not in still]
    rows = [_past(item, source_of, waiver_of) for item in catalog.breaks]
    rows += [_present(edge, source_of) for edge in present]
    return {
        "breaks": sorted(rows, key=_order),
        "windows": [to_json(window) | {"end": window.end or None} for window in catalog.windows],
        "shipped": [to_json(item) for item in catalog.shipped],
        "not_evaluated": [view.spec.name for view in catalog.sources if not view.has_history],
    }


def _order(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["released_at"], row["provider"], row["version"], row["consumer"], row["rule"], row["range"])


def _past(item: Break, source_of: dict[str, str], waiver_of: dict[tuple[str, str], str]) -> dict[str, Any]:
    return {
        "provider": item.provider,
        "provider_source": source_of.get(item.provider, ""),
        "version": item.version,
        "released_at": item.released_at,
        "consumer": item.consumer,
        "consumer_source": source_of.get(item.consumer, ""),
        "range": item.range,
        "rule": OUTSIDE,
        "waiver": "" if item.repaired_at else waiver_of.get((item.consumer, item.provider), ""),
        "repaired_at": item.repaired_at or None,
        "repair": item.repair or None,
        "newest_then": item.newest_then,
        "commit": item.commit,
        "repaired_commit": item.repaired_commit or None,
        "basis": "history",
    }


def _present(edge: Edge, source_of: dict[str, str]) -> dict[str, Any]:
    return {
        "provider": edge.provider,
        "provider_source": source_of.get(edge.provider, ""),
        "version": edge.provider_version,
        "released_at": edge.since,
        "consumer": edge.consumer,
        "consumer_source": source_of.get(edge.consumer, ""),
        "range": edge.range,
        "rule": edge.rule,
        "waiver": edge.waiver,
        "repaired_at": None,
        "repair": None,
        "newest_then": True,
        "commit": None,
        "repaired_commit": None,
        "basis": "present",
    }
