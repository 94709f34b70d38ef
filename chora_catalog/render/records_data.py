"""Signals, decisions and waivers as data: the record as it was read and judged, and what all records together tell.

The files are the twins of the pages and say the same: `data/v1/signals/<id>.json` and so on, with a list of each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from chora_catalog.model.catalog import Catalog
from chora_catalog.model.decision import Decision, Waiver
from chora_catalog.model.record import to_json
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.render import links
from chora_catalog.resolve.acting import NextStep, next_step
from chora_catalog.resolve.folding import named_by
from chora_catalog.resolve.inbox import broken_by, by_risk
from chora_catalog.resolve.relations import Relations
from chora_catalog.resolve.sla import running


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsData:
    """The records of one catalog as data; what they say of one another is worked out once."""

    catalog: Catalog
    relations: Relations
    decided: frozenset[str]

    @classmethod
    def of(cls, catalog: Catalog) -> RecordsData:
        """Return the data of `catalog`."""
        return cls(catalog=catalog, relations=Relations.of(catalog), decided=named_by(catalog.decisions))

    def lists(self) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
        """Yield the list of each kind: its name, and what makes its rows, in the order of the page."""
        yield "signals", self.signals
        yield "decisions", self.decisions
        yield "waivers", self.waivers

    def signals(self) -> dict[str, Any]:
        """Return the signals in order of risk, each with what is due and who does what next."""
        ordered = by_risk(self.catalog.signals, broken_by(self.catalog.edges))
        return {"signals": [_signal_row(item, self._next(item)) for item in ordered]}

    def decisions(self) -> dict[str, Any]:
        """Return the decisions, the newest first."""
        ordered = sorted(self.catalog.decisions, key=lambda item: (item.date, item.id), reverse=True)
        return {
            "decisions": [
                _decision_row(item, list(self.relations.corrected_decisions.get(item.id, ()))) for item in ordered
            ]
        }

    def waivers(self) -> dict[str, Any]:
        """Return the waivers, each with whether it counted when this was built."""
        return {"waivers": [_waiver_row(self.catalog, item) for item in self.catalog.waivers]}

    def signal(self, item: ChangeSignal) -> dict[str, Any]:
        """Return a signal with its events, ballots, agreement and deadlines, and who does what next."""
        return {
            **to_json(item),
            "state": item.state,
            "state_since": item.state_since,
            "version": item.version,
            "next": to_json(self._next(item)),
            "decisions": [record.id for record in self.relations.decided_by.get(item.id, ())],
            "waivers": [waiver.id for waiver in self.relations.waived_by.get(item.id, ())],
            "replaced_by": list(self.relations.replaced_by.get(item.id, ())),
            "corrected_by": list(self.relations.corrected_signals.get(item.id, ())),
        }

    def decision(self, item: Decision) -> dict[str, Any]:
        """Return a decision, and by which others it is corrected."""
        return {**to_json(item), "corrected_by": list(self.relations.corrected_decisions.get(item.id, ()))}

    def waiver(self, item: Waiver) -> dict[str, Any]:
        """Return a waiver, whether it counted when this was built, and by which others it is renewed or corrected."""
        return {
            **to_json(item),
            "active": item.id in self.catalog.active_waivers,
            "renewed_by": list(self.relations.renewed_by.get(item.id, ())),
            "corrected_by": list(self.relations.corrected_waivers.get(item.id, ())),
        }

    def _next(self, item: ChangeSignal) -> NextStep | None:
        return next_step(item, self.catalog.stewards, self.decided)


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


def _decision_row(item: Decision, corrected_by: list[str]) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title,
        "date": item.date,
        "status": item.status,
        "corrects": item.corrects,
        "corrected_by": corrected_by,
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
