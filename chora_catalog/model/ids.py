"""Ids of capabilities, their grammar, and the one encoder from names to file names.

The grammar (DESIGN section 3): 1 to 6 dot-separated segments of `[a-z0-9]` with `-` or `_` inside, an optional last
`.vN`, at most 128 bytes. `capability.` and `contract.` are kind prefixes and part of the id.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

MAX_ID_BYTES = 128
MAX_NAME_BYTES = 100

_SEGMENT = r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?"
_ID = re.compile(rf"{_SEGMENT}(?:\.{_SEGMENT}){{0,6}}")
_VERSION_SEGMENT = re.compile(r"v[0-9]+")
_PLAIN_NAME = re.compile(r"[a-z0-9_-](?:[a-z0-9._-]*[a-z0-9_-])?")
_NOT_SLUG = re.compile(r"[^a-z0-9._-]+")
# Windows opens these as devices whatever extension follows.
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))]
)
LIST = "index"
"""What the page of a kind of thing is called, so that no thing of that kind may be."""


def id_problem(text: str) -> str | None:
    """Say why `text` is no capability id, or return None when it is one."""
    if not text:
        return "an id is empty"
    if len(text.encode("utf-8", "surrogatepass")) > MAX_ID_BYTES:
        return f"an id has at most {MAX_ID_BYTES} bytes"
    if not _ID.fullmatch(text):
        return "an id is lower case: segments of a-z, 0-9, - and _, joined by single dots, no - or _ at a segment's end"
    segments = text.split(".")
    versioned = len(segments) > 1 and _VERSION_SEGMENT.fullmatch(segments[-1]) is not None
    if len(segments) - versioned > 6:
        return "an id has at most 6 segments before .vN"
    return None


def kind_of(capability: str) -> str:
    """Return `contract` for an id with that prefix, else `capability`."""
    return "contract" if capability.startswith("contract.") else "capability"


def fold(text: str) -> str:
    """Return the key under which look-alike ids meet: case and `.`, `-`, `_`, `/` do not count. It never joins."""
    return re.sub(r"[._/-]+", ".", text.casefold())


@lru_cache(maxsize=2**15)
def file_name(name: str) -> str:
    """Return the file name (without extension) of the page of `name`.

    `[a-z0-9._-]` stay. Anything else, a device name, the name of a list, a leading or trailing dot, or more than 100
    bytes becomes a readable slug, `~` and 8 hex digits of the name's SHA-256. `~` never stays, so the map is injective
    (up to a collision of 32 bits between two names with the same slug), also where the file system folds case.
    """
    taken = name.split(".")[0] in _RESERVED or name == LIST
    if len(name) <= MAX_NAME_BYTES and _PLAIN_NAME.fullmatch(name) and not taken:
        return name
    slug = _NOT_SLUG.sub("-", name.lower()).strip(".-")[:60].strip(".-") or "name"
    if slug.split(".")[0] in _RESERVED:
        # `con.x~1a2b3c4d` would still be the device: it is what stands before the first dot that counts.
        slug = slug.replace(".", "-", 1)
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug}~{digest}"
