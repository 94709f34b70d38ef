"""A capability, and each of its versions: the contract, the neighbours, whether it works, where it comes from."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from chora_catalog.model.catalog import Edge, Entry, Gone, PortChange, SourceView, VersionRow
from chora_catalog.model.manifest import Behavior, Manifest, Origin
from chora_catalog.model.parties import ProvidedVersion
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.model.verdict import Verdict
from chora_catalog.render import links
from chora_catalog.render.pages.acts import Act, signal_act
from chora_catalog.render.pages.breaks import RepairedRow, took
from chora_catalog.render.pages.frames import FindingView, finding_views
from chora_catalog.render.pages.graph import Drawing, neighbourhood
from chora_catalog.render.pages.lookup import EdgeView, Lookup, tally
from chora_catalog.render.pages.steps import StepView, UnderBumped, step_view, under_bumped
from chora_catalog.render.pages.timeline import Effect, Timeline, effects, timeline
from chora_catalog.render.text import cut, listed, some
from chora_catalog.render.version_contracts import is_comparable
from chora_catalog.resolve.reach import Reach

TABLE_ROWS = 200
"""Neighbours in a table; of more, the table says how many the JSON twin holds."""
FINDINGS = 100
VERSIONS = 50
FURTHER = 25
"""Dependents further on in a table: few, because in a dense catalog nearly every page has as many as it may."""
_CIRCLE = 20
_RECORDS = 30
_KINDS = {"removed": 0, "changed": 1, "added": 2, "same": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The dependencies on one side of a capability: their rows, how many more, and how many of each verdict."""

    rows: tuple[EdgeView, ...]
    more: int
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """How many there are, shown or not."""
        return len(self.rows) + self.more


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherRow:
    """Somebody who depends on a capability through others: how far away, and a shortest way in words."""

    name: str
    steps: int
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blast:
    """How far a capability reaches: how many depend on it directly and in all, who further on, and its circle.

    `circle` are the others that stand in it.
    """

    direct: int
    total: int
    rows: tuple[FurtherRow, ...]
    more: int
    circle: tuple[str, ...]
    more_circle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow:
    """An input or output, how it changed, and who reads it when it was removed."""

    port: PortChange
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviorRow:
    """A behavior as claimed and as found in feature files; a result is never claimed to be one."""

    id: str
    claimed: str
    ref: str
    scenarios: int
    is_declared: bool
    is_found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The lines a consumer writes to depend on it: `range` is empty when no version is known."""

    range: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of the facts: `origin` is empty for what the manifest declares."""

    name: str
    value: str
    origin: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One line of the list of versions, with what changed in words."""

    row: VersionRow
    words: str
    effect: Effect
    under: UnderBumped | None
    """Set where the version announces less than it changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparing:
    """What it takes to hold two versions against each other: the script with their contracts, and a command.

    `pattern` is the command with `{old}` and `{new}` in the place of the versions, `command` that of the two newest.
    """

    script: str
    pattern: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityPage:
    """What the page of a capability shows."""

    entry: Entry
    source: SourceView
    contract: tuple[ContractRow, ...]
    compared: str
    """The version before, empty when there is nothing to compare with."""
    is_readable: bool
    """False when the newest version's manifest does not parse and the contract is the head's."""
    dependents: Side
    blast: Blast
    dependencies: Side
    behaviors: tuple[BehaviorRow, ...]
    versions: tuple[VersionLine, ...]
    more_versions: int
    comparing: Comparing | None
    """None where there are no two versions."""
    timeline: Timeline | None
    findings: tuple[FindingView, ...]
    more_findings: int
    use: Use
    facts: tuple[Fact, ...]
    signals: tuple[ChangeSignal, ...]
    records: tuple[Fact, ...]
    """The decisions it names: `value` as written, `href` where its own repository shows it."""
    new_signal: Act
    manifest_href: str
    twin: str

    @property
    def removed(self) -> tuple[str, ...]:
        """The names of the inputs and outputs that the newest version no longer has."""
        return tuple(row.port.name for row in self.contract if row.port.kind == "removed")

    def graph(self) -> tuple[Drawing, Drawing] | None:
        """Return the wide and the tall drawing of its neighbourhood, None where it has no neighbour.

        It follows from the rest, and is drawn only where the page is rendered.
        """
        return neighbourhood(self.entry, self.dependents.rows, self.dependencies.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPage:
    """What the page of one version shows."""

    entry: Entry
    row: VersionRow
    before: str
    """The version it is compared with: for a release the release before it, empty for the first."""
    after: str
    """The version listed after it, empty for the newest."""
    is_compared: bool
    """False when the version before does not parse, so that nothing can be said to have changed or not."""
    step: StepView | None
    """What changed by rule, None where that is not known."""
    contract: tuple[ContractRow, ...]
    facts: tuple[Fact, ...]
    broke: tuple[RepairedRow, ...]
    """What this version broke."""
    more_broke: int
    inside: tuple[EdgeView, ...]
    """Dependents that admit this version and are broken today by what it changed."""
    has_history: bool
    """False when the histories that could tell were not read."""
    twin: str
    changes_twin: str
    """The file that holds all changes of all its releases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GonePage:
    """What the page of a capability that an earlier publication held shows: who still asks for it."""

    gone: Gone
    wanted: Side


def capability(lookup: Lookup, entry: Entry) -> CapabilityPage:
    """Return what the page of `entry` shows."""
    registry = lookup.catalog.registry
    source = lookup.sources[entry.source]
    dependents, dependencies = _side(lookup, entry.dependents), _side(lookup, entry.dependencies)
    newest = next((row for row in entry.versions if row.version == entry.version), None)
    before = _before(entry.versions, newest)
    did = effects(lookup.caused.get(entry.id, ()), inside=broken_inside(entry))
    return CapabilityPage(
        entry=entry,
        source=source,
        contract=contract(_compared(newest, before), entry.manifest, entry.dependents),
        compared=before.version if before and _compared(newest, before) else "",
        is_readable=newest is None or newest.manifest is not None,
        dependents=dependents,
        blast=_blast(lookup, entry.id),
        dependencies=dependencies,
        behaviors=behaviors(entry.manifest),
        versions=tuple(
            VersionLine(
                row=row,
                words=_change_words(row, _before(entry.versions, row), lookup.released.get((entry.id, row.version))),
                effect=did.get(row.version, Effect()),
                under=under_bumped(entry.versions, index, lookup.released.get((entry.id, row.version))),
            )
            for index, row in enumerate(entry.versions[:VERSIONS])
        ),
        more_versions=max(0, len(entry.versions) - VERSIONS),
        comparing=_comparing(lookup, entry),
        timeline=timeline(entry.versions, did),
        findings=finding_views(entry.findings[:FINDINGS]),
        more_findings=max(0, len(entry.findings) - FINDINGS),
        use=use(entry),
        facts=facts(lookup, entry),
        signals=tuple(lookup.signals[name] for name in entry.signals if name in lookup.signals),
        records=tuple(
            Fact(
                name="Decision",
                value=link,
                href=links.outward(link) or links.source_file(registry, source.spec.url, link, entry.commit),
            )
            for link in entry.manifest.adr_links[:_RECORDS]
        ),
        new_signal=signal_act(lookup, entry.id, entry.version),
        manifest_href=links.source_file(registry, source.spec.url, entry.manifest.path, entry.commit),
        twin=links.twin(links.capability_page(entry.id)),
    )


def version(lookup: Lookup, entry: Entry, index: int) -> VersionPage:
    """Return what the page of the version at `index` of `entry.versions` (newest first) shows."""
    row = entry.versions[index]
    before = _before(entry.versions, row)
    broke = [item for item in lookup.caused.get(entry.id, ()) if item.version == row.version]
    return VersionPage(
        entry=entry,
        row=row,
        before=before.version if before else "",
        after=entry.versions[index - 1].version if index else "",
        is_compared=before is not None and before.manifest is not None,
        step=step_view(entry.versions, index, lookup.released.get((entry.id, row.version))),
        contract=contract(_compared(row, before), row.manifest, entry.dependents if index == 0 else ()),
        facts=_manifest_facts(row.manifest) if row.manifest else (),
        broke=tuple(RepairedRow(item=item, took=took(item)) for item in broke[:TABLE_ROWS]),
        more_broke=max(0, len(broke) - TABLE_ROWS),
        inside=lookup.edges(broken_inside(entry).get(row.version, ()))[:TABLE_ROWS],
        has_history=lookup.sources[entry.source].has_history,
        twin=links.twin(links.capability_page(entry.id)),
        changes_twin=links.dependents_file(entry.id),
    )


def broken_inside(entry: Entry) -> dict[str, list[Edge]]:
    """Return the dependents that a release in their range broke, by the release: as they stand today.

    The breaks of histories are those of ranges alone.
    """
    at = {row.released_at: row.version for row in entry.versions if row.released_at}
    found: dict[str, list[Edge]] = {}
    for edge in entry.dependents:
        hurt = edge.verdict in (Verdict.BREAKING, Verdict.WAIVED)
        if hurt and edge.rule not in ("outside-range", "provider-sunset") and edge.since in at:
            found.setdefault(at[edge.since], []).append(edge)
    return found


def gone(lookup: Lookup, item: Gone) -> GonePage:
    """Return what the page of a capability that is gone shows."""
    wanted = [edge for edge in lookup.catalog.edges if edge.provider == item.manifest.id]
    return GonePage(gone=item, wanted=_side(lookup, wanted))


def contract(
    changes: Sequence[PortChange], manifest: Manifest | None, dependents: Sequence[Edge]
) -> tuple[ContractRow, ...]:
    """Return the contract, changes first; without `changes` the ports of `manifest` as they are."""
    rows = changes or _ports(manifest)
    readers: dict[str, set[str]] = {}
    for edge in dependents:
        if edge.verdict in (Verdict.BREAKING, Verdict.WAIVED):
            readers.setdefault(edge.subject, set()).add(edge.consumer)
    ordered = sorted(rows, key=lambda port: (_KINDS.get(port.kind, 3), port.direction == "input", port.name))
    return tuple(
        ContractRow(port=port, readers=tuple(sorted(readers.get(port.name, ()))) if port.kind == "removed" else ())
        for port in ordered
    )


def _before(rows: Sequence[VersionRow], row: VersionRow | None) -> VersionRow | None:
    """Return the version that `row` is compared with, None for the first."""
    return next((other for other in rows if row and other.version == row.compared), None)


def _compared(row: VersionRow | None, before: VersionRow | None) -> tuple[PortChange, ...]:
    """Return the changes of `row`, none where there is nothing to compare with or the version before is not known."""
    return row.changes if row and before and before.manifest is not None else ()


def _change_words(row: VersionRow, before: VersionRow | None, release: ProvidedVersion | None) -> str:
    if row.manifest is None:
        return ""
    if before is None:
        return "first release"
    if before.manifest is None:
        return f"not compared: {before.version} does not parse"
    verbs = {"removed": "removes", "added": "adds", "changed": "changes"}
    said = [f"{verbs[c.kind]} {c.direction} {c.name}" for kind in verbs for c in row.changes if c.kind == kind]
    shown = said[:4] + ([f"{len(said) - 4} more"] if len(said) > 4 else [])
    if shown:
        return cut(listed(shown), 200)
    if release and release.changes:
        # Its inputs and outputs are as they were, and something else of the contract is not.
        more = len(release.changes) - 1
        return cut(release.changes[0].message, 200) + (f", and {some(more, 'more change')}" if more else "")
    return "same contract"


def behaviors(manifest: Manifest) -> tuple[BehaviorRow, ...]:
    """Return declared behaviors, then those that only feature files carry, each by id."""
    found = {behavior.id: behavior for behavior in manifest.observed_behaviors}
    rows = [_behavior(declared, found.pop(declared.id, None), manifest) for declared in manifest.behaviors]
    rows += [
        BehaviorRow(id=b.id, claimed="", ref=b.ref, scenarios=b.scenarios, is_declared=False, is_found=True)
        for b in found.values()
    ]
    return tuple(sorted(rows, key=lambda row: (not row.is_declared, row.id)))


def use(entry: Entry) -> Use:
    """Return the range to depend on `entry` with: the newest that breaks nobody.

    Where the newest release breaks dependents that an older one still fits, the range ends before the newest and
    starts at the oldest of those that fit.
    """
    if not entry.version:
        return Use(range="", why="Its manifest names no version, so no range can be suggested.")
    released = [row.version for row in entry.versions]
    broken = [edge for edge in entry.dependents if edge.verdict in (Verdict.BREAKING, Verdict.WAIVED)]
    fits = [edge.fits for edge in broken if edge.fits in released]
    if fits and len(fits) == len(broken):
        oldest = max(fits, key=released.index)
        return Use(range=f">={oldest} <{entry.version}", why="The newest range that breaks nobody")
    return Use(
        range=f"^{entry.version}",
        why="The newest version breaks dependents: read what changed first"
        if broken
        else "The newest version and what fits it",
    )


def facts(lookup: Lookup, entry: Entry) -> tuple[Fact, ...]:
    """Return the facts of `entry`; what is not known is said to be not said."""
    manifest = entry.manifest
    owner = Fact(
        name="Owner",
        value=entry.owner,
        origin="from the registry" if entry.owner_from_registry else _origin(manifest, "owner"),
        href=links.owner_page(entry.owner) if entry.owner in lookup.owners else "",
    )
    constellation = Fact(name="Constellation", value=entry.constellation, origin="from the registry")
    others = _manifest_facts(manifest)
    return (owner, *others[:4], *((constellation,) if entry.constellation else ()), *others[4:])


def _manifest_facts(manifest: Manifest) -> tuple[Fact, ...]:
    always = [
        Fact(name="Contact", value=manifest.contact, href=links.outward(manifest.contact)),
        Fact(name="Stage", value=manifest.lifecycle_stage, origin=_origin(manifest, "lifecycle_stage")),
        Fact(name="Stability", value=manifest.stability, origin=_origin(manifest, "stability")),
        Fact(name="Tier", value=manifest.security_tier, origin=_origin(manifest, "security_tier")),
    ]
    some = [
        Fact(name="Tags", value=", ".join(manifest.tags), origin=_origin(manifest, "tags")),
        Fact(name="Telemetry", value=", ".join(manifest.telemetry_signals)),
        Fact(name="Renew within", value=manifest.ttl, origin=_origin(manifest, "ttl")),
        Fact(name="Updated", value=manifest.updated_at, origin=_origin(manifest, "updated_at")),
        Fact(name="Deprecated", value=manifest.deprecated_at, origin=_origin(manifest, "deprecated_at")),
        Fact(name="Sunset", value=manifest.sunset_at, origin=_origin(manifest, "sunset_at")),
    ]
    return (*always, *(fact for fact in some if fact.value))


def _origin(manifest: Manifest, name: str) -> str:
    return "derived" if manifest.origin(name) is Origin.DERIVED else ""


def _side(lookup: Lookup, edges: Sequence[Edge]) -> Side:
    rows = lookup.edges(edges)
    return Side(rows=rows[:TABLE_ROWS], more=max(0, len(rows) - TABLE_ROWS), counts=tally(edges))


def _comparing(lookup: Lookup, entry: Entry) -> Comparing | None:
    if not is_comparable(entry):
        return None
    catalog = shlex.quote(lookup.catalog.registry.url) if lookup.catalog.registry.url else "DIR"
    pattern = f"chora compat diff {shlex.quote(entry.id)}@{{old}} {shlex.quote(entry.id)}@{{new}} --catalog {catalog}"
    newest, before = entry.versions[0].version, entry.versions[1].version
    return Comparing(
        script=links.contracts_script(entry.id),
        pattern=pattern,
        command=pattern.replace("{old}", before).replace("{new}", newest),
    )


def _blast(lookup: Lookup, capability: str) -> Blast:
    reach = lookup.dependents.reach.get(capability, Reach())
    # Who reaches nobody further on is not walked.
    rows = lookup.dependents.further(capability, FURTHER) if reach.total > reach.direct else ()
    others = tuple(name for name in reach.circle[: _CIRCLE + 1] if name != capability)[:_CIRCLE]
    return Blast(
        direct=reach.direct,
        total=reach.total,
        rows=tuple(FurtherRow(name=row.name, steps=row.steps, way=_way(row.by)) for row in rows),
        more=reach.total - reach.direct - len(rows),
        circle=others,
        more_circle=max(0, len(reach.circle) - 1 - len(others)),
    )


def _way(names: tuple[str, ...]) -> str:
    shown = names if len(names) < 5 else (*names[:2], f"{len(names) - 3} more", names[-1])
    return " → ".join(shown)


def _ports(manifest: Manifest | None) -> tuple[PortChange, ...]:
    if manifest is None:
        return ()
    return tuple(
        PortChange(
            name=port.name,
            direction=direction,
            type=port.type,
            optional=port.optional,
            kind="",
            description=port.description,
        )
        for direction, ports in (("output", manifest.outputs), ("input", manifest.inputs))
        for port in ports
    )


def _behavior(declared: Behavior, found: Behavior | None, manifest: Manifest) -> BehaviorRow:
    claim = manifest.claim.result if manifest.claim else ""
    return BehaviorRow(
        id=declared.id,
        claimed=declared.status or claim,
        ref=declared.ref,
        scenarios=found.scenarios if found else 0,
        is_declared=True,
        is_found=found is not None,
    )
