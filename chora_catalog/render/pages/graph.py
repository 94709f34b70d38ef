"""The neighbourhood of a capability as positions: the template draws them, twice, wide and tall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import NamedTuple

from chora_catalog.model.catalog import Edge, Entry
from chora_catalog.model.verdict import Verdict
from chora_catalog.render.pages.lookup import EdgeView
from chora_catalog.render.text import cut, end_cut, middle_cut, on_one_line, visible

A_SIDE = 12
_ROW, _BOX = 62, 48
_WIDE = 234
_TALL, _TALL_ROW = 318, 58
_WIDE_CHARACTERS, _TALL_CHARACTERS = 31, 42
_MARK = 8
"""Half of the square in which a verdict's shape is drawn."""
_VERDICT_WORDS = {"unknown": "not evaluated"}
_TONES = {"breaking": "breaking", "compatible": "compatible"}


class Node(NamedTuple):
    """A box with two lines of text, linked when the capability has a page; `at` and `mark` are places, `x y`."""

    at: str
    mark: str
    """Where the verdict's shape is; empty for the box of the page itself."""
    capability: str
    name: str
    line: str
    verdict: str
    tone: str
    of: str
    to: str


class Stroke(NamedTuple):
    """A line from a box to the middle one, and what kind of line it is, in the words of the style sheet."""

    path: str
    kind: str


class Note(NamedTuple):
    """A few words at (x, y)."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One drawing, in user units: its view box, the width of its boxes, strokes below, boxes above."""

    view_box: str
    width: int
    strokes: tuple[Stroke, ...]
    nodes: tuple[Node, ...]
    me: Node
    notes: tuple[Note, ...]


class _Neighbour(NamedTuple):
    """A neighbour before it has a place: the visible words of its two lines, not cut yet, and its line's kind."""

    view: EdgeView
    capability: str
    name: str
    line: str
    verdict: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """The neighbours on one side that are drawn, and how many are not."""

    drawn: tuple[_Neighbour, ...]
    more: int

    @property
    def rows(self) -> int:
        return len(self.drawn) + (1 if self.more else 0)


def neighbourhood(
    entry: Entry, dependents: Sequence[EdgeView], dependencies: Sequence[EdgeView]
) -> tuple[Drawing, Drawing] | None:
    """Return the wide and the tall drawing of `entry` between its neighbours, at most 12 a side; None without any."""
    if not dependents and not dependencies:
        return None
    left = [(view, view.edge.consumer, view.edge.consumer_version) for view in dependents[:A_SIDE]]
    right = [(view, view.edge.provider, view.edge.provider_version) for view in dependencies[:A_SIDE]]
    sides = (
        _Side(drawn=tuple(starmap(_neighbour, left)), more=len(dependents) - len(left)),
        _Side(drawn=tuple(starmap(_neighbour, right)), more=len(dependencies) - len(right)),
    )
    return _wide(entry, *sides), _tall(entry, *sides)


def _wide(entry: Entry, left: _Side, right: _Side) -> Drawing:
    rows = max(left.rows, right.rows, 1)
    height = rows * _ROW
    centre = height // 2
    nodes: list[Node] = []
    strokes: list[Stroke] = []
    notes = [Note(0, -10, "Depend on it")] if left.drawn else []
    notes += [Note(666, -10, "It depends on")] if right.drawn else []
    # For each side: where its boxes begin, its marks are, its strokes begin and bend to, and end.
    for side, x, mark, near, bend, end in (
        (left, 0, 254, 234, 46, "273 {0} 333 {0}"),
        (right, 666, 646, 666, -46, "627 {0} 567 {0}"),
    ):
        top = (rows - side.rows) * _ROW // 2 + (_ROW - _BOX) // 2
        end = end.format(centre)
        for index, one in enumerate(side.drawn):
            y = top + index * _ROW
            middle = y + _BOX // 2
            strokes.append(Stroke(f"M{near} {middle}H{mark}C{mark + bend} {middle} {end}", one.kind))
            nodes.append(_node(one, f"{x} {y}", f"{mark - _MARK} {middle - _MARK}", _WIDE_CHARACTERS))
        if side.more:
            notes.append(Note(x, top + A_SIDE * _ROW + 16, f"and {side.more} more in the table"))
    return Drawing(
        view_box=f"-1 -22 902 {height + 26}",
        width=_WIDE,
        strokes=_worst_last(strokes),
        nodes=tuple(nodes),
        me=_me(entry, f"333 {centre - _BOX // 2}", _WIDE_CHARACTERS),
        notes=tuple(notes),
    )


def _tall(entry: Entry, left: _Side, right: _Side) -> Drawing:
    y = _below(left, 4)
    middle = y + 8 + _BOX // 2
    upper, lower = _column(left, "Depend on it", 4), _column(right, "It depends on", y + 8 + _TALL_ROW + 14)
    boxes = [*upper.boxes, *lower.boxes]
    return Drawing(
        view_box=f"0 -10 360 {_below(right, y + 8 + _TALL_ROW + 14) + 14}",
        width=_TALL,
        strokes=_worst_last([Stroke(_elbow(at + _BOX // 2, middle), one.kind) for one, at in boxes]),
        nodes=tuple(
            _node(one, f"40 {at}", f"{24 - _MARK} {at + _BOX // 2 - _MARK}", _TALL_CHARACTERS) for one, at in boxes
        ),
        me=_me(entry, f"40 {y + 8}", _TALL_CHARACTERS),
        notes=(*upper.notes, *lower.notes),
    )


class _Column(NamedTuple):
    """One side of the tall drawing: each neighbour with the y of its box."""

    boxes: tuple[tuple[_Neighbour, int], ...]
    notes: tuple[Note, ...]


def _column(side: _Side, title: str, y: int) -> _Column:
    """Place one side of the tall drawing from `y` on."""
    if not side.drawn:
        return _Column((), ())
    notes = [Note(40, y, title)]
    if side.more:
        notes.append(Note(40, y + 18 + A_SIDE * _TALL_ROW, f"and {side.more} more in the table"))
    return _Column(tuple((one, y + 10 + index * _TALL_ROW) for index, one in enumerate(side.drawn)), tuple(notes))


def _below(side: _Side, y: int) -> int:
    """Return the y below one side of the tall drawing that is placed from `y` on."""
    return y + 10 + len(side.drawn) * _TALL_ROW + (24 if side.more else 0) if side.drawn else y


def _elbow(start: int, end: int) -> str:
    down = 8 if end > start else -8
    return f"M40 {start}H22Q14 {start} 14 {start + down}V{end - down}Q14 {end} 22 {end}H40"


def _neighbour(view: EdgeView, capability: str, version: str) -> _Neighbour:
    verdict = view.edge.verdict.value
    words = f"{version} · " if version else ""
    line = on_one_line(visible(f"{words}{_VERDICT_WORDS.get(verdict, verdict)}: {view.short}"))
    return _Neighbour(view, capability, visible(capability), line, verdict, _kind(view.edge))


def _node(one: _Neighbour, at: str, mark: str, characters: int) -> Node:
    view, capability, name, line, verdict, _ = one
    tone = _TONES.get(verdict, "other")
    name, line = middle_cut(name, characters), end_cut(line, characters + 6)
    return Node(at, mark, capability, name, line, verdict, tone, view.of, view.to)


def _me(entry: Entry, at: str, characters: int) -> Node:
    return Node(
        at=at,
        mark="",
        capability=entry.id,
        name=middle_cut(visible(entry.id), characters),
        line=cut(f"{visible(entry.version)} · this page" if entry.version else "this page", characters + 6),
        verdict="",
        tone="",
        of="",
        to="",
    )


def _kind(edge: Edge) -> str:
    if edge.verdict in (Verdict.BREAKING, Verdict.MISSING, Verdict.INVALID):
        return "edge x"
    return "edge q" if edge.verdict is Verdict.UNKNOWN else "edge"


def _worst_last(strokes: list[Stroke]) -> tuple[Stroke, ...]:
    return tuple(sorted(strokes, key=lambda stroke: ("edge", "edge q", "edge x").index(stroke.kind)))
