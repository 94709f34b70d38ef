"""What an unquoted scalar means: YAML 1.2 core, narrowed to what every YAML and JSON reader agrees on.

`no`, `on`, dates, `12:30:45`, `014` and `0o14` stay text. A number counts only where writing it again gives the same
text; whatever another reader would change (`1.10`, `1_000`, `.inf`, `0x1f`, 2 to the 63rd) is refused, not guessed.
"""

from __future__ import annotations

import math
import re

MAX_INTEGER = 2**63 - 1
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# Numbers by YAML 1.1 or by the 1.2 core schema that are not written as JSON writes them.
_OTHER_NUMBER = re.compile(
    r"[+-]?(?:"
    r"\.(?:inf|Inf|INF)|0[xX][0-9a-fA-F_]+|0b[01_]+"
    r"|[0-9]+_[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9]+)?"
    r"|\.[0-9][0-9_]*(?:[eE][+-]?[0-9]+)?|[0-9]+\.(?:[eE][+-]?[0-9]+)?"
    r")|\.(?:nan|NaN|NAN)"
    r"|\+(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
    r"|[+-]?0[0-9]+(?:\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class ChangesMeaningError(ValueError):
    """The scalar would not come back as it was written; `becomes` is what a reader makes of it."""

    def __init__(self, becomes: str) -> None:
        """Keep what a reader makes of it."""
        super().__init__(becomes)
        self.becomes = becomes


def plain(text: str) -> str | int | float | bool | None:
    """Return what the unquoted YAML scalar `text` means; raise ChangesMeaningError where readers differ."""
    if text in _WORDS:
        return _WORDS[text]
    if not text or text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _DECIMAL.fullmatch(text):
        return _decimal(text)
    if _OTHER_NUMBER.fullmatch(text):
        raise ChangesMeaningError("a number")
    return text


def _integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > MAX_INTEGER:
        raise ChangesMeaningError("a number too large to be kept exactly")
    if text == "-0":
        raise ChangesMeaningError("0")
    return int(text)


def _decimal(text: str) -> float:
    number = float(text)
    if repr(number) != text:
        raise ChangesMeaningError(repr(number) if math.isfinite(number) else "infinity")
    return number


def json_number(text: str) -> int | float | None:
    """Return the JSON number `text`, or None when it is beyond 64 bits or infinite."""
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= 20 and abs(int(text)) <= MAX_INTEGER else None
    number = float(text)
    return number if math.isfinite(number) else None
