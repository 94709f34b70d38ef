"""`chora mirror status`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("status")
@click.argument("folder", metavar="DIR")
@click.option("--as-of", default=None, metavar="TIME", help="The instant from which its age is counted. [now]")
def command(folder: str, as_of: str | None) -> int:
    """Say how old the catalog is that was imported into DIR, from the time that was signed.

    0: fresh; or stale, past its TTL, with a warning. 1: its signatures do not hold. 2: nothing was imported there. 3:
    past its alert age, expired, or signed after TIME; its pages can be read, and nothing in them counts as a pass.
    """
    from chora_catalog.app.mirroring import mirror_status
    from chora_catalog.app.moment import moment
    from chora_catalog.render.reports.mirror import status_exit, status_line, warning_line

    at = moment(as_of)
    trusted = mirror_status(Path(folder), as_of=at)
    click.echo(status_line(trusted, at))
    warning = warning_line(trusted, at)
    if warning:
        click.echo(warning, err=True)
    return status_exit(trusted, at)
