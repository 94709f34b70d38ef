"""The demo tells its story whenever and wherever it is built."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.cli.main import main
from chora_catalog.model.mirror_index import is_indexed

ROOT = Path(__file__).resolve().parents[2]
AS_OF = "2026-11-23T09:30:00Z"


def demo(out: Path, *, as_of: str = AS_OF, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "examples" / "federation" / "demo.py"), "--out", str(out), "--as-of", as_of],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], **env},
        cwd=out.parent,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo") / "out"
    done = demo(out)
    assert done.returncode == 0, done.stderr
    out.with_name("said.txt").write_text(done.stdout)
    return out


def content(site: Path) -> dict[str, bytes]:
    """What is signed by its digest: all files but the run record, the signatures and the bundles."""
    every = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in every.items() if is_indexed(name)}


def data(out: Path, path: str) -> Any:
    return json.loads((out / "site" / path).read_bytes())


def test_two_folders_two_machines_one_site(told: Path, tmp_path: Path) -> None:
    other = tmp_path / "a folder with blanks" / "deeper" / "out"
    other.parent.mkdir(parents=True)
    done = demo(other, as_of="2026-11-23T22:10:00Z", TZ="Asia/Kathmandu", LC_ALL="C", PYTHONHASHSEED="7")
    assert done.returncode == 0, done.stderr
    one, two = content(told / "site"), content(other / "site")
    assert one.keys() == two.keys()
    assert [path for path in one if one[path] != two[path]] == []
    facts = [data(out, "mirror/trust.json") for out in (told, other)]
    assert facts[0]["index_sha256"] == facts[1]["index_sha256"]
    assert facts[0]["checked_at"] != facts[1]["checked_at"]


def test_it_is_signed_and_exported(told: Path) -> None:
    root = ["--root", str(told / "trust/root.json"), "--as-of", AS_OF]
    for what in ("site", "site/mirror/latest.tar.gz"):
        assert main(["verify", str(told / what), *root]) == 0
    assert "worth nothing" in told.with_name("said.txt").read_text()


def test_told_again_it_fetches_nothing(told: Path) -> None:
    before = content(told / "site")
    done = demo(told, as_of="2026-11-23T10:00:00Z")
    assert done.returncode == 0, done.stderr
    assert "only the run" in done.stdout
    assert content(told / "site") == before
    run = data(told, "run.json")
    assert {source["outcome"] for source in run["sources"]} == {"unchanged", "kept", "unread"}
    assert len(run["recent"]) >= 3


def test_another_day_the_story_is_the_same(told: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(told, out, symlinks=True)
    assert demo(out, as_of="2027-03-01T00:00:00Z").returncode == 0
    for folder in (told, out):
        every = data(folder, "data/v1/breaks.json")["breaks"]
        breaks = [row for row in every if not row["waiver"] and not row["repaired_at"]]
        assert sorted((row["consumer"], row["rule"]) for row in breaks) == [
            ("agent.runtime.execute", "output-removed"),
            ("hud.overlay.render", "outside-range"),  # whether it is repaired, its unreadable head does not say
            ("liminal.hub.route", "outside-range"),
        ]
        assert all(row["basis"] == "history" for row in every if row["rule"] == "outside-range")
    assert {row["released_at"][:10] for row in breaks} == {"2027-02-26"}
    outcomes = {source["name"]: source["outcome"] for source in data(out, "run.json")["sources"]}
    assert outcomes["liminal-inbox"] == "kept"
    # The source that went out of reach answers again.
    (out / "unreachable" / "liminal-inbox.git").rename(out / "sources" / "liminal-inbox.git")
    assert demo(out, as_of="2027-03-01T01:00:00Z").returncode == 0
    outcomes = {source["name"]: source["outcome"] for source in data(out, "run.json")["sources"]}
    assert outcomes["liminal-inbox"] == "unchanged"


def test_the_story(told: Path) -> None:
    verdicts = {row["id"]: row["verdict"] for row in data(told, "data/v1/index.json")["capabilities"]}
    assert verdicts["voice.interface.prompt"] == "waived"
    assert verdicts["telemetry.trace.collect"] == "deprecated"
    assert verdicts["hud.overlay.render"] == "unknown"
    assert sorted(name for name, verdict in verdicts.items() if verdict == "breaking") == [
        "agent.runtime.execute", "liminal.hub.route", "mcp.orchestration.serve",
    ]  # fmt: skip
    outcomes = {source["name"]: source["outcome"] for source in data(told, "run.json")["sources"]}
    assert [name for name, outcome in outcomes.items() if outcome == "kept"] == ["liminal-inbox"]
    assert [name for name, outcome in outcomes.items() if outcome == "unread"] == ["voice-lab"]
    assert data(told, "data/v1/sources/liminal-inbox.json")["last_ok_at"] == "2026-11-21T22:00:00Z"
    signal = data(told, "data/v1/signals/sig.mcp.orchestration.review~d8c8b25b.json")
    assert signal["state"] == "review"
    assert signal["sla"]["decision_by"] == "2026-11-27" or signal["sla"]["decision_by"] >= "2026-11-27"
    votes = {ballot["person"]: ballot.get("evidence", "claimed") for ballot in signal["ballots"] if "vote" in ballot}
    assert votes == {"Ravi Menon": "ssh-signature", "Tomás Rivera": "claimed"}, "one that counts, and one that does not"
    assert [ballot["person"] for ballot in signal["ballots"] if ballot.get("counts")] == ["Ravi Menon"]
    assert len(verdicts) >= 14


def test_its_last_lines_say_what_to_do(told: Path) -> None:
    said = told.with_name("said.txt").read_text()
    address = next(line for line in said.splitlines() if line.startswith("Site: file://"))
    assert Path(address.removeprefix("Site: file://")).is_file()
    assert "make serve" in said
    links = [line.strip() for line in said.splitlines() if line.strip().startswith("file://")]
    assert len(links) == 3
    assert all(Path(link.removeprefix("file://")).is_file() for link in links)


def test_a_wrong_instant_is_one_message(tmp_path: Path) -> None:
    done = demo(tmp_path / "out", as_of="yesterday")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_what_the_demo_says_last_takes_it_offline(told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(told.parent)
    said = told.with_name("said.txt").read_text().replace("\\\n", " ")
    [line] = [line for line in said.splitlines() if "chora mirror import" in line]
    words = shlex.split(line)
    assert Path(words[-1]).name == "mirror"
    # Another test of this file builds the same folder again, half an hour later.
    assert main([*words[1:-1], str(tmp_path / "mirror"), "--as-of", "2026-11-23T10:05:00Z"]) == 0
    placed = tmp_path / "mirror/site"
    assert (placed / "index.html").read_bytes() == (told / "site/index.html").read_bytes()
