"""A report for another program: with what it takes of this tool, and written to the file that a person named."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from chora_catalog.app.explaining import rules_in_words
from chora_catalog.edge import files
from chora_catalog.model.checked import Checked
from chora_catalog.render.reports.sarif import sarif


def as_sarif(checked: Checked) -> str:
    """Return `checked` as a SARIF log, with the page of each rule and the version of this tool."""
    return sarif(checked, rules_in_words(), version=version("chora-catalog"))


def write_report(path: Path, text: str) -> None:
    """Write `text`, whole or not at all; raise ChoraError (exit 2) when the place cannot be written."""
    files.write_own(path, text.encode(), what="the report")
