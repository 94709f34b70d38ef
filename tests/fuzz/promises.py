"""What every target asks of what it looks at: an answer in time, and findings that stand inside their file."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ParamSpec, TypeVar

from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.parse.reading import MAX_FINDINGS, forbidden_in

ROOT = Path(__file__).parents[2]
SECONDS = 1.0
"""Processor time that one input may cost, instrumented as it is; a busy machine does not count."""

_LINE_END = re.compile(r"\r\n|\r|\n")
P = ParamSpec("P")
T = TypeVar("T")


def in_time(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `function` answers; it may not take longer than any source may cost."""
    started = time.process_time()
    answer = function(*args, **kwargs)
    spent = time.process_time() - started
    assert spent < SECONDS, f"{spent:.2f} s of processor time"
    return answer


class Lines:
    """The lines of one file as an editor counts them."""

    def __init__(self, data: bytes) -> None:
        """Decode `data`; where it is no UTF-8, columns are nobody's promise and only lines are held."""
        self.text = data.decode("utf-8", "replace").removeprefix("\ufeff")
        self.exact = "\ufffd" not in self.text
        lines = _LINE_END.split(self.text)
        self.lines = lines if lines[-1] or len(lines) == 1 else lines[:-1]

    def hold(self, line: int, column: int) -> None:
        """Assert that `line` and `column` name a place of the file, or just behind the end of a line."""
        assert 1 <= line <= len(self.lines), f"line {line} of {len(self.lines)}"
        width = len(self.lines[line - 1]) + 1
        assert column >= 1, f"column {column}"
        assert not self.exact or column <= width, f"column {column} of line {line}, which has {width - 1}"

    def at(self, line: int, column: int) -> str:
        """Return the rest of `line` from `column` on."""
        return self.lines[line - 1][column - 1 :]


def findings_are_sound(findings: tuple[Finding, ...], lines: Lines, file: str) -> None:
    """Assert what holds for every finding of every reader: words, a next step, one order, a place inside the file."""
    assert len(findings) <= 2 * (MAX_FINDINGS + 1)
    assert list(findings) == sorted(set(findings), key=lambda finding: finding.order)
    for finding in findings:
        assert finding.rule
        assert finding.message
        assert finding.hint.endswith((".", "?", '"')), finding.hint
        assert len(finding.message) < 500
        _harmless(finding.message + finding.hint)
        for place in (finding.place, *finding.related):
            _stands(place, lines, file)


def _stands(place: Place, lines: Lines, file: str) -> None:
    assert place.file == file
    if place.line == 0:
        assert place.column == 0
    else:
        lines.hold(place.line, place.column)
    assert len(place.excerpt) <= 3
    assert not place.excerpt or place.excerpt_from <= max(place.line, 1) < place.excerpt_from + len(place.excerpt)
    for shown in place.excerpt:
        assert len(shown) <= 200
        _harmless(shown)


def _harmless(text: str) -> None:
    text.encode("utf-8")
    assert forbidden_in(text) is None, ascii(text)


def refused(findings: tuple[Finding, ...]) -> bool:
    """Tell whether one of `findings` is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def texts_of(path: str, longest: int = 4096) -> Iterator[bytes]:
    """Yield every text that stands in the Python file `path` (a test) as a literal: what its author thought worth it.

    The file is read, not run.
    """
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            value = node.value if isinstance(node.value, bytes) else node.value.encode("utf-8", "surrogatepass")
            if 0 < len(value) <= longest:
                yield value


def files_of(*globs: str) -> Iterator[bytes]:
    """Yield the bytes of the repository's own files that fit `globs`."""
    for glob in globs:
        for path in sorted(ROOT.glob(glob)):
            yield path.read_bytes()
