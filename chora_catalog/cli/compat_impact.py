"""`chora compat impact`."""

from __future__ import annotations

import click

from chora_catalog.errors import Exit


@click.command("impact")
@click.argument("capability", metavar="ID")
@click.argument("version", metavar="VERSION")
@click.option(
    "--catalog",
    default="",
    envvar="CHORA_CATALOG",
    metavar="WHERE",
    help="A published catalog: its folder, its address, or a tar file of it. [CHORA_CATALOG]",
)
@click.option(
    "--without", multiple=True, metavar="OUTPUT", help="An output that it would not have any more; repeatable."
)
@click.option("--format", "form", default="text", type=click.Choice(["text", "json"]), help="How it is printed. [text]")
@click.option("--as-of", default=None, metavar="TIME", help="Judge at this instant, RFC 3339. [now]")
def command(capability: str, version: str, catalog: str, without: tuple[str, ...], form: str, as_of: str | None) -> int:
    """Say who would break if the capability ID went to VERSION, and who depends on those.

    0: everybody who depends on it would fit. 1: somebody would break who fits today. 2: there is no such id or version.
    3: it cannot be told for somebody, or the catalog cannot be read or is past its alert age.
    """
    from chora_catalog.app.compat_asking import ask_impact
    from chora_catalog.app.moment import moment
    from chora_catalog.model.ruling import Age, Side
    from chora_catalog.model.verdict import Verdict
    from chora_catalog.render.reports.impact import impact_json, impact_text
    from chora_catalog.resolve.truth_table import rule_on, worst

    asked = ask_impact(capability, version, catalog=catalog, as_of=moment(as_of), without=without)
    newest = str(asked.provider.newest or "")
    say = impact_json if form == "json" else impact_text
    click.echo(say(asked.capability, version, newest, asked.impact, asked.looked), nl=False)
    rulings = [
        rule_on(
            item.after.verdict,
            age=asked.looked.word,
            side=Side.PROVIDER,
            was_so=item.before.verdict is Verdict.BREAKING,
        ).exit
        for item in asked.impact.direct
    ]
    empty = Exit.CANNOT_TELL if asked.looked.word is Age.OVERDUE else Exit.YES
    return worst([*rulings, empty])
