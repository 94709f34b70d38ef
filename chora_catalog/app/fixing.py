"""Corrections that are certain, applied to the files they are about; nothing else of a file changes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chora_catalog.edge.workspace import Workspace
from chora_catalog.errors import ChoraError
from chora_catalog.model.finding import Edit, Finding
from chora_catalog.model.secrets import masked
from chora_catalog.parse.reading import MAX_BYTES, Reading, Spot
from chora_catalog.parse.spans import read
from chora_catalog.parse.splicing import meant, splice

_LINES = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One file below `folder` before and after its corrections, with the unified diff between the two."""

    folder: Path
    file: str
    before: bytes
    after: bytes
    edits: tuple[Edit, ...]
    diff: str


def fixes(folder: Path, findings: Iterable[Finding]) -> tuple[Fix, ...]:
    """Return what the edits of `findings` make of the files below `folder`, by file; nothing is written.

    Left out are edits whose `old` does not stand where they say, files that are links or lie behind one, and files
    that, read back, say anything else than what was meant. Raises nothing for any content.
    """
    wanted: dict[str, set[Edit]] = {}
    for finding in findings:
        if finding.edit is not None:
            wanted.setdefault(finding.edit.file, set()).add(finding.edit)
    made = (_fix(folder, file, wanted[file]) for file in sorted(wanted))
    return tuple(fix for fix in made if fix is not None)


def write_fixes(made: Iterable[Fix]) -> None:
    """Write the files of `made`, each whole or not at all.

    Raise ChoraError (usage) when one cannot be written, or is no longer what it was when the fix was made.
    """
    for fix in made:
        place = Workspace(fix.folder)
        if place.read(fix.file, MAX_BYTES) != fix.before:
            raise ChoraError(f"{fix.file} has changed meanwhile and was not corrected", hint="Run the command again.")
        place.write(fix.file, fix.after)


def fixed_text(data: bytes, *, file: str, edits: Iterable[Edit]) -> tuple[bytes, tuple[Edit, ...]]:
    """Return the bytes of `file` after those of `edits` that fit, and which they were; unchanged where none may be.

    The bytes are read back by the strict reader: each value that was meant to change has its new text, and every other
    value, with its key and its place in a list, is what it was.
    """
    before = read(data, file=file)
    after, done = splice(data, edits)
    if not done or before.partial is None:
        return data, ()
    again = read(after, file=file)
    if again.partial is None or not _says_what_was_meant(before, again, done):
        return data, ()
    return after, done


def _fix(folder: Path, file: str, edits: set[Edit]) -> Fix | None:
    data = Workspace(folder).read(file, MAX_BYTES)
    if data is None:
        return None
    after, done = fixed_text(data, file=file, edits=edits)
    if not done:
        return None
    return Fix(folder=folder, file=file, before=data, after=after, edits=done, diff=_diff(file, data, after))


def _says_what_was_meant(before: Reading, after: Reading, edits: tuple[Edit, ...]) -> bool:
    expected = {(edit.line, edit.column): meant(edit) for edit in edits}
    met: set[tuple[int, int]] = set()
    for old, new, spot in _leaves(before.partial, after.partial, before.root):
        here = (spot.line, spot.column)
        if here in expected:
            met.add(here)
            old = expected[here]
        if type(old) is not type(new) or old != new:
            return False
    return met == expected.keys()


def _leaves(old: Any, new: Any, spot: Spot) -> Iterator[tuple[Any, Any, Spot]]:
    """Yield each scalar of `old` with what stands for it in `new`, and each collection whose keys differ as it is."""
    below = spot.children or {}
    if isinstance(old, dict) and isinstance(new, dict) and list(old) == list(new):
        for key, value in old.items():
            yield from _leaves(value, new[key], below[key])
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, value in enumerate(old):
            yield from _leaves(value, new[index], below[str(index)])
    else:
        yield old, new, spot


def _diff(file: str, before: bytes, after: bytes) -> str:
    """Return the unified diff, for eyes: secrets in the lines around a correction are hidden."""
    old, new = (_LINES.findall(data.decode("utf-8", "replace")) for data in (before, after))
    lines = difflib.unified_diff(old, new, fromfile=f"a/{file}", tofile=f"b/{file}")
    return "".join(masked(line.rstrip("\r\n")) + "\n" for line in lines)
