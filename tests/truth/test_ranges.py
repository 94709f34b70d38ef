"""Versions and ranges answer as node-semver answers: its own test vectors, every row that needs no option of node.

The vectors are not ours and stay outside: `make truth VECTORS=DIR` names the folder that holds node-semver.json.
Left out, counted and printed: rows for node's options (loose, includePrerelease), operations that are not offered
(truncation, most increments), and values that are no text. Where strict SemVer 2.0 refuses what node's parser trims
(white space around, one `v`), the refusal is asserted and the row is judged on what remains.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.model.ranges import VersionRange, range_problem
from chora_catalog.model.versions import Version, version_problem

Row = list[Any]


def vectors() -> dict[str, list[Row]]:
    folder = os.environ.get("CHORA_VECTORS")
    if not folder:
        pytest.fail("CHORA_VECTORS is not set: run `make truth VECTORS=DIR`, where DIR holds node-semver.json")
    file = Path(folder) / "node-semver.json"
    if not file.is_file():
        pytest.fail(f"there is no node-semver.json in {folder}: run `make truth VECTORS=DIR`, where DIR holds it")
    rows: dict[str, list[Row]] = json.loads(file.read_text(encoding="utf-8"))["rows"]
    return rows


def has_option(row: Row, at: int) -> bool:
    option = row[at] if len(row) > at else None
    return any(option.values()) if isinstance(option, dict) else bool(option)


def read(text: str) -> Version | None:
    """Read as node does: trimmed, and without one `v`; whatever that changes must be refused as it stands."""
    bare = text.strip().removeprefix("v")
    assert (bare == text) or version_problem(text) is not None
    return Version.parse(bare)


def ranged(text: str) -> VersionRange:
    found = VersionRange.parse(text)
    assert found is not None, range_problem(text)
    return found


def fits(text: str, number: str) -> bool:
    found = read(number)
    return found is not None and ranged(text).contains(found)


def beyond(text: str, number: str, side: str) -> bool:
    """Tell whether `number` lies outside on that side alone, as `why_not` says it."""
    found = read(number)
    assert found is not None
    words = ranged(text).why_not(found)
    other = "below" if side == "above" else "above"
    return f"is {side} " in words and other not in words


def outside(text: str, number: str, side: str) -> bool:
    """Tell whether it lies beyond that side, or is a pre-release that no bound names, which node puts on either."""
    found = read(number)
    assert found is not None
    return beyond(text, number, side) or "is a pre-release and" in ranged(text).why_not(found)


def parses_to(text: str, canonical: str | None) -> bool:
    found = VersionRange.parse(text)
    assert (found is None) == (range_problem(text) is not None)
    return (found.canonical if found else None) == canonical


def has_parts(text: str, *parts: Any) -> bool:
    found = read(text)
    assert found is not None
    return [found.major, found.minor, found.patch, list(found.prerelease), list(found.build)] == list(parts)


def precedes(higher: str, lower: str) -> bool:
    one, two = read(higher), read(lower)
    assert one is not None
    assert two is not None
    return one > two and two < one and one != two and one == one and sorted([one, two]) == [two, one]


def same(left: str, right: str) -> bool:
    one, two = read(left), read(right)
    return one is not None and one == two and hash(one) == hash(two)


def meets(left: str, right: str, expected: bool) -> bool:
    one, two = ranged(left), ranged(right)
    return (not one.intersect(two).is_empty) == (not two.intersect(one).is_empty) == expected


def steps(older: str, step: str, newer: str) -> bool:
    """A release and what node raises it to are one step apart, of that name."""
    one, two = Version.parse(older), Version.parse(newer)
    assert one is not None
    assert two is not None
    return two.step_from(one) == step.removeprefix("pre")


# group: (how many of its values are texts, how many stand before node's options, the judgement)
JUDGED: dict[str, tuple[int, int, Callable[..., bool]]] = {
    "valid-versions": (1, 6, has_parts),
    "invalid-versions": (1, 2, lambda text, _: Version.parse(text) is None and bool(version_problem(text))),
    "comparisons": (2, 2, precedes),
    "equality": (2, 2, same),
    "range-parse": (2, 2, parses_to),
    "range-include": (2, 2, fits),
    "range-exclude": (2, 2, lambda text, number: not fits(text, number)),
    "range-intersection": (2, 3, meets),
    "comparator-intersection": (2, 3, meets),
    "version-gt-range": (2, 2, lambda text, number: outside(text, number, "above")),
    "version-lt-range": (2, 2, lambda text, number: outside(text, number, "below")),
    "version-not-gt-range": (2, 2, lambda text, number: not beyond(text, number, "above")),
    "version-not-lt-range": (2, 2, lambda text, number: not beyond(text, number, "below")),
    "increments": (3, 3, steps),
}
NOT_OFFERED = {"truncations"}
RAISES = ("major", "minor", "patch", "premajor", "preminor", "prepatch")


def left_out(group: str, row: Row) -> str:
    """Say why a row is not judged; empty when it is."""
    texts, size, _ = JUDGED[group]
    if has_option(row, size):
        return "an option of node"
    if not all(isinstance(value, str) for value in row[:texts] if value is not None):
        return "no text"
    if group == "increments" and (row[1] not in RAISES or not row[2] or "-" in row[0] or Version.parse(row[0]) is None):
        return "an operation that is not offered"
    return ""


@pytest.mark.parametrize("group", JUDGED)
def test_rows(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, size, judge = JUDGED[group]
    rows = vectors()[group]
    out = [reason for row in rows if (reason := left_out(group, row))]
    judged = [row for row in rows if not left_out(group, row)]
    wrong = [row for row in judged if not judge(*row[:size])]
    reasons = ", ".join(f"{out.count(reason)} {reason}" for reason in sorted(set(out)))
    with capsys.disabled():
        right = len(judged) - len(wrong)
        print(f"\n{group}: {right} of {len(judged)} rows right" + (f"; left out: {reasons}" if out else ""), end="")
    assert wrong == []
    assert judged


def test_every_group_is_known() -> None:
    assert set(vectors()) == set(JUDGED) | NOT_OFFERED
