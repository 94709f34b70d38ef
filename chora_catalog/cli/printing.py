"""Where a report goes: to the terminal, into the file that a person named, and into the summary of a CI job."""

from __future__ import annotations

import os
from pathlib import Path

import click


def in_actions() -> bool:
    """Tell whether this runs in a job of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def print_report(text: str, output: str | None) -> None:
    """Print `text`, or write it to the file `output`, whole or not at all; raise ChoraError where that cannot be."""
    if output is None:
        click.echo(text, nl=False)
        return
    from chora_catalog.app.reporting import write_report

    write_report(Path(output), text)


def add_to_job_summary(text: str) -> None:
    """Add `text` (Markdown) to the summary of a CI job where the CI says where."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)
