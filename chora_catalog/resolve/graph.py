"""Who reaches whom in a graph of dependencies; nothing here recurses, however long a chain is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

LONGEST_WAY: Final = 24
"""Names of a way that are kept: the ways along a chain of a hundred thousand would fill the memory."""
LEFT_OUT: Final = "\u2026"
_HEAD: Final = 12


def circles(needs: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Yield each strongly connected group of more than one, sorted."""
    return (group for group in groups(needs) if len(group) > 1)


def groups(needs: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Yield each strongly connected group, sorted, after all others that it leads to: Tarjan's way, without recursion.

    What stands in no circle is a group of one.
    """
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    inside: set[str] = set()
    for start in sorted(needs):
        if start in number:
            continue
        number[start] = low[start] = len(number)
        stack.append(start)
        inside.add(start)
        path = [(start, iter(needs[start]))]
        while path:
            node, rest = path[-1]
            below = next(rest, None)
            if below is not None and below not in number:
                number[below] = low[below] = len(number)
                stack.append(below)
                inside.add(below)
                path.append((below, iter(needs.get(below, ()))))
            elif below is not None:
                if below in inside:
                    low[node] = min(low[node], number[below])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == number[node]:
                    group = [stack.pop()]
                    while group[-1] != node:
                        group.append(stack.pop())
                    inside.difference_update(group)
                    yield sorted(group)


def shortest_ways(next_to: Mapping[str, Iterable[str]], starts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return, for whatever can be reached from one of `starts`, a shortest way there: first the start, last itself.

    The starts themselves are not in it. Of several ways of one length, the one whose names come first counts. Of one
    with more than LONGEST_WAY names those in the middle are left out, with LEFT_OUT in their place.
    """
    ways: dict[str, tuple[str, ...]] = {name: (name,) for name in sorted(starts)}
    begun = set(ways)
    edge = list(ways)
    while edge:
        found: dict[str, tuple[str, ...]] = {}
        for name in edge:
            for other in sorted(next_to.get(name, ())):
                if other not in ways and other not in found:
                    found[other] = _longer(ways[name], other)
        ways |= found
        edge = sorted(found)
    return {name: way for name, way in ways.items() if name not in begun}


def _longer(way: tuple[str, ...], name: str) -> tuple[str, ...]:
    if len(way) < LONGEST_WAY:
        return (*way, name)
    return (*way[:_HEAD], LEFT_OUT, *way[_HEAD + 2 :], name)
