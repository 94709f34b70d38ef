"""`chora inventory`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from chora_catalog.errors import Exit


@click.command("inventory")
@click.option("--sources", default="catalog-sources.yaml", metavar="FILE", help="The registry. [catalog-sources.yaml]")
@click.option("--output", default=None, metavar="FILE", help="Write the page there, keeping what people wrote into it.")
@click.option("--format", "form", default="markdown", type=click.Choice(["markdown", "json"]), help="[markdown]")
@click.option("--allow-local", is_flag=True, help="Admit paths, file:, http: and loopback addresses as sources.")
@click.option("--jobs", default=8, type=click.IntRange(1, 64), help="Sources asked at once. [8]")
@click.option("--cache", default=None, metavar="DIR", help="What was fetched. [CHORA_CACHE, else .chora/cache]")
def command(sources: str, output: str | None, form: str, allow_local: bool, jobs: int, cache: str | None) -> int:
    """Scan the registered repositories for the environment they stand in: host, CI, logins, ecosystems, signing.

    Files are read and nothing is run. What no scan can tell, such as connectivity and regulation, stays unknown until a
    person writes it into the page. 0: every source was looked through. 3: one could not be.
    """
    from chora_catalog.app.inventory import Scan, take_inventory, write_page
    from chora_catalog.render import anchors

    chosen = cache or os.environ.get("CHORA_CACHE")
    scan = Scan(sources=Path(sources), cache=Path(chosen) if chosen else None, allow_local=allow_local, jobs=jobs)
    found = take_inventory(scan)
    if form == "json":
        click.echo(anchors.as_json(found), nl=False)
    elif output is None:
        click.echo(anchors.page(found, anchors.Answers()), nl=False)
    if output is not None:
        changed = write_page(Path(output), found)
        click.echo(f"{output} {'was written' if changed else 'stands as it was'}.", err=form == "json")
    unread = [item for item in found if item.error]
    for item in unread:
        click.echo(f"{item.source} could not be looked through: {ascii(item.error)[1:-1]}", err=True)
    return Exit.CANNOT_TELL if unread else Exit.YES
