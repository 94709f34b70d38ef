"""`chora serve`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("serve")
@click.argument("folder", default="site", required=False)
@click.option(
    "--port", default=8000, metavar="N", type=click.IntRange(0, 65535), help="The port; 0 takes a free one. [8000]"
)
def command(folder: str, port: int) -> None:
    """Show the built site in FOLDER [site] on a loopback address; pages reload when a build replaces it.

    For looking at it on this machine. To publish it, copy the folder to any static host.
    """
    from chora_catalog.app.serving import show

    show(Path(folder), port, ready=lambda address: click.echo(f"Serving {folder} at {address} (Ctrl+C ends it)"))
