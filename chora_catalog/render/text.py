"""Text of sources made fit to be seen: nothing hides, nothing reorders, nothing stretches a page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# Everything that acts instead of showing: C0 without tab and line feed, C1, soft hyphen, bidi controls and marks,
# zero-width space, word joiner, separators of lines and paragraphs, interlinear and tag characters, lone surrogates,
# and the code points HTML calls noncharacters. ZWNJ and ZWJ stay: Persian and emoji are written with them.
_ACTS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff"
    + "".join(chr(plane * 0x10000 + low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
_MARKS = re.compile(
    "([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_LONG = 24
_LONG_WORD = re.compile(r"(\S{25,})")
_TAB = 4


def visible(text: str) -> str:
    """Return `text` with every control, bidi and invisible character written out; the rest as it was.

    What is written out stands as its code point in brackets: ESC is [U+001B]. Tabs and line feeds stay, stacks of more
    than four combining marks are cut. Idempotent. The source of the rule is Unicode's report 36 on
    security: text that does not look like what it is.
    """
    if text.isascii() and text.isprintable():
        return text
    return _written_visibly(text)


@lru_cache(maxsize=2**14)
def _written_visibly(text: str) -> str:
    return _MARKS.sub(r"\1", _ACTS.sub(_written_out, text))


def _written_out(match: re.Match[str]) -> str:
    return f"[U+{ord(match[0]):04X}]"


def pieces(text: str) -> list[str]:
    """Cut an id or path where a line may break: after `.` and `/`, and inside runs of more than 24 characters.

    Joined again the pieces are `text`, so that it breaks at segments and never widens a page.
    """
    return [
        part[start : start + _LONG]
        for part in re.split(r"(?<=[./])", text)
        if part
        for start in range(0, len(part), _LONG)
    ]


def soft_pieces(text: str) -> list[str]:
    """Cut prose where a line may break besides at its blanks: inside words of more than 24 characters alone."""
    if len(text) <= _LONG or not _LONG_WORD.search(text):
        return [text]
    return [piece for part in _LONG_WORD.split(text) for piece in _inner(part)]


def _inner(part: str) -> list[str]:
    return pieces(part) if _LONG_WORD.fullmatch(part) else [part] if part else []


def sentence(text: str) -> str:
    """Return `text` with a capital at its beginning and a full stop at its end, for a message used as a sentence."""
    line = on_one_line(text)
    if not line:
        return ""
    first = line.split(" ")[0]
    head = line[0].upper() if first.isascii() and first.isalpha() else line[0]
    return head + line[1:] + ("" if line[-1] in ".!?…" else ".")


def cut(text: str, limit: int) -> str:
    """Return `text` on one line with at most `limit` characters, an ellipsis where it was cut."""
    return end_cut(on_one_line(text), limit)


def on_one_line(text: str) -> str:
    """Return `text` with one blank for each run of white space, and none at its ends."""
    return " ".join(text.split())


def end_cut(line: str, limit: int) -> str:
    """Return `line` with at most `limit` characters, an ellipsis in place of its end."""
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def column_value(text: str) -> str:
    """Return `text` as one value of a column that can be filtered: visible, on one line, at most 80 characters."""
    return cut(visible(text), 80)


def middle_cut(text: str, limit: int) -> str:
    """Return `text` with at most `limit` characters, cut in its middle: both ends of an id tell it apart."""
    if len(text) <= limit:
        return text
    head = (limit - 1) // 2
    return f"{text[:head]}…{text[len(text) - (limit - 1 - head) :]}"


def some(count: int, word: str, plural: str = "") -> str:
    """Return `2 sources`, `1 source`; `plural` where adding an s is not enough."""
    return f"{count:,} {word if count == 1 else plural or word + 's'}".replace(",", "\u202f")


def listed(items: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    return " and ".join(part for part in (", ".join(items[:-1]), *items[-1:]) if part)


def shown_tabs(line: str) -> str:
    """Return a line of a file for a code frame: a tab is an arrow and three blanks, the rest `visible`."""
    return visible(line).replace("\t", "→" + " " * (_TAB - 1))


def columns(line: str) -> int:
    """Return how many columns `shown_tabs(line)` fills in a monospaced face."""
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1
        for char in shown_tabs(line)
    )
