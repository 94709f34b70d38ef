"""`chora metrics`: the page about the baseline is what the recorded ledger says; without a record there is no page.

The ledger beside this file is the run record of this project's own catalog, as builds wrote it.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from chora_catalog.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
LEDGER = Path(__file__).parent / "ledger" / "run.json"
PAGE = ROOT / "docs" / "reference" / "baseline-metrics.md"
PLAN = (
    "Routing latency",
    "Metadata freshness",
    "Contract coverage",
    "Incidents from incompatible versions",
    "Offline replay",
    "Upkeep by people",
    "The index can be read",
    "Signals can be published and read",
    "Critical paths that fail",
)


def as_of() -> str:
    found = re.search(r"^Judged at (\S+);", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_page_is_what_the_ledger_says(tmp_path: Path) -> None:
    out = tmp_path / "page.md"
    for _ in range(2):
        assert main(["metrics", "--ledger", str(LEDGER), "--as-of", as_of(), "--output", str(out)]) == 0
        assert out.read_bytes() == PAGE.read_bytes()
    assert list(tmp_path.iterdir()) == [out]


def test_each_metric_of_the_plan_stands_with_its_n_or_says_why_not() -> None:
    text = PAGE.read_text(encoding="utf-8")
    measured, _, rest = text.partition("## Not evaluated")
    never = rest.partition("## By week")[0]
    for name in PLAN:
        [row] = [line for line in text.splitlines() if line.startswith(f"| {name}")]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if row in measured:
            assert re.match(r"\d+ \w+", cells[3]), row
            assert re.fullmatch(r"not collected before \d{4}-\d\d-\d\d", cells[4]), row
        else:
            assert row in never
            assert cells[2] == "none"
            assert cells[3].endswith("."), row


def test_the_ledger_is_of_several_real_runs() -> None:
    record = json.loads(LEDGER.read_bytes())
    assert len(record["recent"]) >= 4
    assert [source["name"] for source in record["sources"]] == ["chora-catalog"]


def test_the_same_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", "--ledger", str(LEDGER.parent), "--as-of", as_of(), "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["schema"] == "chora.baseline/v1"
    assert said["as_of"] == as_of()
    assert len(said["runs"]) == len(json.loads(LEDGER.read_bytes())["recent"])
    assert {item["standing"] for item in said["metrics"]} <= {"met", "below", "alert", "untargeted", "not-evaluated"}


def test_without_an_output_the_page_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", "--ledger", str(LEDGER), "--as-of", as_of()]) == 0
    assert capsys.readouterr().out == PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--ledger", "nowhere"], 3, "there is no nowhere"),
        (["--ledger", str(PAGE)], 3, "not JSON"),
        (["--ledger", "http://127.0.0.1:9/"], 3, "does not answer"),
        (["--ledger", str(LEDGER), "--as-of", "2020-01-01"], 2, "before the last run"),
        (["--ledger", str(LEDGER), "--output", "/nowhere/page.md"], 2, "cannot be written"),
    ],
    ids=["nowhere", "no json", "no host", "too early", "no folder"],
)
def test_what_cannot_be_done_is_said(
    capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    assert main(["metrics", *words]) == code
    error = capsys.readouterr().err
    assert said in error
    assert "next: " in error


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "folder.md"
    out.mkdir()
    assert main(["metrics", "--ledger", str(LEDGER), "--output", str(out)]) == 2
    assert list(tmp_path.iterdir()) == [out]
    shutil.rmtree(out)
