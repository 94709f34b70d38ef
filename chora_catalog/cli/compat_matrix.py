"""`chora compat matrix`."""

from __future__ import annotations

import click

from chora_catalog.errors import Exit

VERDICTS = ("breaking", "missing", "invalid", "unknown", "waived", "deprecated", "compatible")


@click.command("matrix")
@click.option(
    "--catalog",
    default="",
    envvar="CHORA_CATALOG",
    metavar="WHERE",
    help="A published catalog: its folder, its address, or a tar file of it. [CHORA_CATALOG]",
)
@click.option("--consumer", default="", metavar="ID", help="Only what this capability needs.")
@click.option("--provider", default="", metavar="ID", help="Only who needs this capability.")
@click.option(
    "--verdict", multiple=True, type=click.Choice(VERDICTS), help="Only dependencies that stand so; repeatable."
)
@click.option("--format", "form", default="text", type=click.Choice(["text", "json"]), help="How it is printed. [text]")
@click.option("--as-of", default=None, metavar="TIME", help="The instant from which its age is counted. [now]")
def command(catalog: str, consumer: str, provider: str, verdict: tuple[str, ...], form: str, as_of: str | None) -> int:
    """Print what depends on what: each head against the newest version of what it needs, with the reason.

    0: nothing that was asked for breaks. 1: something does. 2: the catalog knows no such id. 3: it cannot be told for
    something, or the catalog cannot be read, is empty, or is past its alert age.
    """
    from chora_catalog.app.compat_asking import ask_matrix
    from chora_catalog.app.moment import moment
    from chora_catalog.model.ruling import Age, Side
    from chora_catalog.render.reports.impact import matrix_json, matrix_text
    from chora_catalog.resolve.truth_table import rule_on, worst

    found = ask_matrix(catalog=catalog, as_of=moment(as_of), consumer=consumer, provider=provider, verdicts=verdict)
    say = matrix_json if form == "json" else matrix_text
    click.echo(say(found.edges, found.total, found.looked), nl=False)
    rulings = [rule_on(edge.verdict, age=found.looked.word, side=Side.CONSUMER).exit for edge in found.edges]
    empty = Exit.CANNOT_TELL if found.looked.word is Age.OVERDUE else Exit.YES
    return worst([*rulings, empty])
