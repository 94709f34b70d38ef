"""A capability of the ontology says what its file says: relations keep their kind, paths their line, nothing is lost.

Promises 1 and 3: what is unknown stays unknown, and no shape that a source can write raises.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.model.finding import Severity
from chora_catalog.model.manifest import Artifact, Dependency, Manifest, Origin
from chora_catalog.parse.load import Loaded, load_manifests
from chora_catalog.parse.schema import compile_schemas

SCHEMAS = compile_schemas(
    {path.name: path.read_bytes() for path in (Path(__file__).parents[2] / "schemas").glob("*.schema.json")}
)
FORMS = """\
apiVersion: chora.dev/v1
kind: Capability
metadata:
  dc_identifier: chora.react.form_validation
  dc_identifier_legacy: SAP-041
  dc_title: React Form Validation
  dc_description: >
    Forms that are checked
    as they are filled.
  dc_type: Pattern
  dc_hasVersion: 1.0.0
  dc_creator: [chora-base, somebody]
  dc_subject: [react, forms]
dc_relation:
  requires:
  - capability: chora.devex.registry
    version: ^1.0.0
    relationship: runtime
  - capability: chora.SAP-020
  optional:
  - capability: chora.devex.themes
  extends:
  - capability: chora.devex.registry
  recommends:
  - {capability: chora.a.b, relationship: complements}
  supports:
  - {capability: chora.a.c}
  conflicts:
  - capability: chora.react.other_forms
chora_pattern:
  artifacts:
  - type: capability_charter
    path: docs/form-validation\\charter.md
    format: text/markdown
"""
LOOSE = """\
metadata:
  dc_identifier: chora.awareness.checks
  dc_creator: A Person
  chora_maturity: experimental
  chora_tags: [checks]
chora_version: 1.2.0
chora_status: draft
artifacts:
  ledger: {path: docs/checks/ledger.md}
dc_source:
  charter: docs/checks/charter.md
  standard: https://example.org/standard
maintainer: {name: A Team, contact: "#checks"}
"""


def load(text: str, path: str = "capabilities/forms.yaml") -> Loaded:
    return load_manifests(text.encode(), path=path, schemas=SCHEMAS)


def test_a_capability_is_mapped_field_by_field() -> None:
    loaded = load(FORMS)
    (manifest,) = loaded.manifests
    assert manifest == Manifest(
        id="chora.react.form_validation",
        name="React Form Validation",
        path="capabilities/forms.yaml",
        dialect="ontology",
        version="1.0.0",
        summary="Forms that are checked as they are filled.",
        owner="chora-base",
        tags=("react", "forms"),
        dependencies=(
            Dependency(
                id="chora.devex.registry",
                version="^1.0.0",
                type="requires",
                scope="runtime",
                name="chora.devex.registry",
                line=16,
            ),
            Dependency(id="chora.sap-020", type="requires", name="chora.SAP-020", line=19),
            Dependency(id="chora.devex.themes", type="optional", optional=True, name="chora.devex.themes", line=21),
            Dependency(
                id="chora.a.b", type="recommends", scope="complements", optional=True, name="chora.a.b", line=25
            ),
            Dependency(id="chora.a.c", type="supports", optional=True, name="chora.a.c", line=27),
        ),
        artifacts=(Artifact(path="docs/form-validation/charter.md", type="capability_charter", line=33),),
        origins=(("owner", Origin.DERIVED),),
        original=manifest.original,
        line=1,
    )
    assert [(item.rule, item.severity, item.place.line) for item in loaded.findings] == [
        ("id-rewritten", Severity.WARNING, 19),
        ("path-backslash", Severity.WARNING, 33),
    ]
    kept = json.loads(manifest.original)
    assert kept["dc_relation"]["conflicts"] == [{"capability": "chora.react.other_forms"}]
    assert kept["metadata"]["dc_identifier_legacy"] == "SAP-041"
    assert not manifest.imported
    assert manifest.origin("lifecycle_stage") is Origin.UNKNOWN


def test_the_looser_spelling_without_an_envelope_is_read_too() -> None:
    loaded = load(LOOSE)
    (manifest,) = loaded.manifests
    assert loaded.findings == ()
    assert loaded.dialect == "ontology"
    assert (manifest.name, manifest.version, manifest.tags) == ("chora.awareness.checks", "1.2.0", ("checks",))
    assert (manifest.lifecycle_stage, manifest.stability, manifest.contact) == ("draft", "experimental", "#checks")
    assert manifest.artifacts == (
        Artifact(path="docs/checks/ledger.md", type="ledger", line=9),
        Artifact(path="docs/checks/charter.md", type="charter", line=11),
    )
    assert [field for field, _ in manifest.origins] == ["lifecycle_stage", "name", "owner", "stability"]


def test_relations_may_stand_among_the_terms() -> None:
    (manifest,) = load(
        "metadata:\n  dc_identifier: a.b\n  dc_hasVersion: 1.0.0\n  dc_relation: {requires: [{capability: a.c}]}\n"
    ).manifests
    assert [item.id for item in manifest.dependencies] == ["a.c"]


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        ("chora.dev/v1", "chora.dev/v2", "schema-enum", 1),
        ("  dc_hasVersion: 1.0.0\n", "", "schema-required", 3),
        ("dc_hasVersion: 1.0.0", "dc_hasVersion: one", "version-semver", 11),
        ("dc_hasVersion: 1.0.0", "dc_hasVersion: [1]", "schema-type", 11),
        ("  dc_identifier: chora.react.form_validation\n", "", "schema-required", 3),
        ("identifier: chora.react", "identifier: ../react", "id-grammar", 4),
        ("^1.0.0", "'>=='", "range-syntax", 17),
        ("docs/form", "../form", "path-escapes", 33),
        ("  supports:", "  suports:", "schema-unknown-key", 26),
        ("dc_type:", "dc_tipe:", "schema-unknown-key", 10),
        ("  - capability: chora.devex.themes", "  - chora.devex.themes", "schema-type", 21),
    ],
)
def test_what_is_wrong_is_said_once_at_its_line(old: str, new: str, rule: str, line: int) -> None:
    assert FORMS.count(old) == 1
    found = [item for item in load(FORMS.replace(old, new)).findings if item.rule == rule]
    assert [item.place.line for item in found] == [line]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("capabilities/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"),
        ("capabilities/application.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"),
        ("capabilities/other.yaml", "apiVersion: chora.dev/v1\nkind: Decision\nmetadata: {dc_identifier: a.b}\n"),
        ("capabilities/list.yaml", "repo: chora-base\nversion: 1.0.0\nprovides: []\n"),
        ("capabilities/alias-mapping.json", '{"version": "1.0.0", "aliases": {}}'),
        ("chora.yaml", "apiVersion: v1\nkind: ConfigMap\n"),
    ],
)
def test_a_file_of_another_tool_is_one_warning(path: str, text: str) -> None:
    loaded = load(text, path)
    assert (loaded.parsed, loaded.manifests) == (True, ())
    assert [(item.rule, item.severity) for item in loaded.findings] == [("dialect-unknown", Severity.WARNING)]


@pytest.mark.parametrize("text", ["kind: tool\nid: a.b\nversion: '1.0.0'\n", "kind: tool\nversion: '1.0.0'\n"])
def test_half_an_envelope_is_an_unknown_key_of_our_own_form(text: str) -> None:
    assert load(text, "chora.yaml").dialect == "canonical"


SHAPES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["", "a.b", "../x", "x\\y", "1.0.0", "https://a/"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["capability", "path", "type", "version", "contact", "requires"]), inner)
    ),
    max_leaves=6,
)
PLACES = ["metadata", "dc_relation", "chora_pattern", "artifacts", "dc_source", "maintainer", "chora_version"]
TERMS = ["dc_identifier", "dc_title", "dc_hasVersion", "dc_creator", "dc_subject", "dc_relation"]


@settings(derandomize=True, max_examples=150, deadline=None, database=None)
@given(st.dictionaries(st.sampled_from(PLACES), SHAPES), st.dictionaries(st.sampled_from(TERMS), SHAPES))
def test_no_shape_raises(document: dict[str, object], terms: dict[str, object]) -> None:
    envelope = {"apiVersion": "chora.dev/v1", "kind": "Capability"}
    text = json.dumps({**envelope, "metadata": {"dc_identifier": "a.b", **terms}, **document})
    loaded = load(text)
    assert loaded.dialect == "ontology"
    assert all(item.place.line for item in loaded.findings)
