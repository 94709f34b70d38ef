"""The table at the end of a build, and the bar while it runs."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from chora_catalog.app.harvesting import Asked
    from chora_catalog.app.pipeline import Built

_WORDS = {"read": "read", "unchanged": "unchanged", "kept": "no answer, last good kept", "unread": "never read"}


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[tuple[Callable[[int], None], Callable[[Asked], None]]]:
    """Yield what to call with the number of sources, and with each as it ends: a bar on stderr, terminals only."""
    if quiet or not sys.stderr.isatty():
        yield (lambda _: None), (lambda _: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("Reading sources"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def step(_: Asked) -> None:
            bar.advance(task)
            if bar.finished:
                # What follows is quick, and may fork, which a thread that draws would be in the way of.
                bar.stop()

        yield (lambda total: bar.update(task, total=total)), step


def print_summary(built: Built) -> None:
    """Print one line for each source, what needs attention, and where the site is."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else 120)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("source", "outcome", "capabilities", "errors", "warnings"):
        table.add_column(name, justify="left" if name in ("source", "outcome") else "right")
    for source in built.run.sources:
        outcome = source.outcome.value
        table.add_row(
            Text(source.name),
            Text(_WORDS[outcome], style="" if outcome in ("read", "unchanged") else "yellow"),
            *(str(number) for number in (source.capabilities, source.errors, source.warnings)),
        )
    console.print(table)
    console.print()
    console.print(Text(_sentence(built)))
    click.echo(f"Site: {built.output.resolve().as_uri()}/index.html")


def _sentence(built: Built) -> str:
    run, written = built.run, built.written
    found = run.errors + run.warnings + run.notices
    changed = (
        f"{written.changed} files written, {written.unchanged} unchanged"
        if written.replaced
        else "nothing changed, so only the run record was written"
    )
    return (
        f"{_some(run.capabilities, 'capability', 'capabilities')}; "
        f"{_some(run.breaking, 'contract breaks', 'contracts break')}, "
        f"{_some(run.waiting, 'signal waits', 'signals wait')}; "
        f"{_some(found, 'finding', 'findings')}. {changed[0].upper()}{changed[1:]}."
    )


def _some(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
