"""The published matrix: `matrix/<consumer>.json` and `dependents/<provider>.json`, each enough for a verdict alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from chora_catalog.model.catalog import Catalog, Edge
from chora_catalog.model.compat import Cell, DependentsFile, Evidence, NeedsFile, RangeRun
from chora_catalog.model.decision import Waiver
from chora_catalog.model.ids import file_name
from chora_catalog.model.parties import Consumer, Provider
from chora_catalog.model.record import to_json
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.output import Output
from chora_catalog.resolve.evidence import evidence_of
from chora_catalog.resolve.intervals import range_runs
from chora_catalog.resolve.waiving import within_limits

NEEDS_SCHEMA = "chora.needs/v1"
DEPENDENTS_SCHEMA = "chora.dependents/v1"
ALIASES_SCHEMA = "chora.aliases/v1"


def compat_files(catalog: Catalog, root: str) -> Iterator[Output]:
    """Yield the files below `root`: one for each consumer that needs something, one for each id that is needed or held.

    Besides, `aliases.json` says what former ids mean today.
    """
    known = _Known.of(catalog)
    for consumer in catalog.consumers:
        if consumer.id in known.needs:
            yield _output(f"{root}/matrix", consumer.id, partial(_needs, consumer, known))
    for provider in sorted({*known.providers, *known.dependents, *known.contested}):
        yield _output(f"{root}/dependents", provider, partial(_dependents, provider, known))
    said = {"schema": ALIASES_SCHEMA, "aliases": dict(catalog.alias)}
    yield Output(path=f"{root}/aliases.json", make=partial(json_bytes, said))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The edges of a catalog by either side, and who stands on them."""

    providers: Mapping[str, Provider]
    consumers: Mapping[str, Consumer]
    contested: frozenset[str]
    needs: Mapping[str, list[Edge]]
    dependents: Mapping[str, list[Edge]]
    waivers: Mapping[str, list[Waiver]]
    """Those that count in their time, by the capability that they excuse."""
    since: Mapping[str, str]
    """Since when each consumer's head stands as it does."""
    required: Mapping[tuple[str, str], tuple[tuple[str, str | None], ...]]
    """What was required over time, by consumer and provider, where that was read."""
    told: dict[int, tuple[tuple[RangeRun, ...], tuple[Evidence, ...]]] = field(default_factory=dict)
    """What was worked out of each edge, by its identity: the catalog holds them all."""

    @classmethod
    def of(cls, catalog: Catalog) -> _Known:
        needs: dict[str, list[Edge]] = {}
        dependents: dict[str, list[Edge]] = {}
        for edge in catalog.edges:
            needs.setdefault(edge.consumer, []).append(edge)
            dependents.setdefault(edge.provider, []).append(edge)
        waivers: dict[str, list[Waiver]] = {}
        for waiver in within_limits(catalog.waivers):
            waivers.setdefault(waiver.capability_id, []).append(waiver)
        return cls(
            providers={item.id: item for item in catalog.providers},
            consumers={item.id: item for item in catalog.consumers},
            contested=frozenset(entry.id for entry in catalog.entries if entry.contested_by),
            needs=needs,
            dependents=dependents,
            waivers=waivers,
            since={entry.id: entry.committed_at for entry in catalog.entries},
            required={(item.consumer, item.provider): item.spans for item in catalog.required},
        )

    def cell(self, edge: Edge, **side: Any) -> Cell:
        """Return `edge` with what is told of it on both of its sides, worked out once for the two."""
        known = self.told.get(id(edge))
        if known is None:
            known = self.told[id(edge)] = self._told(edge)
        runs, evidence = known
        return Cell(edge=edge, runs=runs, evidence=evidence, **side)

    def _told(self, edge: Edge) -> tuple[tuple[RangeRun, ...], tuple[Evidence, ...]]:
        provider, consumer = self.providers.get(edge.provider), self.consumers[edge.consumer]
        releases = [item.version for item in provider.releases] if provider else []
        head = ((self.since.get(edge.consumer, ""), edge.range),)
        required = self.required.get((edge.consumer, edge.provider), head)
        runs = range_runs(required, releases) if releases else ()
        return runs, evidence_of(edge, provider, consumer)


def _output(folder: str, name: str, make: partial[Any]) -> Output:
    return Output(path=f"{folder}/{file_name(name)}.json", make=lambda: json_bytes(make()))


def _needs(consumer: Consumer, known: _Known) -> dict[str, Any]:
    cells = [known.cell(edge, provider=known.providers.get(edge.provider)) for edge in _by_id(known.needs[consumer.id])]
    ids = sorted({cell.edge.provider for cell in cells})
    waivers = [item for name in ids for item in known.waivers.get(name, ()) if item.consumer in ("*", consumer.id)]
    said = NeedsFile(consumer=consumer, cells=tuple(cells), waivers=tuple(waivers))
    return {"schema": NEEDS_SCHEMA, **to_json(said)}


def _dependents(provider: str, known: _Known) -> dict[str, Any]:
    cells = []
    for edge in _by_id(known.dependents.get(provider, ())):
        consumer = known.consumers[edge.consumer]
        # Of what it needs, the part that is about this provider.
        needs = tuple(item for item in consumer.needs if (item.name or item.id) == edge.written)
        cells.append(known.cell(edge, consumer=replace(consumer, needs=needs)))
    said = DependentsFile(
        id=provider,
        provider=known.providers.get(provider),
        is_contested=provider in known.contested,
        cells=tuple(cells),
        waivers=tuple(known.waivers.get(provider, ())),
    )
    return {"schema": DEPENDENTS_SCHEMA, **to_json(said)}


def _by_id(edges: Iterable[Edge]) -> list[Edge]:
    return sorted(edges, key=lambda edge: (edge.provider, edge.consumer, edge.range, edge.written))
