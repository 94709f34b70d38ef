"""Every dialect says what the file says: nothing invented, nothing lost, and each field marked by who says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chora_catalog.model.finding import Severity
from chora_catalog.model.manifest import Artifact, Behavior, Claim, Dependency, Manifest, Origin, Port, ValueScenario
from chora_catalog.parse.load import Loaded, load_manifests
from chora_catalog.parse.schema import compile_schemas

SCHEMAS = compile_schemas(
    {path.name: path.read_bytes() for path in (Path(__file__).parents[2] / "schemas").glob("*.schema.json")}
)
SEED = """\
id: "capability.example.build.validate-release"
version: "1.0.0"
owner: "team-alpha"
lifecycle_stage: "validate"
inputs:
  - name: artifact
    type: oci-image
outputs:
  - name: report
    type: sarif
dependencies:
  - id: "contract.example.release-policy"
    version: ">=1 <2"
security_tier: "medium"
stability: "stable"
adr_links:
  - "adr/0012-release-policy.md"
validation_status: "passing"
"""
STAR = """\
id: mcp-orchestration
version: 0.0.1
owner: team-mcp
lifecycle_stage: operate
outputs:
  - registry_state
tags: [chora, mcp]
dependencies:
  - id: chora-validator
    type: tool
    version: ">=0.0.1"
    scope: dev
    optional: true
  - nebula-core@1.x
security_tier: moderate
stability: beta
adr_links: []
validation_status:
  last_run: null
  result: pending
  tool: chora-validator
capabilities:
  - id: mcp.registry.manage
    behaviors:
      - ref: docs/capabilities/mcp-registry-manage.md
        id: MCP.REGISTRY.MANAGE
        status: draft
  - id: MCP.CONFIG.PUBLISH
telemetry:
  signals:
    - id: SIG.capability.mcp.registry.onboard
      doc: docs/reference/signals/SIG-capability-onboard.md
      last_update: 2025-10-05
value_scenarios:
  - id: mcp.registry.manage.create-doc
    title: Create registry documentation entry
    capability: mcp.registry.manage
    guide: docs/how-to/create-doc.md
    tests:
      - tests/value-scenarios/test_create_doc.py
    status: ready
"""
PUPPET = """\
{
\t"name": "PuppetLabs/Apache",
\t"version": "1.10.0",
\t"author": "Somebody",
\t"license": "Apache-2.0",
\t"tags": ["web"],
\t"dependencies": [
\t\t{"name": "puppetlabs/stdlib", "version_requirement": ">= 4.0.0 < 9.0.0"},
\t\t{"name": "puppetlabs-concat"}
\t],
\t"requirements": [{"name": "puppet", "version_requirement": ">= 6.1.0 < 8.0.0"}]
}
"""


def load(text: str, path: str = "chora.yaml") -> Loaded:
    return load_manifests(text.encode(), path=path, schemas=SCHEMAS)


def test_the_seeds_manifest_has_no_finding_and_says_what_it_says() -> None:
    loaded = load(SEED)
    assert loaded.findings == ()
    (manifest,) = loaded.manifests
    expected = Manifest(
        id="capability.example.build.validate-release",
        name="capability.example.build.validate-release",
        path="chora.yaml",
        dialect="canonical",
        version="1.0.0",
        owner="team-alpha",
        lifecycle_stage="validate",
        stability="stable",
        security_tier="medium",
        inputs=(Port(name="artifact", type="oci-image"),),
        outputs=(Port(name="report", type="sarif"),),
        dependencies=(Dependency(id="contract.example.release-policy", version=">=1 <2", line=12),),
        adr_links=("adr/0012-release-policy.md",),
        claim=Claim(result="passing"),
        origins=(("name", Origin.DERIVED),),
        original=manifest.original,
        line=1,
    )
    assert manifest == expected
    assert json.loads(manifest.original)["dependencies"][0]["version"] == ">=1 <2"
    assert manifest.origin("owner") is Origin.DECLARED
    assert manifest.origin("contact") is Origin.UNKNOWN
    assert not manifest.imported


def test_several_capabilities_share_what_stands_beside_the_list() -> None:
    loaded = load(
        "version: '2.0.0'\nowner: team\nsecurity_tier: low\ncapabilities:\n"
        "  - {id: a.b.c, title: First}\n  - {id: a.b.d, version: '3.0.0', owner: other}\n"
    )
    assert loaded.findings == ()
    first, second = loaded.manifests
    assert (first.id, first.name, first.version, first.owner, first.security_tier) == (
        "a.b.c",
        "First",
        "2.0.0",
        "team",
        "low",
    )
    assert first.origins == tuple((key, Origin.DERIVED) for key in ("owner", "security_tier", "version"))
    assert (second.version, second.owner) == ("3.0.0", "other")
    assert second.origins == (("name", Origin.DERIVED), ("security_tier", Origin.DERIVED))
    assert (first.line, second.line) == (5, 6)
    assert first.original == second.original


def test_a_bad_capability_leaves_its_neighbours_standing() -> None:
    loaded = load("version: '1.0.0'\ncapabilities:\n  - {id: ../x}\n  - {id: a.b}\n  - 7\n")
    assert [manifest.id for manifest in loaded.manifests] == ["a.b"]
    assert loaded.parsed
    assert {finding.rule for finding in loaded.findings} == {"id-grammar", "schema-type"}


def test_unknown_keys_and_words_are_kept_as_written() -> None:
    loaded = load(SEED.replace('"stable"', '"rock-solid"') + "x-team: {room: 7}\ncolour: blue\n")
    (manifest,) = loaded.manifests
    assert [(finding.rule, finding.severity) for finding in loaded.findings] == [
        ("schema-enum", Severity.WARNING),
        ("schema-unknown-key", Severity.WARNING),
    ]
    assert manifest.stability == "rock-solid"
    original = json.loads(manifest.original)
    assert (original["x-team"], original["colour"]) == ({"room": 7}, "blue")


def test_times_are_in_utc_and_dates_stay_dates() -> None:
    loaded = load(
        SEED + "updated_at: 2025-03-01T01:30:00+02:00\ndeprecated_at: 2025-04-01\nsunset_at: 2025-05-01T00:00\n"
    )
    (manifest,) = loaded.manifests
    assert loaded.findings == ()
    assert (manifest.updated_at, manifest.deprecated_at, manifest.sunset_at) == (
        "2025-02-28T23:30:00Z",
        "2025-04-01",
        "2025-05-01T00:00:00Z",
    )


def test_star_gives_the_repository_and_each_capability_it_lists() -> None:
    loaded = load(STAR, "manifests/star.yaml")
    assert [(finding.rule, finding.place.line) for finding in loaded.findings] == [("id-rewritten", 28)]
    star, registry, publish = loaded.manifests
    behavior = Behavior(
        id="MCP.REGISTRY.MANAGE", ref="docs/capabilities/mcp-registry-manage.md", status="draft", line=25
    )
    scenario = ValueScenario(
        id="mcp.registry.manage.create-doc",
        title="Create registry documentation entry",
        guide="docs/how-to/create-doc.md",
        tests=("tests/value-scenarios/test_create_doc.py",),
        status="ready",
        capability="mcp.registry.manage",
        line=35,
    )
    assert (star.id, star.version, star.owner, star.origins) == ("mcp-orchestration", "0.0.1", "team-mcp", ())
    assert star.outputs == (Port(name="registry_state"),)
    assert star.dependencies == (
        Dependency(
            id="chora-validator",
            version=">=0.0.1",
            type="tool",
            scope="dev",
            optional=True,
            name="chora-validator",
            line=9,
        ),
        Dependency(id="nebula-core", version="1.x", name="nebula-core", line=14),
    )
    assert star.claim == Claim(result="pending", tool="chora-validator")
    assert star.telemetry_signals == ("SIG.capability.mcp.registry.onboard",)
    assert star.artifacts == (
        Artifact(path="docs/reference/signals/SIG-capability-onboard.md", type="signal document", line=32),
    )
    assert star.tags == ("chora", "mcp")
    assert (star.behaviors, star.value_scenarios) == ((behavior,), (scenario,))
    assert (registry.behaviors, registry.value_scenarios) == ((behavior,), (scenario,))
    assert (publish.id, publish.name) == ("mcp.config.publish", "MCP.CONFIG.PUBLISH")
    shared = ("lifecycle_stage", "owner", "security_tier", "stability", "version")
    for capability in (registry, publish):
        assert [getattr(capability, key) for key in shared] == [getattr(star, key) for key in shared]
        assert {key for key, origin in capability.origins if origin is Origin.DERIVED} >= set(shared)
        assert capability.dependencies == capability.outputs == capability.tags == ()
        assert capability.claim is None
    assert (publish.behaviors, publish.value_scenarios) == ((), ())
    assert publish.origin("id") is Origin.DERIVED
    assert not star.imported


def test_puppet_invents_nothing() -> None:
    loaded = load(PUPPET, "metadata.json")
    assert loaded.findings == ()
    (module,) = loaded.manifests
    assert module == Manifest(
        id="puppetlabs-apache",
        name="PuppetLabs/Apache",
        path="metadata.json",
        dialect="puppet",
        version="1.10.0",
        dependencies=(
            Dependency(id="puppetlabs-stdlib", version=">= 4.0.0 < 9.0.0", name="puppetlabs/stdlib", line=8),
            Dependency(id="puppetlabs-concat", name="puppetlabs-concat", line=9),
        ),
        tags=("web",),
        origins=(("id", Origin.DERIVED),),
        original=json.dumps(json.loads(PUPPET), sort_keys=True, separators=(",", ":")),
        line=1,
    )
    assert module.imported
    assert {module.origin(key) for key in ("owner", "stability", "lifecycle_stage", "behaviors")} == {Origin.UNKNOWN}


def test_a_metadata_json_of_another_tool_is_no_broken_module() -> None:
    loaded = load('{"frames": 3}', "metadata.json")
    assert (loaded.parsed, loaded.manifests) == (True, ())
    assert [(finding.rule, finding.severity) for finding in loaded.findings] == [("dialect-unknown", Severity.WARNING)]


@pytest.mark.parametrize(
    ("path", "text", "dialect"),
    [
        ("chora.yaml", "id: a.b\nversion: '1.0.0'\n", "canonical"),
        ("chora.yml", "version: '1.0.0'\ncapabilities: [{id: a.b}]\n", "canonical"),
        ("chora.yaml", "id: a\nversion: '1.0.0'\ncapabilities: [{id: a.b}]\n", "star"),
        ("manifests/star.yaml", "id: a\nversion: '1.0.0'\n", "star"),
        ("other.json", '{"name": "a-b", "version": "1.0.0"}', "puppet"),
        ("other.json", '{"id": "a.b", "version": "1.0.0"}', "canonical"),
        ("caps/x.yaml", "id: a.b\nversion: '1.0.0'\n", "canonical"),
    ],
)
def test_the_dialect_follows_from_name_and_shape(path: str, text: str, dialect: str) -> None:
    loaded = load(text, path)
    assert loaded.dialect == dialect
    assert loaded.parsed
    assert {manifest.dialect for manifest in loaded.manifests} == {dialect}
    assert {manifest.path for manifest in loaded.manifests} == {path}


@pytest.mark.parametrize(("ttl", "kept"), [("60min", "60min"), ("2w", "2w"), ("60m", ""), ("60s", ""), ("soon", "")])
def test_a_duration_has_a_unit_that_is_nobodys_guess(ttl: str, kept: str) -> None:
    loaded = load(SEED + f"ttl: {ttl}\n")
    assert loaded.manifests[0].ttl == kept
    assert [finding.rule for finding in loaded.findings] == ([] if kept else ["schema-pattern"])


def test_a_number_of_seconds_is_a_duration_in_star() -> None:
    (star, *_) = load(STAR + "ttl: 86400\n", "star.yaml").manifests
    assert (star.ttl, star.origin("ttl")) == ("1440min", Origin.DERIVED)


@pytest.mark.parametrize(
    ("status", "claim"),
    [
        ("failing", Claim(result="failing")),
        ("{passed: true, last_run: 2025-01-02, tool: t}", Claim(result="passing", last_run="2025-01-02", tool="t")),
        ("{passed: false}", Claim(result="failing")),
        ("{result: flaky, passed: true}", Claim(result="flaky")),
        ("{tool: t}", None),
    ],
)
def test_a_claim_is_a_word_or_a_mapping(status: str, claim: Claim | None) -> None:
    text = SEED.replace('validation_status: "passing"', f"validation_status: {status}")
    assert load(text).manifests[0].claim == claim
