"""`chora metrics`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("metrics")
@click.option(
    "--ledger", default="site/run.json", metavar="FILE|URL", help="The run record, or its publication. [site/run.json]"
)
@click.option("--as-of", default=None, metavar="TIME", help="Judge the ledger at this instant. [now]")
@click.option("--format", "form", default="markdown", type=click.Choice(["markdown", "json"]), help="[markdown]")
@click.option("--output", default=None, metavar="FILE", help="Write to this file. [print]")
def command(ledger: str, as_of: str | None, form: str, output: str | None) -> None:
    """Say what the ledger of past runs measures, each figure with what it was counted of and since when.

    The time since the last run is part of the answer: where no run came, nothing counts as fresh. What no run measures
    is listed as not evaluated. 3: the ledger cannot be read.
    """
    from chora_catalog.app.measuring import measure, write
    from chora_catalog.app.moment import moment

    text = measure(ledger, moment(as_of), form=form)
    if output:
        write(text, Path(output))
        click.echo(f"Wrote {output}.")
    else:
        click.echo(text, nl=False)
