"""The guide to gating a pipeline shows what is printed, a waiver that counts, and files that the linters take."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from chora_catalog.cli.main import main
from chora_catalog.parse.spans import read
from tests.house.test_workflows import BIN, ROOT, git, load
from tests.journeys.test_template import SET
from tests.letters import GREETING, REGISTRY, Federation, make_federation

PAGE = ROOT / "docs/how-to/gate-a-pipeline.md"
TEXT = PAGE.read_text(encoding="utf-8")
NOON = "1793620800"  # 2026-11-02T12:00:00Z
DAY_AFTER = "2026-12-03T00:00:00Z"
FILES = dict(re.findall(r'^```yaml title="([^"]+)"\n(.*?)^```$', TEXT, re.MULTILINE | re.DOTALL))
WORKFLOWS = sorted(name for name in FILES if name.startswith(".github/"))


@dataclass(frozen=True)
class Place:
    """The letters federation after the provider's second release, and what a command says there."""

    world: Federation
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def run(self, repository: str, *words: str) -> tuple[int, str]:
        self.monkeypatch.chdir(self.world.root / repository)
        self.capsys.readouterr()
        return main(words), self.capsys.readouterr().out


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOON)
    monkeypatch.setenv("TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    world = make_federation(tmp_path)
    tagged = REGISTRY.replace('"../greeting"', '"../greeting"\n    versions: tags')
    world.commit("catalog", "catalog-sources.yaml", tagged)
    world.git("greeting", "tag", "v1.0.0")
    world.commit("greeting", "chora.yaml", GREETING.format(version="2.0.0", output="salutation"))
    world.git("greeting", "tag", "v2.0.0")
    made = Place(world, capsys, monkeypatch)
    assert made.run("catalog", "build", "--allow-local", "--first")[0] == 0
    return made


def commands() -> list[list[str]]:
    blocks = re.findall(r"^```console\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return [shlex.split(line[2:])[1:] for block in blocks for line in block.splitlines()]


def test_the_commands_print_what_the_guide_shows_and_the_waiver_counts(place: Place) -> None:
    check, *questions = commands()
    [shown] = re.findall(r"^```text\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert place.run("letter", *check) == (1, shown)
    for question in questions:
        code, said = place.run("letter", *question)
        assert code in (0, 1), said
        assert "hello.letter.write" in said

    [(path, waiver)] = [item for item in FILES.items() if item[0].startswith("decisions/")]
    code, said = place.run("letter", *check, "--format", "json")
    [row] = read(said.encode(), file="said.json").value["judgements"]
    assert row["waiver"]["file"] == path
    assert re.sub('reason: ".*"', 'reason: ""', waiver) == row["waiver"]["text"]
    (place.world.root / "catalog" / path).parent.mkdir(parents=True)
    place.world.commit("catalog", path, waiver)
    assert place.run("catalog", "build", "--allow-local")[0] == 0
    code, said = place.run("letter", *check)
    assert code == 0
    assert "1 dependency judged: 1 waived." in said
    assert place.run("letter", *check, "--as-of", DAY_AFTER)[0] == 1


def test_the_file_of_the_guide_is_the_one_of_the_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = [word for item in SET for word in ("--set", item)]
    assert main(["template", "apply", "compat", *words]) == 0
    written = Path(".github/workflows/chora-compat.yml").read_text().rpartition("# chora:generated")[0]
    assert written == filled(FILES[".github/workflows/chora-compat.yml"])


def filled(text: str) -> str:
    """A file of the guide with the places filled in which a reader writes names of their own."""
    return (
        text.replace("<owner>/chora-catalog", "acme/chora-catalog")
        .replace("<commit>", "a" * 40)
        .replace("<owner>/<catalog>", "acme/catalog")
    )


def test_the_callers_files_pass_the_linters_and_grant_what_is_asked_for(tmp_path: Path) -> None:
    git("init", "--quiet", cwd=tmp_path)
    paths = [tmp_path / name for name in WORKFLOWS]
    assert len(paths) == 2
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(filled(FILES[path.relative_to(tmp_path).as_posix()]))
        [job] = read(path.read_bytes(), file=path.name).value["jobs"].values()
        called = load(job["uses"].partition("@")[0].rpartition("/")[2])
        asked = called["on"]["workflow_call"]
        assert set(job["with"]) <= set(asked["inputs"])
        assert {name for name, said in asked["inputs"].items() if said.get("required")} <= set(job["with"])
        assert set(job.get("secrets", ())) == set(asked.get("secrets", ()))
        [inner] = called["jobs"].values()
        assert job["permissions"] == inner["permissions"]
    for command in (
        ("zizmor", "--offline", "--no-progress", *map(str, paths)),
        ("actionlint", *map(str, paths)),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, paths)),
    ):
        done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=tmp_path, capture_output=True, text=True,
                              check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_component_of_the_guide_takes_these_inputs() -> None:
    head = (ROOT / "templates/compat.yml").read_text(encoding="utf-8").partition("\n---\n")[0]
    inputs = read(head.encode(), file="compat.yml").value["spec"]["inputs"]
    [include] = read(FILES[".gitlab-ci.yml"].encode(), file="ci.yml").value["include"]
    assert set(include["inputs"]) <= set(inputs)
    assert {name for name, said in inputs.items() if "default" not in said} <= set(include["inputs"])
    assert "/compat@" in include["component"]
