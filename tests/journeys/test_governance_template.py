"""What a catalog's repository gets so that changes of its records are proposed, asked about and judged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chora_catalog.app.scaffolding import apply
from chora_catalog.cli.main import main
from chora_catalog.errors import ChoraError
from chora_catalog.model.steward import Person, Stewards, Team
from chora_catalog.parse.code_owners import PLACES
from chora_catalog.parse.spans import read
from chora_catalog.render.code_owners import owned_lines
from chora_catalog.render.scaffold import TEMPLATES, filled

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
TOOL = ("tool=acme/chora-catalog", f"commit={'a' * 40}")
REGISTRY = """\
catalog:
  title: "Acme"
  forge: {forge}
sources:
  - {{name: "one", url: "https://example.org/one.git"}}
"""
STEWARDS = """\
mode: "council"
teams:
  - name: "team-b"
    members: ["Bea", "Cem"]
  - name: "team-a"
    members: ["ada"]
people:
  - name: "Ada"
    handle: "ada"
  - name: "Bea"
    handle: "@bea-b"
  - name: "Cem"
"""


def catalog(folder: Path, forge: str = "github", stewards: str = STEWARDS) -> Path:
    (folder / "decisions").mkdir(parents=True)
    (folder / "catalog-sources.yaml").write_text(REGISTRY.format(forge=forge))
    (folder / "decisions/stewards.yaml").write_text(stewards)
    return folder


def test_code_owners_are_the_people_of_the_stewards(tmp_path: Path) -> None:
    apply(["governance"], catalog(tmp_path))
    lines = (tmp_path / ".github/CODEOWNERS").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        "/decisions/ @ada @bea-b",
        "/catalog-sources.yaml @ada @bea-b",
        "/.github/ @ada @bea-b",
    ]
    assert "# team-b: @bea-b; without a handle: Cem" in lines


def test_check_tells_what_differs_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(catalog(tmp_path))
    assert main(["template", "apply", "governance", "--check"]) == 1
    assert not (tmp_path / ".github").exists()
    assert main(["template", "apply", "governance"]) == 0
    assert main(["template", "apply", "governance", "--check"]) == 0
    (tmp_path / "decisions/stewards.yaml").write_text(STEWARDS.replace("@bea-b", "bea-c"))
    capsys.readouterr()
    assert main(["template", "apply", "governance", "--check"]) == 1
    said = capsys.readouterr().out
    assert "-/decisions/ @ada @bea-b" in said
    assert "+/decisions/ @ada @bea-c" in said
    assert "would update .github/CODEOWNERS" in said
    assert "@bea-b" in (tmp_path / ".github/CODEOWNERS").read_text()


@pytest.mark.parametrize(
    ("forge", "files"),
    [
        (
            "github",
            [".github/CODEOWNERS", ".github/ISSUE_TEMPLATE/chora-change-signal.yml", ".github/pull_request_template.md",
             ".github/workflows/gate.yml"],
        ),
        (
            "gitea",
            [".gitea/CODEOWNERS", ".gitea/ISSUE_TEMPLATE/chora-change-signal.yml", ".gitea/pull_request_template.md",
             ".github/workflows/gate.yml"],
        ),
        (
            "gitlab",
            [".gitlab/CODEOWNERS", ".gitlab/chora-gate.yml", ".gitlab/issue_templates/change-signal.md",
             ".gitlab/merge_request_templates/Default.md"],
        ),
    ],
)  # fmt: skip
def test_each_forge_gets_what_it_reads(tmp_path: Path, forge: str, files: list[str]) -> None:
    apply(["gate", "governance"], catalog(tmp_path, forge), TOOL)
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert sorted(made - {"catalog-sources.yaml", "decisions/stewards.yaml"}) == files


def test_the_gate_is_ours_but_for_where_the_tool_comes_from(tmp_path: Path) -> None:
    """So that what holds of our own workflow, which tests run step by step, holds of theirs."""
    apply(["gate"], catalog(tmp_path), TOOL)
    theirs = read((tmp_path / ".github/workflows/gate.yml").read_bytes(), file="gate.yml").value
    ours = read((ROOT / ".github/workflows/gate.yml").read_bytes(), file="gate.yml").value
    for job in theirs["jobs"].values():
        install = next(step for step in job["steps"] if step.get("name") == "Install")
        assert install["run"] == (
            f'python -m pip install --quiet "chora-catalog @ git+https://github.com/acme/chora-catalog@{"a" * 40}"'
        )
        install["run"] = "python -m pip install --quiet ."
        del job["name"]
    del theirs["concurrency"]
    assert theirs == ours


def test_the_gate_for_gitlab_is_a_pipeline(tmp_path: Path) -> None:
    apply(["gate"], catalog(tmp_path, "gitlab"), TOOL)
    path = tmp_path / ".gitlab/chora-gate.yml"
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    job = read(path.read_bytes(), file="gate.yml").value["chora-gate"]
    assert job["script"][-1].startswith("chora gate --base refs/chora/base --head ")
    assert job["variables"]["TOOL"].endswith(f"/acme/chora-catalog.git@{'a' * 40}")


def test_where_nobody_has_a_handle_nobody_is_asked_and_that_is_said(tmp_path: Path) -> None:
    apply(["governance"], catalog(tmp_path, stewards='mode: "solo"\nteams:\n  - name: "us"\n'))
    lines = (tmp_path / ".github/CODEOWNERS").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == []
    assert "# decisions/stewards.yaml names nobody with a handle, so nobody is asked yet." in lines


@pytest.mark.parametrize("name", ["decisions/stewards.yaml", "catalog-sources.yaml"])
def test_a_policy_that_cannot_be_read_is_not_guessed(tmp_path: Path, name: str) -> None:
    catalog(tmp_path)
    (tmp_path / name).write_text("a: [\n")
    with pytest.raises(ChoraError) as caught:
        apply(["governance"], tmp_path)
    assert caught.value.what.startswith(f"{name} cannot be read")
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to("/etc/hostname")
    with pytest.raises(ChoraError, match="no regular file"):
        apply(["governance"], tmp_path)


def test_lines_of_the_owners_themselves_stay(tmp_path: Path) -> None:
    (catalog(tmp_path) / "CODEOWNERS").write_text("* @acme/all\n")
    apply(["governance"], tmp_path)
    text = (tmp_path / "CODEOWNERS").read_text()
    assert text.startswith("* @acme/all\n\n# chora:begin governance\n")
    assert not (tmp_path / ".github/CODEOWNERS").exists()


@given(st.text(max_size=60), st.text(max_size=30), st.text(max_size=60))
def test_a_name_makes_no_line_of_its_own(team: str, handle: str, name: str) -> None:
    policy = Stewards(
        mode="council",
        teams=(Team(name=team, members=(name, "Ada")),),
        people=(Person(name=name, handle=handle), Person(name="Ada", handle="ada")),
    )
    lines = filled("@@x:lines@@", {"x": owned_lines(policy, "github")}).split("\n")
    assert len(lines) == 4
    assert [line.split(" ")[0] for line in lines] == ["#", "/decisions/", "/catalog-sources.yaml", "/.github/"]


def test_our_own_repository_is_as_the_template_says() -> None:
    done = apply(["governance"], ROOT, dry_run=True)
    assert {placed.state for placed in done.placed} == {"unchanged"}
    assert {piece.target for piece in TEMPLATES["governance"].pieces} & set(PLACES)
