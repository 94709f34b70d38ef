"""`chora validate`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from chora_catalog.errors import Exit

LEVELS = ("error", "warning", "notice")


@click.command("validate")
@click.argument("path", default=".", required=False)
@click.option(
    "--format",
    "form",
    default=None,
    type=click.Choice(["text", "github", "json"]),
    help="How findings are printed. [text; in GitHub Actions github]",
)
@click.option("--fail-on", default="error", type=click.Choice(LEVELS), help="Exit 1 from this severity on. [error]")
@click.option("--fix", is_flag=True, help="Correct what is certain, in the files, before they are judged.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and write nothing.")
def command(path: str, form: str | None, fail_on: str, fix: bool, diff: bool) -> int:
    """Validate the manifests in PATH (a folder or a file) [.], offline.

    Rules that need the whole catalog, or the repository's tags, are listed as not evaluated. 0: no finding of the
    severity asked for; with --diff, nothing to correct. 1: there is. 2: there is nothing to validate.
    """
    from chora_catalog.app.validating import corrections, validate
    from chora_catalog.cli.correcting import correct, show
    from chora_catalog.render import report

    if diff:
        return show(corrections(Path(path)), fix=fix)
    if fix:
        correct(corrections(Path(path)))
    checked = validate(Path(path))
    form = form or ("github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text")
    if form == "json":
        click.echo(report.as_json(checked.findings, checked.not_evaluated), nl=False)
    elif form == "github":
        for line in report.workflow_commands(checked.findings):
            click.echo(line)
    elif checked.findings:
        click.echo(report.frames(checked.findings) + "\n")
    held = f"{_some(checked.capabilities, 'capability', 'capabilities')} in {_some(checked.manifests, 'manifest')}"
    counts = {level: sum(item.severity.value == level for item in checked.findings) for level in LEVELS}
    said = ", ".join(_some(number, level) for level, number in counts.items())
    click.echo(f"{held}: {said}.", err=form == "json")
    click.echo(f"Not evaluated here: {', '.join(checked.not_evaluated)}.", err=form == "json")
    worst = LEVELS.index(fail_on)
    return Exit.NO if any(item.severity.rank <= worst for item in checked.findings) else Exit.YES


def _some(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
