"""A report for another program, written to the file that a person named."""

from __future__ import annotations

from pathlib import Path

from chora_catalog.edge import files


def write_report(path: Path, text: str) -> None:
    """Write `text`, whole or not at all; raise ChoraError (exit 2) when the place cannot be written."""
    files.write_own(path, text.encode(), what="the report")
