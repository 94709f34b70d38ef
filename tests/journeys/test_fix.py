"""`chora validate --diff` and `--fix` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from chora_catalog.cli.main import main

CROOKED = (
    'id: "example.thing.make"\nversion: v1.0.0  # as the tag\nowner: "team-a"\nlifecycle_stage: "operate"\n'
    'stability: "Stable"\n'
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "chora.yaml").write_text(CROOKED)
    return tmp_path


def test_a_diff_is_shown_and_nothing_is_written(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--diff", str(tree)]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[:2] == ["--- a/chora.yaml", "+++ b/chora.yaml"]
    assert '+version: "1.0.0"  # as the tag' in out
    assert err == "2 corrections certain; nothing was written.\n"
    assert (tree / "chora.yaml").read_text() == CROOKED


def test_what_is_certain_is_corrected_and_the_result_judged(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(tree)]) == 1
    capsys.readouterr()
    assert main(["validate", "--fix", str(tree)]) == 0
    out, err = capsys.readouterr()
    assert "1 capability in 1 manifest: 0 errors, 0 warnings, 0 notices." in out
    assert err == "Corrected chora.yaml: 2 corrections.\n"
    assert (tree / "chora.yaml").read_text() == CROOKED.replace("v1.0.0", '"1.0.0"').replace("Stable", "stable")
    assert main(["validate", "--diff", str(tree / "chora.yaml")]) == 0
    assert capsys.readouterr() == ("", "0 corrections certain; nothing was written.\n")


def test_both_at_once_is_a_contradiction(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--fix", "--diff", str(tree)]) == 2
    assert "Use one of the two." in capsys.readouterr().err
    assert (tree / "chora.yaml").read_text() == CROOKED


def test_a_diff_cannot_move_the_cursor(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "chora.yaml").write_bytes(CROOKED.encode() + b"# one\r# two\n")
    main(["validate", "--diff", str(tree)])
    assert "\r" not in capsys.readouterr().out
