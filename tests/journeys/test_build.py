"""`chora build` from the command line on real repositories: what it promises when all is well and when it is not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.cli.main import main
from examples.replay import replay
from tests.two_repositories import ANCHOR, AS_OF, CONSUMER, REGISTRY, build, commit, content, data, state


def test_repositories_become_pages_and_json(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build(world) == 0
    site = world / "site"
    page = (site / "capabilities" / "example.greeting.say.html").read_text()
    assert "Says a greeting." in page
    record = data(site, "data/v1/capabilities/example.greeting.say.json")
    assert [row["version"] for row in record["versions"]] == ["2.0.0", "1.0.0"]
    assert record["from"]["path"] == "chora.yaml"
    (found,) = data(site, "data/v1/breaks.json")["breaks"]
    assert (found["consumer"], found["rule"], found["version"]) == ("example.letter.write", "output-removed", "2.0.0")
    assert found["released_at"] == "2026-10-29T00:00:00Z"
    out = capsys.readouterr().out
    assert "2 capabilities; 1 contract breaks" in out
    assert out.rstrip().endswith("/site/index.html")
    assert "\x1b" not in out


def test_a_second_build_fetches_nothing_and_rewrites_the_run_record_alone(world: Path) -> None:
    assert build(world) == 0
    site = world / "site"
    packs = {path: path.stat().st_mtime_ns for path in (world / "cache").rglob("*.pack")}
    before = {path: path.stat().st_ino for path in site.rglob("*")}
    assert build(world, as_of="2026-11-02T12:00:00Z") == 0
    after = {path: path.stat().st_ino for path in site.rglob("*")}
    assert {path.name for path in before if before[path] != after.get(path)} == {"run.json", "run.js"}
    assert before.keys() == after.keys()
    assert packs == {path: path.stat().st_mtime_ns for path in (world / "cache").rglob("*.pack")}
    run = data(site, "run.json")
    assert [source["outcome"] for source in run["sources"]] == ["unchanged", "unchanged"]
    assert [source["requests"] for source in run["sources"]] == [1, 1], "one listing of refs, no fetch"
    assert [line["as_of"] for line in run["recent"]] == [AS_OF, "2026-11-02T12:00:00Z"]


def test_the_content_is_the_same_everywhere(world: Path, tmp_path: Path) -> None:
    assert build(world) == 0
    other = tmp_path / "elsewhere" / "deeper"
    shutil.copytree(world, other, ignore=shutil.ignore_patterns("site", "cache", ".site*"))
    lines = REGISTRY.split("  - name: ")
    (other / "catalog-sources.yaml").write_text(lines[0] + "  - name: " + lines[2] + "  - name: " + lines[1])
    env = {"PATH": os.environ["PATH"], "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "42"}
    subprocess.run(
        [sys.executable, "-m", "chora_catalog", "build", "--allow-local", "--as-of", AS_OF, "--jobs", "1", "--quiet"],
        cwd=other, env=env, check=True,
    )  # fmt: skip
    assert content(world / "site") == content(other / "site")


def test_an_incremental_build_equals_a_clean_one(world: Path) -> None:
    assert build(world) == 0
    manifest = CONSUMER.split("chora.yaml: |\n")[1].replace("        ", "").replace(">=1 <3", ">=1 <2")
    commit(world, "letter", {"chora.yaml": manifest, "x.feature": "@behavior:a.b\nFeature: X\n"})
    assert build(world) == 0
    incremental = state(world / "site")
    shutil.rmtree(world / "site")
    shutil.rmtree(world / "cache")
    assert build(world) == 0
    assert state(world / "site") == incremental


def test_each_publication_notes_what_it_changed(world: Path) -> None:
    assert build(world) == 0
    (first,) = data(world / "site", "data/v1/changes/index.json")["changes"]
    assert data(world / "site", f"data/v1/changes/{first}.json")["added"] == [
        "example.greeting.say", "example.letter.write",
    ]  # fmt: skip
    manifest = CONSUMER.split("chora.yaml: |\n")[1].replace("        ", "").replace("0.3.0", "0.4.0")
    commit(world, "letter", {"chora.yaml": manifest})
    assert build(world) == 0
    before, note = data(world / "site", "data/v1/changes/index.json")["changes"]
    assert before == first
    assert data(world / "site", f"data/v1/changes/{note}.json")["changed"] == [
        {"id": "example.letter.write", "before": {"version": "0.3.0"}, "after": {"version": "0.4.0"}}
    ]
    commit(world, "letter", {"README.md": "nothing of ours"})
    assert build(world) == 0
    assert data(world / "site", "data/v1/changes/index.json")["changes"] == [before, note]


def test_a_malformed_registry_is_shown_with_its_line(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (world / "catalog-sources.yaml").write_text(
        REGISTRY.replace("    versions: tags\n", "    version: tags\n\turl: x\n")
    )
    assert build(world) == 2
    err = capsys.readouterr().err
    assert "catalog-sources.yaml:7:" in err
    assert "^" in err
    assert "next: " in err
    assert "Traceback" not in err
    assert not (world / "site").exists()


def test_a_manifest_that_breaks_keeps_its_last_good_state(world: Path) -> None:
    assert build(world) == 0
    commit(world, "letter", {"chora.yaml": 'id: "example.letter.write"\n\tversion: "1"\n'})
    assert build(world) == 0
    source = data(world / "site", "data/v1/sources/letter.json")
    assert source["capabilities"] == ["example.letter.write"]
    assert not source["head_parses"]
    assert source["last_good"] != source["head"]
    findings = data(world / "site", "data/v1/findings/letter.json")["findings"]
    assert [(item["rule"], item["place"]["file"], item["place"]["line"]) for item in findings] == [
        ("yaml-syntax", "chora.yaml", 2)
    ]
    entry = data(world / "site", "data/v1/capabilities/example.letter.write.json")
    assert (entry["verdict"], entry["verdict_note"]) == ("unknown", "last good kept")


def test_a_source_that_does_not_answer_keeps_what_was_known(world: Path) -> None:
    assert build(world) == 0
    (world / "sources" / "greeting.git").rename(world / "gone.git")
    shutil.rmtree(world / "cache")
    assert build(world, as_of="2026-11-01T14:00:00Z") == 0
    source = data(world / "site", "data/v1/sources/greeting.json")
    assert (source["outcome"], source["last_ok_at"]) == ("kept", AS_OF)
    assert source["capabilities"] == ["example.greeting.say"]
    kept = content(world / "site")
    assert build(world, as_of="2026-11-01T16:00:00Z") == 0
    assert content(world / "site") == kept, "nothing counts attempts"
    assert build(world, "--strict", as_of="2026-11-01T16:00:00Z") == 3
    (world / "gone.git").rename(world / "sources" / "greeting.git")
    assert build(world, "--strict") == 0
    assert data(world / "site", "data/v1/sources/greeting.json")["outcome"] == "read"
    assert data(world / "site", "data/v1/findings/greeting.json")["findings"] == []


def test_nothing_readable_at_first_publishes_nothing(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(world / "sources")
    assert build(world) == 3
    assert not (world / "site").exists()
    err = capsys.readouterr().err
    assert "greeting: " in err
    assert str(world) not in err.split("next:")[0].replace(str(world / "catalog-sources.yaml"), "")


@pytest.mark.parametrize(
    "damage",
    [
        lambda site: (site / "run.json").unlink(),
        lambda site: (site / "data/v1/harvest.json").write_text("{"),
        lambda site: (site / "data/v1/harvest/letter.json").unlink(),
        lambda site: next((site / "data/v1/objects").iterdir()).write_text("{}"),
        lambda site: (site / "data/v1/harvest/letter.json").write_text('{"schema": "x", "source": 1}'),
    ],
    ids=["no record", "torn listing", "harvest missing", "object changed", "wrong types"],
)
def test_a_previous_that_cannot_be_read_stops_the_build(
    world: Path, damage: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(world) == 0
    damage(world / "site")
    before = content(world / "site")
    capsys.readouterr()
    assert build(world) == 3
    assert content(world / "site") == before
    err = capsys.readouterr().err
    assert "previous publication" in err
    assert "--first" in err
    assert build(world, "--first") == 0


def test_a_folder_of_somebody_else_is_left_alone(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (world / "site").mkdir()
    (world / "site" / "thesis.txt").write_text("years of work")
    assert build(world) == 2
    assert build(world, "--first") == 2
    assert (world / "site" / "thesis.txt").read_text() == "years of work"
    assert "thesis.txt" in capsys.readouterr().err


def test_another_catalogs_publication_is_refused(world: Path) -> None:
    assert build(world) == 0
    (world / "catalog-sources.yaml").write_text(REGISTRY.replace("World", "Another"))
    assert build(world) == 3


def test_a_mass_loss_is_not_published(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many = "capabilities:\n" + "".join(f'  - {{id: "example.part.n{n}", version: "1.0.0"}}\n' for n in range(5))
    commit(world, "letter", {"chora.yaml": many})
    assert build(world) == 0
    before = content(world / "site")
    commit(world, "letter", {"chora.yaml": 'id: "example.part.n0"\nversion: "1.0.0"\n'})
    capsys.readouterr()
    assert build(world) == 3
    assert content(world / "site") == before
    assert "4 of 6 capabilities vanished" in capsys.readouterr().err
    assert build(world, "--accept-loss") == 0
    assert len(data(world / "site", "data/v1/index.json")["capabilities"]) == 2


def test_many_new_names_are_no_mass_loss(world: Path, tmp_path: Path) -> None:
    """Three of three capabilities change their id between two builds; each former id leads to the present one."""
    text = """\
commits:
  - at: -9d
    author: A Writer
    message: First
    files: {chora.yaml: '{id: old.thing.NAME, version: "1.0.0"}'}
  - at: -1d
    author: A Writer
    message: Another name
    files: {chora.yaml: '{id: new.thing.NAME, version: "1.0.0"}'}
"""
    names = ("one", "two", "three")
    for name in names:
        (tmp_path / "renamed" / name).mkdir(parents=True)
        (tmp_path / "renamed" / name / "history.yaml").write_text(text.replace("NAME", name))
    entries = [f"  - {{name: {name}, url: sources/{name}.git, versions: tags}}\n" for name in names]
    (world / "catalog-sources.yaml").write_text("sources:\n" + "".join(entries))
    replay(tmp_path / "renamed", world / "sources", anchor=ANCHOR, until=ANCHOR - timedelta(days=2))
    assert build(world) == 0
    replay(tmp_path / "renamed", world / "sources", anchor=ANCHOR)
    assert build(world) == 0
    ids = [row["id"] for row in data(world / "site", "data/v1/index.json")["capabilities"]]
    assert ids == ["new.thing.one", "new.thing.three", "new.thing.two"]
    assert data(world / "site", "data/v1/harvest.json")["gone"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["biuld"], "Did you mean `chora build`?"),
        (["build", "--as-of", "soon"], "soon"),
        (["build", "--sources", "no/such.yaml"], "cannot be read"),
        (["serve", "no/such"], "holds no built site"),
        (["explain", "id-contestd"], "Did you mean `chora explain id-contested`?"),
        (["validate", "no/such"], "there is no no/such"),
    ],
)
def test_asking_wrongly_is_exit_2_with_the_next_step(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_what_goes_stays_as_a_tombstone_and_comes_back(world: Path) -> None:
    assert build(world) == 0
    first = data(world / "site", "data/v1/capabilities/example.greeting.say.json")["first"]
    assert first == {
        "seen": "2026-10-23T00:00:00Z",
        "valid": "2026-10-23T00:00:00Z",
        "published": AS_OF,
        "onboarded": AS_OF,
        "from_start": True,
    }
    commit(world, "letter", {"chora.yaml": 'id: "example.letter.send"\nversion: "1.0.0"\n'})
    assert build(world, as_of="2026-11-05T00:00:00Z") == 0
    index = data(world / "site", "data/v1/index.json")
    assert [(item["id"], item["why"], item["since"]) for item in index["gone"]] == [
        ("example.letter.write", "removed", "2026-10-31T00:00:00Z")
    ]
    commit(world, "letter", {"chora.yaml": 'id: "example.letter.write"\nversion: "1.0.0"\n'})
    assert build(world, as_of="2026-11-06T00:00:00Z") == 0
    index = data(world / "site", "data/v1/index.json")
    assert [item["id"] for item in index["gone"]] == ["example.letter.send"]
    assert [item["id"] for item in index["capabilities"]] == ["example.greeting.say", "example.letter.write"]


def test_an_unregistered_source_is_listed_not_counted(world: Path) -> None:
    assert build(world) == 0
    (world / "catalog-sources.yaml").write_text(REGISTRY.split("  - name: letter")[0])
    assert build(world) == 0
    index = data(world / "site", "data/v1/index.json")
    assert [(item["id"], item["why"]) for item in index["gone"]] == [("example.letter.write", "unregistered")]


def test_a_moved_tag_keeps_what_it_named_first(world: Path) -> None:
    assert build(world) == 0
    before = data(world / "site", "data/v1/capabilities/example.greeting.say.json")["versions"]
    repository = world / "sources" / "greeting.git"
    subprocess.run(["git", "-C", str(repository), "tag", "--force", "v1.0.0", "main"], check=True, capture_output=True)
    assert build(world) == 0
    assert data(world / "site", "data/v1/capabilities/example.greeting.say.json")["versions"] == before
    (said,) = data(world / "site", "data/v1/findings/greeting.json")["findings"]
    assert (said["rule"], said["severity"], said["subject"]) == ("tag-moved", "error", "v1.0.0")
    assert build(world) == 0
    assert [item["rule"] for item in data(world / "site", "data/v1/findings/greeting.json")["findings"]] == [
        "tag-moved"
    ]


def test_shards_joined_equal_one_build(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build(world) == 0
    whole = content(world / "site")
    shutil.rmtree(world / "site")
    for number in (1, 2, 3):
        assert build(world, "--shard", f"{number}/3", "--output", str(world / f"shard{number}")) == 0
    joined = [word for number in (3, 1, 2) for word in ("--harvest", str(world / f"shard{number}"))]
    assert build(world, *joined) == 0
    assert content(world / "site") == whole
    assert [source["outcome"] for source in data(world / "site", "run.json")["sources"]] == ["read", "read"]
    capsys.readouterr()
    assert build(world, *joined[:4]) == 3
    assert "missing: " in capsys.readouterr().err
    assert build(world, *joined, *joined[2:4]) == 3
    assert "in two shards" in capsys.readouterr().err
    assert build(world, "--shard", "4/3") == 2
    assert content(world / "site") == whole


def test_an_id_that_two_sources_claim_is_nobodys_until_the_registry_says(world: Path) -> None:
    commit(world, "letter", {"chora.yaml": 'id: "example.greeting.say"\nversion: "9.0.0"\nowner: "thief"\n'})
    assert build(world) == 0
    record = data(world / "site", "data/v1/capabilities/example.greeting.say.json")
    assert (record["verdict"], record["verdict_note"], record["owner"]) == ("unknown", "contested", "")
    page = (world / "site" / "capabilities" / "example.greeting.say.html").read_text()
    assert "Contested." in page
    assert "thief" not in page
    assert build(world) == 0, "being published first makes nobody the holder"
    assert data(world / "site", "data/v1/harvest.json")["held"] == {}
    claim = REGISTRY.replace("    versions: tags\n", '    versions: tags\n    claims: ["example.greeting.*"]\n')
    (world / "catalog-sources.yaml").write_text(claim)
    assert build(world) == 0
    assert data(world / "site", "data/v1/capabilities/example.greeting.say.json")["owner"] == "team-a"
    (world / "catalog-sources.yaml").write_text(REGISTRY)
    assert build(world) == 0
    assert data(world / "site", "data/v1/capabilities/example.greeting.say.json")["owner"] == "team-a", "holders stay"
