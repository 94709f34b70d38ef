"""The rows of the table that shows a contract beside the one before it; what a change means is resolve/contract's."""

from __future__ import annotations

from chora_catalog.model.catalog import PortChange
from chora_catalog.model.manifest import Manifest, Port


def port_rows(before: Manifest | None, now: Manifest) -> tuple[PortChange, ...]:
    """Return the inputs and outputs of `now` against `before`: removed first, then added, changed, same; by name."""
    rows: list[PortChange] = []
    for direction in ("output", "input"):
        old = _ports(before, direction) if before else {}
        new = _ports(now, direction)
        known = before is not None
        rows += [_row(name, direction, old.get(name), new.get(name), known=known) for name in sorted({*old, *new})]
    order = ("removed", "added", "changed", "same")
    return tuple(sorted(rows, key=lambda row: (order.index(row.kind), row.direction != "output", row.name)))


def _ports(manifest: Manifest, direction: str) -> dict[str, Port]:
    return {port.name: port for port in (manifest.outputs if direction == "output" else manifest.inputs)}


def _row(name: str, direction: str, old: Port | None, new: Port | None, *, known: bool) -> PortChange:
    port = new or old
    if port is None:
        raise AssertionError("a row has a side")
    if new is None:
        kind, was = "removed", port.type
    elif old is None:
        kind, was = ("added", "") if known else ("same", "")
    else:
        kind, was = ("same", "") if (old.type, old.optional) == (new.type, new.optional) else ("changed", _say(old))
    return PortChange(
        name=name,
        direction=direction,
        type=port.type,
        optional=port.optional,
        kind=kind,
        before=was,
        description=port.description,
    )


def _say(port: Port) -> str:
    return (port.type or "no type") + (", optional" if port.optional else "")
