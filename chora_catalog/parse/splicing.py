"""Edits as splices: the bytes around a corrected value stay as they are, comments and line ends included."""

from __future__ import annotations

import json
from collections.abc import Iterable

from chora_catalog.model.finding import Edit
from chora_catalog.parse.reading import line_starts

_MARK = b"\xef\xbb\xbf"


def splice(data: bytes, edits: Iterable[Edit]) -> tuple[bytes, tuple[Edit, ...]]:
    """Return `data` (UTF-8) with those of `edits` applied whose `old` stands where they say, and which they were.

    Of two that overlap the first counts. Bytes that are no UTF-8 are returned as they are.
    """
    mark = _MARK if data.startswith(_MARK) else b""
    try:
        text = data[len(mark) :].decode("utf-8")
    except UnicodeDecodeError:
        return data, ()
    starts = line_starts(text)
    done: list[Edit] = []
    pieces: list[str] = []
    reached = 0
    for edit in sorted(set(edits), key=lambda item: (item.line, item.column, item.old, item.new)):
        if not 0 < edit.line <= len(starts) or edit.column < 1 or not edit.old:
            continue
        at = starts[edit.line - 1] + edit.column - 1
        if at < reached or not text.startswith(edit.old, at):
            continue
        pieces += [text[reached:at], edit.new]
        reached = at + len(edit.old)
        done.append(edit)
    pieces.append(text[reached:])
    return (mark + "".join(pieces).encode("utf-8"), tuple(done)) if done else (data, ())


def meant(edit: Edit) -> str | None:
    """Return the text that the new scalar of `edit` stands for, or None where it is no text in double quotes."""
    try:
        value = json.loads(edit.new)
    except ValueError:
        return None
    return value if isinstance(value, str) else None
