"""Strict JSON (RFC 8259) with the line and column of each value.

Differs from `json.loads` on purpose: a key twice, more than 32 levels, a control character (also an escaped one), a
number that no 64-bit reader holds, and `NaN` or `Infinity` are refused.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any

from chora_catalog.parse.reading import (
    MAX_DEPTH,
    MAX_EVENTS,
    MAX_KEY,
    Findings,
    Spot,
    UnreadableError,
    forbidden_in,
    quoted,
    without_forbidden,
)
from chora_catalog.parse.scalars import json_number

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"([^"\\\n\r\t]*(?:\\.[^"\\\n\r\t]*)*)"')
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z0-9_.+-]+")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_PLAIN_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LINE_END = re.compile(r"\r\n|\r|\n")


def read_json(text: str, found: Findings) -> tuple[Any, Spot]:
    """Return the value of the JSON document `text` and where it stands; raise UnreadableError when it is none."""
    return _Scanner(text, found).document()


class _Scanner:
    def __init__(self, text: str, found: Findings) -> None:
        self.text = text
        self.found = found
        self.at = 0
        self.events = 0
        self.starts = [0, *(end.end() for end in _LINE_END.finditer(text))]

    def document(self) -> tuple[Any, Spot]:
        first = self.skip()
        if not first:
            raise self.found.stop("yaml-documents", "the file is empty", 1, 1, hint="Write one JSON document in it.")
        value, spot = self.value(first, 1)
        self.skip()
        if self.at < len(self.text):
            raise self.wrong(f"text after the end of the document: {quoted(self.rest())}", "Remove it.")
        return value, spot

    def where(self, at: int | None = None) -> tuple[int, int]:
        offset = self.at if at is None else at
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def skip(self) -> str:
        """Step over white space, and return the character that follows; empty at the end."""
        match = _SPACE.match(self.text, self.at)
        self.at = at = match.end() if match else self.at
        return self.text[at : at + 1]

    def rest(self) -> str:
        return self.text[self.at : self.at + 80].split("\n")[0].strip()

    def wrong(self, what: str, hint: str = "", at: int | None = None) -> UnreadableError:
        return self.found.stop("json-syntax", f"this is not JSON: {what}", *self.where(at), hint=hint)

    def count(self, events: int) -> None:
        self.events += events
        if self.events > MAX_EVENTS:
            message = f"the file holds more than {MAX_EVENTS:,} values"
            raise self.found.stop("file-too-large", message, *self.where(), hint="Split it into several files.")

    def value(self, first: str, depth: int) -> tuple[Any, Spot]:
        """Return the value that begins here, with the character `first`, and where it stands."""
        line, column = self.where()
        spot = Spot(line, column, line, column)
        if first == '"':
            self.count(1)
            return self.string(), spot
        if first == "{":
            return self.inside(depth, self.members, spot)
        if first == "[":
            return self.inside(depth, self.items, spot)
        if not first:
            raise self.wrong("the document ends too early", "Close what is open: a brace, a bracket or a quote.")
        self.count(1)
        return self.word(), spot

    def inside(self, depth: int, read: Any, spot: Spot) -> tuple[Any, Spot]:
        if depth > MAX_DEPTH:
            message = f"values are nested more than {MAX_DEPTH} levels deep"
            raise self.found.stop("yaml-too-deep", message, *self.where(), hint="Flatten the document.")
        self.count(2)
        self.at += 1
        return read(depth + 1, spot), spot

    def members(self, depth: int, spot: Spot) -> dict[str, Any]:
        members: dict[str, Any] = {}
        children: dict[str, Spot] = {}
        spot.children = children
        first = self.skip()
        while first != "}":
            line, column = self.where()
            key = self.key(first)
            value, child = self.value(self.skip(), depth)
            if key in children:
                self.twice(key, children[key], line, column)
            child.key_line, child.key_column = line, column
            members[key], children[key] = value, child
            first = self.separator("}")
        self.at += 1
        return members

    def key(self, first: str) -> str:
        start = self.at
        if first != '"':
            hint = "Remove the comma before it." if first == "}" else "A key stands in double quotes."
            raise self.wrong(f"expected a key, found {quoted(self.rest() or 'the end')}", hint)
        self.count(1)
        key = self.string()
        if len(key) > MAX_KEY:
            raise self.wrong(f"a key has more than {MAX_KEY} characters", "Shorten it.", start)
        if self.skip() != ":":
            raise self.wrong(f"expected `:` after the key {quoted(key)}", "Write the key, a colon, then the value.")
        self.at += 1
        return key

    def twice(self, key: str, first: Spot, line: int, column: int) -> None:
        message = f"the key {quoted(key)} occurs twice, first in line {first.key_line}, again in line {line}"
        related = self.found.text.place(first.key_line, first.key_column)
        self.found.add("yaml-duplicate-key", message, line, column, hint="Keep one of the two.", related=(related,))

    def items(self, depth: int, spot: Spot) -> list[Any]:
        items: list[Any] = []
        children: dict[str, Spot] = {}
        spot.children = children
        first = self.skip()
        while first != "]":
            value, children[str(len(items))] = self.value(first, depth)
            items.append(value)
            first = self.separator("]")
        self.at += 1
        return items

    def separator(self, close: str) -> str:
        """Step over a comma, and return the character that begins the next value; `close` where there is none."""
        found = self.skip()
        if found == close:
            return close
        if found != ",":
            what = f"expected `,` or `{close}`, found {quoted(self.rest() or 'the end')}"
            raise self.wrong(what, "Separate values by commas.")
        comma = self.at
        self.at += 1
        first = self.skip()
        if first == close:
            raise self.wrong(f"a comma stands before `{close}`", "Remove the comma after the last value.", comma)
        return first

    def string(self) -> str:
        start = self.at
        match = _STRING.match(self.text, start)
        if match is None:
            raise self.wrong(
                "a text is not closed, or holds a line break or a tab", "Write \\n for a line break, \\t for a tab."
            )
        self.at = match.end()
        text = match.group(1)
        if "\\" not in text:
            return text
        value = _SURROGATE_PAIR.sub(_join_pair, _ESCAPE.sub(lambda escape: self.escape(escape, start), text))
        character = forbidden_in(value)
        if character is not None:
            message = f"the text holds {character}, written as an escape"
            line, column = self.where(start)
            self.found.add("file-control-character", message, line, column, hint="Remove the character.")
            return without_forbidden(value)
        return value

    def escape(self, escape: re.Match[str], start: int) -> str:
        code = escape.group(1)
        if len(code) == 5:
            return chr(int(code[1:], 16))
        plain = _PLAIN_ESCAPES.get(code)
        if plain is None:
            raise self.wrong(f"`\\{code}` is no escape", "Write \\\\ for a backslash.", start + 1 + escape.start())
        return plain

    def word(self) -> bool | int | float | None:
        match = _WORD.match(self.text, self.at)
        start, word = self.at, match.group() if match else self.text[self.at]
        if word in _WORDS:
            self.at += len(word)
            return _WORDS[word]
        if _NUMBER.fullmatch(word):
            number = json_number(word)
            if number is None:
                message = f"the number {quoted(word)} is too large to be kept exactly"
                self.found.add("yaml-quote-it", message, *self.where(start), hint="Quote it.")
            self.at += len(word)
            return number
        hint = "JSON has no comments; remove it." if word in ("/", "#") else "A text stands in double quotes."
        raise self.wrong(f"expected a value, found {quoted(self.rest())}", hint)


def _join_pair(pair: re.Match[str]) -> str:
    return pair.group().encode("utf-16", "surrogatepass").decode("utf-16")
