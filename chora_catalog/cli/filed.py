"""What is printed when a record was written, and the options that all commands which write one have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from chora_catalog.app.filing import Desk, Filed

ROOT = click.option("--root", default=".", metavar="DIR", help="The catalog's own repository. [.]")
AS_OF = click.option("--as-of", default=None, metavar="TIME", help="Judge at this instant, RFC 3339. [now]")
DRAFTED = click.option(
    "--drafted-by", default="", metavar="AGENT", help="The agent that drafted it; a person has to approve it then."
)


def writing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of all that write a record."""
    return ROOT(AS_OF(function))


def desk(root: str, as_of: str | None) -> Desk:
    """Open the records of the repository that was named."""
    from chora_catalog.app.filing import open_desk
    from chora_catalog.app.moment import moment

    return open_desk(Path(root), moment(as_of))


def aligned(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return rows of words under their heads, each column as wide as it needs to be."""
    every = [head, *rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(head))]
    lines = ("  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)) for row in every)
    return "\n".join(line.rstrip() for line in lines)


def say(filed: Filed, *, what: str = "") -> None:
    """Say what was written, what is worth knowing about it, and the commands that come next."""
    from chora_catalog.render.report import frames
    from chora_catalog.render.text import on_one_line, visible

    click.echo(f"wrote {visible(filed.paper.file)}")
    if what:
        click.echo(on_one_line(visible(what)))
    if filed.notes:
        click.echo(f"\n{frames(filed.notes)}\n")
    for number, line in enumerate(filed.then):
        click.echo(f"{'next: ' if number == 0 else '      '}{on_one_line(visible(line))}")
