"""`chora init`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("init")
@click.argument("path", default=".", required=False)
@click.option("--id", "identifier", default="", metavar="ID", help="The capability's id. [the folder's name]")
def command(path: str, identifier: str) -> None:
    """Write a first chora.yaml into PATH [.], valid as it is, with a question for each field that is not written.

    Beside it goes chora.schema.json, by which an editor completes the fields without a network. 0: written. 2: there is
    a manifest already, which is never overwritten.
    """
    from chora_catalog.app.adopting import begin
    from chora_catalog.app.typed import typed

    for name in begin(Path(path), identifier).written:
        click.echo(f"wrote {Path(path, name)}")
    click.echo(f"next: answer the questions in {Path(path, 'chora.yaml')}, then run: {typed('validate', Path(path))}")
