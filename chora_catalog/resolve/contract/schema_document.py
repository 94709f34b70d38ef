"""A document with schemas in it: its definitions, its references, and its values as text."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from chora_catalog.parse.reading import split_pointer

Schema = dict[str, Any]

CONTAINERS: Final = ("definitions", "$defs")
"""Where a document keeps its definitions: up to draft-07, and since 2019-09. Both are read as one."""
ANNOTATIONS: Final = frozenset(
    ["$schema", "$id", "id", "$comment", "title", "description", "examples", "example", "deprecated", *CONTAINERS]
)
"""They say something about values and refuse none."""


def is_schema(value: object) -> bool:
    """Tell whether a JSON value has the form of a schema."""
    return isinstance(value, dict | bool)


@dataclass(slots=True, kw_only=True)
class Document:
    """One document, and the schemas that were made of references with something beside them (kept: ids must last)."""

    root: object
    definitions: dict[str, Any] = field(init=False)
    merged: dict[int, tuple[Schema, Schema]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the definitions once: every reference asks for them."""
        self.definitions = definitions(self.root)

    def target(self, reference: str) -> Schema | None:
        """Return what a reference inside this document leads to, None where it leads nowhere or elsewhere."""
        found: Any = self.root
        if isinstance(found, dict) and isinstance(found.get("$id"), str):
            reference = reference.removeprefix(found["$id"].rstrip("#"))
        if reference not in ("", "#") and not reference.startswith("#/"):
            return None
        for place, segment in enumerate(split_pointer(unquote(reference[1:]))):
            if place == 0 and segment in CONTAINERS:
                found = self.definitions
            elif isinstance(found, dict):
                found = found.get(segment)
            elif isinstance(found, list) and segment.isdecimal() and len(segment) < 6:
                found = found[int(segment)] if int(segment) < len(found) else None
            else:
                return None
        return as_schema(found) if is_schema(found) else None

    def flat(self, schema: Schema) -> Schema:
        """Return `schema` with its reference replaced by what it leads to; as it is where that cannot be told."""
        seen: set[int] = set()
        while isinstance(schema.get("$ref"), str) and id(schema) not in seen:
            seen.add(id(schema))
            target = self.target(schema["$ref"])
            if target is None:
                return schema
            schema = self.joined(schema, target) if conditions(schema) else target
        return schema

    def joined(self, schema: Schema, target: Schema) -> Schema:
        """Return a reference and the keywords beside it as one schema: both must hold."""
        if id(schema) not in self.merged:
            rest = conditions(schema)
            if rest.keys() & conditions(target).keys() or "$ref" in target:
                rest["allOf"] = [*rest.get("allOf", ()), {"$ref": schema["$ref"]}]
                made = rest
            else:
                made = {**target, **rest}
            self.merged[id(schema)] = (schema, made)
        return self.merged[id(schema)][1]


def conditions(schema: Schema) -> Schema:
    """Return the keywords of a schema that can refuse a value, but for its reference."""
    return {key: value for key, value in schema.items() if key != "$ref" and not is_annotation(key)}


def is_annotation(key: str) -> bool:
    """Tell whether a keyword refuses no value."""
    return key in ANNOTATIONS or key.startswith("x-")


_ANY: Final[Schema] = {}
_NONE: Final[Schema] = {"not": {}}


def as_schema(value: Any) -> Schema:
    """Return a schema as a mapping: `true` admits everything, `false` nothing."""
    return value if isinstance(value, dict) else _ANY if value else _NONE


def definitions(document: object) -> dict[str, Any]:
    """Return the definitions of a document by name, from `definitions` and `$defs`."""
    found: dict[str, Any] = {}
    for key in CONTAINERS:
        held = document.get(key) if isinstance(document, dict) else None
        if isinstance(held, dict):
            found |= {name: schema for name, schema in held.items() if is_schema(schema)}
    return found


def canonical(value: object) -> str:
    """Return a JSON value as text: equal values, equal text, wherever the definitions stand."""
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.replace('"#/definitions/', '"#/$defs/')


def text_of(schema: Schema, keyword: str) -> str:
    """Return the value of a keyword as canonical text, empty where it is absent."""
    return canonical(schema[keyword]) if keyword in schema else ""


def _plain(value: object) -> object:
    """Return a number that is whole as one, because to JSON Schema 1.0 is 1; numbers inside others are left."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def references_in(value: object) -> list[str]:
    """Return the references inside a value, in the order of its canonical text."""
    found: list[str] = []
    waiting: list[Any] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [item[key] for key in sorted(item)]
            if isinstance(item.get("$ref"), str):
                found.append(item["$ref"])
        elif isinstance(item, list):
            waiting += item
    return found
