"""What adopting asks of a repository, and what a standard asks of a command: one answer for each, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """How one thing stands. What could not be looked at is its own answer and never counts as met."""

    MET = "met"
    MISSING = "missing"
    NOT_EVALUATED = "not evaluated"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that adopting asks for: how it stands, in words, and the lines or the command that bring it."""

    name: str
    verdict: Answer
    words: str
    file: str = ""
    lines: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How a command ended when it was probed, and what it said."""

    words: tuple[str, ...]
    code: int
    out: bytes
    err: bytes
    seconds: float
    ended: bool = True
    """False when it was still running at the limit, or said too much."""

    @property
    def both(self) -> bytes:
        """Return all it said."""
        return self.out + self.err


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """The runs of one command by which the standard judges it."""

    help: Run
    help_again: Run
    help_plain: Run
    """With NO_COLOR set."""
    version: Run
    wrong: Run
    """With an option that no command has."""
    wrong_plain: Run

    @property
    def every(self) -> tuple[Run, ...]:
        """Return all of them."""
        return (self.help, self.help_again, self.help_plain, self.version, self.wrong, self.wrong_plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One sentence of the standard, and how the command stands to it; `check` is empty where nothing checks it."""

    check: str
    text: str
    verdict: Answer
    why: str = ""
