"""The one way this project writes YAML: each text in double quotes, so that no reader takes it for anything else."""

from __future__ import annotations

import re

from chora_catalog.render.text import on_one_line, visible

_ESCAPED = re.compile(
    r'["\\\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff]'
)
_SHORT = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def quoted(text: str) -> str:
    """Return `text` as a double-quoted scalar on one line; whatever acts instead of showing is an escape."""
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def comment(text: str) -> str:
    """Return `text` as a comment on one line: no character of it can end the line."""
    return "# " + on_one_line(visible(text))


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT.get(character) or (f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}")
