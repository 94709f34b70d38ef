"""The schemas that stand under `allOf`, `anyOf` and `oneOf`: which of the old is which of the new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any, Final

from chora_catalog.resolve.contract.schema_document import Document, Schema, as_schema, canonical
from chora_catalog.resolve.contract.schema_keywords import KNOWN, types_of, values_of

_MOST: Final = 50
"""How many forms are told apart at most: each is held against each other."""


def apart(document: Document, forms: list[Any]) -> bool:
    """Tell whether no value can fit two of `forms`: their types differ, or a property that both require does."""
    if len(forms) > _MOST:
        return False
    marks = [_marks(document, document.flat(as_schema(form))) for form in forms]
    return all(_differ(left, right) for left, right in combinations(marks, 2))


def matched(old: list[Any], new: list[Any]) -> tuple[list[tuple[Any, Any]], list[Any], list[Any]]:
    """Return the schemas that stand in both lists as pairs, those that are gone, and those that are new."""
    left: dict[str, list[Any]] = {}
    for schema in old:
        left.setdefault(canonical(schema), []).append(schema)
    both, come = [], []
    for schema in new:
        same = left.get(canonical(schema))
        if same:
            both.append((same.pop(0), schema))
        else:
            come.append(schema)
    gone = [schema for schemas in left.values() for schema in schemas]
    again, gone, come = _by_kind(gone, come)
    return [*both, *again], gone, come


def _by_kind(gone: list[Any], come: list[Any]) -> tuple[list[tuple[Any, Any]], list[Any], list[Any]]:
    """Pair what is left by its title or its one type, where only one on each side has it."""
    before, after = _sole(gone), _sole(come)
    shared = sorted(before.keys() & after.keys())
    pairs = [(before[kind], after[kind]) for kind in shared]
    taken = {id(schema) for pair in pairs for schema in pair}
    return pairs, [item for item in gone if id(item) not in taken], [item for item in come if id(item) not in taken]


def _sole(schemas: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for schema in schemas:
        kind = schema.get("title", schema.get("type")) if isinstance(schema, dict) else None
        if isinstance(kind, str):
            found.setdefault(kind, []).append(schema)
    return {kind: schemas[0] for kind, schemas in found.items() if len(schemas) == 1}


Marks = tuple[frozenset[str], Mapping[str, set[str]]]


def _marks(document: Document, schema: Schema) -> Marks:
    """Return what tells a form from others: its types, and the values of the properties that it requires."""
    known = {key: value for key, value in schema.items() if key in KNOWN and KNOWN[key](value)}
    marks = {}
    for name in known.get("required", ()):
        held = known.get("properties", {}).get(name)
        values = values_of(document.flat(held)) if isinstance(held, dict) else None
        if values is not None:
            marks[name] = values
    return types_of(known), marks


def _differ(left: Marks, right: Marks) -> bool:
    if not left[0] & right[0]:
        return True
    # A required property tells apart objects only, so both forms have to admit nothing else.
    objects = left[0] == right[0] == {"object"}
    return objects and any(not left[1][name] & right[1][name] for name in left[1].keys() & right[1].keys())
