"""The list of a publication's content: each file with its SHA-256 and size, in order of path.

It is the last file of the content, and not in its own list. The run record stands outside of both.
"""

from __future__ import annotations

from collections.abc import Mapping

from chora_catalog.render.api import ROOT
from chora_catalog.render.json_out import json_bytes

PATH = f"{ROOT}/contents.json"


def contents(files: Mapping[str, tuple[str, int]]) -> bytes:
    """Return the list of `files`: SHA-256 (hex) and bytes by path."""
    listed = {path: {"sha256": digest, "size": size} for path, (digest, size) in sorted(files.items())}
    return json_bytes({"schema": "chora.contents/v1", "files": listed})
