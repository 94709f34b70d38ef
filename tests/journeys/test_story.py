"""`make story`: one change by the commands that it takes. Each step checks itself; here stand the pages it ends at."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.request import url2pathname

import pytest

from examples.one_change import story

GREETING, LETTER = "example.greeting.say", "example.letter.write"


def test_every_step_goes_as_told_and_names_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert story.main(["--out", str(out)]) == 0
    said = capsys.readouterr().out
    steps = re.split(r"^(?=[0-9]+\. )", said, flags=re.MULTILINE)[1:]
    assert len(steps) == 10
    for number, step in enumerate(steps, 1):
        (page,) = re.findall(r"^     file://(\S+)$", step, re.MULTILINE)
        assert url2pathname(page).startswith(f"{out}/steps/{number:02}/"), "each step has the site of its moment"
        assert Path(url2pathname(page)).is_file()
    assert "window     90 days suggested; announced now, not before 2026-06-01" in steps[1]
    assert "team-greeting (#greeting)" in steps[1]
    assert "vote-without-evidence" in steps[3]

    def facts(number: int, path: str) -> dict[str, object]:
        found: dict[str, object] = json.loads((out / f"steps/{number:02}/data/v1/{path}").read_bytes())
        return found

    def verdict(number: int) -> object:
        cells = json.dumps(facts(number, f"capabilities/{LETTER}.json")["dependencies"])
        return re.findall(r'"verdict": "(\w+)"', cells)

    assert [verdict(number) for number in (1, 2, 6, 7, 8, 9)] == [
        ["compatible"], ["breaking"], ["breaking"], ["waived"], ["breaking"], ["compatible"],
    ]  # fmt: skip
    (signal,) = (out / "steps/03/data/v1/signals").glob("sig-*.json")
    states = [facts(number, f"signals/{signal.name}")["state"] for number in (3, 4, 5, 6, 10)]
    assert states == ["proposed", "proposed", "review", "rollout", "complete"]


def test_a_step_that_goes_another_way_ends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story, "LETTER", story.REPAIRED)
    assert story.main(["--out", str(tmp_path)]) == 1
    assert "step 2 went astray: it ended with 0 and not 1" in capsys.readouterr().err


def test_a_folder_that_is_no_story_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work", encoding="utf-8")
    assert story.main(["--out", str(tmp_path)]) == 2
    assert (tmp_path / "thesis.txt").exists()
    assert "next: " in capsys.readouterr().err
