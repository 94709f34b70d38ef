"""Whom a version of a capability would reach: who depends on it, and who depends on those that would break."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chora_catalog.model.catalog import Edge
from chora_catalog.model.change import Change
from chora_catalog.model.compat import DependentsFile
from chora_catalog.model.parties import Consumer
from chora_catalog.model.verdict import Verdict
from chora_catalog.resolve.compat import World, judge
from chora_catalog.resolve.graph import circles, shortest_ways
from chora_catalog.resolve.proposal import with_version

_REACHED = (Verdict.BREAKING, Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One direct dependent: how its dependency would be, how it is, and who it is."""

    after: Edge
    before: Edge
    consumer: Consumer


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a version would do. `beyond` are those further on, by name, with a shortest way from the capability to them.

    `together` are the groups in a circle that any of them belongs to: they can only go together.
    """

    direct: tuple[Reached, ...]
    beyond: tuple[tuple[str, tuple[str, ...]], ...]
    together: tuple[tuple[str, ...], ...]


def impact(
    file: DependentsFile, pairs: Iterable[tuple[str, str]], version: str, changes: tuple[Change, ...], world: World
) -> Impact:
    """Return whom `version` of the capability of `file` would reach, if it were released with `changes`.

    `pairs` are consumer and provider of each dependency of the whole catalog; `world` is what it knows besides: waivers
    and the instant.
    """
    now = file.provider
    then = with_version(now, version, changes) if now else None
    direct = []
    for cell in file.cells:
        consumer = cell.consumer
        for need in consumer.needs if consumer else ():
            if consumer is None:
                continue
            meant = replace(need, id=file.id, name=need.name or need.id)
            before, after = (
                judge(consumer, meant, replace(world, providers={one.id: one} if one else {})) for one in (now, then)
            )
            direct.append(Reached(after=after, before=before, consumer=consumer))
    direct.sort(key=lambda item: (item.after.verdict.rank, item.after.consumer, item.after.range))
    hit = {item.after.consumer for item in direct if item.after.verdict in _REACHED}
    needed_by: dict[str, set[str]] = {}
    needs: dict[str, list[str]] = {}
    for needing, needed in pairs:
        if needing != needed:
            needed_by.setdefault(needed, set()).add(needing)
            needs.setdefault(needing, []).append(needed)
    ways = shortest_ways(needed_by, hit)
    reached = {file.id, *hit, *ways}
    return Impact(
        direct=tuple(direct),
        beyond=tuple(sorted((name, (file.id, *way)) for name, way in ways.items() if name != file.id)),
        together=tuple(tuple(group) for group in sorted(circles(needs)) if not reached.isdisjoint(group)),
    )
