"""`chora verify`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("verify")
@click.argument("what", metavar="SITE|FILE", type=click.Path(path_type=Path))
@click.option("--root", required=True, metavar="FILE", type=click.Path(path_type=Path), help="The root.json you trust.")
@click.option(
    "--site",
    default=None,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The signed site that a single file is held against. [the one it lies in]",
)
@click.option(
    "--max-age", default="", metavar="LENGTH", help="Too old from this age on, such as 7d. [the catalog's alert age]"
)
@click.option(
    "--min-sequence", default=0, metavar="N", type=click.IntRange(min=0), help="Refuse what was signed before the N-th."
)
@click.option("--as-of", default=None, metavar="TIME", help="Judge ages at this instant. [now]")
def command(what: Path, root: Path, site: Path | None, max_age: str, min_sequence: int, as_of: str | None) -> None:
    """Say whether a site, a bundle, one published file or one manifest of a source is what was signed.

    It needs no network and reads nothing but what is named. 0: it is, and young enough. 1: rejected, with what differs.
    3: expired, too old, or it cannot be read.
    """
    from chora_catalog.app.moment import moment
    from chora_catalog.app.verifying import Asked, verify
    from chora_catalog.render.text import visible

    said = verify(
        Asked(what=what, root=root, as_of=moment(as_of), site=site, max_age=max_age, min_sequence=min_sequence)
    )
    click.echo(visible(said.line))
    if said.warning:
        click.echo(said.warning, err=True)
