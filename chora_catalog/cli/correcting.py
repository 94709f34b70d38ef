"""The words of `--fix` and `--diff`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from chora_catalog.errors import ChoraError, Exit

if TYPE_CHECKING:
    from chora_catalog.app.fixing import Fix


def show(made: Sequence[Fix], *, fix: bool) -> int:
    """Print the diff of each file, and return 1 where there is one; raise ChoraError where `fix` is asked for too."""
    from chora_catalog.render.text import visible

    if fix:
        raise ChoraError("--diff writes nothing and --fix writes", hint="Use one of the two.")
    for one in made:
        click.echo(visible(one.diff), nl=False)
    click.echo(f"{_counted(made)} certain; nothing was written.", err=True)
    return Exit.NO if made else Exit.YES


def correct(made: Iterable[Fix]) -> None:
    """Write the files, and say which on the error stream."""
    from chora_catalog.app.fixing import write_fixes
    from chora_catalog.render.text import on_one_line

    for one in made:
        write_fixes([one])
        click.echo(f"Corrected {on_one_line(one.file)}: {_counted([one])}.", err=True)


def _counted(made: Sequence[Fix]) -> str:
    number = sum(len(one.edits) for one in made)
    return f"{number} correction{'' if number == 1 else 's'}"
