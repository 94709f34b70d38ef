"""Backstage, MCP, Helm and publiccode: nothing is invented, nothing is lost, and each field is marked by its origin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chora_catalog.model.finding import Severity
from chora_catalog.model.manifest import Dependency, Manifest, Origin, Port
from chora_catalog.parse.fields import exported
from chora_catalog.parse.load import Loaded, load_manifests
from chora_catalog.parse.reading import MAX_EVENTS, MAX_FINDINGS
from chora_catalog.parse.schema import compile_schemas
from chora_catalog.parse.spans import read, read_stream

SCHEMAS = compile_schemas(
    {path.name: path.read_bytes() for path in (Path(__file__).parents[2] / "schemas").glob("*.schema.json")}
)
STREAM = """\
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: Ledger
  title: The ledger
  description: Keeps the books.
  annotations:
    example.org/latest-release-tag: v2.4.0
  tags: [books, money]
spec:
  type: service
  lifecycle: production
  owner: group:default/team-books
  system: finance
  dependsOn: ["resource:books-db", "Component:archive/vault"]
  consumesApis: [rates]
  providesApis: [ledger-api]
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: team-books
spec:
  type: team
  profile:
    email: books@example.org
  children: []
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: rates
  namespace: market
spec:
  type: openapi
  lifecycle: sunny
  owner: user:jo
  definition:
    $text: ./rates.yaml
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: more
spec:
  targets: [./more.yaml]
---
"""
SERVER = """\
{
  "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
  "name": "org.example/Tide.Tables",
  "description": "Tells the tides.",
  "version": "1.4.0",
  "status": "deprecated",
  "packages": [
    {
      "registryType": "npm",
      "identifier": "@example/tides",
      "version": "1.4.0",
      "environmentVariables": [
        {"name": "TIDE_KEY", "description": "The key.", "isRequired": true, "isSecret": true},
        {"name": "TIDE_UNIT"}
      ]
    },
    {
      "registryType": "oci",
      "identifier": "example/tides",
      "version": "1.4.0",
      "environmentVariables": [{"name": "TIDE_KEY", "isRequired": true}, {"name": "TIDE_PORT", "isRequired": true}]
    }
  ]
}
"""
FIRST_SERVER = """\
{
  "name": "Moon Phases",
  "description": "Tells the phases of the moon.",
  "version_detail": {"version": "0.3.0", "release_date": "2025-01-02T03:04:05Z"},
  "packages": [{"registry_name": "pypi", "name": "moon", "version": "latest"}],
  "remotes": [{"transport_type": "sse", "url": "https://moon.example.org/sse"}]
}
"""
CHART = """\
apiVersion: v2
name: harbour-lights
version: 3.2.1
appVersion: v9
description: Lights for a harbour.
deprecated: true
keywords: [light, harbour]
maintainers:
  - name: Somebody
    email: somebody@example.org
dependencies:
  - name: lamp
    version: "0.12.*"
    repository: https://charts.example.org
    condition: lamp.enabled
  - name: Buoy
    version: "4.5.6"
"""
SOFTWARE = """\
publiccodeYmlVersion: "0.4"
name: Città Sub-Desk
url: https://example.org/desk.git
softwareVersion: "1.9"
developmentStatus: concept
categories: [help-desk]
inputTypes: [text/csv]
description:
  it:
    shortDescription: Uno sportello.
  en-GB:
    shortDescription: A desk.
legal:
  license: MIT
  repoOwner: Town of Example
maintenance:
  type: contract
  contractors: [{name: Works Ltd, email: works@example.org}]
  contacts: [{name: Somebody}, {name: Desk, email: desk@example.org}]
dependsOn:
  open:
    - {name: PostgreSQL, versionMin: "13.2", versionMax: "16"}
    - {name: Mail_Relay, version: "3.1.0", versionMin: "2", optional: true}
  proprietary:
    - {name: Maps}
  hardware:
    - {name: Card reader}
"""
EXAMPLES = {
    "catalog-info.yaml": STREAM,
    "server.json": SERVER,
    "tools/server.json": FIRST_SERVER,
    "Chart.yaml": CHART,
    "publiccode.yml": SOFTWARE,
}
NEVER = ("security_tier", "lifecycle_stage", "behaviors", "value_scenarios", "adr_links", "claim", "ttl", "updated_at")
"""What none of the four formats can say."""


def load(text: str, path: str) -> Loaded:
    return load_manifests(text.encode(), path=path, schemas=SCHEMAS)


def told(loaded: Loaded) -> list[tuple[str, str, int]]:
    return [(item.rule, item.severity.value, item.place.line) for item in loaded.findings]


def compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_a_stream_of_backstage_is_read_entity_by_entity() -> None:
    loaded = load(STREAM, "catalog-info.yaml")
    component, api = loaded.manifests
    assert component == Manifest(
        id="default.component.ledger",
        name="The ledger",
        path="catalog-info.yaml",
        dialect="backstage",
        version="2.4.0",
        summary="Keeps the books.",
        owner="team-books",
        contact="books@example.org",
        stability="stable",
        outputs=(Port(name="default.api.ledger-api", type="api"),),
        dependencies=(
            Dependency(id="default.resource.books-db", type="dependsOn", name="resource:books-db", line=16),
            Dependency(id="archive.component.vault", type="dependsOn", name="Component:archive/vault", line=16),
            Dependency(id="default.api.rates", type="consumesApis", name="rates", line=17),
        ),
        tags=("books", "money"),
        origins=tuple((name, Origin.DERIVED) for name in ("contact", "id", "outputs", "owner", "stability", "version")),
        original=component.original,
        line=2,
    )
    assert (api.id, api.owner, api.contact, api.stability, api.version) == (
        "market.api.rates",
        "user:market/jo",
        *[""] * 3,
    )
    assert told(loaded) == [("dialect-not-mapped", "notice", 37), ("dialect-not-mapped", "notice", 43)]
    assert loaded.parsed


def test_no_document_of_a_stream_is_lost() -> None:
    loaded = load(STREAM, "catalog-info.yaml")
    back = {compact(exported(manifest)) for manifest in loaded.manifests} | set(loaded.others)
    readings = read_stream(STREAM.encode(), file="catalog-info.yaml")
    assert len(readings) == 4
    assert back == {compact(reading.value) for reading in readings}
    assert [json.loads(text)["kind"] for text in loaded.others] == ["Group", "Location"]


def test_an_entity_told_twice_counts_once_and_is_kept() -> None:
    entity = "apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: a}\n"
    loaded = load(f"{entity}---\n{entity}", "catalog-info.yaml")
    assert told(loaded) == [("id-duplicate", "error", 7)]
    assert (len(loaded.manifests), len(loaded.others)) == (1, 1)


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("component:b", "default.component.b"),
        ("API:ns/B.c", "ns.api.b.c"),
        ("b", ""),
        ("ns/b", ""),
        ("component:ns/", ""),
        ("component:a b", ""),
    ],
)
def test_a_reference_is_completed_as_backstage_does_it(reference: str, target: str) -> None:
    text = "apiVersion: backstage.io/v1\nkind: Component\nmetadata: {name: a}\nspec:\n  dependsOn:\n  - '%s'\n"
    loaded = load(text % reference, "catalog-info.yaml")
    (manifest,) = loaded.manifests
    assert [item.id for item in manifest.dependencies] == ([target] if target else [])
    assert told(loaded) == ([] if target else [("entity-reference", "error", 6)])


@pytest.mark.parametrize(
    ("annotations", "version"),
    [
        ("x/version: '1.2.3'", "1.2.3"),
        ("x/version: v1.2.3, y/latest-release-tag: '1.2.3'", "1.2.3"),
        ("x/version: '1.2.3', y/version: '2.0.0'", ""),
        ("x/version: newest", ""),
        ("x/helmchart-versions: '1.2.3'", ""),
    ],
)
def test_only_an_annotation_that_tells_one_version_is_one(annotations: str, version: str) -> None:
    text = f"apiVersion: backstage.io/v1\nkind: Component\nmetadata:\n  name: a\n  annotations: {{{annotations}}}\n"
    (manifest,) = load(text, "catalog-info.yaml").manifests
    assert manifest.version == version
    assert manifest.origin("version") is (Origin.DERIVED if version else Origin.UNKNOWN)


def test_a_file_of_places_alone_declares_nothing_and_is_not_broken() -> None:
    text = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: a}\n"
    loaded = load(text, "all.yaml")
    assert (loaded.dialect, loaded.parsed, loaded.manifests, len(loaded.others)) == ("backstage", True, (), 1)


STREAMS = {
    "an-anchor": ("kind: &x A\n---\nb: 2\n", "yaml-alias", 1),
    "an-alias-in-the-second": ("kind: A\n---\nb: *x\n", "yaml-alias", 3),
    "a-tag-in-the-second": ("kind: A\n---\nb: !!str 2\n", "yaml-tag", 3),
    "a-merge-key": ("kind: A\n---\n<<: {b: 2}\n", "yaml-alias", 3),
    "a-key-twice": ("kind: A\n---\nb: 1\nb: 2\n", "yaml-duplicate-key", 4),
    "a-value-that-changes": ("kind: A\n---\nb: 1.10\n", "yaml-quote-it", 3),
    "a-tag-directive": ("kind: A\n...\n%TAG ! x\n---\nb: 2\n", "yaml-tag", 3),
    "too-deep": ("kind: A\n---\nb: " + "[" * 40 + "]" * 40 + "\n", "yaml-too-deep", 3),
    "too-many-in-all": ("---\na: [" + "1," * (MAX_EVENTS // 2) + "]\n", "file-too-large", 4),
    "nothing": ("---\n---\n", "yaml-documents", 1),
}


@pytest.mark.parametrize("name", STREAMS)
def test_what_is_refused_in_a_document_is_refused_in_a_stream(name: str) -> None:
    text, rule, line = STREAMS[name]
    text = text * 2 if name == "too-many-in-all" else text
    readings = read_stream(text.encode(), file="catalog-info.yaml")
    assert {reading.ok for reading in readings} == {False}
    assert [(item.rule, item.place.line) for item in readings[0].findings] == [(rule, line)]
    loaded = load(text, "catalog-info.yaml")
    assert (loaded.parsed, loaded.manifests) == (False, ())
    assert (rule, line) in [(item.rule, item.place.line) for item in loaded.findings]


def test_a_stream_of_one_document_is_that_document() -> None:
    for text in (CHART, SOFTWARE):
        (one,) = read_stream(text.encode(), file="a.yaml")
        assert one == read(text.encode(), file="a.yaml")


def test_only_backstage_may_hold_several_documents() -> None:
    for path in ("chora.yaml", "Chart.yaml", "publiccode.yml", "caps/a.yaml"):
        loaded = load("# backstage.io/\nid: a.b\nversion: '1.0.0'\n---\nid: a.c\nversion: '1.0.0'\n", path)
        assert "yaml-documents" in [item.rule for item in loaded.findings]
        assert loaded.manifests == ()


def test_a_stream_of_many_faults_is_told_them_once() -> None:
    entity = "---\napiVersion: backstage.io/v1\nkind: System\nmetadata: {name: 'a b', tags: ['C D']}\n"
    loaded = load(entity * 150, "catalog-info.yaml")
    assert len(loaded.findings) == MAX_FINDINGS + 1
    assert [item.rule for item in loaded.findings].count("too-many-findings") == 1


def test_a_server_says_what_it_takes() -> None:
    loaded = load(SERVER, "server.json")
    assert loaded.findings == ()
    (server,) = loaded.manifests
    assert server == Manifest(
        id="org.example.tide.tables",
        name="org.example/Tide.Tables",
        path="server.json",
        dialect="mcp",
        version="1.4.0",
        summary="Tells the tides.",
        stability="deprecated",
        inputs=(
            Port(name="TIDE_KEY", type="environment variable", description="The key."),
            Port(name="TIDE_UNIT", type="environment variable", optional=True),
            Port(name="TIDE_PORT", type="environment variable", optional=True),
        ),
        origins=(("id", Origin.DERIVED), ("inputs", Origin.DERIVED), ("stability", Origin.DERIVED)),
        original=compact(json.loads(SERVER)),
        line=1,
    )


def test_the_first_generation_of_servers_is_read_by_its_own_rules() -> None:
    loaded = load(FIRST_SERVER, "server.json")
    assert loaded.findings == ()
    (server,) = loaded.manifests
    assert (server.id, server.name, server.version) == ("moon-phases", "Moon Phases", "0.3.0")
    assert server.outputs == (Port(name="https://moon.example.org/sse", type="sse"),)
    assert server.dependencies == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('"org.example/Tide.Tables"', '"tides"'), ("schema-pattern", "error", 3)),
        (('"org.example/Tide.Tables"', '"a/b/c"'), ("schema-pattern", "error", 3)),
        (('  "name": "org.example/Tide.Tables",\n', ""), ("schema-required", "error", 1)),
        (('"version": "1.4.0",\n      "env', '"version": "latest",\n      "env'), ("version-not-exact", "error", 11)),
        (('"version": "1.4.0",\n      "env', '"version": "^1.4",\n      "env'), ("version-not-exact", "error", 11)),
        (('"deprecated"', '"deleted"'), ("dialect-not-mapped", "notice", 6)),
        (('"version": "1.4.0",\n  "status"', '"version": "2025-07",\n  "status"'), ("version-semver", "warning", 5)),
    ],
)
def test_a_server_that_is_none_is_refused_at_its_place(change: tuple[str, str], expected: tuple[str, str, int]) -> None:
    text = SERVER.replace(*change, 1)
    assert text != SERVER
    loaded = load(text, "server.json")
    assert expected in told(loaded)
    assert bool(loaded.manifests) == (expected[0] not in ("schema-pattern", "schema-required"))


def test_a_chart_keeps_its_ranges_and_has_no_owner() -> None:
    loaded = load(CHART, "Chart.yaml")
    assert loaded.findings == ()
    (chart,) = loaded.manifests
    assert chart == Manifest(
        id="helm.harbour-lights",
        name="harbour-lights",
        path="Chart.yaml",
        dialect="helm",
        version="3.2.1",
        summary="Lights for a harbour.",
        stability="deprecated",
        dependencies=(
            Dependency(id="helm.lamp", version="0.12.*", type="chart", optional=True, name="lamp", line=12),
            Dependency(id="helm.buoy", version="4.5.6", type="chart", name="Buoy", line=16),
        ),
        tags=("light", "harbour"),
        origins=(("id", Origin.DERIVED), ("stability", Origin.DERIVED)),
        original=chart.original,
        line=1,
    )
    assert chart.origin("owner") is chart.origin("contact") is Origin.UNKNOWN


def test_public_software_says_who_it_belongs_to_and_what_it_needs() -> None:
    loaded = load(SOFTWARE, "publiccode.yml")
    assert told(loaded) == [("version-semver", "warning", 4), ("dialect-not-mapped", "notice", 27)]
    (software,) = loaded.manifests
    assert software == Manifest(
        id="publiccode.citta-sub-desk",
        name="Città Sub-Desk",
        path="publiccode.yml",
        dialect="publiccode",
        version="1.9",
        summary="A desk.",
        owner="Town of Example",
        contact="desk@example.org",
        stability="draft",
        inputs=(Port(name="text/csv"),),
        dependencies=(
            Dependency(id="publiccode.postgresql", version=">=13.2 <=16", type="open", name="PostgreSQL", line=22),
            Dependency(
                id="publiccode.mail-relay", version="3.1.0", type="open", optional=True, name="Mail_Relay", line=23
            ),
            Dependency(id="publiccode.maps", type="proprietary", name="Maps", line=25),
        ),
        tags=("help-desk",),
        origins=tuple(
            (name, Origin.DERIVED) for name in ("contact", "dependencies", "id", "owner", "stability", "summary")
        ),
        original=software.original,
        line=1,
    )


def test_a_name_in_another_script_is_no_id() -> None:
    loaded = load(SOFTWARE.replace("Città Sub-Desk", "Гранит"), "publiccode.yml")
    assert ("id-grammar", "error", 2) in told(loaded)
    assert loaded.manifests == ()


@pytest.mark.parametrize("path", EXAMPLES)
def test_nothing_is_invented_and_everything_given_back(path: str) -> None:
    loaded = load(EXAMPLES[path], path)
    assert loaded.parsed
    for manifest in loaded.manifests:
        assert manifest.imported
        assert [name for name in NEVER if getattr(manifest, name)] == []
        assert {manifest.origin(name) for name in NEVER} == {Origin.UNKNOWN}
        assert manifest.origin("id") is Origin.DERIVED
        if path != "catalog-info.yaml":
            assert exported(manifest) == read(EXAMPLES[path].encode(), file=path).value


@pytest.mark.parametrize(
    ("path", "text", "dialect"),
    [
        ("server.json", '{"port": 80, "host": "x"}', ""),
        ("server.json", '{"name": "x", "version": "1.0.0"}', ""),
        ("other.json", '{"name": "a/b", "version": "1.0.0", "description": "x"}', "puppet"),
        ("other.json", SERVER, "mcp"),
        ("metadata.json", '{"name": "a/b", "version": "1.0.0", "packages": []}', "puppet"),
        ("Chart.yaml", "apiVersion: v1\nkind: ConfigMap\n", ""),
        ("Chart.yaml", "rows: 3\n", ""),
        ("charts/a.yaml", CHART, "helm"),
        ("values.yaml", "name: a\nversion: '1.0.0'\n", ""),
        ("publiccode.yml", "rows: 3\n", ""),
        ("it.publiccode.yml", SOFTWARE, "publiccode"),
        ("catalog-info.yaml", "rows: 3\n", ""),
        (
            "catalog-info.yaml",
            "apiVersion: chora.dev/v1\nkind: Capability\nmetadata: {dc_identifier: a.b}\n",
            "ontology",
        ),
        ("components.yaml", STREAM, "backstage"),
        ("chora.yaml", "apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: a}\n", ""),
        ("chora.yaml", "id: a.b\nversion: '1.0.0'\npubliccodeYmlVersion: '0.4'\n", "canonical"),
        ("caps/a.yaml", "id: a.b\nname: a\nversion: '1.0.0'\napiVersion: v2\nstability: stable\n", "canonical"),
        ("caps/a.yaml", "id: a.b\nversion: '1.0.0'\nsummary: for backstage.io/ users\n", "canonical"),
    ],
)
def test_no_dialect_takes_the_file_of_another(path: str, text: str, dialect: str) -> None:
    loaded = load(text, path)
    assert loaded.dialect == dialect
    if not dialect:
        assert [item.rule for item in loaded.findings] == ["dialect-unknown"]


@pytest.mark.parametrize(
    ("path", "text"),
    [("server.json", "{"), ("Chart.yaml", "a: [\n"), ("publiccode.yml", "a: [\n"), ("catalog-info.yaml", "a: [\n")],
)
def test_a_file_that_cannot_be_read_changes_nothing(path: str, text: str) -> None:
    loaded = load(text, path)
    assert (loaded.parsed, loaded.manifests) == (False, ())
    assert {item.severity for item in loaded.findings} == {Severity.ERROR}


VALUES = st.recursive(
    st.sampled_from(
        ["", "a", "a/b", "component:a", "1.0.0", "latest", "v1", "backstage.io/v1", "0.4", None, True, 1, 1.5]
    ),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("apiVersion", "kind", "metadata", "spec", "name", "namespace", "annotations", "profile", "owner"),
                    *("dependsOn", "consumesApis", "providesApis", "lifecycle", "version_detail", "version", "remotes"),
                    *(
                        "packages",
                        "environmentVariables",
                        "headers",
                        "dependencies",
                        "keywords",
                        "legal",
                        "description",
                    ),
                    *("publiccodeYmlVersion", "maintenance", "contacts", "open", "hardware", "versionMin", "en"),
                ]
            ),
            below,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@pytest.mark.parametrize("path", EXAMPLES)
@given(value=VALUES, kind=st.sampled_from(["Component", "API", "Group", "Other"]))
def test_no_document_of_any_shape_raises(path: str, value: Any, kind: str) -> None:
    document = {"kind": kind, **value} if isinstance(value, dict) and path == "catalog-info.yaml" else value
    loaded = load(json.dumps(document), path)
    assert loaded.manifests or not loaded.parsed or not loaded.dialect or loaded.dialect == "backstage"
    for manifest in loaded.manifests:
        assert exported(manifest) == document
        assert manifest.imported == (loaded.dialect not in ("canonical", "star", "ontology"))


@pytest.mark.parametrize("path", EXAMPLES)
@given(data=st.data())
def test_no_bytes_raise(path: str, data: st.DataObject) -> None:
    good = EXAMPLES[path].encode()
    at = data.draw(st.integers(0, len(good)))
    put = data.draw(st.binary(max_size=8) | st.sampled_from([b"---\n", b"&a ", b"*a", b"\n", b"[", b'"', b": "]))
    loaded = load_manifests(good[:at] + put + good[at + data.draw(st.integers(0, 8)) :], path=path, schemas=SCHEMAS)
    assert loaded.parsed or any(item.severity is Severity.ERROR for item in loaded.findings)
