"""The releases of a capability along time, and which of them broke dependents: a small drawing beside a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chora_catalog.model.breaks import Break
from chora_catalog.model.catalog import Edge, VersionRow
from chora_catalog.model.versions import Version
from chora_catalog.render.instants import day, instant

WIDTH, HEIGHT, MARGIN, GROUND = 640, 76, 14, 62
_LOWEST, _HIGHEST = 14, 40
MOST = 400
"""Releases that are drawn; of more, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one release did to dependents: how many it broke, and how many of these are not repaired."""

    broke: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One release of the drawing, at `x`; `top` is where its stem ends, which it has when it broke somebody."""

    x: str
    top: int
    broke: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The drawing: its marks from left to right, and the days it runs from and to."""

    marks: tuple[Mark, ...]
    first: str
    last: str
    breaking: int
    """Releases that broke somebody."""
    view_box: str = f"0 0 {WIDTH} {HEIGHT}"
    ground: int = GROUND
    left: int = MARGIN
    right: int = WIDTH - MARGIN


def effects(caused: Iterable[Break], *, inside: Mapping[str, Sequence[Edge]]) -> dict[str, Effect]:
    """Return what each version did, by version; those that broke nobody are not in it.

    `caused` are the breaks of histories, `inside` who is broken today by a version that its range admits.
    """
    found: dict[str, Effect] = {}
    for item in caused:
        before = found.get(item.version, Effect())
        found[item.version] = Effect(broke=before.broke + 1, open=before.open + (not item.repaired_at))
    for version, edges in inside.items():
        before = found.get(version, Effect())
        found[version] = Effect(broke=before.broke + len(edges), open=before.open + len(edges))
    return found


def timeline(rows: Sequence[VersionRow], by_version: dict[str, Effect]) -> Timeline | None:
    """Return the drawing of releases (`rows`, newest first); None where none broke anybody or time has no length."""
    released = [
        (datetime.fromisoformat(instant(row.released_at)).astimezone(UTC), row)
        for row in rows[:MOST]
        if instant(row.released_at) and (version := Version.parse(row.version)) and not version.is_prerelease
    ]
    released.sort(key=lambda pair: pair[0])
    drawn = [by_version.get(row.version, Effect()) for _, row in released]
    most = max((effect.broke for effect in drawn), default=0)
    if not most or released[0][0] == released[-1][0]:
        return None
    begin, length = released[0][0], (released[-1][0] - released[0][0]).total_seconds()
    marks = [
        Mark(
            x=f"{MARGIN + (WIDTH - 2 * MARGIN) * (at - begin).total_seconds() / length:.1f}",
            top=GROUND - _LOWEST - round((_HIGHEST - _LOWEST) * effect.broke / most) if effect.broke else GROUND,
            broke=effect.broke,
            open=effect.open,
        )
        for (at, _), effect in zip(released, drawn, strict=True)
    ]
    return Timeline(
        marks=tuple(marks),
        first=day(released[0][1].released_at),
        last=day(released[-1][1].released_at),
        breaking=sum(effect.broke > 0 for effect in drawn),
    )
