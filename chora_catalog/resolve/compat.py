"""Whether each consumer's head still fits the newest version of what it depends on.

The order of the questions is the truth table's: an unreadable range is `invalid`; an absent provider is `missing`, but
only where every source was read (an unread source is not an absent capability); a range that does not admit the
newest version, or a removed output that the consumer reads, is `breaking`, or `waived` by a waiver that counts now; a
provider on its way out is `deprecated`; what cannot be judged is `unknown`, never `compatible`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from chora_catalog.model.catalog import Edge, VersionRow
from chora_catalog.model.decision import Waiver
from chora_catalog.model.manifest import Dependency, Manifest
from chora_catalog.model.ranges import VersionRange, range_problem
from chora_catalog.model.verdict import Verdict
from chora_catalog.model.versions import Version
from chora_catalog.resolve.breaks import removed_outputs
from chora_catalog.resolve.clock import passed


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What is known of one capability as somebody's provider. `rows` are its releases, newest first."""

    manifest: Manifest
    rows: tuple[VersionRow, ...]
    head_is_good: bool

    @property
    def newest(self) -> Version | None:
        """Return the newest release (a pre-release only where there is nothing else), else the head's version."""
        versions = [version for row in self.rows if (version := Version.parse(row.version))]
        full = [version for version in versions if not version.is_prerelease]
        return (
            max(full or versions, key=lambda version: version.order)
            if versions
            else Version.parse(self.manifest.version)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a verdict may depend on: the providers by id, whether every source was read, waivers, and the instant."""

    providers: Mapping[str, Provider]
    alias: Mapping[str, str]
    contested: frozenset[str]
    unread: tuple[str, ...]
    """Names of the sources that were never read."""
    waivers: tuple[Waiver, ...]
    as_of: datetime


def judge_all(world: World) -> tuple[Edge, ...]:
    """Return every dependency of every capability, judged; sorted worst first, then by consumer and provider."""
    edges = [
        _waive(judge(consumer, dependency, world), world)
        for _, consumer in sorted(world.providers.items())
        for dependency in consumer.manifest.dependencies
    ]
    unique = {(edge.consumer, edge.provider, edge.written, edge.range): edge for edge in edges}
    return tuple(sorted(unique.values(), key=_order))


def _order(edge: Edge) -> tuple[int, str, str, str, str]:
    return (edge.verdict.rank, edge.consumer, edge.provider, edge.range, edge.written)


def active(waivers: Iterable[Waiver], as_of: datetime) -> tuple[Waiver, ...]:
    """Return the waivers that count at `as_of`: granted, and their last day not over."""
    return tuple(
        waiver
        for waiver in waivers
        if passed(waiver.granted_at, as_of) and waiver.expires_at and not passed(waiver.expires_at, as_of, end=True)
    )


class _Said(NamedTuple):
    """What is said of a dependency: the part of an edge that has to be found out."""

    verdict: Verdict
    rule: str
    reason: str
    provider_version: str = ""
    fits: str = ""
    since: str = ""
    subject: str = ""


def judge(consumer: Provider, dependency: Dependency, world: World) -> Edge:
    """Return the verdict of one dependency, waivers left aside."""
    held = dependency.id in world.providers
    target = dependency.id if held else world.alias.get(dependency.id, dependency.id)
    said = _said(consumer, dependency, target, world)
    return Edge(
        consumer=consumer.manifest.id,
        consumer_version=consumer.manifest.version,
        provider=target,
        written=dependency.name or dependency.id,
        range=dependency.version,
        optional=dependency.optional,
        verdict=said.verdict,
        rule=said.rule,
        reason=said.reason,
        provider_version=said.provider_version,
        fits=said.fits,
        since=said.since,
        subject=said.subject,
    )


def _said(consumer: Provider, dependency: Dependency, target: str, world: World) -> _Said:
    wanted = VersionRange.parse(dependency.version)
    if wanted is None:
        why = range_problem(dependency.version) or "it cannot be read"
        return _Said(Verdict.INVALID, "range-invalid", f"the range cannot be read: {why}")
    provider = world.providers.get(target)
    if provider is None:
        return _absent(dependency, target, world)
    if not consumer.head_is_good:
        reason = "the head of its source does not parse; the last good state is shown"
        return _Said(Verdict.UNKNOWN, "consumer-unreadable", reason)
    newest = provider.newest
    if newest is None:
        reason = "the provider names no version that can be read"
        return _Said(Verdict.UNKNOWN, "provider-unversioned", reason)
    said = _compare(dependency, wanted, newest, consumer, provider, world.as_of)
    return said._replace(provider_version=str(newest))


def _absent(dependency: Dependency, target: str, world: World) -> _Said:
    if target in world.contested:
        reason = "several sources claim this id; the registry has to say whose it is"
        return _Said(Verdict.UNKNOWN, "provider-contested", reason)
    if dependency.optional:
        return _Said(Verdict.COMPATIBLE, "optional-absent", "optional, and no registered source declares it")
    if world.unread:
        names = ", ".join(world.unread)
        return _Said(Verdict.UNKNOWN, "provider-unread", f"no source that was read declares it; not read: {names}")
    return _Said(Verdict.MISSING, "provider-missing", "no registered source declares it")


def _compare(
    dependency: Dependency,
    wanted: VersionRange,
    newest: Version,
    consumer: Provider,
    provider: Provider,
    as_of: datetime,
) -> _Said:
    manifest = provider.manifest
    if passed(manifest.sunset_at, as_of):
        reason = f"the provider's sunset was {manifest.sunset_at[:10]}"
        return _Said(Verdict.BREAKING, "provider-sunset", reason, since=manifest.sunset_at)
    rows = [(version, row) for row in provider.rows if (version := Version.parse(row.version))]
    if not wanted.contains(newest):
        return _outside(dependency, wanted, newest, rows)
    removed = _reads_removed(wanted, newest, rows, consumer, provider)
    if removed:
        name, row = removed
        return _Said(
            Verdict.BREAKING,
            "output-removed",
            f"reads output {name}, which {row.version} removed",
            subject=name,
            since=row.released_at,
            fits=_newest_before(wanted, Version.parse(row.version), rows),
        )
    if manifest.sunset_at or manifest.deprecated_at or "deprecated" in (manifest.stability, manifest.lifecycle_stage):
        until = f"sunset {manifest.sunset_at[:10]}" if manifest.sunset_at else "deprecated, no sunset date"
        move = f"; move to {manifest.replacement}" if manifest.replacement else ""
        return _Said(Verdict.DEPRECATED, "provider-deprecated", until + move)
    return _Said(Verdict.COMPATIBLE, "in-range", "the newest is in range")


def _outside(
    dependency: Dependency, wanted: VersionRange, newest: Version, rows: list[tuple[Version, VersionRow]]
) -> _Said:
    best = wanted.max_satisfying(version for version, _ in rows)
    refused = [(version, row) for version, row in rows if not (wanted.contains(version) or version.is_prerelease)]
    late = [row.released_at for version, row in refused if best is None or version > best]
    still = f"; {best} still fits" if best else "; no release fits"
    return _Said(
        Verdict.BREAKING,
        "outside-range",
        f"requires {dependency.version}, the newest is {newest}{still}",
        fits=str(best) if best else "",
        since=min(late, default=""),
    )


def _reads_removed(
    wanted: VersionRange,
    newest: Version,
    rows: list[tuple[Version, VersionRow]],
    consumer: Provider,
    provider: Provider,
) -> tuple[str, VersionRow] | None:
    """Return the removed output that the consumer reads, and the version that removed it.

    A consumer reads an output when one of its inputs has that name; outputs of versions that its range admits count.
    """
    reads = {port.name for port in consumer.manifest.inputs}
    at_newest = next((row.manifest for version, row in rows if version == newest), provider.manifest)
    if at_newest is None or not reads:
        return None
    admitted = [
        (version, row) for version, row in sorted(rows, key=lambda pair: pair[0].order) if wanted.contains(version)
    ]
    older = [row.manifest for version, row in admitted if row.manifest and version < newest]
    for name in sorted(reads & removed_outputs(older, at_newest)):
        having = [index for index, (_, row) in enumerate(admitted) if row.manifest and _has(row.manifest, name)]
        if having and having[-1] + 1 < len(admitted):
            return name, admitted[having[-1] + 1][1]
    return None


def _has(manifest: Manifest, output: str) -> bool:
    return any(port.name == output for port in manifest.outputs)


def _newest_before(wanted: VersionRange, limit: Version | None, rows: list[tuple[Version, VersionRow]]) -> str:
    best = wanted.max_satisfying(version for version, _ in rows if limit is None or version < limit)
    return str(best) if best else ""


def _waive(edge: Edge, world: World) -> Edge:
    if edge.verdict not in (Verdict.BREAKING, Verdict.MISSING):
        return edge
    for waiver in sorted(active(world.waivers, world.as_of), key=lambda item: (item.expires_at, item.id)):
        if _covers(waiver, edge):
            reason = f"{edge.reason}; waived by {waiver.id} until {waiver.expires_at[:10]}"
            return replace(edge, verdict=Verdict.WAIVED, waiver=waiver.id, reason=reason)
    return edge


def _covers(waiver: Waiver, edge: Edge) -> bool:
    if waiver.capability_id != edge.provider or waiver.consumer not in ("*", edge.consumer):
        return False
    if waiver.rule and waiver.rule != edge.rule:
        return False
    if not waiver.range or not edge.provider_version:
        return not waiver.range
    covered, version = VersionRange.parse(waiver.range), Version.parse(edge.provider_version)
    return covered is not None and version is not None and covered.contains(version)
