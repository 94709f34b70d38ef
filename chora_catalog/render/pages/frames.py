"""Findings as code frames: the lines a rule talks about, with a caret under the column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.render.text import columns, shown_tabs

_WIDTH = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLine:
    """One line of a frame: its number, right-aligned, and its text. The caret's own line has no number."""

    number: str
    text: str
    is_caret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """A finding with the frame of its place; `frame` is empty where the place has no lines."""

    finding: Finding
    frame: tuple[FrameLine, ...]


def finding_views(findings: Iterable[Finding]) -> tuple[FindingView, ...]:
    """Return `findings` in their order, each with its frame."""
    return tuple(FindingView(finding=finding, frame=frame(finding.place)) for finding in findings)


def frame(place: Place) -> tuple[FrameLine, ...]:
    """Return the lines of `place`, cut to 160 columns around its column, with a caret line below its line."""
    first = place.excerpt_from or place.line
    width = len(str(first + len(place.excerpt)))
    start = max(0, place.column - 1 - _WIDTH // 2) if place.column > _WIDTH - 20 else 0
    lines: list[FrameLine] = []
    for offset, text in enumerate(place.excerpt):
        number = first + offset
        shown = ("…" if start else "") + shown_tabs(text[start : start + _WIDTH])
        lines.append(FrameLine(number=str(number).rjust(width), text=shown))
        if number == place.line and place.column:
            indent = columns(text[start : place.column - 1]) + (1 if start else 0)
            lines.append(FrameLine(number=" " * width, text=" " * indent + "^", is_caret=True))
    return tuple(lines)


def by_severity(findings: Iterable[Finding]) -> dict[str, int]:
    """Return how many findings there are of each severity, zeros included."""
    counted = dict.fromkeys((severity.value for severity in Severity), 0)
    for finding in findings:
        counted[finding.severity.value] += 1
    return counted
