"""What a command says of itself, without the library that says it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandWords:
    """A command as its `--help` has it.

    `usage` is the line to type, `help` its paragraphs in plain text, `options` each option as it is written with what
    it is for.
    """

    name: str
    usage: str
    help: str
    options: tuple[tuple[str, str], ...]
