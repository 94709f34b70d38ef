"""What a document is a contract of, by its shape, and what changed between two of one kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from chora_catalog.model.change import Change
from chora_catalog.model.contract import ContractKind
from chora_catalog.resolve.contract.json_schema import compare_definitions, compare_schemas
from chora_catalog.resolve.contract.json_schema_rules import BY_ID
from chora_catalog.resolve.contract.operations import compare_operations, is_openapi
from chora_catalog.resolve.contract.rule import in_order
from chora_catalog.resolve.contract.schema_document import definitions
from chora_catalog.resolve.contract.servers import compare_servers, is_tool_list

_SCHEMA_KEYS: Final = frozenset(
    ["$ref", "$defs", "definitions", "properties", "items", "allOf", "anyOf", "oneOf", "enum", "const", "not"]
)
_VALIDATES: Final = frozenset(["properties", "items", "allOf", "anyOf", "oneOf", "$ref", "enum", "const", "type"])


def kind_of(value: object) -> ContractKind | None:
    """Return what a document is by its shape, None for a manifest or for nothing that is known here.

    A manifest is not told here: every dialect has its own marks (`parse.load`).
    """
    if not isinstance(value, dict):
        return None
    if is_openapi(value):
        return ContractKind.OPENAPI
    if is_tool_list(value) and "version" not in value:
        return ContractKind.MCP
    if "json-schema.org" in str(value.get("$schema", "")):
        return ContractKind.SCHEMA
    # A manifest has an `id` or a `name`, and no schema is told by its `type` alone.
    if "id" not in value and "name" not in value and value.keys() & _SCHEMA_KEYS:
        return ContractKind.SCHEMA
    return None


def compare_documents(old: Any, new: Any, *, kind: ContractKind, side: str = "") -> tuple[Change, ...]:
    """Return what changed between two contract documents of `kind` (JSON values), sorted.

    `side` is `input` or `output` for a schema that is only given or only read. A schema that says nothing of its own
    value and holds definitions is compared definition by definition.
    """
    if kind is ContractKind.OPENAPI:
        return tuple(sorted(compare_operations(old, new), key=in_order))
    if kind is ContractKind.MCP:
        return tuple(sorted(compare_servers(old, new), key=in_order))
    if _is_collection(old) and _is_collection(new):
        return compare_definitions(old, new, side=side)
    return compare_schemas(old, new, side=side)


def compare_named(old: Any, new: Any, *, side: str, pointer: str, subject: str) -> tuple[Change, ...]:
    """Return what changed between two documents that an input or output names, as changes of that, sorted.

    Each document is what its shape says, a schema where that says nothing; two of different kinds are not compared.
    """
    kinds = [kind_of(value) or ContractKind.SCHEMA for value in (old, new)]
    if kinds[0] is not kinds[1]:
        message = f"the document is of the kind {kinds[1].value} and was of the kind {kinds[0].value}"
        words = {"before": kinds[0].value, "after": kinds[1].value}
        return (BY_ID["schema-not-compared"].change(pointer, message, subject=subject, side=side, **words),)
    found = compare_documents(old, new, kind=kinds[0], side=side)
    moved = (replace(item, pointer=pointer + item.pointer, subject=subject, side=side) for item in found)
    return tuple(sorted(moved, key=in_order))


def version_of(value: Any, kind: ContractKind) -> str:
    """Return the version that a contract document says of itself, empty where its kind has none."""
    info = value.get("info") if kind is ContractKind.OPENAPI and isinstance(value, dict) else None
    version = info.get("version") if isinstance(info, dict) else None
    return version if isinstance(version, str) else ""


def _is_collection(value: object) -> bool:
    return isinstance(value, dict) and bool(definitions(value)) and not value.keys() & _VALIDATES
