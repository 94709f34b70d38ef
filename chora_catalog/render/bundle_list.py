"""The bundles that were exported into a site, for pages and programs: unsigned, because a bundle proves itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.script import script_json

SCHEMA: Final = "chora.mirror-bundles/v1"
LIST: Final = "mirror/bundles.json"
SCRIPT: Final = "mirror/bundles.js"
SCRIPT_START: Final = b"window.choraBundles = "
SCRIPT_END: Final = b";\n"


def bundle_files(bundles: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """Return `mirror/bundles.json`, and `mirror/bundles.js` for pages opened from a disk (`window.choraBundles`).

    `bundles` are the newest first, with the fields of docs/reference/bundle.md.
    """
    value = {"schema": SCHEMA, "bundles": [dict(bundle) for bundle in bundles]}
    return {LIST: json_bytes(value), SCRIPT: SCRIPT_START + script_json(value).encode() + SCRIPT_END}
