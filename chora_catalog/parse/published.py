"""The files of a published matrix, read back strictly (the other half of render/compat_files)."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from chora_catalog.model.catalog import Edge
from chora_catalog.model.compat import DependentsFile, NeedsFile
from chora_catalog.model.record import from_json
from chora_catalog.parse.kept import UnreadableError

_SCHEMA: Final = re.compile(r"chora\.[a-z]+/v1")


def load_needs(data: bytes, at: str) -> NeedsFile:
    """Return the file of a consumer; raise UnreadableError when it is torn or something else. `at` names it."""
    found: NeedsFile = _noun(NeedsFile, data, at, "chora.needs/v1")
    return found


def load_dependents(data: bytes, at: str) -> DependentsFile:
    """Return the file of a provider; raise UnreadableError when it is torn or something else. `at` names it."""
    found: DependentsFile = _noun(DependentsFile, data, at, "chora.dependents/v1")
    return found


def load_matrix(data: bytes, at: str) -> tuple[Edge, ...]:
    """Return every dependency of `matrix.json`; raise UnreadableError when it is torn or something else."""
    record = _record(data, at, "chora.matrix/v1")
    try:
        edges: tuple[Edge, ...] = from_json(tuple[Edge, ...], record.get("edges"), at=at)
    except ValueError as error:
        raise UnreadableError(str(error)) from error
    return edges


def load_pairs(data: bytes, at: str) -> tuple[tuple[str, str], ...]:
    """Return consumer and provider of every dependency of `matrix.json`, and nothing else of them.

    Raise UnreadableError when it is torn or something else.
    """
    rows = _record(data, at, "chora.matrix/v1").get("edges")
    try:
        pairs = tuple([(row["consumer"], row["provider"]) for row in rows or ()])
    except (TypeError, KeyError) as error:
        raise UnreadableError(f"{at}: `edges` is no list of dependencies: {error}") from error
    if not isinstance(rows, list) or not all(type(name) is str for pair in pairs for name in pair):
        raise UnreadableError(f"{at}: `edges` is no list of dependencies")
    return pairs


def load_aliases(data: bytes, at: str) -> dict[str, str]:
    """Return what former ids mean today; raise UnreadableError when it is torn or something else."""
    said = _record(data, at, "chora.aliases/v1").get("aliases")
    if not isinstance(said, dict) or not all(isinstance(item, str) for item in said.values()):
        raise UnreadableError(f"{at}: `aliases` is no object of ids")
    return {str(name): str(item) for name, item in said.items()}


def _noun(kind: Any, data: bytes, at: str, schema: str) -> Any:
    record = _record(data, at, schema)
    try:
        return from_json(kind, {name: item for name, item in record.items() if name != "schema"}, at=at)
    except ValueError as error:
        raise UnreadableError(str(error)) from error


def _record(data: bytes, at: str, schema: str) -> dict[str, Any]:
    try:
        record = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{at} is not JSON: {error}") from error
    said = record.get("schema") if isinstance(record, dict) else None
    if said != schema:
        known = isinstance(said, str) and bool(_SCHEMA.fullmatch(said))
        raise UnreadableError(f"{at}: its schema is {said if known else 'none of ours'}, not {schema}")
    return dict(record)
