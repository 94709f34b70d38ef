"""`chora compat diff`: two files in, what changed and one exit code out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chora_catalog.cli.main import main as chora
from chora_catalog.edge.files import Folder
from chora_catalog.parse.kept import load_previous
from chora_catalog.render import api, harvest
from chora_catalog.render.run import run_files
from tests.sample_catalog import run_of, sample

HEAD = 'id: "example.users.find"\nowner: "team-users"\n'
TWO = "outputs:\n  - name: report\n    type: sarif\n  - name: score\n    type: number\n"
ONE = "outputs:\n  - name: report\n    type: sarif\n"
UNSAID = "outputs:\n  - name: report\n"


def write(folder: Path, name: str, version: str, rest: str) -> str:
    path = folder / name
    path.write_text(f'{HEAD}version: "{version}"\n{rest}', encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("before", "after", "version", "code"),
    [
        (TWO, TWO, "1.4.0", 0),
        (TWO, ONE, "1.5.0", 1),
        (TWO, ONE, "2.0.0", 0),
        (ONE, TWO, "1.5.0", 0),
        (ONE, TWO, "1.4.1", 0),
        (ONE, UNSAID, "1.5.0", 3),
        (ONE, UNSAID, "2.0.0", 0),
        (ONE, ONE, "1.3.0", 1),
    ],
    ids=["same", "break-minor", "break-major", "more", "more-patch", "undecided", "undecided-major", "down"],
)
def test_the_exit_code_says_whether_it_fits(tmp_path: Path, before: str, after: str, version: str, code: int) -> None:
    old, new = write(tmp_path, "old.yaml", "1.4.0", before), write(tmp_path, "new.yaml", version, after)
    assert chora(["compat", "diff", old, new]) == code


def test_what_is_printed_names_rule_place_step_and_next_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = write(tmp_path, "old.yaml", "1.4.0", TWO), write(tmp_path, "new.yaml", "1.5.0", ONE)
    assert chora(["compat", "diff", old, new]) == 1
    text = capsys.readouterr().out
    assert text == (
        "example.users.find (manifest) 1.4.0 -> 1.5.0\n"
        "  breaking   output-removed    /outputs/score\n"
        "             the output `score` is gone\n"
        "             number -> (absent)\n"
        "  breaking   major-not-bumped  /version\n"
        "             the step from 1.4.0 to 1.5.0 is a minor one; the smallest legal one is major\n"
        "             1.4.0 -> 1.5.0\n"
        "1 breaking; smallest legal step: major, declared: minor; 2.0.0 would do: it breaks\n"
        "next: chora explain output-removed\n"
    )
    assert chora(["explain", "output-removed"]) == 0
    assert "Whom it breaks" in capsys.readouterr().out


def test_json_and_markdown_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = write(tmp_path, "old.yaml", "1.4.0", TWO), write(tmp_path, "new.yaml", "1.5.0", ONE)
    assert chora(["compat", "diff", old, new, "--format", "json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["schema"] == "chora.contract-diff/v1"
    [contract] = record["contracts"]
    assert (contract["fits"], contract["smallest_bump"], contract["declared_bump"]) == ("no", "major", "minor")
    assert [change["rule"] for change in contract["changes"]] == ["output-removed"]
    assert [change["rule"] for change in contract["step"]] == ["major-not-bumped"]
    assert chora(["compat", "diff", old, new, "--format", "markdown"]) == 1
    assert "| breaking | `output-removed` | /outputs/score | the output &#96;score&#96; is gone |" in (
        capsys.readouterr().out
    )


def test_what_a_file_says_acts_on_no_terminal_and_starts_no_markup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wild = 'outputs:\n  - name: "a\\xad|<img src=x>@team"\n'
    old, new = write(tmp_path, "old.yaml", "1.4.0", wild), write(tmp_path, "new.yaml", "1.5.0", "")
    chora(["compat", "diff", old, new])
    text = capsys.readouterr().out
    assert "\xad" not in text
    assert "output-removed" in text
    chora(["compat", "diff", old, new, "--format", "markdown"])
    table = capsys.readouterr().out
    assert "<img" not in table
    assert "@team" not in table
    assert all(line.count("|") == 5 for line in table.splitlines() if line.startswith("| breaking"))


SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}


def test_a_schema_has_a_direction_and_no_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps({**SCHEMA, "properties": {"a": {"type": "integer"}}}), encoding="utf-8")
    new.write_text(json.dumps({**SCHEMA, "properties": {"a": {"type": "number"}}}), encoding="utf-8")
    codes = {side: chora(["compat", "diff", str(old), str(new), *side]) for side in [(), ("--as", "input")]}
    assert codes == {(): 1, ("--as", "input"): 0}
    assert chora(["compat", "diff", str(old), str(new), "--as", "output"]) == 1
    assert "declared" not in capsys.readouterr().out


def test_a_document_with_errors_is_no_yes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = write(tmp_path, "old.yaml", "1.4.0", ONE)
    new = write(tmp_path, "new.yaml", "1.5.0", f'{TWO}dependencies:\n  - version: "1.x"\n')
    assert chora(["compat", "diff", old, new]) == 3
    assert "not sure" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"old.yaml": None, "new.yaml": "id: a.b.c\n"}, "there is no"),
        ({"old.yaml": "", "new.yaml": "id: a.b.c\n"}, "cannot be compared"),
        ({"old.yaml": "a: [\n", "new.yaml": "id: a.b.c\n"}, "cannot be compared"),
        ({"old.yaml": "id: a.b.c\n" + "x" * 300_000, "new.yaml": "id: a.b.c\n"}, "more than 256 KiB"),
        ({"old.yaml": "id: a.b.c\n", "new.yaml": "properties: {}\n"}, "of the kind manifest"),
        ({"old.yaml": "just: text\n", "new.yaml": "id: a.b.c\n"}, "cannot be compared"),
    ],
    ids=["absent", "empty", "torn", "large", "kinds", "no-contract"],
)
def test_what_cannot_be_compared_is_asked_wrongly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str | None], words: str
) -> None:
    for name, text in files.items():
        if text is not None:
            (tmp_path / name).write_text(text, encoding="utf-8")
    assert chora(["compat", "diff", *(str(tmp_path / name) for name in files)]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert "next:" in said.err
    assert not said.out


def test_help_loads_nothing_that_compares() -> None:
    code = (
        "import sys; from chora_catalog.cli.main import main; main(['compat', '--help']); main(['compat','diff','-h']);"
        "print('LOADED', *[name for name in ('yaml', 'jsonschema', 'chora_catalog.resolve') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("LOADED")
    assert "OLD NEW" in done.stdout


def test_the_guide_prints_what_the_command_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs/how-to/judge-a-change.md").read_text(encoding="utf-8")
    for name, body in re.findall(r'^```yaml title="([^"]+)"\n(.*?)^```$', guide, re.MULTILINE | re.DOTALL):
        (tmp_path / name).write_text(body, encoding="utf-8")
    [(line, printed)] = re.findall(r"^```console\n\$ chora (.*?)\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    assert chora(line.split()) == 1
    assert capsys.readouterr().out == printed
    path = tmp_path / "chora.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("1.5.0", "2.0.0"), encoding="utf-8")
    assert chora(line.split()) == 0


def tools(**tool: object) -> str:
    return json.dumps({"tools": [{"name": "find", "inputSchema": {"type": "object"}, **tool}]})


def test_the_arguments_of_a_tool_are_an_input_and_its_answer_an_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow, wide = {"properties": {"n": {"type": "integer"}}}, {"properties": {"n": {"type": "number"}}}
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    for before, after, code in ((narrow, wide, 0), (wide, narrow, 1)):
        old.write_text(tools(inputSchema=before), encoding="utf-8")
        new.write_text(tools(inputSchema=after), encoding="utf-8")
        assert chora(["compat", "diff", str(old), str(new)]) == code
        old.write_text(tools(outputSchema=after), encoding="utf-8")
        new.write_text(tools(outputSchema=before), encoding="utf-8")
        assert chora(["compat", "diff", str(old), str(new)]) == code
    assert "/tools/find/inputSchema/properties/n/type" in capsys.readouterr().out


def test_a_server_is_a_capability_with_packages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = {"registryType": "npm", "identifier": "weather", "version": "1.0.0"}
    server = {"name": "io.example/weather", "description": "Weather.", "version": "1.4.0", "packages": [package]}
    asked = {**package, "environmentVariables": [{"name": "KEY", "isRequired": True}]}
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(server), encoding="utf-8")
    new.write_text(json.dumps({**server, "version": "1.5.0", "packages": [asked]}), encoding="utf-8")
    for words in ((), ("--kind", "mcp"), ("--kind", "manifest")):
        assert chora(["compat", "diff", str(old), str(new), *words]) == 1
        assert "input-required-added" in capsys.readouterr().out
    new.write_text(json.dumps({**server, "version": "1.5.0", "packages": [], "remotes": []}), encoding="utf-8")
    assert chora(["compat", "diff", str(old), str(new)]) == 1
    assert "mcp-package-removed" in capsys.readouterr().out


def test_an_api_has_the_version_of_its_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def api(version: str, *methods: str) -> str:
        operations = {method: {"responses": {"200": {"description": "Found."}}} for method in methods}
        info = {"title": "Users", "version": version}
        return json.dumps({"openapi": "3.1.0", "info": info, "paths": {"/users": operations}})

    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(api("1.4.0", "get", "delete"), encoding="utf-8")
    for version, code in (("1.5.0", 1), ("2.0.0", 0)):
        new.write_text(api(version, "get"), encoding="utf-8")
        assert chora(["compat", "diff", str(old), str(new)]) == code
    assert "openapi-operation-removed" in capsys.readouterr().out


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    catalog = sample()
    kept = {view.spec.name: harvest.kept(view.harvest) for view in catalog.sources}
    held = {entry.id: entry.source for entry in catalog.entries}
    outputs = [*api.files(catalog), *harvest.keep(kept, catalog="x", held=held, first={}, gone=())]
    folder = tmp_path_factory.mktemp("site")
    for path, data in ({item.path: item.make() for item in outputs} | run_files(run_of(catalog))).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def test_two_releases_of_a_catalog(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = load_previous(Folder(site)).harvests
    releases = [item for name in names for item in names[name].releases if item.manifests]
    pairs = {(item.manifests[0].id, item.version) for item in releases}
    identifier, version = min(pairs)
    released = f"{identifier}@{version}"
    assert chora(["compat", "diff", "--catalog", str(site), released, released]) == 0
    assert f"{identifier} (manifest) {version} -> {version}" in capsys.readouterr().out
    mine = tmp_path / "chora.yaml"
    mine.write_text(f'id: "{identifier}"\nversion: "900.0.0"\n', encoding="utf-8")
    assert chora(["compat", "diff", "--catalog", str(site), released, str(mine)]) == 0
    for unknown, words in ((f"{identifier}@77.0.0", "The newest are:"), ("no.such.thing@1.0.0", "holds no")):
        assert chora(["compat", "diff", "--catalog", str(site), unknown, released]) == 2
        assert words in capsys.readouterr().err
    assert chora(["compat", "diff", "--catalog", str(tmp_path / "absent"), released, released]) == 3
    assert chora(["compat", "diff", released, released]) == 2
