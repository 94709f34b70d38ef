"""The published schemas keep their own rules: valid, described, bounded, linear, and what they say is said in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from chora_catalog.model.finding import Severity
from chora_catalog.parse import schema as schema_module
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
        "backstage",
        "capability",
        "decision",
        "helm",
        "mcp",
        "ontology",
        "publiccode",
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


def test_every_schema_is_a_mapping_of_the_keywords_that_are_judged() -> None:
    """What is passed over unjudged because it fits needs each subschema as a mapping, and no word beside these."""
    known = {
        *("$defs", "$id", "$ref", "$schema", "allOf", "const", "description", "else", "enum", "examples", "format"),
        *("if", "items", "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minimum"),
        *("not", "pattern", "patternProperties", "properties", "required", "then", "title", "type"),
    }

    def look(schema: Any) -> None:
        assert isinstance(schema, dict)
        assert schema.keys() <= known | OURS
        assert not {"$ref", "allOf"} <= schema.keys()
        for key, value in schema.items():
            if key in ("properties", "patternProperties", "$defs"):
                [look(below) for below in value.values()]
            elif key in ("if", "then", "else", "not", "items"):
                look(value)
            elif key == "allOf":
                [look(below) for below in value]

    for data in FILES.values():
        look(json.loads(data))


DOCUMENTS = {name.removesuffix(".schema.json"): json.loads(data) for name, data in FILES.items()}
# The same library, with our words and nothing passed over, to compare with.
SLOW: Any = extend(
    Draft202012Validator,
    {
        key: call
        for key, call in schema_module._Validator.VALIDATORS.items()
        if key.startswith("x-") or key in ("pattern", "required")
    },
)
REGISTRY: Any = Registry().with_resources([(n, DRAFT202012.create_resource(json.loads(d))) for n, d in FILES.items()])
KEYS = sorted({key for data in FILES.values() for key in re.findall(rb'"([A-Za-z_-]+)": \{', data)})
VALUES = ["", "a.b", "A b", "1.0.0", "low", "2025-02-30", "x" * 300, "passing", "60m", None, True, 0, 1.5, -1, 10**6]
DATA = st.recursive(
    st.sampled_from(VALUES),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from([*(key.decode() for key in KEYS), "x-own", "ownr"]), below, max_size=6)
    ),
    max_leaves=30,
)


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
@given(value=DATA)
def test_what_fits_is_passed_over_and_nothing_else(name: str, value: Any) -> None:
    if name == "capability" and isinstance(value, dict):
        value = {"id": "a.b", "version": "1.0.0", **value}
    slow = SLOW(DOCUMENTS[name], registry=REGISTRY, format_checker=schema_module._FORMATS)
    fast = SCHEMAS._validators[name]
    assert said(fast.iter_errors(value)) == said(slow.iter_errors(value))


def said(errors: Iterator[Any]) -> list[tuple[Any, ...]]:
    return [(error.message, error.validator, error.validator_value, *error.absolute_path) for error in errors]


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
