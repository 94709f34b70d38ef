"""A hostile repository is adopted: nothing of it leaves its quotes or its comment, and no link leads out or in."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chora_catalog.app.adopting import adopt
from chora_catalog.cli.main import main
from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.edge.workspace import Workspace
from chora_catalog.errors import ChoraError
from chora_catalog.parse.load import FOREIGN_NAMES
from chora_catalog.parse.project_files import PROJECT_FILES, read_feature_file, read_foreign_manifest, read_project_file
from chora_catalog.parse.schema import compile_schemas
from chora_catalog.parse.spans import read
from chora_catalog.render.yaml_out import comment, quoted

SCHEMAS = compile_schemas(read_folder(data_folder("schemas"), "*.json"))


def value_of(folder: Path) -> dict[str, object]:
    reading = read((folder / "chora.yaml").read_bytes(), file="chora.yaml")
    assert reading.ok, reading.findings
    assert isinstance(reading.value, dict)
    return reading.value


def test_values_of_a_source_stay_inside_their_quotes(tmp_path: Path) -> None:
    package = {"name": "a.b", "version": "1.0.0", "description": 'x"\nowner: "evil', "keywords": ['t"\nid: "evil']}
    (tmp_path / "package.json").write_text(json.dumps(package))
    adopt(tmp_path)
    assert value_of(tmp_path) == {
        "id": "a.b",
        "version": "1.0.0",
        "summary": 'x" owner: "evil',
        "tags": ['t"\nid: "evil'],
    }


def test_paths_of_a_source_stay_inside_their_comment(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "a.b", "version": "1.0.0"}')
    folder = tmp_path / "features"
    folder.mkdir()
    (folder / "x\nowner: evil.feature").write_text("@behavior:a\nFeature: x\n  Scenario: y\n    Given z\n")
    adopt(tmp_path)
    assert "owner" not in value_of(tmp_path)


def test_what_hides_or_reorders_is_not_taken_over(tmp_path: Path) -> None:
    package = {"name": "a.b", "version": "1.0.0", "description": "good\u202elive"}
    (tmp_path / "package.json").write_text(json.dumps(package))
    assert adopt(tmp_path).state == "incomplete"
    assert adopt(tmp_path, ["id=a.b", "version=1.0.0"]).state == "written"
    text = (tmp_path / "chora.yaml").read_text()
    assert value_of(tmp_path) == {"id": "a.b", "version": "1.0.0"}
    assert "Not used: package.json:1: it is not read: the text holds U+202E" in text
    assert "\u202e" not in text


def test_a_manifest_is_not_written_through_a_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine\n")
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "package.json").write_text('{"name": "a.b", "version": "1.0.0"}')
    (folder / "chora.yaml").symlink_to(victim)
    assert main(["adopt", str(folder)]) == 2
    assert main(["init", str(folder)]) == 2
    assert victim.read_text() == "mine\n"
    (folder / "chora.yaml").unlink()
    (folder / "chora.yaml").symlink_to(tmp_path / "absent")
    assert main(["init", str(folder)]) == 2
    assert not (tmp_path / "absent").exists()


def test_a_link_is_not_read_as_evidence(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "package.json").write_text('{"name": "secret.name", "version": "1.0.0"}')
    (outside / "0001-a.md").write_text("# A\n")
    folder = tmp_path / "repository"
    (folder / "docs").mkdir(parents=True)
    (folder / "package.json").symlink_to(outside / "package.json")
    (folder / "docs/adr").symlink_to(outside)
    assert adopt(folder, ["id=a.b", "version=1.0.0"]).state == "written"
    assert value_of(folder) == {"id": "a.b", "version": "1.0.0"}
    assert "# Not used: package.json: it is not read: it is no regular file" in (folder / "chora.yaml").read_text()


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/x", "a//x", "a/", "", ".", "a/."])
def test_no_path_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    place = tmp_path / "inside"
    place.mkdir()
    with pytest.raises(ChoraError):
        Workspace(place).write(path, b"x")
    assert [item.name for item in tmp_path.iterdir()] == ["inside"]


def test_a_folder_that_is_a_link_is_not_written_into(tmp_path: Path) -> None:
    outside, place = tmp_path / "outside", tmp_path / "place"
    outside.mkdir()
    place.mkdir()
    (place / ".github").symlink_to(outside)
    with pytest.raises(ChoraError, match="stands in the way"):
        Workspace(place).write(".github/workflows/x.yml", b"x")
    assert not list(outside.iterdir())


def test_pipes_and_large_files_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "package.json")
    (tmp_path / "large").write_bytes(b"x" * 11)
    assert Workspace(tmp_path).read("package.json", 10) is None
    assert Workspace(tmp_path).read("large", 10) is None
    assert Workspace(tmp_path).read("large", 11) == b"x" * 11


def test_hooks_and_settings_of_the_repository_do_not_run(tmp_path: Path) -> None:
    from tests.letters import Federation

    world = Federation(tmp_path)
    world.commit("evil", "package.json", '{"name": "a.b", "version": "1.0.0"}')
    world.git("evil", "tag", "v1.0.0")
    ran = tmp_path / "ran"
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "alias.for-each-ref", "pager.for-each-ref"):
        world.git("evil", "config", key, f"!touch {ran}" if key.startswith("alias") else f"touch {ran}")
    adopt(tmp_path / "evil")
    assert "tag v1.0.0 agrees" in (tmp_path / "evil/chora.yaml").read_text()
    assert not ran.exists()


# ---- Any bytes -----------------------------------------------------------------------------------------------------


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_quoted_text_is_one_line_and_reads_back(text: str) -> None:
    written = quoted(text)
    assert len(written.splitlines()) == 1
    reading = read(f"a: {written}\n".encode(), file="a.yaml")
    assert reading.ok is (not reading.findings)
    if reading.ok:
        assert reading.value == {"a": text}
    else:
        assert {finding.rule for finding in reading.findings} == {"file-control-character"}


@given(st.text(st.characters(), max_size=60))
def test_a_comment_never_ends_its_line(text: str) -> None:
    line = f"a: 1  {comment(text)}\n"
    assert read(line.encode(), file="a.yaml").value == {"a": 1}


@given(st.sampled_from(PROJECT_FILES), st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes_are_evidence_or_none(path: str, data: bytes) -> None:
    read_project_file(path, data)
    for name in FOREIGN_NAMES:
        read_foreign_manifest(name, data, SCHEMAS)
    read_feature_file("a.feature", data)


def test_deep_and_long_project_files_end_soon() -> None:
    deep = "a = " + "[" * 60_000
    dotted = b"a." * 130_000 + b"a = 1\n"
    for path, data in (
        ("pyproject.toml", dotted),
        ("pyproject.toml", b"[" + dotted[:-7] + b"]\n"),
        ("Cargo.toml", dotted.replace(b"a.", b'"=".', 65_000)[:260_000]),
        ("pyproject.toml", deep.encode()),
        ("Cargo.toml", b"[" * 200_000),
        ("package.json", b"[" * 200_000),
        ("CODEOWNERS", b"* " * 100_000),
        ("go.mod", b"module " + b" " * 200_000),
    ):
        assert read_project_file(path, data).shown == ()
