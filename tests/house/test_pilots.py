"""The pilot plan holds every clause of the plan, and calls nothing met that no test shows."""

from __future__ import annotations

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from chora_catalog.cli.main import COMMANDS
from tests import pilots
from tests.pilots import PAGE, PILOTS, Clause, Result, clauses, newest, page

ROOT = Path(__file__).resolve().parents[2]
ACCEPTANCE = (
    (
        "failure includes `capability_id`, versions, suggested deprecation window; waiver flow with expiry recorded in "
        "decision log; detection latency ≤ 30 minutes from push; SLA compliance ≥ 95% weekly."
    ),
    (
        "≤ 24h wall-clock from repo init to discoverable and validated; P95 onboarding ≤ 8 business hours; telemetry "
        "emits usage and validation events with trace IDs."
    ),
    (
        "deterministic negotiation success/failure with trace IDs; ≥ 99% of requests carry correlation context; 100% "
        "of configured chaos scenarios pass; P95 latency impact ≤ 5% under degradation. Scenario uses the pilot MCP "
        "capability as reference implementation."
    ),
    (
        "manifest TTL ≤ 60 minutes; alert at 90 minutes staleness; telemetry replay deduplication ≥ 99% and delivery "
        "within 24h of reconnect; signed bundles verified on import; 0 unresolved conflicts after reconciliation."
    ),
)
"""What the plan asks of each pilot, in its words."""


def pieces(sentence: str) -> list[str]:
    """The clauses of an acceptance sentence: what stands between its semicolons and full stops, and in its lists."""
    found = re.split(r"; |\. ?|, | and (?=delivery)", sentence)
    return [piece[:1].lower() + piece[1:] if piece.startswith("Scenario") else piece for piece in found if piece]


def test_the_page_is_what_would_be_written_today() -> None:
    text = PAGE.read_text(encoding="utf-8")
    stated = re.search(r"^As of (\S+):", text, re.MULTILINE)
    assert stated
    assert text == page(date.fromisoformat(stated[1])), "write it again: make pilots"


def test_each_clause_of_the_plan_has_one_row_in_its_order() -> None:
    assert len(PILOTS) == len(ACCEPTANCE) == 4
    for pilot, sentence in zip(PILOTS, ACCEPTANCE, strict=True):
        asked = pieces(sentence)
        assert len(pilot.clauses) == len(asked)
        for clause, piece in zip(pilot.clauses, asked, strict=True):
            assert clause.text.removeprefix("failure includes ") == piece.removeprefix("failure includes ")


@pytest.mark.parametrize("clause", clauses(), ids=lambda clause: clause.text)
def test_nothing_is_met_that_no_test_shows(clause: Clause) -> None:
    if clause.result is Result.NOT_EVALUATED:
        assert clause.reason
        assert not clause.value
        assert not clause.measured
    else:
        assert clause.tests
        assert clause.command
        assert clause.value
        assert date.fromisoformat(clause.measured)
        assert not clause.reason
    assert f'name: "{clause.owner}"' in (ROOT / "decisions/stewards.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("clause", clauses(), ids=lambda clause: clause.text)
def test_each_command_and_each_test_is_there(clause: Clause) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    there = {f"chora {name}" for name in COMMANDS} | {f"make {name}" for name in targets} | {""}
    assert clause.command in there or clause.command.rpartition(" ")[0] in there
    for name in clause.tests:
        path, _, function = name.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, name


def test_a_command_that_is_named_as_missing_is_missing() -> None:
    for clause in clauses():
        for name in re.findall(r"`chora (\w+)` is not there", clause.reason):
            assert name not in COMMANDS, clause.text


def test_the_day_is_an_argument_and_never_before_what_it_tells_of(capsys: pytest.CaptureFixture[str]) -> None:
    later = newest() + timedelta(days=7)
    assert page(later) == page(newest()).replace(f"As of {newest()}", f"As of {later}")
    with pytest.raises(ValueError, match="before the newest value"):
        page(newest() - timedelta(days=1))
    with pytest.raises(SystemExit) as ended:
        pilots.main(["--as-of", str(newest() - timedelta(days=1))])
    assert ended.value.code == 2
    assert "before the newest value" in capsys.readouterr().err


def test_a_test_that_fails_leaves_the_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pilots, "PAGE", tmp_path / "page.md")
    shown = Clause(text="a", result=Result.MET, tests=("tests/nowhere.py::test_a",), value="1", measured="2026-11-26")
    monkeypatch.setattr(pilots, "clauses", lambda: (shown,))
    assert pilots.main([]) == 1
    assert not (tmp_path / "page.md").exists()
