"""The documents' lines of the search index, as a classic script that also works from a disk."""

from __future__ import annotations

import json
from collections.abc import Iterable

from chora_catalog.render.output import Output


def docs_index(lines: Iterable[tuple[str, str, str, str]]) -> Output:
    """Return `search/docs.js`: (page title, heading, address from the site's root, first words) for each section."""
    text = json.dumps([list(line) for line in lines], ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    data = f"window.choraDocs={text};\n".encode()
    return Output(path="search/docs.js", make=lambda: data)
