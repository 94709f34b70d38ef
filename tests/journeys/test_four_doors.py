"""One tree through four doors, the terminal, the hook, the workflow and the build: one answer.

The hook is run by the real pre-commit, which installs the tool from a local clone as it would from a forge.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from chora_catalog.cli.main import main
from chora_catalog.parse.spans import read

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
INSTALLED = (
    "chora_catalog",
    "schemas",
    "templates",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    ".pre-commit-hooks.yaml",
)
MANIFEST = """\
id: "example.greeting.say"
version: "1.10"
owner: "team-a"
contact: "#team-a"
lifecycle_stage: "operate"
stability: wobbly
behaviors:
  - id: example.greets
    ref: features/greet.feature
dependencies:
  - id: "example.other.thing"
    version: ">= banana"
adr_links: ["docs\\\\adr\\\\0001.md", "../outside.md"]
"""
SECOND = """\
id: "example.greeting.hear"
version: "1.0.0"
owner: "team-a"
lifecycle_stage: "deprecated"
adr_links: ["docs/none.md"]
"""
FEATURE = "@behavior:example.sings\nFeature: greeting\n  Scenario: one\n    Given a\n"
Said = set[tuple[str, str, str, str]]
"""Rule, severity, place and words of each finding."""


def git(*words: str, cwd: Path) -> None:
    facts = {"NAME": "T", "EMAIL": "t@example.org", "DATE": "2026-11-01T00:00:00Z"}
    identity = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in facts.items()}
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": str(cwd), **identity}
    subprocess.run(["git", *words], cwd=cwd, env=env, check=True, capture_output=True)


def committed(folder: Path) -> Path:
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--message=First", cwd=folder)
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository in which much is wrong, at a document and at the tree."""
    top = tmp_path / "source"
    (top / "features").mkdir(parents=True)
    (top / "chora.yaml").write_text(MANIFEST)
    (top / "chora.yml").write_text(SECOND)
    (top / "features" / "greet.feature").write_text(FEATURE)
    (top / "features" / "torn.feature").write_text(
        "Feature: x\n  Scenario: y\n    Given a\n      | a | b |\n      | c |\n"
    )
    return committed(top)


def of_json(findings: list[dict[str, object]]) -> Said:
    said = set()
    for finding in findings:
        place = finding["place"]
        assert isinstance(place, dict)
        where = f"{place['file']}:{place['line']}:{place['column']}" if place.get("line") else str(place["file"])
        said.add((str(finding["rule"]), str(finding["severity"]), where, str(finding["message"])))
    return said


def terminal(tree: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Said, set[str]]:
    assert main(["validate", str(tree), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    return of_json(report["findings"]), set(report["not_evaluated"])


def build(tree: Path, unseen: set[str], capsys: pytest.CaptureFixture[str]) -> Said:
    registry = tree.parent / "catalog-sources.yaml"
    registry.write_text(f'sources:\n  - name: source\n    url: "{tree}"\n')
    site = tree.parent / "site"
    words = ["build", "--sources", str(registry), "--output", str(site), "--allow-local", "--quiet"]
    assert main([*words, "--as-of", "2026-11-02T00:00:00Z"]) == 0
    capsys.readouterr()
    found = of_json(json.loads((site / "data/v1/findings/source.json").read_text())["findings"])
    return {finding for finding in found if finding[0] not in unseen}


def hook(tree: Path) -> str:
    """What pre-commit prints for a commit of the whole tree."""
    clone = tree.parent / "chora-catalog"
    clone.mkdir()
    for name in INSTALLED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, clone / name)
    committed(clone)
    (tree / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {clone}\n    rev: main\n    hooks:\n      - id: chora-validate\n"
    )
    git("add", "--all", cwd=tree)
    site_packages = next(path for path in sys.path if path.endswith("site-packages"))
    # What the tool needs is here already: pip installs the clone alone, and asks no index.
    env = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(tree.parent),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "PYTHONPATH": site_packages,
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PRE_COMMIT_HOME": str(tree.parent / "pre-commit"),
        "PRE_COMMIT_ALLOW_NO_CONFIG": "1",
    }
    done = subprocess.run([str(BIN / "pre-commit"), "run", "--all-files", "--color", "never"], cwd=tree, env=env,
                          capture_output=True, text=True, check=False, timeout=300)  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "exit code: 1" in done.stdout, done.stdout + done.stderr
    return done.stdout


def of_frames(text: str) -> Said:
    found = re.findall(r"^(error|warning|notice)\[([a-z0-9-]+)\]: (.*)\n  --> (.*)$", text, re.MULTILINE)
    return {(rule, severity, where, message) for severity, rule, message, where in found}


def workflow(tree: Path) -> Said:
    """What the step of the reusable workflow prints, read as the runner reads it."""
    path = ROOT / ".github" / "workflows" / "validate.yml"
    steps = read(path.read_bytes(), file=path.name).value["jobs"]["validate"]["steps"]
    (run,) = [step["run"] for step in steps if step.get("name") == "Validate"]
    env = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(tree.parent), "FOLDER": ".", "GITHUB_ACTIONS": "true"}
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", run], cwd=tree, env=env, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 1, done.stderr
    said = set()
    for line in done.stdout.splitlines():
        if not line.startswith("::"):
            continue
        head, _, message = line[2:].partition("::")
        severity, _, words = head.partition(" ")
        given = {key: _plain(value) for key, _, value in (item.partition("=") for item in words.split(","))}
        where = f"{given['file']}:{given['line']}:{given['col']}" if "line" in given else given["file"]
        said.add((given["title"], severity, where, _plain(message).partition(" Next: ")[0]))
    return said


def _plain(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_one_tree_has_one_answer(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said, unseen = terminal(tree, capsys)
    rules = {finding[0] for finding in said}
    assert {"version-semver", "range-syntax", "path-escapes", "path-backslash", "reference-missing"} <= rules
    assert {"behavior-undeclared", "feature-syntax", "schema-enum"} <= rules
    # What a door without a catalog could not judge, the build judges.
    alone = {finding for finding in said if finding[0] == "dependency-not-evaluated"}
    assert len(alone) == 1
    assert build(tree, unseen, capsys) == said - alone
    assert workflow(tree) == said
    assert of_frames(hook(tree)) == said


def test_where_a_manifest_cannot_be_read_the_rest_is_not_evaluated(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No rule of the tree has run, and none is said to have found nothing."""
    (tree / "chora.yaml").write_text("id: [")
    said, unseen = terminal(tree, capsys)
    assert "reference-missing" in unseen
    assert "reference-missing" not in {finding[0] for finding in said}
    assert build(committed(tree), unseen, capsys) == said


def test_the_hook_waits_for_its_files() -> None:
    (declared,) = read((ROOT / ".pre-commit-hooks.yaml").read_bytes(), file="hooks").value
    names = re.compile(declared["files"])
    for path in ("chora.yaml", "a/chora.yml", "manifests/star.yaml", "metadata.json", "features/x.feature"):
        assert names.search(path), path
    for path in ("chora.yaml.bak", "README.md", "metadata.json5", "feature", "x/server.jsonl"):
        assert not names.search(path), path


def test_the_hook_is_of_this_release() -> None:
    """Nothing is pinned beside the release itself: the clone that pre-commit installs is the rule set it runs."""
    (declared,) = read((ROOT / ".pre-commit-hooks.yaml").read_bytes(), file="hooks").value
    assert declared["entry"] == "chora validate"
    assert "additional_dependencies" not in declared
    assert version("chora-catalog")
