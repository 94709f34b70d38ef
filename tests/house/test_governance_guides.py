"""The guides to signals and to the gate are followed line by line, in a repository where another filed a change."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from chora_catalog.cli.main import main
from examples import demo_keys
from tests.gate_world import GateWorld, said_by_forge

DOCS = Path(__file__).parents[2] / "docs/how-to"
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
STEWARDS = f"""\
mode: "council"
teams:
  - name: "team-hello"
    capabilities: ["hello.*"]
    members: ["Ann"]
people:
  - name: "Ann"
    handle: "ann"
    keys: ["{demo_keys.public_key("Ann")}"]
"""


def fences(page: str) -> list[tuple[str, str]]:
    return [(found["info"], found["body"]) for found in FENCE.finditer((DOCS / page).read_text(encoding="utf-8"))]


def lines(page: str) -> list[list[str]]:
    """The words of each command that a console block of the page shows."""
    return [
        shlex.split(line[2:])
        for info, body in fences(page)
        for line in body.splitlines()
        if info == "console" and line.startswith("$ chora ")
    ]


def titled(page: str) -> dict[str, str]:
    return {found[1]: body for info, body in fences(page) if (found := re.search(r'title="([^"]+)"', info))}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GateWorld:
    """A catalog's repository in which Zoe has filed the signal of the guide, and where Ann sits now."""
    made = GateWorld(tmp_path / "catalog")
    made.root.mkdir()
    made.git("init", "--quiet", "--initial-branch=main", ".")
    filed = {path: text for path, text in titled("file-a-change-signal.md").items() if path.endswith("two.yaml")}
    assert len(filed) == 1
    made.commit({"decisions/stewards.yaml": STEWARDS, **filed}, parent=None, branch="main", at="2026-11-20T09:00:00Z")
    made.git("reset", "--quiet", "--hard", "main")
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/id_ed25519").write_bytes(demo_keys.private_key("Ann"))
    for name, value in {"HOME": str(tmp_path), "GIT_AUTHOR_NAME": "Ann", "SOURCE_DATE_EPOCH": "1795600000"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(made.root)
    return made


def test_the_guide_to_signals_is_followed(world: GateWorld, capsys: pytest.CaptureFixture[str]) -> None:
    shown = lines("file-a-change-signal.md")
    assert len(shown) == 9
    for words in shown:
        expanded = [str(Path(word).expanduser()) if word.startswith("~") else word for word in words]
        assert main(expanded[1:]) == 0, (words, capsys.readouterr())
    written = {path.name for path in (world.root / "decisions").rglob("*.yaml")}
    assert {"0001-move-review.yaml", "0002-comment.yaml", "0003-vote-team-hello.yaml"} <= written
    said = capsys.readouterr().out
    assert "vote       team-hello: approve by Ann, ssh-signature" in said
    assert "1 of 1 count." in said


def test_the_guide_to_the_gate_is_followed(world: GateWorld, capsys: pytest.CaptureFixture[str]) -> None:
    head = world.commit(titled("gate-the-records.md"), branch="proposed", at="2026-11-21T09:00:00Z")
    world.git("checkout", "--quiet", "proposed")
    world.git("update-ref", "refs/remotes/origin/main", "main")
    (world.root / "reviews.json").write_text(json.dumps(said_by_forge(head, ("ann", "APPROVED", head))))
    plain, template, reviewed = lines("gate-the-records.md")
    assert main(template[1:]) == 0, "it is what gives a repository the workflow"
    assert (main(plain[1:]), main(reviewed[1:])) == (3, 0)
    assert "approve by Ann for team-hello; counts" in capsys.readouterr().out
    [shape] = [body for info, body in fences("gate-the-records.md") if info == "json"]
    assert set(json.loads(shape)) == set(said_by_forge(head))
    assert set(json.loads(shape)["reviews"][0]) == set(said_by_forge(head, ("a", "b", "c"))["reviews"][0])  # type: ignore[index]
