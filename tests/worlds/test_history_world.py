"""The example of a federation's past: 25 breaks of six repositories, found by the catalog as by the answer key.

`history_answers.py` works the key out by itself; here both are held against `examples/history/answers.json`.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from examples.history.story import ANCHOR, ANSWERS, build
from tests.worlds.history_answers import answers

EARLIER = tuple(ANCHOR - timedelta(days=days) for days in (520, 270, 95))


@pytest.fixture(scope="module")
def key() -> Any:
    return json.loads(ANSWERS.read_bytes())


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[datetime, Any]]:
    """The catalog after four builds on top of one another, and what each said of breaks."""
    out = tmp_path_factory.mktemp("history")
    said = {}
    for until in (*EARLIER, ANCHOR):
        assert build(out, until=until) == 0
        said[until] = read(out, "data/v1/breaks.json")
    return out, said


def read(out: Path, path: str) -> Any:
    return json.loads((out / "site" / path).read_bytes())


def cut(rows: list[Any], begin: str, end: str, until: datetime) -> list[Any]:
    """What of the key was known at `until`."""
    known = []
    for row in rows:
        if datetime.fromisoformat(row[begin]) <= until:
            is_over = row[end] is not None and datetime.fromisoformat(row[end]) <= until
            known.append(row if is_over else row | {end: None} | ({"repair": None} if "repair" in row else {}))
    return known


def only(rows: list[Any], like: list[Any]) -> list[Any]:
    return [{name: row[name] for name in like[0]} for row in rows]


def test_the_key_is_what_the_repositories_say(played: tuple[Path, dict[datetime, Any]], key: Any) -> None:
    assert answers(played[0] / "sources") == key


def test_what_the_world_holds(key: Any) -> None:
    counts = key["counts"]
    assert (counts["repositories"], counts["tags"], counts["renamed"], counts["breaks"]) == (6, 55, 3, 25)
    assert 0 < counts["open"] < counts["breaks"]
    assert {row["repair"] for row in key["breaks"]} == {"range", "dependency-gone", None}
    assert {row["newest_then"] for row in key["breaks"]} == {True, False}
    assert {row["opened_by"] for row in key["windows"]} == {"release", "consumer"}


def test_the_catalog_finds_each_break_and_no_other(played: tuple[Path, dict[datetime, Any]], key: Any) -> None:
    found = read(played[0], "data/v1/breaks.json")
    assert only(found["breaks"], key["breaks"]) == key["breaks"]
    assert {row["rule"] for row in found["breaks"]} == {"outside-range"}
    assert only(found["windows"], key["windows"]) == key["windows"]
    assert found["not_evaluated"] == []


def test_what_is_open_is_what_the_matrix_shows(played: tuple[Path, dict[datetime, Any]], key: Any) -> None:
    breaking = {
        (edge["consumer"], edge["provider"])
        for edge in read(played[0], "data/v1/matrix.json")["edges"]
        if edge["verdict"] == "breaking"
    }
    assert breaking == {(row["consumer"], row["provider"]) for row in key["windows"] if row["end"] is None}


@pytest.mark.parametrize("until", EARLIER)
def test_an_earlier_build_knew_its_own_past(
    played: tuple[Path, dict[datetime, Any]], key: Any, until: datetime
) -> None:
    found = played[1][until]
    # Ids were others then: the present ones stand in the key.
    now = {"harbour.berth.book": "harbour.berth.plan", "crane.queue.order": "harbour.crane.queue",
           "weather.feed.read": "harbour.weather.feed"}  # fmt: skip
    for rows in (found["breaks"], found["windows"]):
        for row in rows:
            row |= {side: now.get(row[side], row[side]) for side in ("provider", "consumer")}
    expected = cut(key["breaks"], "released_at", "repaired_at", until)
    assert only(found["breaks"], key["breaks"]) == expected
    assert only(found["windows"], key["windows"]) == cut(key["windows"], "start", "end", until)
    assert len(expected) < len(key["breaks"])


def test_the_matrix_of_a_pair_holds_every_range_it_ever_required(
    played: tuple[Path, dict[datetime, Any]], key: Any
) -> None:
    """A cell is an interval: for each break of the key, the run then in force refuses that very release."""
    out, _ = played
    seen = 0
    for row in key["breaks"]:
        file = read(out, f"data/v1/dependents/{row['provider']}.json")
        runs = [run for cell in file["cells"] if cell["consumer"]["id"] == row["consumer"] for run in cell["runs"]]
        if not runs:
            continue  # nothing is required any more, so there is no pair today
        at = [
            run
            for run in runs
            if run["since"] <= row["released_at"] and not ("" < run.get("until", "") <= row["released_at"])
        ]
        assert [run["range"] for run in at] == [row["range"]]
        order = [item["version"] for item in file["provider"]["releases"]]
        refused = [part for part in at[0]["releases"] if part["verdict"] == "breaking"]
        assert any(
            order.index(part["first"]) <= order.index(row["version"]) <= order.index(part["last"]) for part in refused
        )
        seen += 1
    assert seen >= 15
    assert any(
        read(out, f"data/v1/dependents/{row['provider']}.json")["provider"].get("repair_days") for row in key["breaks"]
    )
