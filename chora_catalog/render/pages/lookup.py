"""The catalog by name, and what every page says of a dependency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from chora_catalog.model.breaks import Break, Window
from chora_catalog.model.catalog import Catalog, Edge, Entry, Gone, OwnerView, SourceView
from chora_catalog.model.decision import Decision, Waiver
from chora_catalog.model.ids import file_name
from chora_catalog.model.parties import ProvidedVersion
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.model.source import Outcome
from chora_catalog.model.verdict import Verdict
from chora_catalog.render.instants import day
from chora_catalog.resolve.acting import NextStep, next_step
from chora_catalog.resolve.folding import named_by
from chora_catalog.resolve.inbox import broken_by
from chora_catalog.resolve.reach import Dependents
from chora_catalog.resolve.relations import Relations

KINDS = ("capability", "owner", "source", "signal", "decision", "waiver")
"""What has pages by name; a capability that is gone has one too."""
_UNKNOWN_STEPS = {
    "consumer-unreadable": "Repair the head of the consumer’s source",
    "provider-unread": "Let the build read every source",
    "provider-contested": "Say in the registry who holds the id",
    "provider-unversioned": "Give the provider a version that can be read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """The catalog's parts by name. A build makes one; every page reads it."""

    catalog: Catalog
    entries: dict[str, Entry] = field(repr=False)
    gone: dict[str, Gone] = field(repr=False)
    """Tombstones: they have a page and count nowhere."""
    sources: dict[str, SourceView] = field(repr=False)
    owners: dict[str, OwnerView] = field(repr=False)
    signals: dict[str, ChangeSignal] = field(repr=False)
    next_steps: dict[str, NextStep] = field(repr=False)
    """What comes next for each signal that has not ended, by its id."""
    relations: Relations = field(repr=False)
    decisions: dict[str, Decision] = field(repr=False)
    waivers: dict[str, Waiver] = field(repr=False)
    caused: dict[str, tuple[Break, ...]] = field(repr=False)
    """The breaks that each provider caused, oldest first."""
    lasting: dict[tuple[str, str], Window] = field(repr=False)
    """The windows that are open, by consumer and provider."""
    released: dict[tuple[str, str], ProvidedVersion] = field(repr=False)
    """Each release with what it changed by rule, by capability and version."""
    dependents: Dependents = field(repr=False)
    broken: dict[str, int] = field(repr=False)
    """How many dependents each capability breaks, where it breaks any."""
    kept: frozenset[str]
    """Names of the sources that did not answer and are shown as last read."""
    names: dict[str, tuple[str, ...]] = field(repr=False)
    """All that templates may ask of a name: of which KINDS there is a page by it, and whether that source is kept.

    The keys of pages stand on it (`render/view_key`).
    """
    edge_views: dict[int, EdgeView] = field(default_factory=dict, repr=False, compare=False)
    """What was made of each edge, by its identity: it stands on the pages of both its sides, and on others."""

    @classmethod
    def of(cls, catalog: Catalog) -> Lookup:
        """Return the lookup of `catalog`."""
        entries = {entry.id: entry for entry in catalog.entries}
        gone = {item.manifest.id: item for item in catalog.gone}
        sources = {view.spec.name: view for view in catalog.sources}
        owners = {owner.name: owner for owner in catalog.owners}
        signals = {signal.id: signal for signal in catalog.signals}
        decisions = {decision.id: decision for decision in catalog.decisions}
        waivers = {waiver.id: waiver for waiver in catalog.waivers}
        kept = frozenset(view.spec.name for view in catalog.sources if view.outcome is Outcome.KEPT)
        decided = named_by(catalog.decisions)
        steps = {signal.id: next_step(signal, catalog.stewards, decided) for signal in catalog.signals}
        names: dict[str, tuple[str, ...]] = {}
        named: tuple[Iterable[str], ...] = ({*entries, *gone}, owners, sources, signals, decisions, waivers, kept)
        for kind, known in zip((*KINDS, "kept"), named, strict=True):
            for name in known:
                names[name] = (*names.get(name, ()), kind)
        return cls(
            catalog=catalog,
            entries=entries,
            gone=gone,
            sources=sources,
            owners=owners,
            signals=signals,
            next_steps={name: step for name, step in steps.items() if step is not None},
            relations=Relations.of(catalog),
            decisions=decisions,
            waivers=waivers,
            caused=by_provider(catalog.breaks),
            lasting={(item.consumer, item.provider): item for item in catalog.windows if not item.end},
            released={(item.id, release.version): release for item in catalog.providers for release in item.releases},
            dependents=Dependents.of(catalog.edges),
            broken=broken_by(catalog.edges),
            kept=kept,
            names=names,
        )

    def knows(self, name: str, kind: str) -> bool:
        """Tell whether `name` is one of the `kind`: one of KINDS, or kept."""
        return kind in self.names.get(name, ())

    def kept_source(self, capability: str) -> str:
        """Return the source of `capability` when it is one that did not answer, else empty."""
        entry = self.entries.get(capability)
        return entry.source if entry and entry.source in self.kept else ""

    def owner_of(self, capability: str) -> str:
        """Return the owner of `capability`, empty where there is none."""
        entry = self.entries.get(capability)
        return entry.owner if entry else ""

    def edge(self, edge: Edge) -> EdgeView:
        """Return `edge` with the words every page uses for it."""
        made = self.edge_views.get(id(edge))
        if made is None or made.edge is not edge:
            made = self.edge_views[id(edge)] = self._edge(edge)
        return made

    def _edge(self, edge: Edge) -> EdgeView:
        provider = self.entries.get(edge.provider)
        waiver = self.waivers.get(edge.waiver)
        sunset = day(provider.manifest.sunset_at) if provider and provider.manifest.sunset_at else ""
        replacement = provider.manifest.replacement if provider else ""
        ends = waiver.expires_at if waiver else ""
        window = self.lasting.get((edge.consumer, edge.provider)) if edge.rule == "outside-range" else None
        return EdgeView(
            edge=edge,
            short=_short(edge, day(ends), sunset),
            next_step=_next_step(edge, day(ends), sunset, replacement),
            since=window.start if window else edge.since,
            ends=ends,
            sunset=sunset,
            replacement=replacement,
            of=self.kept_source(edge.consumer),
            to=self.kept_source(edge.provider),
            consumer_owner=self.owner_of(edge.consumer),
            anchor=f"{file_name(edge.consumer)}--{file_name(edge.provider)}",
        )

    def edges(self, edges: Iterable[Edge]) -> tuple[EdgeView, ...]:
        """Return `edges` worst first, then by consumer and provider."""
        return tuple(self.edge(edge) for edge in sorted(edges, key=edge_order))


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeView:
    """A dependency in words: `short` fits a cell, `next_step` says what to do about it."""

    edge: Edge
    short: str
    next_step: str
    since: str
    """Since when it breaks, where its history tells; else when the version that breaks was released."""
    ends: str
    """When the waiver ends, as written."""
    sunset: str
    replacement: str
    of: str
    """The consumer's source when it did not answer: the browser then judges its age."""
    to: str
    """The provider's source when it did not answer."""
    consumer_owner: str
    """Empty where the consumer has none, or is not there."""
    anchor: str


def by_provider(items: Iterable[Break]) -> dict[str, tuple[Break, ...]]:
    """Return breaks by the provider that caused them, each in their order."""
    found: dict[str, list[Break]] = {}
    for item in items:
        found.setdefault(item.provider, []).append(item)
    return {provider: tuple(rows) for provider, rows in found.items()}


def edge_order(edge: Edge) -> tuple[int, str, str, str]:
    """Worst first, then by consumer and provider."""
    return (edge.verdict.rank, edge.consumer, edge.provider, edge.range)


def tally(edges: Iterable[Edge]) -> dict[str, int]:
    """Return how many edges have each verdict, zeros included, keyed by the verdict's word."""
    counted = Counter(edge.verdict for edge in edges)
    return {verdict.value: counted[verdict] for verdict in Verdict}


def entry_order(entry: Entry) -> tuple[int, str]:
    """Most urgent first, then by id."""
    return (entry.verdict.rank, entry.id)


def _short(edge: Edge, ends: str, sunset: str) -> str:
    if edge.verdict is Verdict.COMPATIBLE:
        return edge.range or "any version"
    if edge.verdict is Verdict.WAIVED:
        return f"until {ends}" if ends else "waived"
    if edge.verdict is Verdict.DEPRECATED:
        return f"sunset {sunset}" if sunset else "no sunset set"
    return f"requires {edge.range}" if edge.rule == "outside-range" else edge.rule.replace("-", " ")


def _next_step(edge: Edge, ends: str, sunset: str, replacement: str) -> str:
    match edge.verdict:
        case Verdict.BREAKING if edge.rule == "outside-range":
            return "Widen the range once the new contract is met" + (
                f"; until then {edge.fits} fits" if edge.fits else ""
            )
        case Verdict.BREAKING:
            stop = f"Stop reading {edge.subject}" if edge.subject else "Adapt to the new contract"
            return stop + (f", or require a version before {edge.provider_version}" if edge.provider_version else "")
        case Verdict.MISSING:
            return f"Register the source that holds {edge.provider}, or correct the id"
        case Verdict.INVALID:
            return "Correct the range in the consumer’s manifest"
        case Verdict.UNKNOWN:
            return _UNKNOWN_STEPS.get(edge.rule, "Make both sides readable") + "; until then this is no pass"
        case Verdict.WAIVED:
            return f"Repair it before {ends}" if ends else "Repair it before the waiver ends"
        case Verdict.DEPRECATED:
            return (f"Move to {replacement}" if replacement else "Plan to leave it") + (
                f" before {sunset}" if sunset else ""
            )
        case Verdict.COMPATIBLE:
            return ""
