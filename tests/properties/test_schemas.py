"""The published schemas keep their own rules: valid, described, bounded, linear, and what they say is said in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chora_catalog.model.finding import Severity
from chora_catalog.parse.schema import compile_schemas
from chora_catalog.parse.spans import read

FOLDER = Path(__file__).parents[2] / "schemas"
FILES = {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.json"))}
SCHEMAS = compile_schemas(FILES)
OURS = {"x-unknown", "x-words", "x-checked-by", "x-format", "x-form"}
CONDITIONS = {"if", "then", "else", "not", "allOf"}


def subschemas(schema: Any, at: str = "", *, inside: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every subschema that describes a value; conditions only restate parts of them."""
    if not isinstance(schema, dict):
        return
    if not inside:
        yield at, schema
    for key, value in schema.items():
        below = f"{at}/{key}"
        if key in ("properties", "patternProperties", "$defs"):
            for name, child in value.items():
                yield from subschemas(child, f"{below}/{name}", inside=inside)
        elif key == "items":
            yield from subschemas(value, below, inside=inside)


def every() -> list[Any]:
    return [
        pytest.param(schema, id=name + at)
        for name, data in FILES.items()
        for at, schema in subschemas(json.loads(data))
    ]


def test_the_standard_is_these_files() -> None:
    assert SCHEMAS.names == (
        "capability",
        "decision",
        "ontology",
        "puppet",
        "registry",
        "signal",
        "signal-event",
        "star",
        "stewards",
        "waiver",
    )


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_a_schema_that_names_and_describes_itself(name: str) -> None:
    schema = json.loads(FILES[name])
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == name
    assert schema["title"]
    assert schema["description"].endswith(".")
    assert FILES[name].endswith(b"}\n")


@pytest.mark.parametrize("schema", every())
def test_every_value_is_described_and_bounded(schema: dict[str, Any]) -> None:
    assert "$ref" in schema or schema["description"].endswith((".", "*"))
    assert "uniqueItems" not in schema
    assert "format" not in schema or schema["format"] == "date"
    kinds = schema.get("type", [])
    if "string" in kinds and "enum" not in schema:
        assert schema["maxLength"] <= 20_000
    if "array" in kinds:
        assert schema["maxItems"] <= 10_000
    if "pattern" in schema:
        assert schema["pattern"].startswith("^")
        assert "\\d" not in schema["pattern"]
        assert {"x-form", "x-checked-by", "x-format"} & schema.keys()
    assert {key for key in schema if key.startswith("x-")} <= OURS


def test_references_stay_inside_the_folder() -> None:
    for data in FILES.values():
        text = json.dumps(json.loads(data))
        for reference in text.split('"$ref": "')[1:]:
            target = reference.split('"')[0]
            assert target.startswith(("#/", "capability.schema.json#/")), target


CASES = [
    ("required", "version: '1.0.0'\n", "schema-required", 1, "`id` is missing"),
    (
        "required-below",
        "id: a.b\nversion: '1.0.0'\ninputs:\n  - type: x\n",
        "schema-required",
        4,
        "missing in `inputs[0]`",
    ),
    ("type", "id: a.b\nversion: '1.0.0'\nowner: [x]\n", "schema-type", 3, "must be text, and is a list"),
    ("type-number", "id: a.b\nversion: '1.0.0'\nowner: 1.5\n", "schema-type", 3, "a number (1.5 without quotes)"),
    (
        "type-boolean",
        "id: a.b\nversion: '1.0.0'\nowner: true\n",
        "schema-type",
        3,
        "(true without quotes)",
    ),
    ("type-null", "id: a.b\nversion: '1.0.0'\nowner:\n", "schema-type", 3, "is empty"),
    ("pattern", "id: a.b\nversion: '1.0.0'\nttl: 60m\n", "schema-pattern", 3, "not a duration such as 60min"),
    ("format", "id: a.b\nversion: '1.0.0'\nupdated_at: '2025-02-30'\n", "schema-format", 3, "not a date or a time"),
    ("range", "id: a.b\nversion: '1.0.0'\nowner: ''\n", "schema-range", 3, "`owner` is empty"),
    ("unknown-word", "id: a.b\nversion: '1.0.0'\nstability: stabel\n", "schema-enum", 3, "kept as written"),
    ("unknown-key", "id: a.b\nversion: '1.0.0'\nownr: x\n", "schema-unknown-key", 3, "`ownr` is not a known key"),
]


@pytest.mark.parametrize(("document", "rule", "line", "words"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_an_error_is_said_in_words_at_its_place(document: str, rule: str, line: int, words: str) -> None:
    (finding,) = SCHEMAS.check(read(document.encode(), file="chora.yaml"), "capability")
    assert (finding.rule, finding.place.line) == (rule, line)
    assert words in finding.message
    warnings = ("schema-enum", "schema-unknown-key")
    assert finding.severity is (Severity.WARNING if rule in warnings else Severity.ERROR)


def test_a_near_key_and_a_near_word_are_suggested() -> None:
    text = b"id: a.b\nversion: '1.0.0'\nlifecyle_stage: operat\nstability: stabel\n"
    hints = [finding.hint for finding in SCHEMAS.check(read(text, file="a.yaml"), "capability")]
    assert hints == ["Did you mean `lifecycle_stage`?", "Did you mean `stable`?"]


def test_a_value_below_is_checked_by_its_pointer() -> None:
    reading = read(b"all:\n  - id: a.b\n    version: 3\n", file="a.yaml")
    (finding,) = SCHEMAS.check(reading, "capability.schema.json", at="/all/0")
    assert (finding.rule, finding.place.line, finding.place.pointer) == ("schema-type", 3, "/all/0/version")


def test_a_final_line_break_does_not_pass_a_pattern() -> None:
    (finding,) = SCHEMAS.check(read(b'{"id": "a.b", "version": "1.0.0", "ttl": "1h\\n"}', file="a.json"), "capability")
    assert finding.rule == "schema-pattern"
