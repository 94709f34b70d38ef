"""The inventory as a page (`docs/reference/environment-anchors.md`) in which people confirm and answer.

The scan owns every column but the last; people own the last one, and the answers to what no scan can tell. Writing the
page again keeps both: a confirmation stays with its row, and where the row is gone it is listed at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from chora_catalog.model.anchor import Anchor, Confidence, Inventory, Topic
from chora_catalog.model.record import to_json
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.text import some, visible

SCHEMA: Final = "chora.inventory/v1"
UNKNOWN: Final = "unknown"
QUESTIONS: Final = (
    "Connectivity: internet, VPN, partly connected, air-gapped",
    "Regulation: personal data, audit retention, boundary controls",
    "Logging: where logs go, and for how long they are kept",
    "Identity provider behind the code host",
)
_HEAD: Final = "| Source | What | Value | Evidence | Confidence | Confirmed by |"
_GONE: Final = "## Confirmed earlier, not seen now"
_CELL: Final = re.compile(r"(?<!\\)\|")
_ACTS: Final = re.compile(r"[\\`*_{}\[\]()<>#!|~&]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What people wrote: who confirmed which row (its first three cells), and what was answered to which question."""

    confirmed: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    answered: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def answers_in(text: str) -> Answers:
    """Return what people wrote into a page that `page` made."""
    confirmed: dict[tuple[str, str, str], str] = {}
    answered: dict[str, tuple[str, str]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in _CELL.split(line)[1:-1]]
        if len(cells) == 6 and cells[5] and line != _HEAD and not set(line) <= set("|- "):
            confirmed[cells[0], cells[1], cells[2]] = cells[5]
        elif len(cells) == 4 and cells[3] and "Confirmed by" not in cells[3] and not set(line) <= set("|- "):
            confirmed[cells[0], cells[1], cells[2]] = cells[3]
        elif len(cells) == 3 and cells[0] in {_escaped(question) for question in QUESTIONS}:
            answered[cells[0]] = (cells[1] or UNKNOWN, cells[2])
    return Answers(confirmed=confirmed, answered=answered)


def page(found: Iterable[Inventory], answers: Answers) -> str:
    """Return the page as Markdown: the same inventory and answers, the same bytes."""
    sources = list(found)
    left = dict(answers.confirmed)
    rows = []
    for item in sources:
        if item.error:
            rows.append((_escaped(item.source), "all of it", "not known", _escaped(item.error), "", ""))
        for anchor in item.anchors:
            key = (_escaped(item.source), anchor.topic.value, _escaped(anchor.value))
            by = answers.confirmed.get(key, "")
            left.pop(key, None)
            rows.append(
                (*key, f"`{_code(anchor.evidence)}`" if anchor.path else "the registry", anchor.confidence.value, by)
            )
    unread = sum(bool(item.error) for item in sources)
    lines = [
        "# Environment anchors",
        "",
        "<!-- Written by `chora inventory`. The last column of each table is yours; it is kept. -->",
        "",
        "What the registered repositories show of the environment they stand in: where they are hosted, what CI",
        "they have, whom they log in to, what they are made with, how they sign. A scan reads files and runs",
        "nothing. What it says is what it saw; it counts as an anchor once somebody has put their name into the",
        "last column.",
        "",
        f"{some(len(sources), 'source')}, {unread} of them could not be read.",
        "",
        "## Seen in the repositories",
        "",
        _HEAD,
        "|---|---|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        "## What no scan can tell",
        "",
        "| Question | Answer | Said by |",
        "|---|---|---|",
        *(_question(question, answers) for question in QUESTIONS),
        "",
    ]
    if left:
        lines += [_GONE, "", "| Source | What | Value | Confirmed by |", "|---|---|---|---|"]
        lines += [f"| {' | '.join((*key, by))} |" for key, by in sorted(left.items())]
        lines.append("")
    return "\n".join(lines)


def as_json(found: Iterable[Inventory]) -> str:
    """Return the inventory as the JSON text `chora.inventory/v1`."""
    return json_bytes({"schema": SCHEMA, "sources": [to_json(item) for item in found]}).decode()


def _together(anchors: Iterable[Anchor]) -> dict[tuple[Topic, str], list[Anchor]]:
    """Return the anchors by what they say: one row has one confirmation, however often the thing was seen."""
    found: dict[tuple[Topic, str], list[Anchor]] = {}
    for anchor in anchors:
        found.setdefault((anchor.topic, anchor.value), []).append(anchor)
    return found


def _evidence(anchors: list[Anchor]) -> str:
    first = f"`{_code(anchors[0].evidence)}`" if anchors[0].path else "the registry"
    return first + (f" and {len(anchors) - 1} more" if len(anchors) > 1 else "")


def _surest(anchors: Iterable[Anchor]) -> str:
    said = {anchor.confidence for anchor in anchors}
    return next(confidence.value for confidence in Confidence if confidence in said)


def _question(question: str, answers: Answers) -> str:
    answer, by = answers.answered.get(_escaped(question), (UNKNOWN, ""))
    return f"| {_escaped(question)} | {answer} | {by} |"


def _escaped(text: str) -> str:
    line = " ".join(visible(text).split())
    return _ACTS.sub(lambda match: f"&#{ord(match.group())};", line)


def _code(text: str) -> str:
    return " ".join(visible(text).split()).replace("`", "'").replace("|", "\\|")
