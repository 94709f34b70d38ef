"""What the previous publication kept, read back strictly (the other half of render/harvest)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chora_catalog.model.catalog import First, Gone
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.record import from_json, to_json
from chora_catalog.model.run import Run
from chora_catalog.model.source import Harvest

SCHEMA = "chora.harvest/v1"


class UnreadableError(ValueError):
    """A previous publication that cannot be what this tool wrote; the message says which file and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The previous publication as an input: harvests by source, its run record, and what it remembers by id."""

    catalog: str = ""
    harvests: Mapping[str, Harvest] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, First] = field(default_factory=dict)
    gone: tuple[Gone, ...] = ()
    run: Run | None = None


def load_previous(files: Mapping[str, bytes]) -> Previous:
    """Return the previous publication from its files, by path in the publication.

    Needed are `data/v1/harvest.json`, what it lists, and `run.json`. Raise UnreadableError when one is missing, torn,
    changed (an object's name is the SHA-256 of its bytes), or of another schema.
    """
    listing = _json(files, "data/v1/harvest.json")
    if listing.get("schema") != SCHEMA:
        raise UnreadableError(f"data/v1/harvest.json: schema {listing.get('schema')!r} is not {SCHEMA!r}")
    try:
        objects = {digest: _object(files, digest) for digest in listing["objects"]}
        harvests = {
            name: _harvest(_json(files, f"data/v1/harvest/{name}.json"), objects) for name in listing["sources"]
        }
        held = {str(key): str(value) for key, value in listing["held"].items()}
        first = {str(key): from_json(First, value, at="first") for key, value in listing["first"].items()}
        gone = tuple(_gone(item, objects) for item in listing["gone"])
        record = _json(files, "run.json")
        record.pop("schema", None)
        run: Run = from_json(Run, record, at="run.json")
        return Previous(catalog=str(listing["catalog"]), harvests=harvests, held=held, run=run, first=first, gone=gone)
    except UnreadableError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"its records do not hold together: {error}") from error


def _json(files: Mapping[str, bytes], path: str) -> dict[str, Any]:
    if path not in files:
        raise UnreadableError(f"{path} is missing")
    try:
        value = json.loads(files[path])
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{path} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise UnreadableError(f"{path} is no object")
    return value


def _object(files: Mapping[str, bytes], digest: str) -> Manifest:
    path = f"data/v1/objects/{digest}.json"
    record = _json(files, path)
    if hashlib.sha256(files[path]).hexdigest() != digest:
        raise UnreadableError(f"{path} was changed: its bytes have another digest")
    manifest: Manifest = from_json(Manifest, record, at=path)
    return manifest


def _harvest(record: dict[str, Any], objects: Mapping[str, Manifest]) -> Harvest:
    record.pop("schema", None)
    states = [state for state in (record.get("head"), *record.get("releases", ())) if state]
    known = [[objects[digest] for digest in state.pop("manifests", [])] for state in states]
    harvest: Harvest = from_json(Harvest, record, at=f"harvest {record.get('source')}")
    return _with_manifests(harvest, known)


def _gone(record: dict[str, Any], objects: Mapping[str, Manifest]) -> Gone:
    manifest = objects[record["manifest"]]
    gone: Gone = from_json(Gone, {**record, "manifest": to_json(manifest)}, at="gone")
    return gone


def _with_manifests(harvest: Harvest, manifests: list[list[Manifest]]) -> Harvest:
    rest = iter(manifests)
    head = replace(harvest.head, manifests=tuple(next(rest))) if harvest.head else None
    return replace(
        harvest,
        head=head,
        releases=tuple(replace(release, manifests=tuple(next(rest))) for release in harvest.releases),
    )
