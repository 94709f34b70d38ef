"""How far a capability reaches: how many depend on it, directly and through others, and in which circle it stands.

Counted for a whole catalog at once: the graph is condensed to its circles, and each group's set of dependents is the
union of the sets of those who need it, as bits of one number (10,000 capabilities and 50,000 dependencies: 50,000
unions of at most 1,250 bytes). Optional dependencies count, and so do those that break: who is reached is not yet who
is hurt (`resolve/impact`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chora_catalog.model.catalog import Edge
from chora_catalog.resolve.graph import groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Who depends on one capability: how many do directly, how many in all, and the circle it stands in.

    `circle` are the names of all that stand in it, itself included, sorted; empty where it stands in none.
    """

    direct: int = 0
    total: int = 0
    circle: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """Somebody who depends on a capability through others: `steps` away, and a shortest way there, without its ends.

    Of several ways of one length, the one whose names come first counts.
    """

    name: str
    steps: int
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependents:
    """Who depends on whom in one catalog."""

    next_to: Mapping[str, tuple[str, ...]]
    """Those who depend on each name directly, sorted; a name that nobody needs is not in it."""
    reach: Mapping[str, Reach]
    """Of each name that anybody needs."""

    @classmethod
    def of(cls, edges: Iterable[Edge]) -> Dependents:
        """Return who depends on whom by `edges`. What depends on itself is not its own dependent."""
        found: dict[str, set[str]] = {}
        for edge in edges:
            if edge.consumer != edge.provider:
                found.setdefault(edge.provider, set()).add(edge.consumer)
        next_to = {name: tuple(sorted(others)) for name, others in sorted(found.items())}
        return cls(next_to=next_to, reach=_reach(next_to))

    def further(self, name: str, limit: int) -> tuple[Further, ...]:
        """Return at most `limit` of those who depend on `name` through others, the nearest first, then by name.

        It looks at no more than it needs for that: of the dependents of one, the first `limit` that are new.
        """
        direct = self.next_to.get(name, ())
        before: dict[str, str] = dict.fromkeys((name, *direct), "")
        rows: list[Further] = []
        edge, steps = direct, 2
        while edge and len(rows) < limit:
            found = self._level(edge, before, limit - len(rows))
            before |= found
            edge = tuple(sorted(found))
            rows += [Further(name=one, steps=steps, by=_way(one, before)) for one in edge[: limit - len(rows)]]
            steps += 1
        return tuple(rows)

    def _level(self, edge: Iterable[str], known: Mapping[str, str], limit: int) -> dict[str, str]:
        """Return the dependents of those in `edge` (sorted) that are not `known`, each with the one it was found by.

        Of each no more than `limit` are taken: those that come first by name are among them.
        """
        found: dict[str, str] = {}
        for name in edge:
            left = limit
            for other in self.next_to.get(name, ()):
                if other not in known:
                    found.setdefault(other, name)
                    left -= 1
                    if not left:
                        break
        return found


def _way(name: str, before: Mapping[str, str]) -> tuple[str, ...]:
    way: list[str] = []
    while name := before[name]:
        way.append(name)
    return tuple(reversed(way))


def _reach(next_to: Mapping[str, tuple[str, ...]]) -> dict[str, Reach]:
    bits: dict[str, int] = {}
    count = 0
    found: dict[str, Reach] = {}
    # Whoever depends on a group comes before it, so that the bits of those are known.
    for group in groups(next_to):
        mine = ((1 << len(group)) - 1) << count
        count += len(group)
        for name in group:
            for other in next_to.get(name, ()):
                mine |= bits.get(other, 0)
        total = mine.bit_count() - 1
        circle = tuple(group) if len(group) > 1 else ()
        for name in group:
            bits[name] = mine
            if name in next_to:
                found[name] = Reach(direct=len(next_to[name]), total=total, circle=circle)
    return found
