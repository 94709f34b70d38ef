"""Every importer file of the corpora: read, marked field by field, given back as equal JSON; the broken ones refused.

An own reader of the formats judges: PyYAML's loader that keeps all scalars as text, and the standard library's `json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from chora_catalog.model.finding import Severity
from chora_catalog.model.manifest import Manifest, Origin
from chora_catalog.parse.fields import exported
from chora_catalog.parse.load import Loaded, load_manifests
from chora_catalog.parse.schema import compile_schemas

SCHEMAS = compile_schemas(
    {path.name: path.read_bytes() for path in (Path(__file__).parents[2] / "schemas").glob("*.schema.json")}
)
NO_MANIFEST = {"schema.json", "server-json-examples.md"}
INVALID = {
    "backstage/backstage-examples/invalid-component.yaml": [("schema-pattern", 4, 9), ("schema-pattern", 11, 7)],
    "mcp/2025-12-generation/invalid/bad-name-pattern.json": [("schema-pattern", 2, 11)],
    "mcp/2025-12-generation/invalid/missing-name.json": [("schema-required", 1, 1)],
    "mcp/2025-12-generation/invalid/package-version-latest.json": [("version-not-exact", 9, 18)],
    "publiccode/invalid-status.publiccode.yml": [("schema-required", 2, 1), ("schema-enum", 6, 20)],
}
TWICE = "backstage/giantswarm-charts-first-10.yaml"
COUNTS = {"backstage": (12, 16), "helm": (4, 4), "mcp": (12, 10), "publiccode": (4, 4)}
"""Files and capabilities by format; in Backstage 3 of 21 entities are told twice, one is a Location, one is refused."""
NEVER = ("security_tier", "lifecycle_stage", "behaviors", "value_scenarios", "adr_links", "claim", "telemetry_signals")
TEXTS = ("version", "summary", "owner", "contact", "name")


@pytest.fixture(scope="module")
def files(corpora: Path) -> dict[str, Path]:
    folder = corpora / "importers"
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    assert len(found) == 34
    return {name: path for name, path in found.items() if path.name not in NO_MANIFEST}


@pytest.fixture(scope="module")
def loaded(files: dict[str, Path]) -> dict[str, Loaded]:
    return {name: load_manifests(path.read_bytes(), path=place(name), schemas=SCHEMAS) for name, path in files.items()}


def place(name: str) -> str:
    """Return where such a file lies in a repository: servers are told by that name alone."""
    return f"{Path(name).parent}/server.json" if name.startswith("mcp/") else name


def documents(path: Path) -> Iterator[Any]:
    text = path.read_text(encoding="utf-8")
    yield from [json.loads(text)] if path.suffix == ".json" else yaml.load_all(text, Loader=yaml.BaseLoader)


def as_text(value: Any) -> Any:
    """Return a value with all scalars as the text that stands in the file."""
    if isinstance(value, dict):
        return {key: as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return value if isinstance(value, str) else json.dumps(value)


def test_every_file_is_read_in_its_format(loaded: dict[str, Loaded]) -> None:
    for name, item in loaded.items():
        assert item.dialect == name.partition("/")[0], name
    for dialect, (number, capabilities) in COUNTS.items():
        mine = [item for item in loaded.values() if item.dialect == dialect]
        print(f"{dialect}: {len(mine)} files, {sum(len(item.manifests) for item in mine)} capabilities")
        assert (len(mine), sum(len(item.manifests) for item in mine)) == (number, capabilities)


def test_the_broken_ones_are_refused_with_line_and_column(loaded: dict[str, Loaded]) -> None:
    for name, item in loaded.items():
        errors = [x for x in item.findings if x.severity is Severity.ERROR]
        places = [(x.rule, x.place.line, x.place.column) for x in errors]
        if name == TWICE:
            assert [rule for rule, _, _ in places] == ["id-duplicate"] * 3
        else:
            assert places == INVALID.get(name, []), name


def test_each_document_comes_back_as_equal_json(files: dict[str, Path], loaded: dict[str, Loaded]) -> None:
    back = 0
    for name, path in files.items():
        item = loaded[name]
        kept = [*map(exported, item.manifests), *map(json.loads, item.others)]
        theirs = [document for document in documents(path) if document is not None]
        if not item.parsed and item.dialect != "backstage":
            assert name in INVALID
            continue
        if path.suffix != ".json":
            kept = [as_text(value) for value in kept]
        assert sorted(map(canonical, kept)) == sorted(map(canonical, theirs)), name
        back += len(kept)
    assert back == 21 + 4 + 10 + 4


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def test_no_field_is_filled_by_invention(loaded: dict[str, Loaded]) -> None:
    """A declared text stands in the original word for word; a derived one is marked; the rest is empty and unknown."""
    checked = 0
    for name, item in loaded.items():
        for manifest in item.manifests:
            assert manifest.imported
            for field in NEVER:
                assert not getattr(manifest, field), (name, field)
                assert manifest.origin(field) is Origin.UNKNOWN
            strings = set(texts(exported(manifest)))
            for field in TEXTS:
                holds(manifest, field, strings, name)
                checked += 1
            assert manifest.origin("id") is Origin.DERIVED
            assert (manifest.origin("stability") is Origin.DERIVED) == bool(manifest.stability)
            assert set(manifest.tags) <= strings
            for dependency in manifest.dependencies:
                assert dependency.name in strings
                bounds = dependency.version.split(" ") if manifest.dialect == "publiccode" else [dependency.version]
                assert {bound.lstrip("<>=") for bound in bounds} <= strings | {""}
            for port in (*manifest.inputs, *manifest.outputs):
                assert port.name in strings or manifest.dialect == "backstage"
                assert port.description in strings | {""}
    assert checked == len(TEXTS) * sum(capabilities for _, capabilities in COUNTS.values())


def holds(manifest: Manifest, field: str, strings: set[str], name: str) -> None:
    value = getattr(manifest, field)
    if not value:
        assert manifest.origin(field) is Origin.UNKNOWN, (name, field)
    elif manifest.origin(field) is Origin.DECLARED or field != "owner":
        assert value in {text.strip() for text in strings}, (name, field)
    else:
        assert any(text.rpartition("/")[2].rpartition(":")[2] == value for text in strings), (name, field)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)


def test_owners_are_only_where_the_format_names_one(loaded: dict[str, Loaded]) -> None:
    owned = {name: {bool(m.owner) for m in item.manifests} for name, item in loaded.items() if item.manifests}
    for name, has in owned.items():
        if name.startswith(("helm/", "mcp/")):
            assert has == {False}, name
    contacts = [m.contact for item in loaded.values() for m in item.manifests if m.contact]
    assert contacts == ["permit-desk@example.invalid"]


def test_ranges_of_charts_are_kept(loaded: dict[str, Loaded]) -> None:
    (chart,) = loaded["helm/prometheus/Chart.yaml"].manifests
    assert [(item.id, item.version) for item in chart.dependencies] == [
        ("helm.alertmanager", "1.42.*"),
        ("helm.kube-state-metrics", "8.4.*"),
        ("helm.prometheus-node-exporter", "4.56.*"),
        ("helm.prometheus-pushgateway", "3.8.*"),
    ]


def test_a_range_of_public_software_is_what_the_versions_say(loaded: dict[str, Loaded]) -> None:
    (software,) = loaded["publiccode/full.publiccode.yml"].manifests
    assert [(item.id, item.version, item.optional) for item in software.dependencies] == [
        ("publiccode.postgresql", ">=13.2", False),
        ("publiccode.sample-identity-gateway", ">=1.4 <=2.0", False),
        ("publiccode.sample-mail-relay", "3.1.0", True),
        ("publiccode.sample-map-server", ">=11.4", True),
    ]


def test_the_two_that_are_no_manifests(corpora: Path, files: dict[str, Path]) -> None:
    """A JSON Schema is of no dialect; the page of examples holds the six servers that are also files."""
    folder = corpora / "importers/mcp/2025-07-generation"
    schema = load_manifests((folder / "schema.json").read_bytes(), path="schema.json", schemas=SCHEMAS)
    assert (schema.dialect, schema.manifests) == ("", ())
    assert [item.rule for item in schema.findings] == ["dialect-unknown"]
    page = (folder / "server-json-examples.md").read_text(encoding="utf-8")
    shown = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)]
    servers = [json.loads(path.read_bytes()) for name, path in files.items() if "/2025-07-generation/" in name]
    assert shown == servers
