"""`chora mirror verify`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("verify")
@click.argument("where", metavar="FILE|DIR")
@click.option(
    "--root", default=None, metavar="FILE", help="The trust root. [of an imported catalog: what it remembers]"
)
@click.option("--min-sequence", default=0, metavar="N", type=click.IntRange(0), help="Refuse a sequence below N.")
@click.option("--as-of", default=None, metavar="TIME", help="The instant at which signatures are judged. [now]")
def command(where: str, root: str | None, min_sequence: int, as_of: str | None) -> int:
    """Verify every byte of the bundle FILE, or of what was imported into DIR. Nothing is written.

    0: all of it is signed. 1: refused. 2: asked wrongly. 3: it has expired, or an imported one is past its alert age.
    """
    from chora_catalog.app.mirroring import verify_bundle, verify_imported
    from chora_catalog.app.moment import moment
    from chora_catalog.errors import ChoraError, Exit
    from chora_catalog.render.reports.mirror import carried_line, status_exit, warning_line

    at, path = moment(as_of), Path(where)
    is_imported = path.is_dir()
    if is_imported:
        found = verify_imported(
            path, root=Path(root) if root is not None else None, as_of=at, min_sequence=min_sequence
        )
    elif root is None:
        raise ChoraError(
            "a bundle is verified against a root that you have by another way", hint="Name it with --root FILE."
        )
    else:
        found = verify_bundle(path, root=Path(root), as_of=at, min_sequence=min_sequence)
    click.echo(carried_line("", found.trusted, found.files, found.size, at))
    warning = warning_line(found.trusted, at)
    if warning:
        click.echo(warning, err=True)
    return status_exit(found.trusted, at) if is_imported else Exit.YES
