"""What a publication keeps of each source, so that the next build can start from it alone.

`data/v1/harvest/<source>.json` names manifests by the SHA-256 of their objects; `data/v1/objects/<sha256>.json` hold
them, each once. `data/v1/harvest.json` lists both, so that a reader over http knows what to ask for, and remembers the
holders, the first times and the tombstones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from chora_catalog.model.catalog import First, Gone
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.record import to_json
from chora_catalog.model.source import Harvest
from chora_catalog.render.api import ROOT
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.output import Output

SCHEMA = "chora.harvest/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of one source: the bytes of its record, and its objects by digest."""

    record: bytes
    objects: Mapping[str, bytes]


def kept(harvest: Harvest) -> Kept:
    """Return what is kept of `harvest`; nothing else of the catalog is needed for it."""
    objects: dict[str, bytes] = {}
    return Kept(record=json_bytes(_record(harvest, objects)), objects=objects)


def files_of(name: str, kept: Kept) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the bytes of each file that keeps the source `name`."""
    yield f"{ROOT}/harvest/{name}.json", kept.record
    for digest, data in kept.objects.items():
        yield f"{ROOT}/objects/{digest}.json", data


def keep(
    records: Mapping[str, Kept],
    *,
    catalog: str,
    held: Mapping[str, str],
    first: Mapping[str, First],
    gone: Iterable[Gone],
) -> Iterator[Output]:
    """Yield the files that keep `records`, by source, of the catalog named `catalog`, with what it remembers.

    `held` is id to source, `first` the times by id, `gone` the tombstones.
    """
    objects: dict[str, bytes] = {}
    names = sorted(records)
    for name in names:
        objects |= records[name].objects
        yield Output(path=f"{ROOT}/harvest/{name}.json", make=partial(bytes, records[name].record))
    tombstones = [{**to_json(item), "manifest": _store(item.manifest, objects)} for item in gone]
    for digest, data in sorted(objects.items()):
        yield Output(path=f"{ROOT}/objects/{digest}.json", make=partial(bytes, data))
    listing = {
        "schema": SCHEMA,
        "catalog": catalog,
        "sources": names,
        "objects": sorted(objects),
        "held": dict(sorted(held.items())),
        "first": {key: to_json(value) for key, value in sorted(first.items())},
        "gone": tombstones,
    }
    yield Output(path=f"{ROOT}/harvest.json", make=partial(json_bytes, listing))


def _record(harvest: Harvest, objects: dict[str, bytes]) -> dict[str, Any]:
    data: dict[str, Any] = to_json(harvest)
    if harvest.head:
        data["head"]["manifests"] = [_store(manifest, objects) for manifest in harvest.head.manifests]
    for release, said in zip(harvest.releases, data.get("releases", []), strict=True):
        said["manifests"] = [_store(manifest, objects) for manifest in release.manifests]
    return {"schema": SCHEMA, **data}


def _store(manifest: Manifest, objects: dict[str, bytes]) -> str:
    data = json_bytes(to_json(manifest))
    digest = hashlib.sha256(data).hexdigest()
    objects[digest] = data
    return digest
