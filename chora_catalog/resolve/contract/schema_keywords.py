"""The keywords of JSON Schema that are compared, each with the form in which it is, and what a schema says by them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from chora_catalog.resolve.contract.schema_document import Schema, canonical, is_schema

TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")
DYNAMIC: Final = ("$dynamicRef", "$recursiveRef")
CLOSING: Final = ("unevaluatedProperties",)
"""Not compared, but enough to know that the schema admits no other properties."""
LOWER: Final = {"minimum": None, "exclusiveMinimum": None, "minLength": 0, "minItems": 0, "minProperties": 0}
UPPER: Final = dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list_of(kind: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(map(kind, value))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_type(value: object) -> bool:
    return value in TYPES if isinstance(value, str) else _is_list_of(lambda item: item in TYPES)(value)


KNOWN: Final[Mapping[str, Callable[[object], bool]]] = {
    "type": _is_type,
    "nullable": lambda value: isinstance(value, bool),
    "enum": lambda value: isinstance(value, list),
    "const": lambda _: True,
    "properties": lambda value: isinstance(value, dict) and all(map(is_schema, value.values())),
    "required": _is_list_of(_is_text),
    "additionalProperties": is_schema,
    "items": is_schema,
    **dict.fromkeys((*LOWER, *UPPER, "multipleOf"), _is_number),
    "uniqueItems": lambda value: isinstance(value, bool),
    "pattern": _is_text,
    "format": _is_text,
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), _is_list_of(is_schema)),
    "default": lambda _: True,
}
"""The keywords that are compared, each with the form in which it is: in another form nothing is known of it."""


def types_of(schema: Schema) -> frozenset[str]:
    """Return the types that a schema admits; `number` includes `integer`; where it lists values, their types count."""
    named = schema.get("type", list(TYPES))
    types = {named} if isinstance(named, str) else set(named)
    if schema.get("nullable") is True:
        types.add("null")
    if "number" in types:
        types.add("integer")
    values = values_of(schema)
    if "type" not in schema and values is not None:
        types = {_type_of(json.loads(value)) for value in values}
        types |= {"integer"} if "number" in types else set()
    return frozenset(types)


def _type_of(value: object) -> str:
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "object" if isinstance(value, dict) else "null"


def values_of(schema: Schema) -> set[str] | None:
    """Return the values that a schema lists, as text; None where it lists none."""
    if "const" in schema:
        only = {canonical(schema["const"])}
        return only & set(map(canonical, schema["enum"])) if "enum" in schema else only
    return set(map(canonical, schema["enum"])) if "enum" in schema else None
