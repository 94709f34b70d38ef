"""Signals, decisions and waivers as data: the record as it was read and judged, and what all records together tell.

The files are the twins of the pages and say the same: `data/v1/signals/<id>.json` and so on, with a list of each kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chora_catalog.model.catalog import Catalog
from chora_catalog.model.decision import Decision, Waiver
from chora_catalog.model.record import to_json
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.render import links
from chora_catalog.resolve.acting import NextStep, next_step
from chora_catalog.resolve.folding import named_by
from chora_catalog.resolve.inbox import by_risk
from chora_catalog.resolve.sla import running


def lists(catalog: Catalog) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the list of each kind: its name, and its rows in the order of the page."""
    decided = named_by(catalog.decisions)
    signals = [
        _signal_row(item, next_step(item, catalog.stewards, decided))
        for item in by_risk(catalog.signals, catalog.edges)
    ]
    yield "signals", {"signals": signals}
    decisions = sorted(catalog.decisions, key=lambda item: (item.date, item.id), reverse=True)
    yield "decisions", {"decisions": [_decision_row(catalog, item) for item in decisions]}
    yield "waivers", {"waivers": [_waiver_row(catalog, item) for item in catalog.waivers]}


def signal(catalog: Catalog, item: ChangeSignal) -> dict[str, Any]:
    """Return a signal with its events, ballots, agreement and deadlines, and who does what next."""
    step = next_step(item, catalog.stewards, named_by(catalog.decisions))
    return {
        **to_json(item),
        "state": item.state,
        "state_since": item.state_since,
        "version": item.version,
        "next": to_json(step),
        "decisions": [record.id for record in catalog.decisions if item.id in record.related],
        "waivers": [waiver.id for waiver in catalog.waivers if waiver.signal == item.id],
    }


def decision(catalog: Catalog, item: Decision) -> dict[str, Any]:
    """Return a decision, and by which others it is corrected."""
    return {**to_json(item), "corrected_by": _corrected_by(catalog, item)}


def waiver(catalog: Catalog, item: Waiver) -> dict[str, Any]:
    """Return a waiver, whether it counted when this was built, and by which others it is renewed or corrected."""
    return {
        **to_json(item),
        "active": item.id in catalog.active_waivers,
        "renewed_by": [other.id for other in catalog.waivers if other.renews == item.id],
        "corrected_by": [other.id for other in catalog.waivers if other.corrects == item.id],
    }


def _signal_row(item: ChangeSignal, step: NextStep | None) -> dict[str, Any]:
    deadline = running(item)
    return {
        "id": item.id,
        "type": item.type,
        "capability_id": item.capability_id,
        "proposed_version": item.proposed_version,
        "priority": item.priority,
        "state": item.state,
        "state_since": item.state_since,
        "version": item.version,
        "due": to_json(deadline),
        "next": to_json(step),
        "page": links.signal_page(item.id),
    }


def _decision_row(catalog: Catalog, item: Decision) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title,
        "date": item.date,
        "status": item.status,
        "corrects": item.corrects,
        "corrected_by": _corrected_by(catalog, item),
        "page": links.decision_page(item.id),
    }


def _waiver_row(catalog: Catalog, item: Waiver) -> dict[str, Any]:
    return {
        "id": item.id,
        "capability_id": item.capability_id,
        "consumer": item.consumer,
        "owner": item.owner,
        "granted_at": item.granted_at,
        "expires_at": item.expires_at,
        "active": item.id in catalog.active_waivers,
        "renews": item.renews,
        "page": links.waiver_page(item.id),
    }


def _corrected_by(catalog: Catalog, item: Decision) -> list[str]:
    return [other.id for other in catalog.decisions if other.corrects == item.id]
