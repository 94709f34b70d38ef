"""The ledger of a publication as a page or as data."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from chora_catalog.app.publication_reading import read_run
from chora_catalog.edge import files
from chora_catalog.errors import ChoraError
from chora_catalog.render import baseline
from chora_catalog.resolve.clock import instant


def measure(ledger: str, as_of: datetime, *, form: str) -> str:
    """Return the metrics in a run record (a path or an address) as `markdown` or `json`.

    Raise ChoraError: exit 3 when the record cannot be read, exit 2 when `as_of` lies before its last run.
    """
    run = read_run(ledger)
    last = instant(run.as_of)
    if last is not None and as_of < last:
        raise ChoraError(
            f"{as_of.isoformat()} is before the last run of the ledger, {run.as_of}",
            hint="A ledger is judged at its last run or later.",
        )
    return baseline.as_json(run, as_of) if form == "json" else baseline.page(run, as_of)


def write(text: str, path: Path) -> None:
    """Write the page to the file `path`; raise ChoraError (usage) when it cannot be written."""
    files.write_own(path, text.encode(), what="the page")
