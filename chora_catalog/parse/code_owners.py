"""CODEOWNERS -> whom it names for which paths."""

from __future__ import annotations

import re

from chora_catalog.model.code_owners import CodeOwners, OwnedPaths
from chora_catalog.parse.reading import decode, split_lines

PLACES: tuple[str, ...] = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where a forge looks for it; the first that is there counts."""

_MAX_LINES = 2_000
_SECTION = re.compile(r"\^?\[[^\]]{1,200}\]")


def read_code_owners(data: bytes, *, file: str) -> CodeOwners | None:
    """Return what the file says, or None where it is no text.

    Comments, headings of sections and what follows the first 2,000 lines are left out. Never raises.
    """
    text, found = decode(data, file)
    if found.any:
        return None
    entries = []
    for number, line in enumerate(split_lines(text)[:_MAX_LINES], 1):
        words = line.partition(" #")[0].split()
        if not words or words[0].startswith("#") or _SECTION.match(words[0]):
            continue
        owners = tuple(word for word in words[1:] if "@" in word)
        entries.append(OwnedPaths(line=number, pattern=words[0], owners=owners))
    return CodeOwners(file=file, entries=tuple(entries))
