"""`chora gate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chora_catalog.cli.printing import add_to_job_summary, in_actions, print_report
from chora_catalog.errors import Exit

if TYPE_CHECKING:
    from chora_catalog.model.gated import Gated

FORMATS = ("text", "json", "sarif", "github", "markdown")


@click.command("gate")
@click.option("--base", required=True, metavar="REF", help="What it would be merged into: its records and its policy.")
@click.option("--head", default="HEAD", metavar="REF", help="What would be merged. [HEAD]")
@click.option("--reviews", default=None, metavar="FILE", help="The forge's reviews of the pull request, as JSON.")
@click.option("--push", is_flag=True, help="The branch went from BASE to HEAD already: nothing may be missing.")
@click.option(
    "--format",
    "form",
    default=None,
    type=click.Choice(FORMATS),
    help="How it is printed. [text; in GitHub Actions github, with a job summary]",
)
@click.option("--output", "output", default=None, metavar="FILE", help="Write the report there, not to the terminal.")
@click.option("--as-of", default=None, metavar="TIME", help="Judge at this instant, RFC 3339. [now]")
def command(
    base: str,
    head: str,
    reviews: str | None,
    push: bool,
    form: str | None,
    output: str | None,
    as_of: str | None,
) -> int:
    """Say whether a pull request may be merged into the catalog's repository, in whose clone this runs.

    Below decisions/ records are added and never changed; moves, votes and waivers hold by the policy of BASE. What HEAD
    holds is read as data. 0: nothing is refused. 1: something is, each with its file and what to do. 2: a ref is not
    there, or FILE is no review list. 3: it cannot be told: the clone is shallow, or a vote stands on a review and
    --reviews is not given.
    """
    from chora_catalog.app.gating import GateOptions, gate
    from chora_catalog.app.moment import moment
    from chora_catalog.render.reports.gate import markdown, summary

    options = GateOptions(
        root=Path(),
        base=base,
        head=head,
        as_of=moment(as_of),
        reviews=Path(reviews) if reviews else None,
        push=push,
    )
    gated = gate(options)
    form = form or ("github" if in_actions() else "text")
    print_report(_formed(gated, form), output)
    if in_actions():
        add_to_job_summary(markdown(gated))
    click.echo(_capital(summary(gated)), err=form not in ("text", "github") and not output)
    return Exit.NO if gated.refusals else Exit.CANNOT_TELL if gated.unseen else Exit.YES


def _formed(gated: Gated, form: str) -> str:
    from chora_catalog.render import report
    from chora_catalog.render.reports import gate

    if form == "json":
        return gate.as_json(gated)
    if form == "github":
        return "".join(f"{line}\n" for line in report.workflow_commands(gated.findings))
    if form == "markdown":
        return gate.markdown(gated)
    if form == "sarif":
        from chora_catalog.app.reporting import as_sarif

        return as_sarif(gate.checked(gated))
    return gate.text(gated)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
