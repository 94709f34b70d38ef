"""The one strict reader for YAML and JSON; the only module that imports yaml.

PyYAML's C parser delivers events one by one; depth, count, anchors, aliases, tags and documents are judged as each
event arrives, so nothing is built from a bomb and the parser never sees what lies behind it. Composing is ours: no
recursion, JSON types only, string keys, positions kept (DESIGN section 3, "Reading").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from chora_catalog.parse.json_text import read_json
from chora_catalog.parse.reading import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_EVENTS,
    MAX_KEY,
    Findings,
    Reading,
    Spot,
    UnreadableError,
    decode,
    edit_of,
    forbidden_in,
    position,
    quoted,
    without_forbidden,
)
from chora_catalog.parse.scalars import ChangesMeaningError, plain

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_EVENTS", "Reading", "read", "read_stream"]

# The C scanner takes quadratic time for many %TAG lines, all before its first event.
_TAG_DIRECTIVE = re.compile(r"^%TAG", re.MULTILINE)
_NO_TAGS = "Remove it; quote a value to make it text."
_TOO_DEEP = f"values are nested more than {MAX_DEPTH} levels deep"
_FLATTEN = "Flatten the document."
_HINTS = (
    ("mapping values are not allowed", "Quote a value that holds a colon and a space, or check the indentation."),
    ("with a tab", "Indent with spaces; most editors can change all tabs at once."),
    ("a tab stands", "Write a space instead of the tab."),
    ("cannot begin with", "Quote the value."),
    ("could not find expected ':'", "Write `key: value`; quote a text that runs over several lines."),
    ("did not find expected key", "Check the indentation and the quotes around this line."),
    ("did not find expected '-' indicator", "Indent all entries of a list by the same number of spaces."),
    ("found unexpected end of stream", "Close the quote that is open."),
    ("found invalid Unicode character", "Write the character itself instead of a surrogate escape."),
    ("did not find expected ',' or", "Close the bracket, or separate its values with commas."),
)


def read(data: bytes, *, file: str) -> Reading:
    """Read one YAML document, or one JSON document where `file` ends in `.json`.

    Never raises: whatever is wrong is a finding, and `ok` is False when no value could be had. A document with a
    duplicate key, an alias, a tag or an unquoted scalar whose meaning YAML would change is not ok either.
    """
    text, found = decode(data, file)
    if found.any:
        return Reading(file=file, value=None, ok=False, text=found.text, findings=found.sorted())
    try:
        value, root = read_json(text, found) if file.endswith(".json") else _read_yaml(text, found)
    except UnreadableError:
        return Reading(file=file, value=None, ok=False, text=found.text, findings=found.sorted())
    ok = not found.any
    return Reading(
        file=file,
        value=value if ok else None,
        ok=ok,
        text=found.text,
        findings=found.sorted(),
        partial=value,
        root=root,
    )


def read_stream(data: bytes, *, file: str) -> tuple[Reading, ...]:
    """Read a YAML stream of several documents, for a format that allows them: one reading each, never none.

    Every limit and every refusal of `read` holds for the file as a whole: where one document has a problem none is ok,
    and each reading carries the findings of all. Empty documents are left out. Never raises.
    """
    text, found = decode(data, file)
    documents: list[tuple[Any, Spot]] = []
    if not found.any:
        try:
            documents = _composed(text, found, several=True).documents
        except UnreadableError:
            documents = []
    ok = not found.any
    findings = found.sorted()
    return tuple(
        Reading(
            file=file,
            value=value if ok else None,
            ok=ok,
            text=found.text,
            findings=findings,
            partial=value,
            root=root,
        )
        for value, root in documents
    ) or (Reading(file=file, value=None, ok=False, text=found.text, findings=findings),)


def _read_yaml(text: str, found: Findings) -> tuple[Any, Spot]:
    return _composed(text, found, several=False).documents[0]


def _composed(text: str, found: Findings, *, several: bool) -> _Composer:
    """Return what was composed of `text`: one document, or with `several` all that are not empty, and one at least."""
    directive = _TAG_DIRECTIVE.search(text)
    if directive:
        raise found.stop("yaml-tag", "%TAG directives are not read", *position(text, directive.start()), hint=_NO_TAGS)
    # What no text may hold was looked for in the whole of it; only an escape can bring it in once more.
    composer = _Composer(found, escapes="\\" in text, several=several)
    try:
        composer.take_all(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        line, column = _position(error.problem_mark or error.context_mark)
        # Newer builds of libyaml have a limit of their own, and reach it while they look ahead for the first event.
        if "maximum nesting depth" in str(error.problem):
            raise found.stop("yaml-too-deep", _TOO_DEEP, line, column, hint=_FLATTEN) from None
        problem = _problem(error, found.text.lines[line - 1] if line <= len(found.text.lines) else "", column)
        raise found.stop("yaml-syntax", f"this is not YAML: {problem}", line, column, hint=_hint(problem)) from None
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise found.stop("yaml-syntax", f"this is not YAML: {problem}", 1, 1, hint=_hint(problem)) from None
    composer.finish()
    return composer


def _problem(error: yaml.MarkedYAMLError, line: str, column: int) -> str:
    """Say what is wrong at `column` of `line`: libyaml's words, but for what they do not name, the character."""
    character = line[column - 1 : column]
    about_tab = "tab character" in str(error.problem)
    if about_tab or "cannot start any token" in str(error.problem):
        if about_tab or character == "\t":
            indents = not line[: column - 1].strip()
            return "a line is indented with a tab" if indents else "a tab stands where YAML asks for a space"
        return f'a value cannot begin with "{character}" unless it stands in quotes'
    return " ".join(part for part in (error.problem, error.context) if part)


def _position(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _hint(problem: str) -> str:
    for words, hint in _HINTS:
        if words in problem:
            return hint
    return "Quote the text, or check the indentation."


class _Open:
    """A collection that is being filled; `awaits_key` while it is a mapping whose next scalar is a key."""

    __slots__ = ("awaits_key", "children", "key", "key_column", "key_line", "value")

    def __init__(self, value: dict[str, Any] | list[Any], children: dict[str, Spot]) -> None:
        self.value = value
        self.children = children
        self.awaits_key = isinstance(value, dict)
        self.key = ""
        self.key_line = self.key_column = 0


class _Composer:
    """Builds the value from events, keeping a stack of its own.

    Each value of each document passes here, so the ways through it are short: an event is judged by its type alone.
    """

    def __init__(self, found: Findings, *, escapes: bool, several: bool) -> None:
        self.found = found
        self.escapes = escapes
        self.several = several
        self.open: list[_Open] = []
        self.top: _Open | None = None
        self.documents: list[tuple[Any, Spot]] = []
        self.value: Any = None
        self.root: Spot | None = None

    def finish(self) -> None:
        self.keep()
        if not self.documents:
            raise self.found.stop("yaml-documents", "the file is empty", 1, 1, hint="Write one YAML document in it.")

    def keep(self) -> None:
        # In a stream a document without a value is what two separators leave between them.
        if self.root is not None and not (self.several and self.value is None):
            self.documents.append((self.value, self.root))

    def take_all(self, events: Iterator[Any]) -> None:
        take: dict[type, Callable[[Any, int, int], None]] = {
            yaml.ScalarEvent: self.scalar,
            yaml.MappingStartEvent: self.start,
            yaml.SequenceStartEvent: self.start,
            yaml.MappingEndEvent: self.end,
            yaml.SequenceEndEvent: self.end,
            yaml.AliasEvent: self.alias,
            yaml.DocumentStartEvent: self.document,
        }
        for number, event in enumerate(events, 1):
            mark = event.start_mark
            if number > MAX_EVENTS:
                message = f"the file holds more than {MAX_EVENTS:,} values"
                hint = "Split it into several files."
                raise self.found.stop("file-too-large", message, mark.line + 1, mark.column + 1, hint=hint)
            kind = type(event)
            if kind in take:
                take[kind](event, mark.line + 1, mark.column + 1)

    def alias(self, event: yaml.AliasEvent, line: int, column: int) -> None:
        message = f"the alias {quoted(f'*{event.anchor}')} is not read: anchors and aliases are switched off"
        raise self.found.stop("yaml-alias", message, line, column, hint="Write the value out where it is used.")

    def document(self, event: yaml.DocumentStartEvent, line: int, column: int) -> None:
        if self.several:
            self.keep()
            self.value, self.root = None, None
        elif self.root is not None:
            message = "the file holds more than one YAML document"
            hint = "Remove the `---`, or put each document into a file of its own."
            raise self.found.stop("yaml-documents", message, line, column, hint=hint)
        if event.tags:
            raise self.found.stop("yaml-tag", "%TAG directives are not read", line, column, hint=_NO_TAGS)

    def refuse(self, anchor: str | None, tag: str | None, line: int, column: int) -> None:
        if anchor is not None:
            message = f"the anchor {quoted(f'&{anchor}')} is not read: anchors and aliases are switched off"
            self.found.add("yaml-alias", message, line, column, hint="Write the value out where it is used.")
        if tag is not None:
            message = f"the tag {quoted(tag)} is not read: values are text, numbers, true, false, lists and mappings"
            self.found.add("yaml-tag", message, line, column, hint=_NO_TAGS)

    def start(self, event: yaml.CollectionStartEvent, line: int, column: int) -> None:
        self.refuse(event.anchor, event.tag, line, column)
        if len(self.open) >= MAX_DEPTH:
            raise self.found.stop("yaml-too-deep", _TOO_DEEP, line, column, hint=_FLATTEN)
        if self.top is not None and self.top.awaits_key:
            message = "a key must be plain text, not a list or a mapping"
            raise self.found.stop("yaml-syntax", message, line, column, hint="Quote the key.")
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        children: dict[str, Spot] = {}
        self.put(value, line, column, children)
        self.top = _Open(value, children)
        self.open.append(self.top)

    def end(self, _: yaml.CollectionEndEvent, __: int, ___: int) -> None:
        self.open.pop()
        self.top = self.open[-1] if self.open else None

    def scalar(self, event: yaml.ScalarEvent, line: int, column: int) -> None:
        tag = event.tag
        if tag is not None or event.anchor is not None:
            self.refuse(event.anchor, tag, line, column)
        text: str = event.value
        character = forbidden_in(text) if self.escapes else None
        if character is not None:
            message = f"the text holds {character}, written as an escape"
            self.found.add("file-control-character", message, line, column, hint="Remove the character.")
            text = without_forbidden(text)
        unquoted = not event.style
        if self.top is not None and self.top.awaits_key:
            self.key(self.top, text, unquoted, line, column)
            return
        value: Any = text
        if unquoted and tag is None:
            try:
                value = plain(text)
            except ChangesMeaningError as change:
                message = f"without quotes {quoted(text)} is read as {change.becomes}"
                hint = f'Quote it: "{text}"' if len(text) <= 60 else "Quote it."
                edit = edit_of(self.found.text, line, column, text, text)
                self.found.add("yaml-quote-it", message, line, column, hint=hint, edit=edit)
        self.put(value, line, column, None)

    def key(self, mapping: _Open, text: str, unquoted: bool, line: int, column: int) -> None:
        if unquoted and text == "<<":
            message = "the merge key `<<` is not read: anchors and aliases are switched off"
            raise self.found.stop("yaml-alias", message, line, column, hint="Write the keys out where they are used.")
        if unquoted and not text:
            raise self.found.stop("yaml-syntax", "a key is missing before the colon", line, column, hint="Name it.")
        if len(text) > MAX_KEY:
            message = f"a key has more than {MAX_KEY} characters"
            raise self.found.stop("yaml-syntax", message, line, column, hint="Shorten it.")
        if text in mapping.children:
            first = mapping.children[text]
            message = f"the key {quoted(text)} occurs twice, first in line {first.key_line}, again in line {line}"
            related = self.found.text.place(first.key_line, first.key_column)
            self.found.add("yaml-duplicate-key", message, line, column, hint="Keep one of the two.", related=(related,))
        mapping.key, mapping.key_line, mapping.key_column = text, line, column
        mapping.awaits_key = False

    def put(self, value: Any, line: int, column: int, children: dict[str, Spot] | None) -> None:
        parent = self.top
        if parent is None:
            self.value, self.root = value, Spot(line, column, line, column, children)
        elif isinstance(parent.value, list):
            parent.children[str(len(parent.value))] = Spot(line, column, line, column, children)
            parent.value.append(value)
        else:
            parent.children[parent.key] = Spot(line, column, parent.key_line, parent.key_column, children)
            parent.value[parent.key] = value
            parent.awaits_key = True
