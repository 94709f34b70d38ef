"""What is missing for adoption is told with the lines that bring it; a command is judged by what it says."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest

from chora_catalog.app.doctoring import examine, probe
from chora_catalog.app.scaffolding import apply
from chora_catalog.cli.main import main
from chora_catalog.model.readiness import Answer
from tests.letters import Federation

MANIFEST = """\
id: "acme.widget.make"
version: "1.0.0"
owner: "@acme/makers"
contact: "https://example.org/issues"
behaviors:
  - id: "acme.widget.make"
    ref: "features/acme-widget-make.feature"
"""
SET = ("tool=acme/chora-catalog", f"commit={'a' * 40}")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "widget"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def whole(here: Path) -> Path:
    (here / "chora.yaml").write_text(MANIFEST)
    apply(["workflow", "pre-commit", "behavior"], here, SET)
    return here


def verdicts(folder: Path) -> dict[str, str]:
    return {need.name: need.verdict.value for need in examine(folder)}


def test_a_whole_repository_lacks_nothing_and_says_what_it_cannot_know(
    whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert verdicts(whole) == {
        "manifest": "met",
        "owner": "met",
        "contact": "met",
        "behaviors": "met",
        "workflow": "met",
        "permissions": "met",
        "pre-commit": "met",
        "registered": "not evaluated",
    }
    assert re.search(r"^not evaluated +registered", said, re.MULTILINE)
    assert 'url: "https://git.example.org/OWNER/widget.git"' in said


def test_the_printed_commands_bring_what_is_missing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = here / "a b"
    folder.mkdir()
    (folder / "package.json").write_text('{"name": "acme.widget.make", "version": "1.0.0"}')
    for _ in range(3):
        code = main(["doctor", "a b"])
        said = capsys.readouterr().out
        for line in re.findall(r"^    run: (.*)$", said, re.MULTILINE):
            assert main(shlex.split(line)[1:]) == 0, line
        text = (folder / "chora.yaml").read_text()
        for found in re.finditer(r"^    (?:or )?add to chora\.yaml:\n\n((?:        .*\n)+)", said, re.MULTILINE):
            lines = re.sub("^ {8}", "", found[1], flags=re.MULTILINE)
            text += lines if lines.split(":")[0] + ":" not in re.sub("(?m)^#.*$", "", text) else ""
        (folder / "chora.yaml").write_text(text)
        capsys.readouterr()
    assert code == 0
    assert "missing" not in said


@pytest.mark.parametrize(
    ("change", "name", "verdict", "code"),
    [
        (("chora.yaml", 'owner: "@acme/makers"\n', ""), "owner", "missing", 1),
        (("chora.yaml", "contact:", "x-contact:"), "contact", "missing", 1),
        (("features/acme-widget-make.feature", "@behavior:", "@other:"), "behaviors", "missing", 1),
        (("chora.yaml", '"1.0.0"', '"1.0"'), "manifest", "missing", 1),
        (("chora.yaml", 'id: "', 'id: "\x07'), "manifest", "cannot tell", 3),
        ((".github/workflows/chora.yml", "contents: read", "contents: write"), "permissions", "missing", 1),
        ((".github/workflows/chora.yml", "validate.yml@", "other.yml@"), "workflow", "missing", 1),
        ((".github/workflows/chora.yml", "on: pull_request", "on: workflow_call"), "workflow", "missing", 1),
        ((".github/workflows/chora.yml", "on: pull_request", "on: &a"), "workflow", "cannot tell", 3),
        ((".pre-commit-config.yaml", "chora-validate", "other"), "pre-commit", "missing", 1),
        ((".pre-commit-config.yaml", "repos:", "repos: *a"), "pre-commit", "cannot tell", 3),
    ],
    ids=["owner", "contact", "behavior", "error", "unreadable", "rights", "workflow", "called-only", "bad-workflow",
         "hook", "bad-hook"],
)  # fmt: skip
def test_each_thing_that_is_missing_is_told(
    whole: Path, change: tuple[str, str, str], name: str, verdict: str, code: int
) -> None:
    file, old, new = change
    text = (whole / file).read_text()
    assert old in text
    (whole / file).write_text(text.replace(old, new))
    assert verdicts(whole)[name] == verdict
    assert main(["doctor"]) == code


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        ("https://git.example.org/acme/widget.git", "https://git.example.org/acme/widget.git"),
        ("https://user:secret@git.example.org/acme/widget.git", "https://git.example.org/OWNER/widget.git"),
    ],
    ids=["plain", "with-token"],
)
def test_the_registry_entry_has_the_address_it_was_cloned_from(whole: Path, origin: str, shown: str) -> None:
    world = Federation(whole.parent)
    world.git("widget", "init", "--quiet")
    world.git("widget", "remote", "add", "origin", origin)
    entry = next(need.lines for need in examine(whole) if need.name == "registered")
    assert f'url: "{shown}"' in entry
    assert "secret" not in entry


def test_what_another_tools_file_cannot_say_asks_for_one_of_ours(here: Path) -> None:
    (here / "metadata.json").write_text('{"name": "a-b", "version": "1.0.0", "dependencies": []}')
    needs = {need.name: need for need in examine(here)}
    assert needs["manifest"].verdict is Answer.MET
    assert needs["owner"].verdict is Answer.MISSING
    assert (needs["owner"].command, needs["owner"].lines) == ("chora adopt", "")


def test_a_plan_needs_no_behavior_yet(whole: Path) -> None:
    (whole / "chora.yaml").write_text(MANIFEST.partition("behaviors:")[0] + 'lifecycle_stage: "plan"\n')
    assert verdicts(whole)["behaviors"] == "met"


def test_a_gitlab_pipeline_counts(here: Path) -> None:
    (here / "chora.yaml").write_text(MANIFEST)
    apply(["gitlab"], here, SET)
    assert verdicts(here)["workflow"] == "met"


def test_nothing_is_read_through_a_link(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yml").write_bytes((whole / ".github/workflows/chora.yml").read_bytes())
    (whole / ".github/workflows/chora.yml").unlink()
    (whole / ".github/workflows/chora.yml").symlink_to(tmp_path / "outside.yml")
    assert verdicts(whole)["workflow"] == "cannot tell"


# ---- doctor --ux ---------------------------------------------------------------------------------------------------


def test_our_own_command_meets_all_that_is_checked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert main(["doctor", "--ux", "chora"]) == 0
    said = capsys.readouterr().out
    assert ", 0 not met, " in said.splitlines()[-1]


def test_the_command_of_the_template_meets_all_that_is_checked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "chora.yaml").write_text(MANIFEST)
    apply(["cli"], here)
    assert main(["doctor", "--ux", "bin/acme-widget-make"]) == 0, capsys.readouterr().out


BAD = """\
import os, sys, time
mode = sys.argv[1]
print("Usage: x. Exit codes: 0 yes, 2 wrong.", "\\x1b[1m" if mode == "color" else "")
if mode == "wide": print("x" * 101)
if mode == "random": print(time.monotonic_ns())
if mode == "latin": sys.stdout.buffer.write(b"\\xff\\n")
if mode == "hang" and "--version" in sys.argv: time.sleep(60)
if mode == "plain" and os.environ.get("NO_COLOR"): print("\\x1b[0m")
if "--no-such-option-here" in sys.argv and mode == "trace": raise ValueError("--no-such-option-here")
if "--version" in sys.argv and mode == "slow": sys.exit(4)
"""


@pytest.mark.parametrize(
    ("mode", "checks"),
    [
        ("color", {"pipe-plain", "no-color"}),
        ("plain", {"no-color"}),
        ("wide", {"help-width"}),
        ("random", {"help-same"}),
        ("latin", {"utf-8"}),
        ("hang", {"no-input", "version-exit"}),
        ("trace", {"wrong-trace"}),
        ("slow", {"version-exit"}),
        ("quiet", {"wrong-exit", "wrong-stderr", "wrong-named"}),
    ],
)
def test_what_is_not_met_is_named(tmp_path: Path, mode: str, checks: set[str]) -> None:
    (tmp_path / "bad.py").write_text(BAD)
    judged = probe([sys.executable, str(tmp_path / "bad.py"), mode], patience=3.0)
    failed = {item.check for item in judged if item.verdict is Answer.MISSING}
    assert checks <= failed
    assert all(item.why for item in judged if item.verdict is Answer.MISSING)
    assert not failed & {"help-exit", "help-usage", "help-exit-codes"}
    unexpected = {"help-width", "help-same", "utf-8", "no-input", "wrong-trace", "pipe-plain", "no-color"} - checks
    assert not failed & unexpected


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--ux"], 2, "chora doctor --ux COMMAND"),
        (["--ux", "no-such-command-here"], 3, "was not found"),
        (["a", "b"], 2, "chora doctor --ux COMMAND"),
        (["absent"], 2, "there is no folder"),
    ],
)
def test_wrong_use_is_told(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    assert main(["doctor", *words]) == code
    assert said in capsys.readouterr().err


def test_no_shell_sees_the_words(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "bad.py").write_text(BAD)
    probe([sys.executable, str(tmp_path / "bad.py"), f"; touch {ran}", f"$(touch {ran})"], patience=3.0)
    assert not ran.exists()
