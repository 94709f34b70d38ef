"""Whom a version would reach, and a matrix, for a person and for a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from chora_catalog.model.catalog import Edge
from chora_catalog.model.judgement import Looked
from chora_catalog.model.record import to_json
from chora_catalog.model.verdict import Verdict
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.reports.compat import basis
from chora_catalog.render.text import on_one_line, some, visible
from chora_catalog.resolve.impact import Impact, Reached

IMPACT_SCHEMA: Final = "chora.compat-impact/v1"
MATRIX_SCHEMA: Final = "chora.compat-matrix/v1"
_WIDEST: Final = 48
"""Columns of a column: one long word would otherwise fill every other line with blanks."""


def impact_text(capability: str, version: str, newest: str, found: Impact, looked: Looked) -> str:
    """Return the answer for a terminal: a line for each dependent, those further on, and what goes together."""
    lines = list(_direct_lines(found.direct))
    if found.beyond:
        lines += ["", "Further on, over those that it would reach:"]
        lines += [f"  {name}  by {' <- '.join(way)}" for name, way in found.beyond]
    for group in found.together:
        lines += ["", f"In a circle, so they can only go together: {', '.join(group)}"]
    counts = Counter(item.after.verdict.value for item in found.direct)
    said = ", ".join(f"{counts[verdict.value]} {verdict.value}" for verdict in Verdict if counts[verdict.value])
    head = f"{capability} {version}, newest today {newest or 'none'}: {some(len(found.direct), 'dependent')}"
    lines += ["", f"{head}{f': {said}' if said else ''}; {len(found.beyond)} further on.", basis(looked)]
    return "\n".join(_line(line) for line in lines).lstrip("\n") + "\n"


def _direct_lines(rows: Iterable[Reached]) -> Iterator[str]:
    for item in rows:
        edge, consumer = item.after, item.consumer
        owner = consumer.owner or "nobody is named"
        contact = f" ({consumer.contact})" if consumer.contact else ""
        was = f", {item.before.verdict.value} today" if item.before.verdict is not edge.verdict else ""
        yield f"{edge.verdict.value}: {edge.consumer} needs {edge.range or '*'}: {edge.reason}{was}; {owner}{contact}"


def impact_json(capability: str, version: str, newest: str, found: Impact, looked: Looked) -> str:
    """Return the answer as JSON, `chora.compat-impact/v1`."""
    said = {
        "schema": IMPACT_SCHEMA,
        "capability_id": capability,
        "version": version,
        "newest": newest,
        "catalog": _catalog(looked),
        "direct": [
            {
                "consumer": item.consumer.id,
                "owner": item.consumer.owner,
                "contact": item.consumer.contact,
                "range": item.after.range,
                "verdict": item.after.verdict.value,
                "rule": item.after.rule,
                "reason": item.after.reason,
                "today": item.before.verdict.value,
                "fingerprint": item.after.fingerprint,
            }
            for item in found.direct
        ],
        "beyond": [{"consumer": name, "way": list(way)} for name, way in found.beyond],
        "together": [list(group) for group in found.together],
    }
    return json_bytes(said).decode()


def matrix_text(edges: Iterable[Edge], total: int, looked: Looked) -> str:
    """Return the dependencies as lines in columns, and how many there are."""
    rows = [
        tuple(
            map(
                _line,
                (
                    edge.verdict.value,
                    edge.consumer,
                    edge.written,
                    edge.range or "*",
                    edge.provider_version,
                    edge.reason,
                ),
            )
        )
        for edge in edges
    ]
    widths = [min(_WIDEST, max((len(row[at]) for row in rows), default=0)) for at in range(5)]
    lines = ["  ".join([*map(str.ljust, row, widths), row[5]]).rstrip() for row in rows]
    counts = Counter(row[0] for row in rows)
    said = ", ".join(f"{counts[verdict.value]} {verdict.value}" for verdict in Verdict if counts[verdict.value])
    many = some(total, "dependency", "dependencies")
    of = "" if len(rows) == total else f"{len(rows)} of "
    lines += ["", f"{of}{many}{f': {said}' if said else ''}.", _line(basis(looked))]
    return "\n".join(lines).lstrip("\n") + "\n"


def matrix_json(edges: Iterable[Edge], total: int, looked: Looked) -> str:
    """Return the dependencies as JSON, `chora.compat-matrix/v1`."""
    said = {
        "schema": MATRIX_SCHEMA,
        "catalog": _catalog(looked),
        "total": total,
        "edges": [to_json(edge) for edge in edges],
    }
    return json_bytes(said).decode()


def _catalog(looked: Looked) -> dict[str, Any]:
    return {
        "where": looked.where,
        "as_of": looked.as_of,
        "age_seconds": looked.age,
        "age": looked.word.value,
        "trace_id": looked.trace,
    }


def _line(words: str) -> str:
    return on_one_line(visible(words))
