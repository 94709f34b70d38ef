"""`chora waiver`."""

from __future__ import annotations

import click

from chora_catalog.cli.filed import AS_OF, DRAFTED, ROOT, aligned, desk, say, writing
from chora_catalog.errors import Exit


@click.group("waiver")
def command() -> None:
    """Write and list exceptions for a limited time, in the catalog's own repository."""


@command.command("new")
@click.option("--capability", required=True, metavar="ID", help="The capability whose change is excused.")
@click.option("--consumer", required=True, metavar="ID", help="The capability that may go on, or * for every one.")
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
@click.option("--owner", required=True, metavar="WHO", help="Who answers for it.")
@click.option("--expires", default="", metavar="DATE", help="Its last day. [30 days from now, the longest there is]")
@click.option("--rule", default="", metavar="RULE", help="The rule that is excused. [any break]")
@click.option("--range", "versions", default="", metavar="RANGE", help="The versions that are excused. [every one]")
@click.option("--fingerprint", "fingerprints", multiple=True, metavar="HEX", help="The very break that is excused.")
@click.option("--signal", default="", metavar="ID", help="The signal that it belongs to.")
@click.option("--renews", default="", metavar="ID", help="The waiver that it goes on with.")
@click.option("--corrects", default="", metavar="ID", help="The waiver that it corrects.")
@click.option("--id", "name", default="", metavar="ID", help="The id. [WVR-<capability>-<consumer>]")
@DRAFTED
@writing
def new(
    capability: str,
    consumer: str,
    reason: str,
    owner: str,
    expires: str,
    rule: str,
    versions: str,
    fingerprints: tuple[str, ...],
    signal: str,
    renews: str,
    corrects: str,
    name: str,
    drafted_by: str,
    root: str,
    as_of: str | None,
) -> int:
    """Write a waiver: for at most 30 days, and at most five for a capability at once. It commits nothing.

    0: the file was written. 1: it would be refused, and was not written. 2: something is missing or there already.
    """
    from chora_catalog.app.record_filing import NewWaiver, new_waiver

    said = NewWaiver(
        capability=capability,
        consumer=consumer,
        reason=reason,
        owner=owner,
        expires_at=expires,
        id=name,
        rule=rule,
        range=versions,
        fingerprints=fingerprints,
        signal=signal,
        renews=renews,
        corrects=corrects,
        drafted_by=drafted_by,
    )
    say(new_waiver(desk(root, as_of), said))
    return Exit.YES


@command.command("list")
@click.option("--all", "every", is_flag=True, help="Also what has ended.")
@ROOT
@AS_OF
def listed(every: bool, root: str, as_of: str | None) -> int:
    """List the waivers, those that count first, the one that ends first on top."""
    from chora_catalog.app.record_filing import waiver_rows
    from chora_catalog.render.text import cut, on_one_line, visible

    found = waiver_rows(desk(root, as_of), every=every)
    cells = [
        (row.waiver.id, row.waiver.capability_id, row.waiver.consumer, row.waiver.expires_at, row.how, row.waiver.owner)
        for row in found
    ]
    if cells:
        shown = [tuple(cut(on_one_line(visible(word)), 80) for word in words) for words in cells]
        click.echo(aligned(("waiver", "capability", "consumer", "until", "how", "owner"), shown))
    click.echo(f"{sum(row.how == 'counts' for row in found)} of {len(found)} count.")
    return Exit.YES
