"""Promise 3, for documents: whatever bytes a source holds, they are read strictly or refused, never run, never guessed.

One row is one hostile or odd document, named by its number in the list of adverse cases (Y reading, S schema,
I ids and paths, V versions, G and L where reading decides). A refusal names rule and line; "accept" rows hold that
strictness refuses nothing honest.
"""

from __future__ import annotations

import json
import re
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.model.finding import Severity
from chora_catalog.parse import spans
from chora_catalog.parse.load import load_manifests
from chora_catalog.parse.reading import MAX_FINDINGS
from chora_catalog.parse.schema import compile_schemas
from chora_catalog.parse.spans import MAX_BYTES, MAX_DEPTH, MAX_EVENTS, read

SCHEMA_FILES = {path.name: path.read_bytes() for path in (Path(__file__).parents[2] / "schemas").glob("*.schema.json")}
SCHEMAS = compile_schemas(SCHEMA_FILES)
SOFTWARE = """\
publiccodeYmlVersion: "0.4"
name: no
url: https://example.org/x
developmentStatus: beta
releaseDate: 2025-01-31
localisation:
  localisationReady: no
"""
GOOD = 'id: "a.b.c"\nversion: "1.0.0"\nowner: "team"\n'


def alias_bomb() -> str:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    return "\n".join(["l0: &l0 [x, x, x, x, x, x, x, x, x]", *levels])


def merge_bomb() -> str:
    return "\n".join(["m0: &m0 {a: 1}"] + [f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}]}}" for n in range(1, 30)])


def manifest(**fields: Any) -> str:
    return json.dumps({"id": "a.b.c", "version": "1.0.0", **fields}, ensure_ascii=False)


def entity(name: str, needs: str = "component:b") -> str:
    lines = ["apiVersion: backstage.io/v1", "kind: System", "metadata:", f"  name: {name!r}", "spec:"]
    return "\n".join([*lines, f"  dependsOn: [{needs!r}]\n"])


def row(name: str, document: str | bytes, *expected: tuple[str, int], file: str = "chora.yaml") -> Any:
    data = document.encode() if isinstance(document, str) else document
    return pytest.param(data, file, set(expected), id=name)


REFUSED = [
    row("G33-64-MiB-manifest", b"a" * (64 * 2**20), ("file-too-large", 0)),
    row(
        "G38-lfs-pointer",
        "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 1\n",
        ("file-lfs-pointer", 1),
    ),
    row("Y03-utf-16-le", "\ufeffid: a".encode("utf-16-le"), ("file-encoding", 1)),
    row("Y03-utf-16-be", "\ufeffid: a".encode("utf-16-be"), ("file-encoding", 1)),
    row("Y03-utf-16-without-mark", "id: a".encode("utf-16-le"), ("file-control-character", 1)),
    row("Y04-invalid-utf-8", b"id: a\nowner: \xc3\x28\n", ("file-encoding", 2)),
    row("Y04-overlong-utf-8", b"id: \xc0\xae\xc0\xae/x\n", ("file-encoding", 1)),
    row("Y04-encoded-surrogate", b"id: \xed\xa0\x80\n", ("file-encoding", 1)),
    row("Y04-nul", "id: a\nowner: b\0c\n", ("file-control-character", 2)),
    row("Y04-nul-escaped", 'id: a\nowner: "b\\0c"\n', ("file-control-character", 2), ("schema-required", 1)),
    row("Y04-c1", "id: a\n\nowner: b\x85c\n", ("file-control-character", 3)),
    row("Y04-bidi-override", "id: a\nowner: \u202emaet\n", ("file-control-character", 2)),
    row("Y04-line-separator", "id: a\nowner: b\u2028id: c\n", ("file-control-character", 2)),
    row("L01-escape-byte", "id: a\nsummary: \x1b]8;;file:///\x07x\n", ("file-control-character", 2)),
    row("L01-escape-escaped", GOOD + 'summary: "\\e[2J"\n', ("file-control-character", 4)),
    row(
        "L01-escape-escaped-json",
        '{"name": "a-b",\n"version": "\\u001b"}',
        ("file-control-character", 2),
        file="x.json",
    ),
    row("Y06-duplicate-key", GOOD + 'owner: "other"\n', ("yaml-duplicate-key", 4)),
    row("Y06-duplicate-key-quoted", GOOD + '"owner": "other"\n', ("yaml-duplicate-key", 4)),
    row("Y06-duplicate-key-question-form", GOOD + '? owner\n: "other"\n', ("yaml-duplicate-key", 4)),
    row("Y06-duplicate-key-nested", GOOD + "inputs:\n  - name: a\n    name: b\n", ("yaml-duplicate-key", 6)),
    row(
        "Y06-duplicate-key-json",
        '{"name": "a-b",\n"version": "1.0.0",\n"version": "2.0.0"}',
        ("yaml-duplicate-key", 3),
        file="metadata.json",
    ),
    row("Y06-key-is-a-list", GOOD + "? [a]\n: b\n", ("yaml-syntax", 4)),
    row("Y08-version-1.10", "id: a.b\nversion: 1.10\n", ("yaml-quote-it", 2)),
    row("Y08-version-1.0", "id: a.b\nversion: 1.0\n", ("schema-type", 2)),
    row("Y08-underscores", "id: a.b\nversion: 1_000\n", ("yaml-quote-it", 2)),
    row("Y08-hexadecimal", "id: a.b\nversion: 0x1f\n", ("yaml-quote-it", 2)),
    row("Y08-exponent-of-a-hash", "id: a.b\nversion: 123e4567\n", ("yaml-quote-it", 2)),
    row("Y08-infinity", "id: a.b\nversion: .inf\n", ("yaml-quote-it", 2)),
    row("Y08-not-a-number", "id: a.b\nversion: .NaN\n", ("yaml-quote-it", 2)),
    row("Y09-date-as-version", "id: a.b\nversion: 2025-10-12\n", ("version-semver", 2)),
    row("Y09-base-60-as-version", "id: a.b\nversion: 12:30:45\n", ("version-semver", 2)),
    row("Y09-octal-as-version", "id: a.b\nversion: 0o14\n", ("version-semver", 2)),
    row("Y16-5000-digit-integer", f"id: a.b\nversion: {'9' * 5000}\n", ("yaml-quote-it", 2)),
    row(
        "Y16-5000-digit-integer-json",
        '{"name": "a-b",\n"version": ' + "9" * 5000 + "}",
        ("yaml-quote-it", 2),
        file="metadata.json",
    ),
    row("Y16-impossible-date", GOOD + "updated_at: 2025-13-45\n", ("schema-format", 4)),
    row("Y16-integer-beyond-64-bits", GOOD + f"x-n: {2**63}\n", ("yaml-quote-it", 4)),
    row("Y19-python-object", GOOD + "x-a: !!python/object/apply:os.system ['id']\n", ("yaml-tag", 4)),
    row("Y19-text", GOOD + "x-a: !!str 1.10\n", ("yaml-tag", 4)),
    row("Y19-binary", GOOD + "x-a: !!binary aGk=\n", ("yaml-tag", 4)),
    row("Y19-set", GOOD + "x-a: !!set {a, b}\n", ("yaml-tag", 4)),
    row("Y19-environment", GOOD + "x-a: !ENV HOME\n", ("yaml-tag", 4)),
    row("H15-include", GOOD + "x-a: !include /etc/passwd\n", ("yaml-tag", 4)),
    row("Y19-tag-directive", "%TAG ! tag:x,2000:\n---\n" + GOOD, ("yaml-tag", 1)),
    row("Y21-alias-bomb", alias_bomb(), ("yaml-alias", 1), ("yaml-alias", 2)),
    row("Y21-merge-bomb", merge_bomb(), ("yaml-alias", 1), ("yaml-alias", 2)),
    row("Y21-merge-key-alone", GOOD + "<<: {owner: x}\n", ("yaml-alias", 4)),
    row("Y23-alias-to-itself", GOOD + "x-a: &a [*a]\n", ("yaml-alias", 4)),
    row("Y24-depth-33", GOOD + "x-a: " + "[" * 33 + "]" * 33, ("yaml-too-deep", 4)),
    row("Y24-depth-2000", GOOD + "x-a: " + "[" * 2000 + "]" * 2000, ("yaml-too-deep", 4)),
    row("Y24-depth-100000", "[" * 100_000, ("yaml-too-deep", 1)),
    row("Y24-depth-100000-of-mappings", "{a: " * 60_000, ("yaml-too-deep", 1)),
    row("Y24-depth-100000-of-dashes", "- " * 100_000, ("yaml-too-deep", 1)),
    row("Y24-depth-700-of-blocks", "\n".join(" " * n + "a:" for n in range(700)), ("yaml-too-deep", 33)),
    row("Y24-depth-100000-json", "[" * 100_000, ("yaml-too-deep", 1), file="metadata.json"),
    row("Y24-depth-33-json", "[" * 33 + "]" * 33, ("yaml-too-deep", 1), file="metadata.json"),
    row("Y27-two-documents", GOOD + "---\nid: other\n", ("yaml-documents", 4)),
    row("Y27-two-documents-json", '{"name": "a"}\n{"name": "b"}', ("json-syntax", 2), file="metadata.json"),
    row("Y27-empty", "", ("yaml-documents", 1)),
    row("Y27-only-a-comment", "# nothing\n", ("yaml-documents", 1)),
    row("Y27-empty-json", "", ("yaml-documents", 1), file="metadata.json"),
    row("Y27-null", "---\n", ("schema-type", 1)),
    row("Y27-list", "- id: a.b\n", ("schema-type", 1)),
    row("Y27-scalar", "just words\n", ("schema-type", 1)),
    row("Y31-200000-keys", "".join(f"k{n}:\n" for n in range(30_000)), ("file-too-large", 9_999)),
    row("Y31-30000-values-json", '{"name": [\n' + "1," * 30_000 + "1]}", ("file-too-large", 2), file="metadata.json"),
    row("Y31-3-MB-of-blank-lines", "\n" * 3_000_000, ("file-too-large", 0)),
    row("Y31-256-KiB-of-blank-lines", "\n" * MAX_BYTES, ("yaml-documents", 1)),
    row("Y31-20000-tag-directives", "%TAG ! x\n" * 20_000 + GOOD, ("yaml-tag", 1)),
    row("json-trailing-comma", '{"name": "a-b",\n"version": "1.0.0",\n}', ("json-syntax", 2), file="metadata.json"),
    row("json-missing-comma", '{"name": "a-b"\n"version": "1.0.0"}', ("json-syntax", 2), file="metadata.json"),
    row("json-comment", '/* x */ {"name": "a-b"}', ("json-syntax", 1), file="metadata.json"),
    row("json-single-quotes", "{'name': 'a-b'}", ("json-syntax", 1), file="metadata.json"),
    row("json-nan", '{"name": "a-b", "version": NaN}', ("json-syntax", 1), file="metadata.json"),
    row("json-half-surrogate", '{"name": "a-b",\n"version": "\\ud800"}', ("file-control-character", 2), file="x.json"),
    row("json-text-over-two-lines", '{"name": "a\nb"}', ("json-syntax", 1), file="metadata.json"),
    row("json-bad-escape", '{"name": "a\\x"}', ("json-syntax", 1), file="metadata.json"),
    row("json-ends-early", '{"name": ["a"', ("json-syntax", 1), file="metadata.json"),
    row("yaml-colon-in-value", "id: a.b\nowner: team: x\n", ("yaml-syntax", 2)),
    row("yaml-tab-indentation", "id: a.b\ninputs:\n\t- name: x\n", ("yaml-syntax", 3)),
    row("yaml-surrogate-escape", GOOD + 'owner2: "\\ud800"\n', ("yaml-syntax", 4)),
    row("V01-one-number", manifest(version="1"), ("version-semver", 1)),
    row("V01-leading-zero", manifest(version="01.2.3"), ("version-semver", 1)),
    row("V01-leading-v", manifest(version="v1.2.3"), ("version-semver", 1)),
    row("V01-latest", manifest(version="latest"), ("version-semver", 1)),
    row("V05-400-digit-major", manifest(version="9" * 400 + ".0.0"), ("version-semver", 1), ("schema-range", 1)),
    row("V05-arabic-digits", manifest(version="١.٢.٣"), ("version-semver", 1)),
    row("V05-final-line-break", manifest(version="1.2.3\n"), ("version-semver", 1)),
    row("V11-range-nonsense", manifest(dependencies=[{"id": "a.b", "version": ">>1"}]), ("range-syntax", 1)),
    row("I01-id-climbs", manifest(id="../../x"), ("id-grammar", 1)),
    row("I01-id-absolute", manifest(id="/etc/x"), ("id-grammar", 1)),
    row("I01-id-backslashes", manifest(id="a\\..\\b"), ("id-grammar", 1)),
    row("I01-id-percent", manifest(id="%2e%2e"), ("id-grammar", 1)),
    row("I01-dependency-climbs", manifest(dependencies=[{"id": "../x"}]), ("id-grammar", 1)),
    row("I01-path-climbs", manifest(adr_links=["docs/../../x"]), ("path-escapes", 1)),
    row("I01-path-absolute", manifest(adr_links=["/etc/passwd"]), ("path-escapes", 1)),
    row("I01-path-backslashes", manifest(adr_links=["a\\..\\..\\b"]), ("path-escapes", 1)),
    row("I01-path-percent", manifest(adr_links=["%2e%2E/x"]), ("path-escapes", 1)),
    row("I01-path-drive", manifest(adr_links=["C:\\x"]), ("path-escapes", 1)),
    row("I01-path-home", manifest(adr_links=["~/x"]), ("path-escapes", 1)),
    row("I01-path-of-a-scenario", manifest(value_scenarios=[{"id": "a", "guide": "../x"}]), ("path-escapes", 1)),
    row("I01-path-of-a-test", manifest(value_scenarios=[{"id": "a", "tests": ["../x"]}]), ("path-escapes", 1)),
    row("I01-path-of-a-behavior", manifest(behaviors=[{"id": "a", "ref": "../x.feature"}]), ("path-escapes", 1)),
    row("H06-javascript-link", manifest(adr_links=["javascript:alert(1)"]), ("path-escapes", 1)),
    row("H06-data-link", manifest(adr_links=["data:text/html,x"]), ("path-escapes", 1)),
    row("I09-cyrillic-look-alike", manifest(id="аpi.users"), ("id-grammar", 1)),
    row("I09-zero-width-space", manifest(id="api.us\u200bers"), ("id-grammar", 1)),
    row("I09-decomposed", manifest(id="cafe\u0301.x"), ("id-grammar", 1)),
    row("I09-arabic-digit", manifest(id="api.v١"), ("id-grammar", 1)),
    row("I11-id-is-an-option", manifest(id="--upload-pack=x"), ("id-grammar", 1)),
    row("id-with-final-line-break", manifest(id="a.b\n"), ("id-grammar", 1)),
    row("id-129-bytes", manifest(id="a" * 129), ("id-grammar", 1), ("schema-range", 1)),
    row("id-7-segments", manifest(id="a.b.c.d.e.f.g"), ("id-grammar", 1)),
    row("id-twice", "version: '1.0.0'\ncapabilities:\n- id: a.b\n- id: a.b\n", ("id-duplicate", 4)),
    row("puppet-name-climbs", '{"name": "../x",\n"version": "1.0.0"}', ("id-grammar", 1), file="metadata.json"),
    row("backstage-name-climbs", entity("../../x"), ("schema-pattern", 4), file="catalog-info.yaml"),
    row("backstage-reference-climbs", entity("a", "component:../x"), ("entity-reference", 6), file="catalog-info.yaml"),
    row(
        "backstage-bomb-in-the-second",
        entity("a") + "---\n" + alias_bomb(),
        ("yaml-alias", 8),
        ("yaml-alias", 9),
        file="catalog-info.yaml",
    ),
    row(
        "backstage-many-small-documents",
        (entity("a") + "---\n") * (MAX_EVENTS // 10),
        ("file-too-large", 7000),
        file="catalog-info.yaml",
    ),
    row(
        "mcp-name-climbs",
        '{"version": "1.0.0",\n"description": "x",\n"name": "../../x"}',
        ("schema-pattern", 3),
        file="server.json",
    ),
    row("helm-name-climbs", "apiVersion: v2\nname: ../x\nversion: 1.0.0\n", ("id-grammar", 2), file="Chart.yaml"),
    row(
        "helm-alias-that-needs-a-file",
        "apiVersion: v2\nname: &n x\nversion: 1.0.0\n",
        ("yaml-alias", 2),
        file="Chart.yaml",
    ),
    row(
        "publiccode-two-documents",
        "publiccodeYmlVersion: '0.4'\n---\nname: x\n",
        ("yaml-documents", 2),
        file="publiccode.yml",
    ),
    row("missing-id", 'version: "1.0.0"\n', ("schema-required", 1)),
    row("owner-is-a-number", 'id: a.b\nversion: "1.0.0"\nowner: 7\n', ("schema-type", 3)),
    row("inputs-are-a-mapping", 'id: a.b\nversion: "1.0.0"\ninputs: {name: x}\n', ("schema-type", 3)),
]


@pytest.mark.parametrize(("data", "file", "expected"), REFUSED)
def test_hostile_document_is_refused_with_rule_and_line(data: bytes, file: str, expected: set[tuple[str, int]]) -> None:
    started = time.perf_counter()
    loaded = load_manifests(data, path=file, schemas=SCHEMAS)
    assert time.perf_counter() - started < 2
    errors = {(finding.rule, finding.place.line) for finding in loaded.findings if finding.severity is Severity.ERROR}
    assert errors == expected
    assert len(loaded.findings) <= 2 * (MAX_FINDINGS + 1)
    for finding in loaded.findings:
        assert finding.place.file == file
        assert finding.hint.endswith((".", "?", '"')), finding.hint
        assert len(finding.message) < 500
        assert all(len(line) <= 200 for line in finding.place.excerpt)


ACCEPTED = [
    row("Y01-crlf", GOOD.replace("\n", "\r\n")),
    row("Y01-old-mac-line-ends", GOOD.replace("\n", "\r")),
    row("Y01-byte-order-mark", "\ufeff" + GOOD),
    row("Y01-no-final-line-end", GOOD.rstrip("\n")),
    row("Y01-document-markers", "%YAML 1.2\n---\n" + GOOD + "...\n"),
    row("Y01-comments", "# one\n" + GOOD + "# two\n"),
    row("Y01-flow", '{"id": "a.b.c", "version": "1.0.0", "owner": "team"}'),
    row("Y10-owner-no", GOOD.replace('"team"', "no")),
    row("Y09-date-as-text", GOOD + "updated_at: 2025-10-12\n"),
    row("Y24-depth-32", GOOD + "x-a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)),
    row("Y06-question-form", GOOD + "? x-a\n: b\n"),
    row("S03-remote-references", GOOD + "x-a: {$ref: 'http://127.0.0.1:9/x', $schema: 'http://127.0.0.1:9/y'}\n"),
    row("H14-template-in-a-field", GOOD + 'summary: "{{7*7}} {% include x %}"\n'),
    row("H01-markup-in-a-field", GOOD + 'summary: "<script>alert(1)</script>"\n'),
    row("A01-annotation-in-a-field", GOOD + 'summary: "a\\n::error::x"\n'),
    row("I01-web-address", GOOD + 'adr_links: ["https://example.org/a/../b"]\n'),
    row("any-language", GOOD + 'summary: "Ünïcode 漢字 עברית 🎉"\n'),
    row("largest-integer", GOOD + f"x-n: {2**63 - 1}\n"),
    row("puppet-tabs-and-crlf", '{\r\n\t"name":\t"a/b",\r\n\t"version": "1.0.0"\r\n}\r\n', file="metadata.json"),
    row("puppet-byte-order-mark", '\ufeff{"name": "a-b", "version": "1.0.0"}', file="metadata.json"),
    row("backstage-crlf-and-empty-documents", ("---\n" + entity("a") + "---\n").replace("\n", "\r\n"), file="x.yaml"),
    row(
        "backstage-markers-in-a-text",
        entity("a") + "  definition: |\n    ---\n    a: &b !c\n",
        file="catalog-info.yaml",
    ),
    row("publiccode-dates-and-no", SOFTWARE, file="publiccode.yml"),
    row(
        "json-surrogate-pair", '{"name": "a-b", "version": "1.0.0", "summary": "\\ud83c\\udf89"}', file="metadata.json"
    ),
]


@pytest.mark.parametrize(("data", "file", "expected"), ACCEPTED)
def test_honest_document_is_accepted(data: bytes, file: str, expected: set[tuple[str, int]]) -> None:
    loaded = load_manifests(data, path=file, schemas=SCHEMAS)
    assert loaded.parsed
    assert [finding for finding in loaded.findings if finding.severity is Severity.ERROR] == []
    assert expected == set()


def test_backslashes_in_paths_are_read_as_slashes_with_a_warning() -> None:
    loaded = load_manifests(manifest(adr_links=["docs\\adr\\1.md"]).encode(), path="chora.yaml", schemas=SCHEMAS)
    assert [(finding.rule, finding.severity) for finding in loaded.findings] == [("path-backslash", Severity.WARNING)]
    assert loaded.manifests[0].adr_links == ("docs/adr/1.md",)


@pytest.mark.parametrize(
    "text", ["no", "on", "off", "y", "2025-10-12", "12:30:45", "014", "0o14", "1.0.0", "1.2.3-rc.1"]
)
def test_words_that_yaml_1_1_would_change_stay_text(text: str) -> None:
    assert read(f"a: {text}\n{text}: a\n".encode(), file="a.yaml").value == {"a": text, text: "a"}


@pytest.mark.parametrize(
    "text", ["1.10", "1_000", "0x1f", "0b1", "+1", ".5", "5.", "1e5", "-0", ".inf", "-.INF", ".nan"]
)
def test_numbers_that_would_come_back_otherwise_must_be_quoted(text: str) -> None:
    reading = read(f"a:\n  b: {text}\n".encode(), file="a.yaml")
    (finding,) = reading.findings
    assert (finding.rule, finding.place.line, finding.place.column) == ("yaml-quote-it", 2, 6)
    assert finding.hint == f'Quote it: "{text}"'
    assert not reading.ok
    assert reading.value is None
    assert read(f'a: "{text}"'.encode(), file="a.yaml").value == {"a": text}


def test_a_duplicate_key_names_both_lines() -> None:
    for file, text in (("a.yaml", "a: 1\nb: 2\na: 3\n"), ("a.json", '{"a": 1,\n"b": 2,\n"a": 3}')):
        (finding,) = read(text.encode(), file=file).findings
        assert (finding.place.line, finding.related[0].line) == (3, 1)
        assert "first in line 1, again in line 3" in finding.message


BOMBS = {
    "flow": ("[" * 100_000, 40),
    "mappings": ("{a: " * 60_000, 80),
    "dashes": ("- " * 100_000, 40),
    "aliases": (alias_bomb(), 40),
    "merges": (merge_bomb(), 40),
    "keys": ("".join(f"k{n}:\n" for n in range(30_000)), MAX_EVENTS + 1),
    "documents": ("--- a\n" * 40_000, 6),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_left_before_it_goes_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, most = BOMBS[name]
    taken = 0
    parse = spans.yaml.parse

    def counting(*args: Any, **options: Any) -> Any:
        nonlocal taken
        for event in parse(*args, **options):
            taken += 1
            yield event

    monkeypatch.setattr(spans.yaml, "parse", counting)
    assert not read(text.encode(), file="a.yaml").ok
    assert 0 < taken <= most


def test_a_file_over_the_limit_is_never_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(spans.yaml, "parse")
    assert read(b"a: 1\n" * 60_000, file="a.yaml").findings[0].rule == "file-too-large"


def test_reading_and_checking_open_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    document = {"$schema": "http://127.0.0.1:9/s", "$id": "http://127.0.0.1:9/i", "$ref": "http://127.0.0.1:9/r"}
    text = json.dumps({**document, "id": "a.b", "version": "1.0.0", "inputs": [document]})
    loaded = load_manifests(text.encode(), path="chora.yaml", schemas=SCHEMAS)
    assert loaded.parsed


@pytest.mark.parametrize("name", ["first", "last"])
def test_a_flood_of_unknown_keys_hides_no_error(name: str) -> None:
    flood = [f"k{n}: 1" for n in range(5000)]
    wrong = ["id: a.b", "version: '1.0.0'", "owner: 7"]
    lines = wrong + flood if name == "first" else flood + wrong
    loaded = load_manifests("\n".join(lines).encode(), path="chora.yaml", schemas=SCHEMAS)
    rules = [(finding.rule, finding.severity) for finding in loaded.findings]
    assert ("schema-type", Severity.ERROR) in rules
    assert ("too-many-findings", Severity.NOTICE) in rules
    assert len(rules) == MAX_FINDINGS + 1


def test_a_flood_of_unknown_keys_below_hides_no_later_error() -> None:
    ports = "".join(f"  - {{name: p{n}, k{n}: 1}}\n" for n in range(150))
    text = "id: a.b\nversion: '1.0.0'\ninputs:\n" + ports + "sunset_at: 7\n"
    loaded = load_manifests(text.encode(), path="chora.yaml", schemas=SCHEMAS)
    assert loaded.findings[0].rule == "schema-type"


def patterns() -> list[Any]:
    found: dict[str, str] = {}

    def walk(schema: Any, at: str) -> None:
        if isinstance(schema, dict):
            if isinstance(schema.get("pattern"), str):
                found.setdefault(schema["pattern"], at)
            for key, value in schema.items():
                walk(value, f"{at}/{key}")

    for name, data in sorted(SCHEMA_FILES.items()):
        walk(json.loads(data), name)
    return [pytest.param(pattern, id=at) for pattern, at in found.items()]


@pytest.mark.parametrize("pattern", patterns())
def test_no_pattern_takes_long_on_a_near_match(pattern: str) -> None:
    """S02: texts that match almost to their end, at the length that the schemas admit."""
    compiled = re.compile(pattern)
    for seed in (
        "a",
        "0",
        "a.",
        "a-",
        "a_",
        "v{version}",
        "{version}",
        "0.0.0-",
        "2025-01-01T",
        "https://a",
        "A_",
        "-",
    ):
        near = (seed * 1000)[:1000] + "\n!"
        assert min(_seconds_to_search(compiled, near) for _ in range(3)) < 0.05


def _seconds_to_search(pattern: re.Pattern[str], text: str) -> float:
    started = time.process_time()
    pattern.search(text)
    return time.process_time() - started
