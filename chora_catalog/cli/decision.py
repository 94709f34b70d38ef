"""`chora decision`."""

from __future__ import annotations

import click

from chora_catalog.cli.filed import DRAFTED, desk, say, writing
from chora_catalog.errors import Exit


@click.group("decision")
def command() -> None:
    """Write into the decision log of the catalog's own repository."""


@command.command("new")
@click.option("--title", required=True, metavar="TEXT", help="What was decided, in a line.")
@click.option("--decision", "decided", required=True, metavar="TEXT", help="What was decided, as Markdown.")
@click.option("--context", default="", metavar="TEXT", help="Why it came up, as Markdown.")
@click.option("--consequences", default="", metavar="TEXT", help="What follows from it, as Markdown.")
@click.option("--status", default="accepted", metavar="WORD", help="How it stands. [accepted]")
@click.option("--decider", "deciders", multiple=True, metavar="WHO", help="A person or team that decided.")
@click.option("--related", multiple=True, metavar="ID", help="A signal, decision or page about it.")
@click.option("--corrects", default="", metavar="ID", help="The decision that this one corrects.")
@click.option("--date", default="", metavar="DATE", help="When it was decided. [the day of --as-of]")
@click.option("--id", "name", default="", metavar="ID", help="The id. [DEC-<date>-<number>]")
@DRAFTED
@writing
def new(
    title: str,
    decided: str,
    context: str,
    consequences: str,
    status: str,
    deciders: tuple[str, ...],
    related: tuple[str, ...],
    corrects: str,
    date: str,
    name: str,
    drafted_by: str,
    root: str,
    as_of: str | None,
) -> int:
    """Write a decision. It commits nothing.

    0: the file was written. 1: it would be refused, and was not written. 2: something is missing or there already.
    """
    from chora_catalog.app.record_filing import NewDecision, new_decision

    said = NewDecision(
        title=title,
        decision=decided,
        status=status,
        id=name,
        date=date,
        context=context,
        consequences=consequences,
        deciders=deciders,
        related=related,
        corrects=corrects,
        drafted_by=drafted_by,
    )
    say(new_decision(desk(root, as_of), said))
    return Exit.YES
