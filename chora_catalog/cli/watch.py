"""`chora watch`."""

from __future__ import annotations

import os

import click

from chora_catalog.errors import Exit


@click.command("watch")
@click.argument("address")
@click.option(
    "--max-age", default="", metavar="LENGTH", help="Too old from this age on, such as 90min. [the catalog's alert age]"
)
@click.option("--as-of", default=None, metavar="TIME", help="Judge the age at this instant. [now]")
@click.option("--apply", "host", default=None, type=click.Choice(["github"]), help="Keep one issue about it.")
def command(address: str, max_age: str, as_of: str | None, host: str | None) -> int:
    """Say whether the catalog at ADDRESS (or in a folder) is still being built.

    With --apply one issue in GITHUB_REPOSITORY is opened, updated or closed, with the token in GITHUB_TOKEN.
    0: it is young enough. 1: it is too old. 3: its age cannot be told.
    """
    from chora_catalog.app.alerting import apply_watch, watch, words
    from chora_catalog.app.moment import moment

    now = moment(as_of)
    seen = watch(address, now, max_age=max_age)
    click.echo(words(seen), err=bool(seen.trouble))
    if host:
        apply_watch(seen, now, os.environ, click.echo)
    if seen.trouble:
        return Exit.CANNOT_TELL
    return Exit.NO if seen.old else Exit.YES
