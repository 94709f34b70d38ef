"""What of the last publication goes into the next one untouched: its signatures, until that is signed, and its bundles.

They are no content: no build makes them, no list of the content names them, and no index. The facts for pages
(`mirror/trust.json`) do not go along, because they would speak of a content that is not there any more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chora_catalog.app.previous import Found
from chora_catalog.edge import site_files
from chora_catalog.model.mirror_index import is_indexed

_OF_THE_CONTENT: Final = frozenset({"mirror/trust.json", "mirror/trust.js"})


@dataclass(frozen=True, slots=True)
class Carried:
    """A file that goes along; `data` is None where it stands in the output."""

    path: str
    data: bytes | None

    def make(self) -> bytes | None:
        """Return its bytes, None where they stand."""
        return self.data


def carried(found: Found, output: Path) -> Iterator[Carried]:
    """Yield what goes along from the previous publication `found` into the one at `output`, in order of paths."""
    if not found.stands:
        yield from (Carried(path, data) for path, data in sorted(found.head.items()))
        return
    if not os.path.isdir(output / "mirror"):
        return
    for inside in sorted(site_files.list_site(output / "mirror").sizes):
        path = f"mirror/{inside}"
        if not is_indexed(path) and path not in _OF_THE_CONTENT:
            yield Carried(path, None)
