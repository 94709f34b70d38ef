"""The list of a publication's content: each file with its SHA-256 and size, in order of path.

It is made as the files are made, and is itself the last of them. The run record stands outside of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from chora_catalog.render.api import ROOT
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.output import Output

PATH = f"{ROOT}/contents.json"


def listed(outputs: Iterable[Output]) -> Iterator[Output]:
    """Yield `outputs`, and after them the list of what they turned out to be. Each has to be made before the next."""
    found: dict[str, dict[str, Any]] = {}

    def make(output: Output) -> bytes:
        data = output.make()
        found[output.path] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        return data

    for output in outputs:
        yield replace(output, make=partial(make, output))
    yield Output(
        path=PATH, make=lambda: json_bytes({"schema": "chora.contents/v1", "files": dict(sorted(found.items()))})
    )
