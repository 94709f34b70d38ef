"""A finding: something a rule says about a place, as data before it is text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is (DESIGN section 3, "Findings")."""

    ERROR = "error"
    """Wrong in itself."""
    WARNING = "warning"
    """Refers to something that is not there, or breaks a recommendation."""
    NOTICE = "notice"
    """Could not be judged here."""

    @property
    def rank(self) -> int:
        """0 for the worst, so that sorting puts errors first."""
        return ("error", "warning", "notice").index(self.value)


class Scope(StrEnum):
    """What a rule must be able to see: one document, one tree, or the whole catalog."""

    DOCUMENT = "document"
    TREE = "tree"
    CATALOG = "catalog"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands. Lines and columns count from 1; 0 means the file as a whole.

    `excerpt` holds the lines around `line` as they were read, the first of them numbered `excerpt_from`, so that a
    frame can be drawn wherever the finding travels without the file.
    """

    file: str
    line: int = 0
    column: int = 0
    pointer: str = ""
    excerpt: tuple[str, ...] = ()
    excerpt_from: int = 0

    def __str__(self) -> str:
        """`file:line:column`, as editors and terminals link it."""
        return self.file + (f":{self.line}:{self.column}" if self.line else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A correction that is certain: in `file`, at line and column from 1, `old` becomes `new`; both stand in one line.

    It counts only where exactly `old` stands there.
    """

    file: str
    line: int
    column: int
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a rule says about one place, with the next step.

    `edit` is for whoever holds the file; it is read from the file itself, and never kept with a publication.
    """

    rule: str
    severity: Severity
    message: str
    place: Place
    hint: str = ""
    source: str = ""
    subject: str = ""
    related: tuple[Place, ...] = ()
    edit: Edit | None = None

    def of(self, source: str) -> Finding:
        """Return the same finding, said of `source` and without its edit."""
        return replace(self, source=source, edit=None)

    @property
    def order(self) -> tuple[str, int, str, int, int, str, str]:
        """Worst first within a source, then by place, rule and words: total, so that output is stable."""
        place = self.place
        return (self.source, self.severity.rank, place.file, place.line, place.column, self.rule, self.message)


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return each finding once, in the one order that all output uses."""
    return tuple(sorted(set(findings), key=lambda finding: finding.order))
