"""The schema of an input or output is read with its manifest, at the head and at tags, and compared each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.app import contract_reading
from chora_catalog.app.contract_reading import ContractReader
from chora_catalog.app.tree_reading import Files, TreeReading, read_tree
from chora_catalog.check.engine import check_tree
from chora_catalog.cli.main import main as chora
from chora_catalog.edge.files import Folder, data_folder, read_folder
from chora_catalog.model.manifest import Manifest, Port
from chora_catalog.parse.kept import load_previous
from chora_catalog.parse.schema import compile_schemas
from chora_catalog.resolve.contract.compare import compare
from tests.letters import Federation

SCHEMAS = compile_schemas(read_folder(data_folder("schemas"), "*.json"))
MANIFEST = (
    'id: "hello.letter.write"\nversion: "{version}"\nowner: "team-letters"\noutputs:\n'
    "  - name: letter\n    type: json\n    schema: schemas/letter.json\n"
)


def schema(**kinds: str) -> str:
    return json.dumps({"type": "object", "properties": {name: {"type": kind} for name, kind in kinds.items()}})


def read(files: dict[str, str], modes: dict[str, str] | None = None) -> TreeReading:
    known = dict.fromkeys(files, "100644") | (modes or {})
    return read_tree(Files(modes=known, read=lambda path: files[path].encode()), (), SCHEMAS)


def outputs(reading: TreeReading) -> tuple[Port, ...]:
    [manifest] = reading.manifests
    return manifest.outputs


def test_the_schema_is_kept_as_canonical_text() -> None:
    text = '{"type": "object",\n "properties": {"b": true, "a": {}}}'
    reading = read({"chora.yaml": MANIFEST.format(version="1.0.0"), "schemas/letter.json": text})
    [port] = outputs(reading)
    assert port.contract == '{"properties":{"a":{},"b":true},"type":"object"}'
    assert not reading.findings


@pytest.mark.parametrize(
    ("files", "modes", "rule"),
    [
        ({}, {}, ""),
        ({"schemas/letter.json": "{"}, {}, "file-not-read"),
        ({"schemas/letter.json": "[]"}, {}, "file-not-read"),
        ({"schemas/letter.json": '{"a": "' + "x" * 200_000 + '"}'}, {}, "file-not-read"),
        ({"schemas/letter.json": "/etc/passwd"}, {"schemas/letter.json": "120000"}, "file-not-read"),
    ],
    ids=["absent", "torn", "no-schema", "large", "link"],
)
def test_what_cannot_be_read_is_said_and_stays_unknown(files: dict[str, str], modes: dict[str, str], rule: str) -> None:
    reading = read({"chora.yaml": MANIFEST.format(version="1.0.0"), **files}, modes)
    [port] = outputs(reading)
    assert (port.schema, port.contract) == ("schemas/letter.json", "")
    assert [finding.rule for finding in reading.findings] == ([rule] if rule else [])
    assert all("undecided" in finding.hint for finding in reading.findings)
    missing = [finding.subject for finding in check_tree(reading.tree()) if finding.rule == "reference-missing"]
    assert missing == ([] if rule else ["schemas/letter.json"])


def test_a_small_manifest_cannot_name_a_large_schema_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract_reading, "MAX_KEPT", 100)
    ports = tuple(Port(name=f"p{number}", schema="a.json") for number in range(50))
    manifest = Manifest(id="a.b.c", name="a", path="chora.yaml", dialect="canonical", inputs=ports)
    asked: list[str] = []

    def content(path: str) -> bytes:
        asked.append(path)
        return b'{"title": "0123456789"}'

    reader = ContractReader(files_left=10, bytes_left=1_000)
    [held] = reader.attach([manifest], content)
    assert asked == ["a.json"]
    assert sum(len(port.contract) for port in held.inputs) <= 100
    assert len(reader.findings) == 1


def test_the_limits_of_the_read_set_hold() -> None:
    ports = tuple(Port(name=f"p{number}", schema=f"{number}.json") for number in range(5))
    manifest = Manifest(id="a.b.c", name="a", path="chora.yaml", dialect="canonical", inputs=ports)
    paths = {port.schema for port in ports}
    for files_left, bytes_left in ((2, 1_000), (10, 5)):
        reader = ContractReader(files_left=files_left, bytes_left=bytes_left, paths=paths)
        [held] = reader.attach([manifest], lambda _: b"{}")
        assert [bool(port.contract) for port in held.inputs] == [True, True, False, False, False]
        assert len(reader.findings) == 3


def diff(folder: Path, version: str, before: str, after: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    for name, number, text in (("old", "1.4.0", before), ("new", version, after)):
        (folder / name / "schemas").mkdir(parents=True, exist_ok=True)
        (folder / name / "chora.yaml").write_text(MANIFEST.format(version=number), encoding="utf-8")
        (folder / name / "schemas/letter.json").write_text(text, encoding="utf-8")
    files = [str(folder / name / "chora.yaml") for name in ("old", "new")]
    code = chora(["compat", "diff", *files, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)["contracts"][0]


def test_a_change_of_a_schema_is_a_change_of_the_capability(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = diff(tmp_path, "1.5.0", schema(body="string", sign="string"), schema(body="string"), capsys)
    assert code == 1
    [change] = said["changes"]
    assert (change["rule"], change["pointer"], change["subject"], change["side"]) == (
        "schema-property-removed",
        "/outputs/letter/schema/properties/sign",
        "letter",
        "output",
    )
    assert diff(tmp_path, "1.5.0", schema(body="string"), schema(body="string", sign="string"), capsys)[0] == 0
    assert diff(tmp_path, "1.5.0", schema(body="string"), schema(body="string"), capsys)[0] == 0


def test_a_document_of_definitions_or_operations_is_what_its_shape_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def defined(kind: str) -> str:
        return json.dumps({"definitions": {"Letter": {"type": kind}}})

    code, said = diff(tmp_path, "1.5.0", defined("string"), defined("integer"), capsys)
    assert code == 1
    assert [change["pointer"] for change in said["changes"]] == ["/outputs/letter/schema/$defs/Letter/type"]
    operations = json.dumps({"openapi": "3.1.0", "info": {"version": "1.0.0"}, "paths": {"/a": {"get": {}}}})
    code, said = diff(tmp_path, "1.5.0", operations, operations.replace('"get"', '"put"'), capsys)
    assert code == 1
    assert {(change["subject"], change["side"]) for change in said["changes"]} == {("letter", "output")}
    assert diff(tmp_path, "1.5.0", operations, schema(body="string"), capsys)[0] == 3


def test_two_states_beside_one_schema_are_not_called_compatible(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/letter.json").write_text(schema(body="string"), encoding="utf-8")
    for name, version in (("released.yaml", "1.4.0"), ("chora.yaml", "1.5.0")):
        (tmp_path / name).write_text(MANIFEST.format(version=version), encoding="utf-8")
    assert chora(["compat", "diff", str(tmp_path / "released.yaml"), str(tmp_path / "chora.yaml")]) == 3
    assert "port-schema-unread" in capsys.readouterr().out


def test_a_build_reads_the_schema_of_each_tag(tmp_path: Path) -> None:
    federation = Federation(tmp_path)
    text = MANIFEST.replace("schemas/", "")
    for version, held in (
        ("1.0.0", schema(body="string", sign="string")),
        ("1.1.0", schema(body="string")),
        ("1.2.0", schema(body="string") + "\n"),
    ):
        federation.commit("letter", "letter.json", held)
        federation.commit("letter", "chora.yaml", text.format(version=version))
        federation.git("letter", "tag", f"v{version}")
    registry = 'catalog: {title: "Letters"}\nsources:\n  - name: "letter"\n    url: "../letter"\n    versions: tags\n'
    federation.commit("catalog", "catalog-sources.yaml", registry)
    done = federation.build("--first")
    assert done.returncode == 0, done.stdout + done.stderr
    kept = load_previous(Folder(federation.site))
    releases = {item.version: item.manifests[0] for item in kept.harvests["letter"].releases}
    [change] = compare(releases["1.0.0"], releases["1.1.0"])
    assert (change.rule, change.pointer) == ("schema-property-removed", "/outputs/letter/schema/properties/sign")
    assert compare(releases["1.1.0"], releases["1.2.0"]) == ()
    head = kept.harvests["letter"].head
    assert head is not None
    assert head.manifests[0].outputs == releases["1.2.0"].outputs
