"""Whether a consumer still fits the newest version of what it depends on.

The order of the questions is the truth table's: an unreadable range is `invalid`; an absent provider is `missing`, but
only where every source was read (an unread source is not an absent capability); a range that does not admit the
newest version, or a change inside of it that breaks what the consumer uses, is `breaking`, or `waived` by a waiver that
counts now; a provider on its way out is `deprecated`; what cannot be judged is `unknown`, never `compatible`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import NamedTuple

from chora_catalog.model.catalog import Edge
from chora_catalog.model.change import Bump, Effect
from chora_catalog.model.decision import Waiver
from chora_catalog.model.manifest import Dependency
from chora_catalog.model.parties import Consumer, ProvidedVersion, Provider
from chora_catalog.model.ranges import VersionRange, range_problem
from chora_catalog.model.verdict import Verdict
from chora_catalog.model.versions import Version
from chora_catalog.resolve.clock import passed
from chora_catalog.resolve.contract.step import declared_bump
from chora_catalog.resolve.fingerprint import fingerprint
from chora_catalog.resolve.structure import BAD, says_its_use, standing, touches
from chora_catalog.resolve.waiving import covers

_USES = {"output": "reads", "input": "feeds"}
_CAN_BE_WAIVED = (Verdict.BREAKING, Verdict.MISSING)


@dataclass(frozen=True, kw_only=True)
class World:
    """What a verdict may depend on: the providers by id, whether every source was read, waivers, and the instant.

    `waivers` are those that count at `as_of` (`resolve/waiving.active`).
    """

    providers: Mapping[str, Provider]
    alias: Mapping[str, str]
    contested: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()
    """Names of the sources that were never read."""
    waivers: tuple[Waiver, ...] = ()
    as_of: datetime

    @cached_property
    def waivers_of(self) -> Mapping[str, tuple[Waiver, ...]]:
        """The waivers by the capability they excuse, the one that ends first before the others."""
        found: dict[str, list[Waiver]] = {}
        for waiver in sorted(self.waivers, key=lambda item: (item.expires_at, item.id)):
            found.setdefault(waiver.capability_id, []).append(waiver)
        return {key: tuple(rows) for key, rows in found.items()}

    @cached_property
    def known(self) -> dict[str, _Known]:
        """What was made of each provider's releases, filled as they are asked for."""
        return {}

    def about(self, provider: Provider) -> _Known:
        """Return the releases of `provider` with their versions read, once for all who depend on it."""
        found = self.known.get(provider.id)
        if found is None:
            found = self.known[provider.id] = _Known.of(provider)
        return found


class _Known(NamedTuple):
    """A provider's releases, the oldest first, with their versions read, the newest of them, and if any broke aught."""

    releases: tuple[tuple[Version, ProvidedVersion], ...]
    newest: Version | None
    ever_broke: bool

    @classmethod
    def of(cls, provider: Provider) -> _Known:
        rows = [(version, item) for item in provider.releases if (version := Version.parse(item.version))]
        broke = any(change.effect in BAD for item in provider.releases for change in item.changes)
        return cls(tuple(rows), provider.newest, broke)


def judge_all(consumers: Iterable[Consumer], world: World) -> tuple[Edge, ...]:
    """Return every dependency of each of `consumers`, judged; sorted worst first, then by consumer and provider."""
    edges = [judge(consumer, dependency, world) for consumer in consumers for dependency in consumer.needs]
    unique = {(edge.consumer, edge.provider, edge.written, edge.range): edge for edge in edges}
    return tuple(sorted(unique.values(), key=_order))


def _order(edge: Edge) -> tuple[int, str, str, str, str]:
    return (edge.verdict.rank, edge.consumer, edge.provider, edge.range, edge.written)


class _Said(NamedTuple):
    """What is said of a dependency: the part of an edge that has to be found out."""

    verdict: Verdict
    rule: str
    reason: str
    provider_version: str = ""
    fits: str = ""
    since: str = ""
    subject: str = ""
    pointer: str = ""
    before: str = ""
    after: str = ""


def judge(consumer: Consumer, dependency: Dependency, world: World) -> Edge:
    """Return the verdict of one dependency, a waiver that covers it included."""
    held = dependency.id in world.providers
    target = dependency.id if held else world.alias.get(dependency.id, dependency.id)
    said = _said(consumer, dependency, target, world)
    edge = Edge(
        fingerprint=_print(consumer, target, said),
        consumer=consumer.id,
        consumer_version=consumer.version,
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
        pointer=said.pointer,
        before=said.before,
        after=said.after,
    )
    return _waived(edge, world) if edge.fingerprint and world.waivers else edge


def _print(consumer: Consumer, provider: str, said: _Said) -> str:
    if said.verdict not in _CAN_BE_WAIVED:
        return ""
    return fingerprint(
        said.rule,
        consumer=consumer.id,
        provider=provider,
        pointer=said.pointer,
        before=said.before,
        after=said.after,
    )


@lru_cache(maxsize=2048)
def _normal(text: str) -> str:
    """Return the text that stands for the range `text` in a fingerprint; the same range is written by many."""
    wanted = VersionRange.parse(text)
    return wanted.normal if wanted else text


def _waived(edge: Edge, world: World) -> Edge:
    for waiver in world.waivers_of.get(edge.provider, ()):
        if covers(waiver, edge):
            reason = f"{edge.reason}; waived by {waiver.id} until {waiver.expires_at[:10]}"
            return replace(edge, verdict=Verdict.WAIVED, waiver=waiver.id, reason=reason)
    return edge


def _said(consumer: Consumer, dependency: Dependency, target: str, world: World) -> _Said:
    wanted = VersionRange.parse(dependency.version)
    if wanted is None:
        why = range_problem(dependency.version) or "it cannot be read"
        return _Said(Verdict.INVALID, "range-invalid", f"the range cannot be read: {why}")
    provider = world.providers.get(target)
    if provider is None:
        return _absent(dependency, target, world)
    if not consumer.is_readable:
        reason = "the head of its source does not parse; the last good state is shown"
        return _Said(Verdict.UNKNOWN, "consumer-unreadable", reason)
    known = world.about(provider)
    if known.newest is None:
        reason = "the provider names no version that can be read"
        return _Said(Verdict.UNKNOWN, "provider-unversioned", reason)
    said = _compare(dependency, wanted, known.newest, known, consumer, provider, world.as_of)
    return said._replace(provider_version=str(known.newest))


def _absent(dependency: Dependency, target: str, world: World) -> _Said:
    if target in world.contested:
        reason = "several sources claim this id; the registry has to say whose it is"
        return _Said(Verdict.UNKNOWN, "provider-contested", reason)
    if dependency.optional:
        return _Said(Verdict.COMPATIBLE, "optional-absent", "optional, and no registered source declares it")
    if world.unread:
        names = ", ".join(world.unread)
        return _Said(Verdict.UNKNOWN, "provider-unread", f"no source that was read declares it; not read: {names}")
    return _Said(
        Verdict.MISSING,
        "provider-missing",
        "no registered source declares it",
        pointer=_place(target),
        before=_normal(dependency.version),
    )


def _compare(
    dependency: Dependency,
    wanted: VersionRange,
    newest: Version,
    known: _Known,
    consumer: Consumer,
    provider: Provider,
    as_of: datetime,
) -> _Said:
    if passed(provider.sunset_at, as_of):
        reason = f"the provider's sunset was {provider.sunset_at[:10]}"
        return _Said(
            Verdict.BREAKING,
            "provider-sunset",
            reason,
            since=provider.sunset_at,
            pointer=_place(provider.id),
            before=_normal(dependency.version),
            after=provider.sunset_at,
        )
    if not wanted.contains(newest):
        return _outside(dependency, wanted, newest, known.releases, provider)
    broken = _broken_inside(wanted, newest, known.releases, consumer, provider) if known.ever_broke else None
    if broken is not None:
        return broken
    if provider.is_deprecated:
        until = f"sunset {provider.sunset_at[:10]}" if provider.sunset_at else "deprecated, no sunset date"
        move = f"; move to {provider.replacement}" if provider.replacement else ""
        return _Said(Verdict.DEPRECATED, "provider-deprecated", until + move)
    return _Said(Verdict.COMPATIBLE, "in-range", "the newest is in range")


def _outside(
    dependency: Dependency,
    wanted: VersionRange,
    newest: Version,
    rows: tuple[tuple[Version, ProvidedVersion], ...],
    provider: Provider,
) -> _Said:
    best = next((version for version, _ in reversed(rows) if wanted.contains(version)), None)
    refused = [(version, row) for version, row in rows if not (wanted.contains(version) or version.is_prerelease)]
    late = [row.released_at for version, row in refused if best is None or version > best]
    still = f"; {best} still fits" if best else "; no release fits"
    return _Said(
        Verdict.BREAKING,
        "outside-range",
        f"requires {dependency.version}, the newest is {newest}{still}",
        fits=str(best) if best else "",
        since=min(late, default=""),
        pointer=_place(provider.id),
        before=_normal(dependency.version),
        after=str(newest),
    )


def _broken_inside(
    wanted: VersionRange,
    newest: Version,
    rows: tuple[tuple[Version, ProvidedVersion], ...],
    consumer: Consumer,
    provider: Provider,
) -> _Said | None:
    """Say what changed inside the range so that the consumer breaks, or so that nobody can tell; None for nothing.

    Whoever admits a version relies on what it promised: all that came after the oldest version in range counts.
    """
    admitted = [version for version, _ in rows if wanted.contains(version)]
    if len(admitted) < 2:
        return None
    since = [item for version, item in rows if admitted[0] < version <= newest and _counts(version, newest)]
    stands = standing(since)
    if not stands:
        return None
    touching = [item for item in stands if touches(item.change, consumer, provider)]
    # Who declares neither input nor output may use anything; that it admits the next major, it says itself.
    silent = [
        item
        for item in stands
        if item.change.side and not says_its_use(consumer) and _is_under_bumped(item.release.version, rows)
    ]
    for item in [*touching, *silent]:
        change, release = item.change, item.release
        at = Version.parse(release.version)
        fits = wanted.max_satisfying(version for version, _ in rows if at is None or version < at)
        said = _Said(
            Verdict.BREAKING,
            change.rule,
            f"{change.message} since {release.version}",
            fits=str(fits) if fits else "",
            since=release.released_at,
            subject=change.subject,
            pointer=change.pointer,
            before=change.before,
            after=change.after,
        )
        if item not in touching:
            reason = f"{said.reason}, and the consumer does not say what it uses"
            return said._replace(verdict=Verdict.UNKNOWN, rule="use-undeclared", reason=reason)
        if change.effect is Effect.UNDECIDED:
            reason = f"{said.reason}; nobody can tell whether that breaks"
            return said._replace(verdict=Verdict.UNKNOWN, reason=reason)
        return said._replace(reason=f"{said.reason}, and it {_USES[change.side]} that")
    return None


def _is_under_bumped(released: str, rows: tuple[tuple[Version, ProvidedVersion], ...]) -> bool:
    """Tell whether a release that breaks something announces less than that, seen from the release before it."""
    names = [item.version for version, item in rows if not version.is_prerelease or item.version == released]
    before = names[names.index(released) - 1]
    return declared_bump(before, released) is not Bump.MAJOR


def _counts(version: Version, newest: Version) -> bool:
    """Tell whether a release is on the way to the newest: a pre-release is not, unless it is the newest."""
    return not version.is_prerelease or version == newest


def _place(provider: str) -> str:
    """Return the pointer (RFC 6901) to a dependency."""
    return "/dependencies/" + provider.replace("~", "~0").replace("/", "~1")
