"""The neighbourhood of a capability as positions: the template draws them, twice, wide and tall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chora_catalog.model.catalog import Edge, Entry, Verdict
from chora_catalog.render.pages.lookup import EdgeView
from chora_catalog.render.text import cut, middle_cut, visible

A_SIDE = 12
_ROW, _BOX = 62, 48
_WIDE = 234
_TALL, _TALL_ROW = 318, 58
_WIDE_CHARACTERS, _TALL_CHARACTERS = 31, 42
_Side = list[tuple[EdgeView, str, str]]
"""One side's neighbours: the dependency, and the neighbour's id and version."""
_VERDICT_WORDS = {"unknown": "not evaluated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A box: two lines of text at (x, y) in user units, linked when the capability has a page."""

    x: int
    y: int
    width: int
    capability: str
    name: str
    line: str
    verdict: str
    of: str = ""
    to: str = ""

    @property
    def middle(self) -> int:
        """The y of the box's middle."""
        return self.y + _BOX // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A line from a box to the middle one; `kind` is empty, `x` (breaks) or `q` (not known)."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A few words at (x, y)."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One drawing: its view box, strokes below, boxes above; `marks` are the places of the verdicts' shapes."""

    view_box: str
    strokes: tuple[Stroke, ...]
    nodes: tuple[Node, ...]
    marks: tuple[tuple[int, int, Node], ...]
    me: Node
    notes: tuple[Note, ...]


def neighbourhood(
    entry: Entry, dependents: Sequence[EdgeView], dependencies: Sequence[EdgeView]
) -> tuple[Drawing, Drawing] | None:
    """Return the wide and the tall drawing of `entry` between its neighbours, at most 12 a side; None without any."""
    if not dependents and not dependencies:
        return None
    left = [(view, view.edge.consumer, view.edge.consumer_version) for view in dependents]
    right = [(view, view.edge.provider, view.edge.provider_version) for view in dependencies]
    return _wide(entry, left, right), _tall(entry, left, right)


def _wide(entry: Entry, left: _Side, right: _Side) -> Drawing:
    rows = max(_rows(left), _rows(right), 1)
    height = rows * _ROW
    centre = height // 2 - _BOX // 2
    me = _me(entry, 333, centre, _WIDE, _WIDE_CHARACTERS)
    nodes: list[Node] = []
    strokes: list[Stroke] = []
    marks: list[tuple[int, int, Node]] = []
    notes = [Note(x=0, y=-10, text="Depend on it")] if left else []
    notes += [Note(x=666, y=-10, text="It depends on")] if right else []
    for side, x, mark, near, far in ((left, 0, 254, 234, 333), (right, 666, 646, 666, 567)):
        top = (rows - _rows(side)) * _ROW // 2 + (_ROW - _BOX) // 2
        for index, one in enumerate(side[:A_SIDE]):
            node = _node(one, x, top + index * _ROW, _WIDE, _WIDE_CHARACTERS)
            bend = 46 if far > near else -46
            path = f"M{near} {node.middle}H{mark}C{mark + bend} {node.middle} {far - 60 if bend > 0 else far + 60} "
            strokes.append(Stroke(path=f"{path}{me.middle} {far} {me.middle}", kind=_kind(one[0].edge)))
            nodes.append(node)
            marks.append((mark, node.middle, node))
        if len(side) > A_SIDE:
            notes.append(Note(x=x, y=top + A_SIDE * _ROW + 16, text=f"and {len(side) - A_SIDE} more in the table"))
    return Drawing(
        view_box=f"-1 -22 902 {height + 26}",
        strokes=_worst_last(strokes),
        nodes=tuple(nodes),
        marks=tuple(marks),
        me=me,
        notes=tuple(notes),
    )


def _tall(entry: Entry, left: _Side, right: _Side) -> Drawing:
    upper, y = _column(left, "Depend on it", 4)
    me = _me(entry, 40, y + 8, _TALL, _TALL_CHARACTERS)
    lower, y = _column(right, "It depends on", y + 8 + _TALL_ROW + 14)
    placed = [*upper.placed, *lower.placed]
    strokes = [Stroke(path=_elbow(node.middle, me.middle), kind=_kind(view.edge)) for node, view in placed]
    return Drawing(
        view_box=f"0 -10 360 {y + 14}",
        strokes=_worst_last(strokes),
        nodes=tuple(node for node, _ in placed),
        marks=tuple((24, node.middle, node) for node, _ in placed),
        me=me,
        notes=(*upper.notes, *lower.notes),
    )


@dataclass(frozen=True, slots=True)
class _Column:
    placed: tuple[tuple[Node, EdgeView], ...]
    notes: tuple[Note, ...]


def _column(side: _Side, title: str, y: int) -> tuple[_Column, int]:
    """Place one side of the tall drawing from `y` on; return it and the y below it."""
    if not side:
        return _Column(placed=(), notes=()), y
    notes = [Note(x=40, y=y, text=title)]
    top = y + 10
    placed = tuple(
        (_node(one, 40, top + index * _TALL_ROW, _TALL, _TALL_CHARACTERS), one[0])
        for index, one in enumerate(side[:A_SIDE])
    )
    y = top + len(placed) * _TALL_ROW
    if len(side) > A_SIDE:
        notes.append(Note(x=40, y=y + 8, text=f"and {len(side) - A_SIDE} more in the table"))
        y += 24
    return _Column(placed=placed, notes=tuple(notes)), y


def _elbow(start: int, end: int) -> str:
    down = 8 if end > start else -8
    return f"M40 {start}H22Q14 {start} 14 {start + down}V{end - down}Q14 {end} 22 {end}H40"


def _node(one: tuple[EdgeView, str, str], x: int, y: int, width: int, characters: int) -> Node:
    view, capability, version = one
    verdict = view.edge.verdict.value
    words = f"{version} · " if version else ""
    line = f"{words}{_VERDICT_WORDS.get(verdict, verdict)}: {view.short}"
    return Node(
        x=x,
        y=y,
        width=width,
        capability=capability,
        name=middle_cut(visible(capability), characters),
        line=cut(visible(line), characters + 6),
        verdict=verdict,
        of=view.of,
        to=view.to,
    )


def _me(entry: Entry, x: int, y: int, width: int, characters: int) -> Node:
    return Node(
        x=x,
        y=y,
        width=width,
        capability=entry.id,
        name=middle_cut(visible(entry.id), characters),
        line=cut(f"{visible(entry.version)} · this page" if entry.version else "this page", characters + 6),
        verdict=entry.verdict.value,
    )


def _rows(side: _Side) -> int:
    return min(len(side), A_SIDE) + (1 if len(side) > A_SIDE else 0)


def _kind(edge: Edge) -> str:
    if edge.verdict in (Verdict.BREAKING, Verdict.MISSING, Verdict.INVALID):
        return "x"
    return "q" if edge.verdict is Verdict.UNKNOWN else ""


def _worst_last(strokes: list[Stroke]) -> tuple[Stroke, ...]:
    return tuple(sorted(strokes, key=lambda stroke: ("", "q", "x").index(stroke.kind)))
