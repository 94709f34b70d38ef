"""`chora alerts`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from chora_catalog.cli.printing import in_actions
from chora_catalog.errors import Exit


@click.command("alerts")
@click.option(
    "--site",
    default="site",
    metavar="DIR|URL",
    help="The publication; `published` is where the registry says. [site]",
)
@click.option("--sources", default="catalog-sources.yaml", metavar="FILE", help="The registry. [catalog-sources.yaml]")
@click.option("--as-of", default=None, metavar="TIME", help="Judge ages at this instant. [now]")
@click.option(
    "--format",
    "form",
    default=None,
    type=click.Choice(["text", "github", "json"]),
    help="How alerts are printed. [text; in GitHub Actions github]",
)
@click.option("--apply", "host", default=None, type=click.Choice(["github"]), help="Open, update and close issues.")
def command(site: str, sources: str, as_of: str | None, form: str | None, host: str | None) -> int:
    """Say which sources stay away longer than their alert age, and keep one issue for each.

    With --apply the issues of GITHUB_REPOSITORY are brought in line, with the token in GITHUB_TOKEN. 0: nothing is
    past its alert age, or the issues are in line. 1: something is. 3: it cannot be told, or the host refused.
    """
    from chora_catalog.app.alerting import apply_alerts, find_alerts
    from chora_catalog.app.moment import moment
    from chora_catalog.render import alerts

    found = find_alerts(site, moment(as_of), sources=Path(sources))
    form = form or ("github" if in_actions() else "text")
    if form == "json":
        click.echo(alerts.as_json(found.ages, found.notices, found.closes), nl=False)
    else:
        for line in (alerts.workflow_commands if form == "github" else alerts.as_text)(found.ages):
            click.echo(line)
    if host:
        apply_alerts(found, os.environ, lambda line: click.echo(line, err=form == "json"))
        return Exit.YES
    return Exit.NO if found.notices else Exit.YES
