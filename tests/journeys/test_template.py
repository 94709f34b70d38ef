"""Templates are put into a repository, brought up to date, and never take a person's work."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chora_catalog.app.scaffolding import apply
from chora_catalog.cli.main import main
from chora_catalog.errors import ChoraError
from chora_catalog.parse.spans import read
from chora_catalog.render.scaffold import TEMPLATES, Piece, filled, generated, untouched, with_part
from tests.letters import Federation

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SET = ("tool=acme/chora-catalog", f"commit={'a' * 40}", "catalog=https://example.org/catalog/")
MANIFEST = """\
id: "acme.widget.make"
version: "1.0.0"
summary: "Makes widgets."
owner: "@acme/makers"
contact: "https://example.org/issues"
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "widget"
    folder.mkdir()
    (folder / "chora.yaml").write_text(MANIFEST)
    monkeypatch.chdir(folder)
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git/" not in path.as_posix()
    }


def test_the_list_names_each_and_its_next_step_works(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", "list"]) == 0
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines()[:-1]] == sorted(TEMPLATES)
    words = shlex.split(said.splitlines()[-1].removeprefix("next: ").replace("NAME", "agents"))
    assert main(words[1:]) == 0
    assert list(everything(here)) == ["chora.yaml"]


def test_all_templates_are_written_once_and_stay(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["template", "apply", *sorted(TEMPLATES), *(word for item in SET for word in ("--set", item))]
    assert main(words) == 0
    written = everything(here)
    assert len(written) == len(TEMPLATES) + 3
    owners = written[".github/CODEOWNERS"].decode()
    assert "# chora:begin\n" in owners
    assert "# chora:begin governance\n" in owners
    assert len(written[".github/workflows/chora.yml"].splitlines()) == 9
    assert (
        b"uses: acme/chora-catalog/.github/workflows/validate.yml@" + b"a" * 40
        in written[".github/workflows/chora.yml"]
    )
    compat = read(written[".github/workflows/chora-compat.yml"], file="chora-compat.yml").value
    called = read((ROOT / ".github/workflows/compat.yml").read_bytes(), file="compat.yml").value
    assert compat["jobs"]["compat"]["permissions"] == called["jobs"]["compat"]["permissions"]
    assert compat["jobs"]["compat"]["with"] == {"catalog": "https://example.org/catalog/"}
    assert set(compat["jobs"]["compat"]["with"]) <= set(called["on"]["workflow_call"]["inputs"])
    capsys.readouterr()
    assert main(words) == 0
    assert everything(here) == written
    assert "wrote" not in capsys.readouterr().out


def test_what_is_generated_follows_the_manifest(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", "apply", "overview", "agents"]) == 0
    (here / "AGENTS.md").write_text("# Ours\n\n" + (here / "AGENTS.md").read_text() + "\nMore of ours\n")
    (here / "chora.yaml").write_text(MANIFEST.replace("@acme/makers", "@acme/menders"))
    assert main(["template", "apply", "overview", "agents", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "+| Owner | @acme/menders |" in said
    assert "would update docs/overview.md" in said
    assert "@acme/makers" in (here / "docs/overview.md").read_text()
    assert main(["template", "apply", "overview", "agents"]) == 0
    assert "@acme/menders" in (here / "docs/overview.md").read_text()
    text = (here / "AGENTS.md").read_text()
    assert text.startswith("# Ours\n")
    assert text.endswith("\nMore of ours\n")
    assert "@acme/menders" in text
    assert "@acme/makers" not in text


def test_a_file_that_a_person_changed_is_left_alone(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", "apply", "overview"]) == 0
    page = here / "docs/overview.md"
    page.write_text(page.read_text().replace("Makes widgets.", "Makes the best widgets."))
    before = page.read_bytes()
    (here / "chora.yaml").write_text(MANIFEST.replace("1.0.0", "2.0.0"))
    assert main(["template", "apply", "overview"]) == 1
    said = capsys.readouterr().out
    assert "left alone docs/overview.md: a person wrote or changed it" in said
    assert "-Makes the best widgets." in said
    assert page.read_bytes() == before


def test_a_file_of_their_own_is_left_alone(here: Path) -> None:
    (here / ".pre-commit-config.yaml").write_text("repos: []\n")
    assert main(["template", "apply", "pre-commit", "--set", SET[0], "--set", SET[1]]) == 1
    assert (here / ".pre-commit-config.yaml").read_text() == "repos: []\n"


def test_broken_marks_are_left_alone(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "AGENTS.md").write_text("<!-- chora:end -->\n\n<!-- chora:begin -->\n")
    assert main(["template", "apply", "agents"]) == 1
    assert "not one pair in order" in capsys.readouterr().out


def test_the_owners_file_that_counts_is_the_one_that_is_extended(here: Path) -> None:
    (here / "CODEOWNERS").write_text("* @acme/all\n")
    assert main(["template", "apply", "codeowners"]) == 0
    text = (here / "CODEOWNERS").read_text()
    assert text.startswith("* @acme/all\n\n# chora:begin\n")
    assert "/chora.yaml @acme/makers" in text
    assert not (here / ".github").exists()


def test_a_missing_value_is_asked_for_and_the_printed_line_works(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("workflow", "compat"):
        assert main(["template", "apply", name]) == 2
        hint = capsys.readouterr().err.splitlines()[-1]
        assert main(shlex.split(hint.partition("values: ")[2])[1:]) == 0
    (here / "chora.yaml").unlink()
    assert main(["template", "apply", "issue-form"]) == 2
    hint = capsys.readouterr().err.splitlines()[-1]
    assert main(shlex.split(hint.partition("values: ")[2])[1:]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["workflw"], "Did you mean workflow?"),
        (["workflow", "--set", "tool=x", "--set", SET[1]], "OWNER/REPOSITORY"),
        (["workflow", "--set", SET[0], "--set", "commit=main"], "40 hex digits"),
        (["compat", "--set", "catalog=site"], "begins with https://"),
        (["compat", "--set", "catalog=https://x/${{ secrets.token }}"], "begins with https://"),
        (["agents", "--set", "ownr=x"], "Did you mean --set owner=...?"),
        (["codeowners", "--set", "owner=somebody"], "--set owner=..."),
        (["behavior", "--set", "id=../../x"], "no plain name"),
    ],
)
def test_wrong_words_are_told_with_the_next_step(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["template", "apply", *words]) == 2
    assert said in capsys.readouterr().err
    assert list(everything(here)) == ["chora.yaml"]


def test_the_lines_for_the_manifest_work_as_printed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", "apply", "behavior", "scenario"]) == 0
    blocks = capsys.readouterr().out.split("add to chora.yaml:\n\n")[1:]
    lines = "".join(block.partition("\n\n")[0] + "\n" for block in blocks)
    (here / "chora.yaml").write_text(MANIFEST + lines)
    assert main(["validate", "--fail-on", "warning"]) == 0
    capsys.readouterr()
    assert main(["template", "apply", "behavior", "scenario"]) == 0
    assert "add to chora.yaml" not in capsys.readouterr().out


def test_a_scenario_that_is_not_written_yet_does_not_pass(here: Path) -> None:
    assert main(["template", "apply", "scenario"]) == 0
    done = subprocess.run([str(here / "tests/value-scenarios/acme-widget-make.sh")], capture_output=True, check=False)
    assert done.returncode == 3


def test_our_own_agents_file_is_made_from_the_snippet() -> None:
    done = apply(["agents"], ROOT, dry_run=True)
    assert [placed.state for placed in done.placed] == ["unchanged"]


# ---- What a repository that nobody vouches for may say ---------------------------------------------------------------

HOSTILE = '</td>| x\n<!-- chora:end -->\n"\nb: [a](javascript:x) ${{ github.token }} \\`id`\\n'


def test_values_stay_where_they_are_put(tmp_path: Path) -> None:
    (tmp_path / "chora.yaml").write_text('id: "a.b.c"\nversion: "1.0.0"\n')
    said = [f"{name}={HOSTILE}" for name in ("owner", "contact", "summary")]
    names = ["agents", "overview", "issue-form", "cli", "scenario", "skill"]
    apply(names, tmp_path, said)
    agents = (tmp_path / "AGENTS.md").read_text()
    assert [line for line in agents.splitlines() if line == "<!-- chora:end -->"] == ["<!-- chora:end -->"]
    assert "[a](" not in agents
    assert "<td" not in (tmp_path / "docs/overview.md").read_text().replace("\\<", "")
    again = apply(names, tmp_path, said)
    assert {placed.state for placed in again.placed} == {"unchanged"}
    done = subprocess.run([sys.executable, str(tmp_path / "bin/a-b-c"), "--help"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@given(st.text(max_size=80))
def test_any_text_is_one_value_in_each_form(text: str) -> None:
    reading = read(("a: " + filled("@@x:yaml@@", {"x": text}) + "\nb: 1\n").encode("utf-8", "replace"), file="a.yaml")
    assert not reading.ok or reading.value == {"a": text, "b": 1}
    assert len(filled("@@x:md@@", {"x": text}).splitlines()) <= 1
    scope: dict[str, object] = {}
    exec(filled("a = @@x:python@@\n", {"x": text}), scope)
    assert isinstance(scope["a"], str)


@given(st.text(st.characters(exclude_characters="\r"), max_size=80), st.sampled_from(["#", "<!--"]))
def test_a_generated_file_is_known_until_a_character_changes(text: str, comment: str) -> None:
    body = text.rstrip("\n") + "\n"
    piece = Piece(source="", target="", comment=comment)
    whole = generated("overview", piece, body)
    assert untouched(whole, "overview")
    assert not untouched(whole, "agents")
    assert not untouched("x" + whole, "overview")
    assert untouched(whole.replace("\n", "\r\n"), "overview")
    assert not untouched(body, "overview")


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_part_is_replaced_and_the_rest_stays(before: str, after: str) -> None:
    piece = Piece(source="", target="", part=True)
    text = f"{before}\n# chora:begin\nold\n# chora:end\n{after}"
    if "chora:" in before + after:
        return
    new = with_part(text, piece, "new\n")
    assert new == f"{before}\n# chora:begin\nnew\n# chora:end\n{after}"
    assert with_part(new, piece, "new\n") == new


@pytest.mark.parametrize("target", ["AGENTS.md", ".github", ".github/workflows", ".github/workflows/chora.yml"])
def test_nothing_is_written_through_a_link(tmp_path: Path, target: str) -> None:
    outside, place = tmp_path / "outside", tmp_path / "place"
    outside.mkdir()
    (outside / "file").write_text("mine\n")
    (place / target).parent.mkdir(parents=True)
    (place / "chora.yaml").write_text(MANIFEST)
    (place / target).symlink_to(outside / "file" if "." in Path(target).name[1:] else outside)
    said = ""
    try:
        said = " ".join(placed.state for placed in apply(["agents", "workflow"], place, SET).placed)
    except ChoraError as error:
        said = error.what
    assert "left" in said or "nothing is written through it" in said
    assert [path.name for path in outside.iterdir()] == ["file"]
    assert (outside / "file").read_text() == "mine\n"


# ---- The linters of each format ------------------------------------------------------------------------------------


def test_every_template_is_clean_under_its_linter(tmp_path: Path) -> None:
    world = Federation(tmp_path)
    world.commit("clean", "chora.yaml", MANIFEST)
    folder = tmp_path / "clean"
    apply(sorted(TEMPLATES), folder, SET)
    form = ".github/ISSUE_TEMPLATE/change-signal.yml"
    schema = ("check-jsonschema", "--builtin-schema")
    style = ("--isolated", "--line-length", "120", "bin/acme-widget-make")
    for command in (
        ("zizmor", "--offline", "--no-progress", "--persona", "pedantic", ".github/workflows"),
        ("zizmor", "--offline", "--no-progress", "--persona", "pedantic", ".pre-commit-config.yaml"),
        ("actionlint",),
        (*schema, "vendor.github-workflows", ".github/workflows/chora.yml"),
        (*schema, "vendor.github-workflows", ".github/workflows/chora-compat.yml"),
        (*schema, "vendor.github-workflows", ".github/workflows/gate.yml"),
        (*schema, "vendor.github-issue-forms", form),
        (*schema, "vendor.github-issue-forms", ".github/ISSUE_TEMPLATE/chora-change-signal.yml"),
        (*schema, "vendor.gitlab-ci", ".gitlab-ci.yml"),
        ("ruff", "check", "--select", "E,F,W,I,B,UP,D2", *style),
        ("ruff", "format", "--check", *style),
    ):
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    for path in folder.rglob("*.y*ml"):
        assert read(path.read_bytes(), file=path.name).ok, path


def test_the_skill_file_keeps_the_limits_of_its_format(tmp_path: Path) -> None:
    apply(["skill"], tmp_path)
    text = (tmp_path / ".agents/skills/chora-adopt/SKILL.md").read_text()
    _, front, body = text.split("---\n", 2)
    reading = read(front.encode(), file="front.yaml")
    assert set(reading.value) == {"name", "description"}
    assert reading.value["name"] == "chora-adopt"
    assert len(reading.value["name"]) <= 64
    assert 0 < len(reading.value["description"]) <= 1024
    assert body.strip()
