"""What one publication changed against the one before it, and the last such notes of its predecessors.

`data/v1/changes/<digest>.json` is named by the SHA-256 of the `index.json` that it led to; `data/v1/changes/index.json`
lists them, newest last. Like the ledger they tell how a catalog came to be: two that came to the same state by
different ways differ here and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from chora_catalog.render.api import ROOT
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.output import Output

FOLDER = f"{ROOT}/changes"
KEPT = 50
_TOLD = ("version", "owner", "verdict", "source")


def changes(before: bytes | None, after: bytes, earlier: Mapping[str, bytes]) -> Iterator[Output]:
    """Yield the notes of a publication whose `index.json` is `after`.

    `before` is the previous publication's `index.json` (None for a first build), `earlier` its notes by digest, oldest
    first.
    """
    digest = hashlib.sha256(after).hexdigest()
    notes = dict(earlier)
    if before is None or hashlib.sha256(before).hexdigest() != digest:
        notes.pop(digest, None)
        notes[digest] = json_bytes(_note(before, after))
    kept = dict(list(notes.items())[-KEPT:])
    for name, data in sorted(kept.items()):
        yield Output(path=f"{FOLDER}/{name}.json", make=partial(bytes, data))
    listing = {"schema": "chora.change-list/v1", "changes": list(kept)}
    yield Output(path=f"{FOLDER}/index.json", make=partial(json_bytes, listing))


def _note(before: bytes | None, after: bytes) -> dict[str, Any]:
    old, new = _rows(before), _rows(after)
    return {
        "schema": "chora.changes/v1",
        "before": hashlib.sha256(before).hexdigest() if before is not None else "",
        "after": hashlib.sha256(after).hexdigest(),
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
        "changed": [
            {"id": name, "before": _differs(old[name], new[name]), "after": _differs(new[name], old[name])}
            for name in sorted(old.keys() & new.keys())
            if _differs(old[name], new[name])
        ],
    }


def _rows(index: bytes | None) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in json.loads(index)["capabilities"]} if index is not None else {}


def _differs(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {key: one.get(key, "") for key in _TOLD if one.get(key) != other.get(key)}
