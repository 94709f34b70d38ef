"""What the rules call compatible is so: a validator that shares no code with them agrees. Hostile schemas end."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from chora_catalog.model.change import Change, Effect
from chora_catalog.resolve.contract import json_schema
from chora_catalog.resolve.contract.json_schema import compare_definitions, compare_schemas

BASE: list[Any] = [None, True, 0, 1, 2, 3, 4, 1.5, -1, "", "x", "xy", "xyy"]
VALUES: list[Any] = [
    *BASE, {}, [], *({"a": value} for value in BASE), *([value] for value in BASE), [0, 0], [0, "x"], ["x", "x", "y"],
    *({"b": value, "a": 1} for value in BASE), {"a": 1, "b": 2, "c": 3}, {"a": {"a": 1}}, [{"a": 1}], {"a": [1]},
]  # fmt: skip
TYPES = ["string", "integer", "number", "null", "object", "array", "boolean"]
LIMITS = [f"{limit}{what}" for limit in ("min", "max") for what in ("imum", "Length", "Items", "Properties")]
NUMBERS = st.integers(0, 3)


def _mapping(schema: Any) -> dict[str, Any]:
    return schema if isinstance(schema, dict) else {"not": {}} if schema is False else {}


def _limits(keyword: str) -> Any:
    return st.one_of(st.just({}), NUMBERS.map(lambda number: {keyword: number}))


KINDS = st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True).map(lambda kinds: {"type": kinds})
LISTED = st.lists(st.sampled_from([None, 0, 1.5, "x"]), min_size=1, max_size=3).map(lambda values: {"enum": values})
FAMILIES = [
    st.one_of(st.just({}), KINDS, st.sampled_from(TYPES).map(lambda kind: {"type": kind}), LISTED),
    *map(_limits, [*LIMITS, "exclusiveMinimum", "exclusiveMaximum"]),
    st.sampled_from([{}, {"multipleOf": 1}, {"multipleOf": 2}, {"multipleOf": 3}]),
    st.sampled_from([{}, {"uniqueItems": True}, {"uniqueItems": False}]),
    st.sampled_from([{}, {"pattern": "^x"}, {"pattern": "y$"}]),
    st.sampled_from([{}, {"const": 0}, {"const": "x"}, {"enum": [0, "x"]}]),
    st.sampled_from([True, False, {}, {"not": {"type": "string"}}]),
    st.builds(lambda names: {"required": names}, st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True)),
    st.builds(
        lambda others: {"properties": {"a": {}}, "additionalProperties": others}, st.one_of(st.booleans(), KINDS)
    ),
]
"""Each a way to say more or less of one thing, so that two of one family differ in little."""
LEAVES = st.one_of(FAMILIES)
FORMS = st.lists(st.one_of(LEAVES, st.just({"$ref": "#/$defs/one"})), min_size=1, max_size=3)


def _inside(schema: Any, other: Any, place: str) -> Any:
    """Put `schema` somewhere beside `other`, which is the same on both sides."""
    return {
        "self": schema,
        "beside": {**_mapping(other), **_mapping(schema)},
        "property": {"properties": {"a": schema, "b": other}},
        "others": {"properties": {"b": other}, "additionalProperties": schema},
        "items": {"items": schema},
        "reference": {"properties": {"a": {"$ref": "#/$defs/one", **_mapping(other)}}},
        "allOf": {"allOf": [other, schema]},
        "anyOf": {"anyOf": [schema, other]},
        "oneOf": {"oneOf": [other, schema]},
        "not": {"not": schema},
        "contains": {"contains": schema},
        "unknown": {"not": {"$ref": "#/$defs/one"}},
    }[place]


PLACES = ["self", "beside", "property", "others", "items", "reference", "allOf", "anyOf", "oneOf", "not", "contains"]


@st.composite
def changed(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two documents that differ in one thing, somewhere; or in the forms of one keyword."""
    if draw(st.booleans()):
        family = draw(st.sampled_from(FAMILIES))
        sides = draw(family), draw(family)
    else:
        keyword = draw(st.sampled_from(["allOf", "anyOf", "oneOf"]))
        sides = {keyword: draw(FORMS)}, {keyword: draw(FORMS)}
    one = draw(LEAVES)
    for _ in range(draw(st.integers(1, 2))):
        place, other = draw(st.sampled_from([*PLACES, "unknown"])), draw(LEAVES)
        made = tuple(_inside(side, other, place) for side in sides)
        if place in ("reference", "unknown"):
            held = sides
            sides = made
            break
        sides, held = made, (one, one)
    definitions = [json.dumps(side).replace("#/$defs/one", "#/$defs/two") for side in held]
    documents = [
        {**_mapping(side), "$defs": {"one": json.loads(definition), "two": one}}
        for side, definition in zip(sides, definitions, strict=True)
    ]
    return documents[0], documents[1]


DOCUMENTS = changed().map(lambda pair: pair[0])
BY_CONVENTION = {"schema-property-added", "schema-property-removed", "schema-property-added-to-closed"}
"""Properties are judged as they are used, and not by the values that a schema admits."""


def effects(found: tuple[Change, ...]) -> set[Effect]:
    return {change.effect for change in found}


@pytest.mark.parametrize("side", ["input", "output"])
@settings(max_examples=70, deadline=None)
@given(pair=changed())
def test_what_is_called_compatible_is(side: str, pair: tuple[Any, Any]) -> None:
    old, new = pair
    found = compare_schemas(old, new, side=side)
    assume(not {change.rule for change in found} & BY_CONVENTION)
    assume(not effects(found) & {Effect.BREAKING, Effect.UNDECIDED})
    gives, takes = (old, new) if side == "input" else (new, old)
    giver, taker = Draft202012Validator(gives), Draft202012Validator(takes)
    for value in VALUES:
        assert not giver.is_valid(value) or taker.is_valid(value), (old, new, value, found)


@settings(max_examples=70, deadline=None)
@given(DOCUMENTS)
def test_a_schema_against_itself_says_nothing(document: dict[str, Any]) -> None:
    assert compare_schemas(document, document) == ()
    assert compare_definitions(document, document) == ()
    renamed = {key: value for key, value in document.items() if key != "$defs"} | {"definitions": document["$defs"]}
    renamed = json.loads(json.dumps(renamed).replace("#/$defs/", "#/definitions/"))
    assert compare_schemas(document, renamed) == ()
    assert compare_definitions(document, renamed) == ()


def test_every_keyword_that_is_not_known_is_undecided() -> None:
    """The seven additions that a published comparison takes for compatible, and one."""
    base = {"type": "object", "properties": {"a": {"type": "string"}}}
    for keyword, value in {
        "if": {"required": ["a"]},
        "unevaluatedProperties": False,
        "dependentRequired": {"a": ["b"]},
        "prefixItems": [{"type": "string"}],
        "contains": {"type": "string"},
        "propertyNames": {"maxLength": 3},
        "not": {"required": ["a"]},
        "dependencies": {"a": ["b"]},
    }.items():
        for old, new in ((base, {**base, keyword: value}), ({**base, keyword: value}, base)):
            for side in ("input", "output", ""):
                assert effects(compare_schemas(old, new, side=side)) == {Effect.UNDECIDED}, keyword
    formatted = {"type": "string", "format": "date"}
    assert effects(compare_schemas({"type": "string"}, formatted, side="input")) == {Effect.BREAKING}


def test_what_stands_below_a_keyword_that_is_not_known_is_looked_at() -> None:
    old = {"not": {"$ref": "#/$defs/one"}, "$defs": {"one": {"type": "string"}}}
    new = {"not": {"$ref": "#/$defs/one"}, "$defs": {"one": {"type": ["string", "null"]}}}
    for compared in (compare_schemas(old, new, side="input"), compare_schemas(new, old, side="output")):
        assert [(change.rule, change.effect) for change in compared] == [("schema-undecided", Effect.UNDECIDED)]


def test_circles_end_and_what_is_in_them_is_found_once() -> None:
    def tree(kind: str) -> dict[str, Any]:
        node = {"type": "object", "properties": {"value": {"type": kind}, "next": {"$ref": "#/$defs/node"}}}
        node["properties"]["all"] = {"type": "array", "items": {"$ref": "#"}}  # type: ignore[index]
        return {"$ref": "#/$defs/node", "$defs": {"node": node}}

    found = compare_schemas(tree("integer"), tree("number"), side="output")
    assert [(change.rule, change.pointer) for change in found] == [("schema-type-widened", "/properties/value/type")]
    assert compare_schemas({"$ref": "#"}, {"$ref": "#"}) == ()
    two = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    assert compare_schemas(two, two) == ()
    assert effects(compare_schemas(two, {"type": "string"}, side="input")) & {Effect.UNDECIDED, Effect.BREAKING}


def test_a_long_chain_of_references_is_followed_without_calling_itself() -> None:
    def chain(kind: str) -> dict[str, Any]:
        links: dict[str, Any] = {f"d{n}": {"properties": {"n": {"$ref": f"#/$defs/d{n + 1}"}}} for n in range(3000)}
        return {"$ref": "#/$defs/d0", "$defs": {**links, "d3000": {"type": kind}}}

    started = time.process_time()
    [change] = compare_schemas(chain("string"), chain("integer"))
    assert change.rule == "schema-type-changed"
    assert time.process_time() - started < 5


def test_a_schema_that_asks_for_too_much_is_not_called_compatible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_schema, "MAX_PAIRS", 10)
    wide = {"properties": {f"p{n}": {"type": "string"} for n in range(50)}}
    found = compare_schemas(wide, {**wide, "title": "wide"}, side="input")
    assert [change.rule for change in found] == ["schema-not-compared"]


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        "text",
        [],
        {"type": 5},
        {"properties": []},
        {"required": "a"},
        {"enum": {}},
        {"allOf": {}},
        {"$ref": 5},
        {"$ref": "#/nowhere"},
        {"$ref": "#anchor"},
        {"minimum": "1"},
        {"items": [{}]},
        {"$defs": []},
    ],
    ids=str,
)
def test_what_is_no_good_schema_is_undecided_and_no_defect(bad: Any) -> None:
    good = {"type": "string", "$defs": {"a": True}}
    assert effects(compare_schemas(good, bad, side="input")) & {Effect.UNDECIDED, Effect.BREAKING, Effect.ADDITION}
    assert effects(compare_schemas(good, {**good, "allOf": [bad]}, side="output")) & {Effect.UNDECIDED, Effect.ADDITION}
    compare_schemas(bad, good)
    compare_definitions(bad, good)
    compare_definitions(good, bad)


@pytest.mark.parametrize(
    ("old", "new", "reported"),
    [
        ({"type": "string"}, {"type": "string", "nullable": True}, "schema-type-widened"),
        ({"enum": ["x"]}, {"type": "string", "enum": ["x"]}, ""),
        ({"enum": [1]}, {"enum": [1.0]}, ""),
        ({"const": "x"}, {"enum": ["x"]}, ""),
        ({"minLength": 0}, {}, ""),
        ({"required": ["a", "b"]}, {"required": ["b", "a"]}, ""),
        ({"title": "A", "x-order": 1}, {"description": "B"}, ""),
        ({"default": None}, {}, "schema-default-changed"),
        ({"type": "integer"}, {"$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}}, ""),
        ({"anyOf": [{"type": "string"}]}, {"anyOf": [{"type": "string", "maxLength": 3}]}, "schema-limit-tightened"),
        ({"multipleOf": 2}, {"multipleOf": 4}, "schema-limit-tightened"),
        ({"multipleOf": 0.1}, {"multipleOf": 0.2}, "schema-undecided"),
    ],
    ids=str,
)
def test_what_means_the_same_is_the_same(old: dict[str, Any], new: dict[str, Any], reported: str) -> None:
    assert [change.rule for change in compare_schemas(old, new, side="input")] == ([reported] if reported else [])
