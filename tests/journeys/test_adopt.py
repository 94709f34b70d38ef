"""A repository begins or adopts a manifest from the command line, and every next step works as it is printed."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from chora_catalog.cli.main import main
from chora_catalog.parse.spans import read
from tests.letters import Federation


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "widget"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def manifest(folder: Path) -> dict[str, object]:
    reading = read((folder / "chora.yaml").read_bytes(), file="chora.yaml")
    assert reading.ok, reading.findings
    assert isinstance(reading.value, dict)
    return reading.value


def next_step(said: str) -> list[str]:
    """The command of the last `next:` line, as a shell would split it."""
    line = [line for line in said.splitlines() if line.startswith("next: ")][-1]
    words = shlex.split(line.rpartition("run: ")[2].removeprefix("next: "))
    assert words[0] == "chora"
    return words[1:]


# ---- init ----------------------------------------------------------------------------------------------------------


def test_init_writes_a_manifest_that_is_valid_as_it_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    said = capsys.readouterr().out
    assert (here / "chora.yaml").read_text().startswith("# yaml-language-server: $schema=chora.schema.json\n")
    assert json.loads((here / "chora.schema.json").read_text())["title"] == "Capability manifest"
    assert manifest(here) == {"id": "widget", "version": "0.1.0"}
    assert "# owner: who answers for it?" in (here / "chora.yaml").read_text()
    assert main([*next_step(said), "--fail-on", "error"]) == 0


def test_init_refuses_to_overwrite_and_its_next_step_works(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "chora.yml").write_text('id: "a.b.c"\nversion: "1.0.0"\n')
    assert main(["init"]) == 2
    assert sorted(path.name for path in here.iterdir()) == ["chora.yml"]
    hint = capsys.readouterr().err.splitlines()[-1]
    assert hint == "next: See whether it is valid: chora validate"
    assert main(["validate"]) == 0


def test_init_takes_a_folder_and_an_id(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "a b").mkdir()
    assert main(["init", "a b", "--id", "acme.widget.make"]) == 0
    assert manifest(here / "a b")["id"] == "acme.widget.make"
    words = next_step(capsys.readouterr().out)
    assert words == ["validate", "a b"]
    assert main(words) == 0
    assert main(["init", "--id", "Not An Id"]) == 2
    assert main(["init", "absent"]) == 2


# ---- adopt ---------------------------------------------------------------------------------------------------------

PACKAGE = """{
  "name": "@acme/widget",
  "version": "1.2.3",
  "description": "Makes \\"widgets\\".",
  "keywords": ["make"],
  "bugs": {"url": "https://example.org/issues"},
  "author": "A Person <person@example.org>",
  "dependencies": {"left-pad": "^1.0.0"}
}
"""


def test_adopt_writes_what_is_shown_with_its_place_and_nothing_else(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "package.json").write_text(PACKAGE)
    (here / "CODEOWNERS").write_text("# us\n*.md @acme/writers\n* @acme/makers\n")
    (here / "docs/adr").mkdir(parents=True)
    (here / "docs/adr/0001-metal.md").write_text("# Metal\n")
    (here / "docs/adr/README.md").write_text("# Index\n")
    (here / "features").mkdir()
    (here / "features/make.feature").write_text("Feature: x\n  @behavior:acme.make\n  Scenario: y\n    Given z\n")
    (here / "node_modules/a").mkdir(parents=True)
    (here / "node_modules/a/b.feature").write_text("@behavior:foreign\nFeature: x\n")
    assert main(["adopt"]) == 0
    text = (here / "chora.yaml").read_text()
    assert manifest(here) == {
        "id": "acme.widget",
        "version": "1.2.3",
        "summary": 'Makes "widgets".',
        "owner": "@acme/makers",
        "contact": "https://example.org/issues",
        "behaviors": [{"id": "acme.make", "ref": "features/make.feature"}],
        "adr_links": ["docs/adr/0001-metal.md"],
        "tags": ["make"],
    }
    assert 'id: "acme.widget"  # package.json:2, medium: the package\'s name' in text
    assert 'owner: "@acme/makers"  # CODEOWNERS:3, medium: owns every file' in text
    assert '  - id: "acme.make"  # features/make.feature:2, high: a tag of its scenarios' in text
    assert "# lifecycle_stage: where does it stand" in text
    assert "person@example.org" not in text
    assert main(next_step(capsys.readouterr().out)) == 0


def test_adopting_twice_changes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "package.json").write_text(PACKAGE)
    assert main(["adopt"]) == 0
    before = {path.name: path.read_bytes() for path in here.iterdir()}
    capsys.readouterr()
    assert main(["adopt"]) == 0
    assert "says this already" in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in here.iterdir()} == before


def test_a_manifest_that_is_there_is_shown_as_a_difference_and_kept(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "package.json").write_text(PACKAGE)
    (here / "chora.yaml").write_text('id: "mine.own.id"\nversion: "9.0.0"\n')
    assert main(["adopt"]) == 1
    said = capsys.readouterr()
    assert '-id: "mine.own.id"' in said.out
    assert '+id: "acme.widget"' in said.out
    assert manifest(here)["id"] == "mine.own.id"
    assert not (here / "chora.schema.json").exists()
    assert main(next_step(said.err)) == 0


def test_what_differs_between_files_is_unsure_and_both_are_named(here: Path) -> None:
    (here / "package.json").write_text(PACKAGE)
    (here / "pyproject.toml").write_text('[project]\nname = "widget"\nversion = "1.2.3"\n')
    assert main(["adopt"]) == 0
    text = (here / "chora.yaml").read_text()
    assert "# pyproject.toml:2, low: the distribution's name; package.json:2 says otherwise" in text


def test_an_empty_repository_is_asked_and_the_printed_answer_works(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adopt", "--answer", "owner=team a"]) == 3
    assert not list(here.iterdir())
    words = next_step(capsys.readouterr().err)
    assert words == [
        "adopt", "--answer", "owner=team a", "--answer", "id=domain.capability.action", "--answer", "version=0.1.0",
    ]  # fmt: skip
    assert main(words) == 0
    assert manifest(here) == {"id": "domain.capability.action", "version": "0.1.0", "owner": "team a"}
    assert 'owner: "team a"  # answered' in (here / "chora.yaml").read_text()


def test_a_dry_run_prints_and_writes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "package.json").write_text(PACKAGE)
    assert main(["adopt", "--dry-run", "--answer", "owner=x"]) == 0
    said = capsys.readouterr()
    assert [path.name for path in here.iterdir()] == ["package.json"]
    assert main(next_step(said.err)) == 0
    assert (here / "chora.yaml").read_text() == said.out


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("ownr=x", "Did you mean --answer owner=...?"),
        ("owner", "FIELD=VALUE"),
        ("owner=", "FIELD=VALUE"),
        ("summary=a\x1bb", "holds U+001B"),
        ("version=1.0", "cannot stand in a manifest"),
        ("id=Not An Id", "cannot stand in a manifest"),
    ],
)
def test_an_answer_that_cannot_be_used_is_the_callers(
    here: Path, capsys: pytest.CaptureFixture[str], answer: str, words: str
) -> None:
    (here / "package.json").write_text(PACKAGE)
    assert main(["adopt", "--answer", answer]) == 2
    assert words in capsys.readouterr().err
    assert not (here / "chora.yaml").exists()


def test_versions_come_from_tags_and_a_tombstone_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = Federation(tmp_path)
    world.commit("gone", "go.mod", "module example.org/acme/gone/v2\n\ngo 1.22\n")
    for tag in ("v2.0.0", "v2.10.0", "v3.0.0-rc.1", "v999.999.999", "other"):
        world.git("gone", "tag", tag)
    assert main(["adopt", str(tmp_path / "gone")]) == 0
    assert manifest(tmp_path / "gone") == {"id": "gone", "version": "2.10.0"}
    text = (tmp_path / "gone/chora.yaml").read_text()
    assert 'version: "2.10.0"  # tag v2.10.0, high: the newest release' in text
    assert "# go.mod:1, low: the end of the module's path" in text
    assert "Not evaluated" not in capsys.readouterr().err


def test_a_file_behind_its_tags_is_unsure(tmp_path: Path) -> None:
    world = Federation(tmp_path)
    world.commit("late", "Cargo.toml", '[package]\nname = "late"\nversion = "1.0.0"\n')
    world.git("late", "tag", "v1.1.0")
    assert main(["adopt", str(tmp_path / "late")]) == 0
    text = (tmp_path / "late/chora.yaml").read_text()
    assert 'version: "1.0.0"  # Cargo.toml:3, low: tag v1.1.0 is newer' in text


def test_what_git_ignores_shows_nothing(tmp_path: Path) -> None:
    world = Federation(tmp_path)
    world.commit("tidy", ".gitignore", "out/\npackage.json\n")
    (tmp_path / "tidy/out").mkdir()
    (tmp_path / "tidy/out/a.feature").write_text("@behavior:foreign\nFeature: x\n  Scenario: y\n    Given z\n")
    (tmp_path / "tidy/package.json").write_text(PACKAGE)
    answers = ("--answer", "id=a.b.c", "--answer", "version=1.0.0")
    assert main(["adopt", str(tmp_path / "tidy"), *answers]) == 0
    assert manifest(tmp_path / "tidy") == {"id": "a.b.c", "version": "1.0.0"}


def test_what_cannot_be_used_is_named_beside_the_question(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "pyproject.toml").write_text('[project]\nname = "widget"\nversion = "1.0"\n')
    (here / "CODEOWNERS").write_text("* @a/b @c/d\n")
    (here / "package.json").write_text("{")
    assert main(["adopt", "--answer", "version=1.0.0"]) == 0
    text = (here / "chora.yaml").read_text()
    assert "# owner: who answers for it?\n# not used: CODEOWNERS:1: it names several: @a/b, @c/d" in text
    assert re.search(r"^# Not used: package\.json.*: it is not read: ", text, re.MULTILINE)


def test_an_entry_that_is_left_out_is_named_beside_the_others(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs = [{"name": "a/b", "version_requirement": ">= 1.0.0"}, {"name": "a/c", "version_requirement": "newest"}]
    module = {"name": "a/d", "version": "1.0.0", "dependencies": needs, "tags": [f"t{n}" for n in range(120)]}
    (here / "metadata.json").write_text(json.dumps(module))
    assert main(["adopt"]) == 0
    assert "a catalog reads chora.yaml alone, and no longer metadata.json." in capsys.readouterr().out
    text = (here / "chora.yaml").read_text()
    assert manifest(here)["dependencies"] == [{"id": "a-b", "version": ">= 1.0.0"}]
    assert re.search(r'^# not used: metadata\.json:1: .*"newest"', text, re.MULTILINE)
    assert "at most 100 are written, and there are 120" in text


def test_the_guide_runs_as_it_is_printed(here: Path) -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs/how-to/adopt-a-repository.md").read_text(encoding="utf-8")
    (here / "package.json").write_text(PACKAGE)
    lines = [shlex.split(line[2:]) for line in guide.splitlines() if line.startswith("$ ")]
    codes = {" ".join(words[:3]): main(words[1:]) for words in lines}
    assert codes == {
        "chora adopt --dry-run": 0,
        "chora adopt --answer": 0,
        "chora doctor": 1,
        "chora template list": 0,
        "chora validate": 0,
    }
    assert manifest(here)["owner"] == "team-widget"
    assert 'id: "acme.widget"  # package.json:2, medium: the package\'s name' in guide


# ---- The newcomer --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["init", "adopt"])
def test_from_an_empty_repository_to_a_catalog_with_owner_and_contact(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    world = Federation(tmp_path)
    world.commit("widget", "README.md", "# Widget\n")
    folder = tmp_path / "widget"
    if way == "init":
        assert main(["init", str(folder), "--id", "acme.widget.make"]) == 0
        text = (folder / "chora.yaml").read_text()
        text = re.sub(r"^# owner: .*$", 'owner: "team-widget"', text, flags=re.MULTILINE)
        text = re.sub(r"^# contact: .*$", 'contact: "#widget"', text, flags=re.MULTILINE)
        (folder / "chora.yaml").write_text(text)
    else:
        answers = ("id=acme.widget.make", "version=0.1.0", "owner=team-widget", "contact=#widget")
        assert main(["adopt", str(folder), *(word for item in answers for word in ("--answer", item))]) == 0
    assert main(next_step(capsys.readouterr().out)) == 0
    world.git("widget", "add", "--all")
    world.git("widget", "commit", "--quiet", "--message", "Adopt")
    world.commit("catalog", "catalog-sources.yaml", 'sources:\n  - name: "widget"\n    url: "../widget"\n')
    done = world.build("--first")
    assert done.returncode == 0, done.stdout + done.stderr
    page = json.loads((world.site / "data/v1/capabilities/acme.widget.make.json").read_text())
    said = json.dumps(page)
    assert "team-widget" in said
    assert "#widget" in said
    assert (world.site / "capabilities/acme.widget.make.html").is_file()
    shutil.rmtree(world.site)
