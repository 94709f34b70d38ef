"""Everything that was read and found, joined into one immutable Catalog."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chora_catalog.build.ledger import owners_of
from chora_catalog.build.memory import Before, first_of, gone_now
from chora_catalog.check.engine import check_federation
from chora_catalog.check.rule import Federation
from chora_catalog.model.catalog import Catalog, Edge, Entry, First, Gone, SourceView, VersionRow
from chora_catalog.model.decision import Decision, Waiver
from chora_catalog.model.finding import Finding, Severity, sort_findings
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.model.source import Harvest, Outcome, Registry, SourceSpec
from chora_catalog.model.steward import Stewards
from chora_catalog.model.verdict import Verdict
from chora_catalog.model.versions import Version
from chora_catalog.resolve.break_history import break_history
from chora_catalog.resolve.compat import World, judge_all
from chora_catalog.resolve.deprecation import repair_days
from chora_catalog.resolve.history import versions_of
from chora_catalog.resolve.holding import Holding, hold
from chora_catalog.resolve.parties import consumer_of, provider_of
from chora_catalog.resolve.waiving import active


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What one build has in hand before anything is judged.

    `outcomes` and `harvests` are by source name. `held_before` is the previous publication's id to source.
    """

    registry: Registry
    harvests: Mapping[str, Harvest]
    outcomes: Mapping[str, Outcome]
    held_before: Mapping[str, str]
    first_before: Mapping[str, First] = field(default_factory=dict)
    before: Before = field(default_factory=Before)
    gone_before: tuple[Gone, ...] = ()
    harvests_before: Mapping[str, Harvest] = field(default_factory=dict)
    signals: tuple[ChangeSignal, ...] = ()
    decisions: tuple[Decision, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    findings: tuple[Finding, ...] = ()
    stewards: Stewards = field(default_factory=Stewards)
    has_docs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A capability with its holder's facts."""

    manifest: Manifest
    spec: SourceSpec
    harvest: Harvest
    outcome: Outcome
    rows: tuple[VersionRow, ...]
    head_is_good: bool
    names: frozenset[str]
    """Every id it ever had."""

    @property
    def owner(self) -> str:
        """The manifest's owner, else the registry's, else empty."""
        return self.manifest.owner or self.spec.owner


def assemble(gathered: Gathered, *, as_of: datetime) -> Catalog:
    """Return the catalog of what was gathered, judged at `as_of` (aware UTC)."""
    # Content may not tell whether a build had anything to fetch: that is the run record's business.
    outcomes = {
        name: Outcome.READ if outcome is Outcome.UNCHANGED else outcome for name, outcome in gathered.outcomes.items()
    }
    gathered = replace(gathered, outcomes=outcomes)
    registry, harvests = gathered.registry, gathered.harvests
    holding = hold(registry.sources, harvests, gathered.held_before)
    held = _held(gathered, holding)
    history = break_history(harvests, holding, {key: item.rows for key, item in held.items()})
    took = repair_days(history.breaks)
    world = World(
        providers={
            key: provider_of(
                item.manifest, item.rows, source=item.spec.name, owner=item.owner, repair_days=took.get(key, ())
            )
            for key, item in held.items()
        },
        alias=holding.alias,
        contested=frozenset(holding.contested),
        unread=tuple(sorted(name for name, outcome in gathered.outcomes.items() if outcome is Outcome.UNREAD)),
        waivers=active(gathered.waivers, as_of),
        as_of=as_of,
    )
    consumers = {
        key: consumer_of(item.manifest, source=item.spec.name, owner=item.owner, is_readable=item.head_is_good)
        for key, item in held.items()
    }
    edges = judge_all(consumers.values(), world)
    counting = tuple(sorted(waiver.id for waiver in world.waivers))
    federation = Federation(
        specs=registry.sources,
        harvests=harvests,
        manifests=_all_manifests(registry.sources, harvests),
        edges=edges,
        contested=holding.contested,
        refused=holding.refused,
        holder=holding.holder,
        waivers=gathered.waivers,
        active_waivers=frozenset(counting),
        signals=gathered.signals,
    )
    findings = sort_findings(
        [
            *(finding for harvest in harvests.values() for finding in harvest.findings),
            *check_federation(federation),
            *gathered.findings,
        ]
    )
    faulty = {(finding.source, finding.place.file) for finding in findings if finding.severity is Severity.ERROR}
    firsts = {
        key: first_of(
            item.harvest,
            item.names,
            gathered.first_before.get(key),
            as_of,
            gathered.before,
            is_in=_is_in(item, faulty),
        )
        for key, item in held.items()
    }
    entries = _entries(held, edges, findings, gathered, firsts, world)
    entries = tuple(
        sorted([*entries, *_contested(gathered, holding)], key=lambda entry: (entry.verdict.rank, entry.id))
    )
    return Catalog(
        registry=registry,
        entries=entries,
        sources=_sources(gathered, entries, findings),
        owners=owners_of(entries, edges, gathered.signals, gathered.waivers),
        edges=edges,
        signals=tuple(sorted(gathered.signals, key=lambda item: item.id)),
        decisions=tuple(sorted(gathered.decisions, key=lambda item: (item.date, item.id), reverse=True)),
        waivers=tuple(sorted(gathered.waivers, key=lambda item: item.id)),
        active_waivers=counting,
        stewards=gathered.stewards,
        findings=findings,
        has_docs=gathered.has_docs,
        gone=gone_now(gathered.held_before, gathered.gone_before, gathered.harvests_before, harvests, holding),
        providers=tuple(world.providers.values()),
        consumers=tuple(consumers.values()),
        alias=tuple(sorted(holding.alias.items())),
        breaks=history.breaks,
        windows=history.windows,
        shipped=history.shipped,
        required=history.required,
    )


def _held(gathered: Gathered, holding: Holding) -> dict[str, _Held]:
    former: dict[str, set[str]] = {}
    for old, new in holding.alias.items():
        former.setdefault(new, set()).add(old)
    found: dict[str, _Held] = {}
    for spec in gathered.registry.sources:
        harvest = gathered.harvests.get(spec.name)
        for manifest in harvest.head.manifests if harvest and harvest.head else ():
            if harvest is None or holding.holder.get(manifest.id) != spec.name or manifest.id in found:
                continue
            names = frozenset({manifest.id, *former.get(manifest.id, ())})
            found[manifest.id] = _Held(
                manifest=manifest,
                spec=spec,
                harvest=harvest,
                outcome=gathered.outcomes[spec.name],
                rows=versions_of(harvest, manifest, names),
                head_is_good=_head_is_good(harvest),
                names=names,
            )
    return dict(sorted(found.items()))


def _is_in(item: _Held, faulty: Container[tuple[str, str]]) -> bool:
    """Tell whether a capability has all that onboarding asks for: owner, contact, and a manifest without an error."""
    manifest = item.manifest
    reachable = bool(item.owner and manifest.contact)
    sound = item.head_is_good and (item.spec.name, manifest.path) not in faulty
    return reachable and sound and not manifest.imported


def _head_is_good(harvest: Harvest) -> bool:
    return harvest.head is not None and harvest.head.commit == harvest.head_commit


def _all_manifests(specs: Iterable[SourceSpec], harvests: Mapping[str, Harvest]) -> tuple[tuple[str, Manifest], ...]:
    pairs = [
        (spec.name, manifest)
        for spec in specs
        if (harvest := harvests.get(spec.name)) and harvest.head
        for manifest in harvest.head.manifests
    ]
    return tuple(sorted(pairs, key=lambda pair: (pair[1].id, pair[0], pair[1].path)))


def _entries(
    held: Mapping[str, _Held],
    edges: tuple[Edge, ...],
    findings: tuple[Finding, ...],
    gathered: Gathered,
    firsts: Mapping[str, First],
    world: World,
) -> tuple[Entry, ...]:
    signals = gathered.signals
    ends = {waiver.id: waiver.expires_at[:10] for waiver in gathered.waivers}
    needs: dict[str, list[Edge]] = {}
    serves: dict[str, list[Edge]] = {}
    for edge in edges:
        needs.setdefault(edge.consumer, []).append(edge)
        serves.setdefault(edge.provider, []).append(edge)
    by_file: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        by_file.setdefault((finding.source, finding.place.file), []).append(finding)
    entries = [
        _entry(
            item,
            needs.get(key, []),
            serves.get(key, []),
            by_file.get((item.spec.name, item.manifest.path), []),
            tuple(sorted(signal.id for signal in signals if signal.capability_id == key)),
            ends,
            firsts[key],
            world.about(world.providers[key]).newest,
        )
        for key, item in held.items()
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.verdict.rank, entry.id)))


def _contested(gathered: Gathered, holding: Holding) -> list[Entry]:
    """Return an entry without facts for each id that nobody holds: whose facts would they be."""
    entries = []
    for capability, names in sorted(holding.contested.items()):
        harvest = gathered.harvests[names[0]]
        if harvest.head is None:
            continue
        declared = next(item for item in harvest.head.manifests if item.id == capability)
        entries.append(
            Entry(
                manifest=Manifest(id=capability, name=capability, path=declared.path, dialect=declared.dialect),
                source=names[0],
                constellation="",
                owner="",
                owner_from_registry=False,
                commit=harvest.head.commit,
                committed_at=harvest.head.committed_at,
                released_at=harvest.head.committed_at,
                version="",
                outcome=gathered.outcomes[names[0]],
                verdict=Verdict.UNKNOWN,
                verdict_note="contested",
                contested_by=names[1:],
            )
        )
    return entries


def _entry(
    item: _Held,
    needs: list[Edge],
    serves: list[Edge],
    findings: list[Finding],
    signals: tuple[str, ...],
    ends: Mapping[str, str],
    first: First,
    newest: Version | None,
) -> Entry:
    manifest = item.manifest
    head = item.harvest.head
    if head is None:
        raise AssertionError("a held capability has a head")
    row = next((row for row in item.rows if row.version == str(newest)), None)
    verdict, note = _verdict(item, needs, serves, ends)
    return Entry(
        manifest=manifest,
        source=item.spec.name,
        constellation=item.spec.constellation,
        owner=item.owner,
        owner_from_registry=not manifest.owner and bool(item.spec.owner),
        commit=head.commit,
        committed_at=head.committed_at,
        released_at=row.released_at if row else head.committed_at,
        version=str(newest) if newest else manifest.version,
        outcome=item.outcome,
        verdict=verdict,
        verdict_note=note,
        versions=item.rows,
        dependencies=tuple(needs),
        dependents=tuple(serves),
        signals=signals,
        findings=tuple(findings),
        first=first,
    )


def _verdict(item: _Held, needs: list[Edge], serves: list[Edge], ends: Mapping[str, str]) -> tuple[Verdict, str]:
    """Return the worst of what the capability suffers and of what it does to others, and a few words about it.

    `ends` is the last day of each waiver, by its id.
    """
    broken = [edge for edge in serves if edge.verdict is Verdict.BREAKING]
    own = {verdict: [edge for edge in needs if edge.verdict is verdict] for verdict in Verdict}
    if own[Verdict.BREAKING] or broken:
        said = [_count(len(own[Verdict.BREAKING]), "provider")] if own[Verdict.BREAKING] else []
        said += [f"{_count(len(broken), 'dependent')} break{'s' if len(broken) == 1 else ''}"] if broken else []
        return Verdict.BREAKING, ", ".join(said)
    for verdict, word in ((Verdict.MISSING, "missing"), (Verdict.INVALID, "unreadable")):
        if own[verdict]:
            noun = "provider" if verdict is Verdict.MISSING else "range"
            return verdict, f"{_count(len(own[verdict]), noun)} {word}"
    if not item.head_is_good:
        return Verdict.UNKNOWN, "last good kept"
    if own[Verdict.UNKNOWN]:
        return Verdict.UNKNOWN, f"{_count(len(own[Verdict.UNKNOWN]), 'provider')} not judged"
    if own[Verdict.WAIVED]:
        return Verdict.WAIVED, f"until {min(ends.get(edge.waiver, '') for edge in own[Verdict.WAIVED])}"
    manifest = item.manifest
    if manifest.sunset_at or manifest.deprecated_at or "deprecated" in (manifest.stability, manifest.lifecycle_stage):
        return Verdict.DEPRECATED, f"sunset {manifest.sunset_at[:10]}" if manifest.sunset_at else "no sunset date"
    if not needs and not serves:
        return Verdict.UNKNOWN, "nothing to compare"
    return Verdict.COMPATIBLE, ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _sources(gathered: Gathered, entries: tuple[Entry, ...], findings: tuple[Finding, ...]) -> tuple[SourceView, ...]:
    holds: dict[str, list[str]] = {}
    for entry in entries:
        holds.setdefault(entry.source, []).append(entry.id)
    said: dict[str, list[Finding]] = {}
    for finding in findings:
        said.setdefault(finding.source, []).append(finding)
    views = []
    for spec in gathered.registry.sources:
        harvest = gathered.harvests.get(spec.name) or Harvest(source=spec.name)
        outcome = gathered.outcomes[spec.name]
        views.append(
            SourceView(
                spec=spec,
                harvest=harvest,
                outcome=outcome,
                capabilities=tuple(sorted(holds.get(spec.name, ()))),
                findings=tuple(said.get(spec.name, ())),
                head_is_good=_head_is_good(harvest) or (harvest.head is None and not harvest.head_commit),
            )
        )
    return tuple(sorted(views, key=lambda view: view.spec.name))
