"""The contracts of a capability's versions as a classic script: what its page holds two of them against each other by.

A page from a disk can load scripts and nothing else, so this is no JSON file. It is loaded when somebody asks for it.
It says what manifests say, in words, and judges nothing: that is for the rules (`chora compat diff`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain, count
from typing import Any, Final

from chora_catalog.model.catalog import Entry, VersionRow
from chora_catalog.model.manifest import Dependency, Manifest, Port
from chora_catalog.render.script import script_json
from chora_catalog.render.text import visible
from chora_catalog.resolve.contract.rule import shortened

VERSIONS: Final = 200
"""The newest that can be chosen; the file says how many there are."""
ITEMS: Final = 200
"""Inputs, outputs or dependencies of one version; of more, the version says that not all are there."""


def is_comparable(entry: Entry) -> bool:
    """Tell whether there are two versions that could be held against each other."""
    return len(entry.versions) > 1


def contracts_script(entry: Entry) -> bytes:
    """Return the script that sets `choraContracts` to the versions of `entry`, the newest first.

    `versions` are pairs of a version and the place of its contract in `contracts`, -1 where its manifest does not
    parse; versions with one contract share it. A contract has lists by what they are: of each item its name, its type
    or range (empty where none is said), and what else is said of it; `cut` is true where it has more.
    """
    places: dict[tuple[Any, ...], int] = {}
    versions = [[visible(row.version), _place(row, places)] for row in entry.versions[:VERSIONS]]
    said = {
        "id": entry.id,
        "total": len(entry.versions),
        "versions": versions,
        "contracts": [
            {"output": outputs, "input": inputs, "dependency": needs, "cut": cut}
            for outputs, inputs, needs, cut in places
        ],
    }
    return f"window.choraContracts = {script_json(said)};\n".encode("utf-8", "backslashreplace")


def _place(row: VersionRow, places: dict[tuple[Any, ...], int]) -> int:
    if row.manifest is None:
        return -1
    return places.setdefault(_contract(row.manifest), len(places))


def _contract(manifest: Manifest) -> tuple[Any, ...]:
    sides = (manifest.outputs, manifest.inputs, manifest.dependencies)
    return (
        tuple(_named(map(_port, manifest.outputs[:ITEMS]))),
        tuple(_named(map(_port, manifest.inputs[:ITEMS]))),
        tuple(_named(map(_need, manifest.dependencies[:ITEMS]))),
        any(len(side) > ITEMS for side in sides),
    )


def _port(port: Port) -> tuple[str, str, str]:
    said = ["optional"] if port.optional else []
    if port.contract:
        digest = hashlib.sha256(port.contract.encode("utf-8", "surrogatepass")).hexdigest()
        said.append(f"schema {digest[:8]}")
    elif port.schema:
        said.append("its schema was not read")
    return (port.name, _word(port.type), ", ".join(said))


def _need(need: Dependency) -> tuple[str, str, str]:
    said = [word for word in (need.type, need.scope, "optional" if need.optional else "") if word]
    return (need.id, _word(need.version), _word(", ".join(said)))


def _named(items: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield `items` sorted, with names that are told apart: of several with one name, the second is `name (2)`."""
    seen: set[str] = set()
    for name, what, more in sorted(items):
        word = _word(name)
        numbered = (f"{word} ({number})" for number in count(2))
        shown = next(one for one in chain([word], numbered) if one not in seen)
        seen.add(shown)
        yield (shown, what, more)


def _word(text: str) -> str:
    """Return what a source wrote, visible and of bounded length; different texts stay different."""
    return visible(shortened(text))
