"""The manifest loader in every dialect: the first byte chooses the file's name, the rest is the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

from chora_catalog.app.fixing import fixed_text
from chora_catalog.check.engine import check_tree, check_without_catalog
from chora_catalog.check.rule import Tree
from chora_catalog.model.ids import id_problem
from chora_catalog.model.manifest import Manifest
from chora_catalog.parse.fields import original
from chora_catalog.parse.load import Loaded, load_manifests
from chora_catalog.parse.reading import forbidden_in, lines_of
from chora_catalog.parse.schema import compile_schemas
from chora_catalog.parse.spans import read, read_stream
from tests.fuzz.promises import ROOT, Lines, files_of, findings_are_sound, in_time, refused, texts_of

LONGEST = 4096
PATHS = (
    *("chora.yaml", "manifests/star.yaml", "metadata.json", "other.json", "caps/x.yaml"),
    *("catalog-info.yaml", "server.json", "Chart.yaml", "publiccode.yml"),
)
WORDS = (
    *(
        "id: ",
        "version: ",
        "owner: ",
        "capabilities:",
        "dependencies:",
        "behaviors:",
        "value_scenarios:",
        "- id: a.b\n",
    ),
    *("inputs:", "outputs:", "adr_links: [", "telemetry:", "signals:", "validation_status: ", "ttl: ", "updated_at: "),
    *(
        '"name": "a/b"',
        '"version_requirement": ',
        '"requirements"',
        "terms:",
        "relations:",
        "tests: [",
        "../x",
        "x-a: ",
    ),
    *("apiVersion: backstage.io/v1alpha1\n", "\n---\n", "kind: API", "kind: Group", "metadata: {name: ", "spec:"),
    *("- component:a/b", "dependsOn: ", '"version_detail": {', '"packages": [', '"latest"', '"remotes": [{"url": '),
    *("apiVersion: v2", "condition: ", "deprecated: true", "publiccodeYmlVersion: ", "versionMin: ", "contacts: "),
    *(">=1 <2", "1.2.3", "2025-10-12", "true", "null", "[]", "{}", "'", '"', "\n  ", "\n- ", "ref: a.feature#x"),
)
SCHEMAS = compile_schemas({path.name: path.read_bytes() for path in sorted((ROOT / "schemas").glob("*.schema.json"))})


def seeds() -> Iterator[bytes]:
    texts = chain(
        texts_of("tests/properties/test_dialects.py"),
        texts_of("tests/properties/test_ontology.py"),
        texts_of("tests/properties/test_foreign_dialects.py"),
        texts_of("tests/attacks/test_documents.py"),
        files_of("chora.yaml", "tests/rules/*/*/tree/*.yaml", "tests/rules/*/*/tree/*.json"),
    )
    for text in texts:
        for at in range(len(PATHS)) if len(text) > 200 else (0,):
            yield bytes([at]) + text


def check(data: bytes) -> None:
    path, data = PATHS[(data or b"\0")[0] % len(PATHS)], data[1:]
    lines = Lines(data)
    loaded = in_time(load_manifests, data, path=path, schemas=SCHEMAS)
    findings_are_sound(loaded.findings, lines, path)
    stream = loaded.dialect == "backstage"
    readings = read_stream(data, file=path) if stream else (read(data, file=path),)
    reading = readings[0]
    assert {finding.rule for finding in reading.findings} <= {finding.rule for finding in loaded.findings}
    assert reading.ok or not loaded.manifests, "nothing is taken from what the reader refused"
    if not loaded.dialect:
        assert (loaded.parsed, loaded.manifests) == (True, ())
        return
    # A stream may hold nothing but places and persons; it declares nothing then, and nothing is wrong.
    assert loaded.parsed == bool(loaded.manifests) or (stream and not refused(loaded.findings))
    assert loaded.parsed or refused(loaded.findings), "what declares nothing says why"
    assert len({manifest.id for manifest in loaded.manifests}) == len(loaded.manifests)
    assert load_manifests(data, path=path, schemas=SCHEMAS) == loaded
    if stream and reading.ok:
        kept = [*(manifest.original for manifest in loaded.manifests), *loaded.others]
        assert sorted(kept) == sorted(original(entity.value) for entity in readings), "no document is lost"
    _rules_are_sound(data, path, loaded, lines)
    for manifest in loaded.manifests:
        _is_sound(manifest, lines)
        assert (manifest.path, manifest.dialect) == (path, loaded.dialect)
        assert stream or json.loads(manifest.original) == reading.value, "nothing that a source wrote is lost"


def _rules_are_sound(data: bytes, path: str, loaded: Loaded, lines: Lines) -> None:
    """Assert that rules answer in time about places of the file, and that a correction loses no value."""
    tree = Tree(manifests=loaded.manifests, paths=frozenset([path]), lines={path: lines_of(data, path)})
    findings_are_sound(in_time(check_tree, tree), lines, path)
    findings_are_sound(check_without_catalog(tree), lines, path)
    edits = [finding.edit for finding in loaded.findings if finding.edit]
    after, done = in_time(fixed_text, data, file=path, edits=edits)
    assert (after == data) is not bool(done)
    assert not done or _shape(read(after, file=path).partial) == _shape(read(data, file=path).partial)


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    return [_shape(item) for item in value] if isinstance(value, list) else None


def _is_sound(manifest: Manifest, lines: Lines) -> None:
    assert id_problem(manifest.id) is None, manifest.id
    assert manifest.observed_behaviors == ()
    lines.hold(manifest.line, 1)
    for item in (*manifest.dependencies, *manifest.behaviors, *manifest.value_scenarios, *manifest.artifacts):
        lines.hold(item.line, 1)
    for dependency in manifest.dependencies:
        assert id_problem(dependency.id) is None, dependency.id
    scenarios = manifest.value_scenarios
    paths = [
        *manifest.adr_links,
        *(behavior.ref for behavior in manifest.behaviors),
        *(path for scenario in scenarios for path in (scenario.guide, *scenario.tests)),
        *(artifact.path for artifact in manifest.artifacts),
    ]
    for path in paths:
        assert path.startswith("https://") or _stays_inside(path), path
    assert forbidden_in(repr(manifest)) is None


def _stays_inside(path: str) -> bool:
    return ".." not in path.split("#")[0].split("/") and not path.startswith(("/", "~")) and "\\" not in path
