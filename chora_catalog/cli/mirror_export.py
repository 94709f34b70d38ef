"""`chora mirror export`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("export")
@click.argument("site", metavar="SITE")
@click.option("--root", required=True, metavar="FILE", help="The trust root whose signatures the site must carry.")
@click.option(
    "--output",
    default=None,
    metavar="FILE",
    help="The bundle, .tar.gz or .tar. [into the site: mirror/bundles/, the newest three, and mirror/latest.tar.gz]",
)
@click.option("--as-of", default=None, metavar="TIME", help="The instant at which signatures are judged. [now]")
def command(site: str, root: str, output: str | None, as_of: str | None) -> None:
    """Write the signed folder SITE into one file: pages, data, signatures, and all that is needed to verify them.

    The same site gives the same bytes. Beside the file stands its SHA-256. 0: written. 1: a signature does not hold,
    or a file is not what was signed. 2: SITE is not signed. 3: it has expired, or the disk refuses.
    """
    from chora_catalog.app.exporting import export_mirror
    from chora_catalog.app.moment import moment

    made = export_mirror(
        Path(site), root=Path(root), output=Path(output) if output is not None else None, as_of=moment(as_of)
    )
    click.echo(f"Exported {made.path}: sequence {made.trusted.sequence}, {made.files} files, {made.size} bytes")
    click.echo(f"sha256 {made.sha256}")
