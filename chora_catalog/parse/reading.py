"""What was read of one file: its values as JSON types, and the line and column of each of them.

Limits and the characters no file may hold are those of DESIGN section 3, "Reading".
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from chora_catalog.model.finding import Edit, Finding, Place, Severity, sort_findings
from chora_catalog.model.secrets import EXCERPT_WIDTH, masked, shown_line

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_EVENTS = 20_000
MAX_KEY = 1024
MAX_FINDINGS = 100
"""Problems named in one file; a file with more is told so once."""

_SCALAR_ENDS = re.compile(r"[ \t]*(?:$|[,\]}])|[ \t]+#")
_LONGEST_QUOTED = 4_000
_LINE_END = re.compile(r"\r\n|\r|\n")
# C0 but tab and line ends, DEL, C1, Unicode's Bidi_Control, the two separators that YAML 1.1 reads as line ends,
# the byte order mark, surrogates and the two non-characters that YAML refuses.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_FORBIDDEN_ASCII = bytes(code for code in range(128) if _FORBIDDEN.match(chr(code)))
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


@dataclass(slots=True)
class Spot:
    """Where a value and its key stand, counted from 1; `children` by key, or by index as text."""

    line: int
    column: int
    key_line: int
    key_column: int
    children: dict[str, Spot] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The lines of one file, for the frames that findings carry."""

    file: str
    lines: tuple[str, ...] = field(default=(), repr=False)

    def place(self, line: int, column: int, pointer: str = "") -> Place:
        """Return the place with the line, one before and one after, each cut at 200 characters.

        What is missing at the end of a file stands, for a parser, in a line after the last; here it is the last.
        """
        if line > len(self.lines) > 0:
            line, column = len(self.lines), len(self.lines[-1]) + 1
        first = max(line - 1, 1)
        shown = tuple(shown_line(text) for text in self.lines[first - 1 : line + 1])
        return Place(
            file=self.file, line=line, column=column, pointer=pointer, excerpt=shown, excerpt_from=first if shown else 0
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One file read: `value` is JSON types only, and None with `ok` False when the file could not be read.

    `partial` is what was understood all the same (a refused scalar stands there as text), so that one run can say
    everything that is wrong. It is for checks only, never for use.
    """

    file: str
    value: Any
    ok: bool
    text: Text = field(repr=False)
    findings: tuple[Finding, ...] = ()
    partial: Any = field(default=None, repr=False)
    root: Spot = field(default_factory=lambda: Spot(1, 1, 1, 1), repr=False)

    def place(self, pointer: str, *, key: bool = False) -> Place:
        """Return where the value at JSON pointer `pointer` stands, or (with `key`) its key.

        A pointer to nothing gives the place of its nearest known parent.
        """
        spot, found = self._spot(pointer)
        if key and found:
            return self.text.place(spot.key_line, spot.key_column, pointer)
        return self.text.place(spot.line, spot.column, pointer)

    def line(self, pointer: str) -> int:
        """Return the line of the value at `pointer`, as `place` does, without what else belongs to a place."""
        line = self._spot(pointer)[0].line
        return min(line, len(self.text.lines)) or line

    def _spot(self, pointer: str) -> tuple[Spot, bool]:
        """Return where the value at `pointer` stands, or its nearest known parent, and whether it is there itself."""
        spot = self.root
        for segment in split_pointer(pointer):
            child = spot.children.get(segment) if spot.children else None
            if child is None:
                return spot, False
            spot = child
        return spot, True

    def but_refused(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return `findings` without those about a value that the reader refused: each problem is said once."""
        refused = {(finding.place.line, finding.place.column) for finding in self.findings}
        return [finding for finding in findings if (finding.place.line, finding.place.column) not in refused]

    def finding(
        self,
        rule: str,
        message: str,
        pointer: str,
        *,
        severity: Severity = Severity.ERROR,
        hint: str = "",
        key: bool = False,
        subject: str = "",
        edit: Edit | None = None,
    ) -> Finding:
        """Return a finding about the value (or key) at `pointer`; secrets in its words are hidden."""
        return Finding(
            rule=rule,
            severity=severity,
            message=masked(message),
            place=self.place(pointer, key=key),
            hint=masked(hint),
            subject=masked(subject),
            edit=edit,
        )

    def edit(self, pointer: str, value: object, becomes: str) -> Edit | None:
        """Return the edit that writes the text `becomes` where `value` stands, or None where that is not certain.

        It is certain where the whole value stands in one line as it was written: plain, or in one kind of quotes.
        """
        spot, found = self._spot(pointer)
        if not found or spot.line > len(self.text.lines):
            return None
        written = value if isinstance(value, str) else json.dumps(value)
        return edit_of(self.text, spot.line, spot.column, written, becomes)


def edit_of(text: Text, line: int, column: int, written: str, becomes: str) -> Edit | None:
    """Return the edit that writes `becomes`, in double quotes, for the scalar `written` at a place; else None."""
    after = text.lines[line - 1][column - 1 :]
    spellings = (written, f'"{written}"', f"'{written}'", json.dumps(written, ensure_ascii=False))
    old = next((spelling for spelling in spellings if written and after.startswith(spelling)), "")
    if (
        not old
        or len(old) > EXCERPT_WIDTH
        or masked(old) != old
        or (old == written and not _SCALAR_ENDS.match(after, len(old)))
    ):
        return None
    return Edit(file=text.file, line=line, column=column, old=old, new=json.dumps(becomes, ensure_ascii=False))


class UnreadableError(Exception):
    """Reading cannot go on; the findings say why. Never leaves `parse`."""


class Findings:
    """Findings of one file in the making, at most `MAX_FINDINGS` of them."""

    def __init__(self, text: Text) -> None:
        """Collect for the file that `text` holds."""
        self.text = text
        self._found: list[Finding] = []

    def add(
        self,
        rule: str,
        message: str,
        line: int,
        column: int,
        *,
        hint: str = "",
        related: tuple[Place, ...] = (),
        edit: Edit | None = None,
    ) -> None:
        """Add an error; raise UnreadableError when the file has too many."""
        place = self.text.place(line, column)
        self._found.append(
            Finding(
                rule=rule,
                severity=Severity.ERROR,
                message=masked(message),
                place=place,
                hint=masked(hint),
                related=related,
                edit=edit,
            )
        )
        if len(self._found) >= MAX_FINDINGS:
            self._found.append(too_many(place))
            raise UnreadableError

    def stop(self, rule: str, message: str, line: int, column: int, *, hint: str = "") -> UnreadableError:
        """Add an error after which reading cannot go on, and return what to raise."""
        self.add(rule, message, line, column, hint=hint)
        return UnreadableError()

    @property
    def any(self) -> bool:
        """Tell whether there are any."""
        return bool(self._found)

    def sorted(self) -> tuple[Finding, ...]:
        """Return them in the one order."""
        return sort_findings(self._found)


def too_many(place: Place) -> Finding:
    """Say that a file has more problems than are named."""
    message = f"this file has more than {MAX_FINDINGS} problems; the first {MAX_FINDINGS} are shown"
    hint = "Correct these and check again."
    return Finding(rule="too-many-findings", severity=Severity.NOTICE, message=message, place=place, hint=hint)


def decode(data: bytes, file: str) -> tuple[str, Findings]:
    """Return the text of `data` (UTF-8, a leading byte order mark dropped) and where to collect its findings.

    On bytes that no file may hold, the text is empty and the findings say why.
    """
    none = Findings(Text(file=file))
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read"
        none.add("file-too-large", message, 0, 0, hint="Split it, or keep generated content out of it.")
        return "", none
    if data.startswith(_LFS_POINTER):
        message = "this is a Git LFS pointer, not the file it stands for; the catalog reads Git's own objects only"
        none.add("file-lfs-pointer", message, 1, 1, hint="Keep this file out of Git LFS (.gitattributes).")
        return "", none
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return "", _undecodable(data, file, error.start)
    text = text.removeprefix("\ufeff")
    # Most files are ASCII, where bytes are looked through far faster than text.
    clean = data.isascii() and len(data.translate(None, _FORBIDDEN_ASCII)) == len(data)
    forbidden = [] if clean else list(_FORBIDDEN.finditer(text))
    found = Findings(Text(file=file, lines=split_lines(without_forbidden(text) if forbidden else text)))
    for match in forbidden[:10]:
        line, column = position(text, match.start())
        message = f"the file holds {character_name(match.group())}, which is invisible or reorders what is shown"
        found.add("file-control-character", message, line, column, hint="Remove the character.")
    return ("" if forbidden else text), found


def lines_of(data: bytes, file: str) -> tuple[str, ...]:
    """Return the lines of `data` as findings count them, with U+FFFD for what no file may hold."""
    return decode(data, file)[1].text.lines


def _undecodable(data: bytes, file: str, start: int) -> Findings:
    before = data[:start].decode("utf-8")
    line, column = position(before, len(before))
    found = Findings(Text(file=file, lines=split_lines(without_forbidden(data.decode("utf-8", "replace")))))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        found.add("file-encoding", "the file is UTF-16; only UTF-8 is read", 1, 1, hint="Save it as UTF-8.")
    else:
        message = f"byte 0x{data[start]:02x} is not valid UTF-8"
        found.add("file-encoding", message, line, column, hint="Save the file as UTF-8.")
    return found


def forbidden_in(text: str) -> str | None:
    """Name the first character of `text` that no value may hold, however it was escaped, or return None."""
    match = _FORBIDDEN.search(text)
    return character_name(match.group()) if match else None


def without_forbidden(text: str) -> str:
    """Return `text` with U+FFFD in the place of each character that no value may hold."""
    return _FORBIDDEN.sub("\ufffd", text)


def character_name(character: str) -> str:
    """Return `U+202E RIGHT-TO-LEFT OVERRIDE`, for example."""
    if "\ud800" <= character <= "\udfff":
        return f"half a surrogate pair (U+{ord(character):04X})"
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, from 1, of the character at `offset`."""
    line, start = 1, 0
    for end in _LINE_END.finditer(text, 0, offset):
        line, start = line + 1, end.end()
    return line, offset - start + 1


def line_starts(text: str) -> list[int]:
    """Return the offset of the first character of each line, ended as `split_lines` ends them."""
    return [0, *(end.end() for end in _LINE_END.finditer(text))]


def split_lines(text: str) -> tuple[str, ...]:
    """Return the lines of `text` without their ends; CR, LF and CRLF each end one."""
    lines = _LINE_END.split(text) if "\r" in text else text.split("\n")
    return tuple(lines if lines[-1] else lines[:-1])


def split_pointer(pointer: str) -> list[str]:
    """Return the unescaped segments of a JSON pointer (RFC 6901)."""
    segments = pointer.split("/")[1:]
    return [segment.replace("~1", "/").replace("~0", "~") for segment in segments] if "~" in pointer else segments


def join_pointer(pointer: str, *segments: str | int) -> str:
    """Return `pointer` one or more segments deeper."""
    for segment in segments:
        pointer += f"/{segment}" if isinstance(segment, int) else "/" + segment.replace("~", "~0").replace("/", "~1")
    return pointer


def quoted(text: object, limit: int = 60) -> str:
    """Return `text` on one line in backticks, cut to `limit` characters, secrets hidden, for use in a message."""
    line = masked(" ".join(str(text)[:_LONGEST_QUOTED].split()))
    return f"`{line if len(line) <= limit else line[: limit - 1] + '…'}`"


def field_name(pointer: str) -> str:
    """Return `dependencies[0].version` in backticks for `/dependencies/0/version`; the whole is `the document`."""
    path = ""
    for segment in split_pointer(pointer):
        path += f"[{segment}]" if segment.isdecimal() else f".{segment}"
    return quoted(path.removeprefix("."), 80) if path else "the document"
