"""`chora mirror import`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option("--root", default=None, metavar="FILE", help="The trust root. Needed once; remembered from then on.")
@click.option("--output", required=True, metavar="DIR", help="Where the catalog stands; DIR/site/index.html opens it.")
@click.option("--min-sequence", default=0, metavar="N", type=click.IntRange(0), help="Refuse a sequence below N.")
@click.option(
    "--allow-rollback",
    default="",
    metavar="DECISION-ID",
    help="Accept a sequence below the last one, by this decision; it is remembered.",
)
@click.option("--as-of", default=None, metavar="TIME", help="The instant at which signatures are judged. [now]")
def command(
    file: str, root: str | None, output: str, min_sequence: int, allow_rollback: str, as_of: str | None
) -> None:
    """Verify the bundle FILE and put the catalog in it into DIR. No connection is opened.

    FILE is a path; what stands at an address is downloaded first. Nothing is placed before its signatures hold, and
    what stood until now is kept in DIR/previous. 0: it stands, or stood already. 1: refused, DIR is unchanged. 2: asked
    wrongly, or no root is known. 3: it has expired, or the disk refuses.
    """
    from chora_catalog.app.mirroring import import_mirror
    from chora_catalog.app.moment import moment
    from chora_catalog.render.reports.mirror import carried_line, rollback_line, warning_line

    at = moment(as_of)
    done = import_mirror(
        Path(file),
        root=Path(root) if root is not None else None,
        output=Path(output),
        as_of=at,
        min_sequence=min_sequence,
        allow_rollback=allow_rollback,
    )
    click.echo(
        carried_line("imported: " if done.is_new else "already there: ", done.trusted, done.files, done.size, at)
    )
    if done.rollback is not None:
        click.echo(rollback_line(done.rollback))
    click.echo(f"Open {Path(output) / 'site' / 'index.html'}")
    warning = warning_line(done.trusted, at)
    if warning:
        click.echo(warning, err=True)
