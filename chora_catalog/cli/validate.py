"""`chora validate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chora_catalog.cli.printing import add_to_job_summary, in_actions, print_report
from chora_catalog.errors import ChoraError, Exit

if TYPE_CHECKING:
    from chora_catalog.model.checked import Checked

LEVELS = ("error", "warning", "notice")
FORMATS = ("text", "json", "sarif", "github", "markdown", "junit")
_PIPE_LIMIT = 2**20


@click.command("validate")
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@click.option(
    "--format",
    "form",
    default=None,
    type=click.Choice(FORMATS),
    help="How findings are printed. [text; in GitHub Actions github, with a job summary]",
)
@click.option("--output", "output", default=None, metavar="FILE", help="Write the findings there, not to the terminal.")
@click.option("--fail-on", default="error", type=click.Choice(LEVELS), help="Exit 1 from this severity on. [error]")
@click.option("--catalog", default=None, metavar="DIR", help="A published catalog, for the rules that need all of it.")
@click.option("--source", default="", metavar="NAME", help="Which of its sources this is. [the one with this address]")
@click.option("--require", default=None, type=click.Choice(["tree", "catalog"]), help="Exit 3 where it is not in view.")
@click.option("--stdin-name", default="chora.yaml", metavar="FILE", help="The name of what is piped in. [chora.yaml]")
@click.option("--as-of", default=None, metavar="TIME", help="Judge at this instant, RFC 3339. [now]")
@click.option("--fix", is_flag=True, help="Correct what is certain, in the files, before they are judged.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and write nothing.")
def command(
    paths: tuple[str, ...],
    form: str | None,
    output: str | None,
    fail_on: str,
    catalog: str | None,
    source: str,
    require: str | None,
    stdin_name: str,
    as_of: str | None,
    fix: bool,
    diff: bool,
) -> int:
    """Validate the manifests in each PATH (a folder or a file; `-` reads one manifest from the pipe) [.], offline.

    Rules that cannot be judged here are listed as not evaluated: the whole catalog is in view with --catalog alone.
    0: no finding of the severity asked for; with --diff, nothing to correct. 1: there is. 2: there is nothing to
    validate. 3: the catalog cannot be read, or what --require asks for is not in view.
    """
    from chora_catalog.app.moment import moment
    from chora_catalog.app.validating import PIPE, corrections, validate, validate_text
    from chora_catalog.app.view import View
    from chora_catalog.cli.correcting import correct, show

    if source and not catalog:
        raise ChoraError("--source names a source of a catalog, and none is in view", hint="Name one with --catalog.")
    view = View(catalog=Path(catalog), source=source, as_of=moment(as_of)) if catalog else None
    if (fix or diff) and PIPE in paths:
        raise ChoraError("what is piped in has no file to correct", hint="Name the file.")
    if diff:
        return show(corrections([Path(path) for path in paths or (".",)]), fix=fix)
    if fix:
        correct(corrections([Path(path) for path in paths or (".",)]))
    if PIPE in paths:
        if paths != (PIPE,):
            raise ChoraError("`-` stands alone: it reads one manifest from the pipe", hint="Leave out the other paths.")
        checked = validate_text(sys.stdin.buffer.read(_PIPE_LIMIT), stdin_name, view=view)
    else:
        checked = validate([Path(path) for path in paths or (".",)], view=view)
    form = form or ("github" if in_actions() else "text")
    print_report(_formed(checked, form, fail_on), output)
    if in_actions():
        from chora_catalog.render.reports.markdown import markdown

        add_to_job_summary(markdown(checked))
    _say(checked, quiet=form not in ("text", "github") and not output)
    if any(finding.severity.rank <= LEVELS.index(fail_on) for finding in checked.findings):
        return Exit.NO
    if require and any(scope.value == require for scope in checked.unseen):
        click.echo(f"The {require} is not in view, and --require asks for it.", err=True)
        return Exit.CANNOT_TELL
    return Exit.YES


def _formed(checked: Checked, form: str, fail_on: str) -> str:
    from chora_catalog.model.finding import Severity
    from chora_catalog.render import report

    if form == "json":
        return report.as_json(checked.findings, checked.not_evaluated)
    if form == "github":
        return "".join(f"{line}\n" for line in report.workflow_commands(checked.findings))
    if form == "sarif":
        from chora_catalog.app.reporting import as_sarif

        return as_sarif(checked)
    if form == "junit":
        from chora_catalog.render.reports.junit import junit

        return junit(checked, fail_on=Severity(fail_on))
    if form == "markdown":
        from chora_catalog.render.reports.markdown import markdown

        return markdown(checked)
    return report.frames(checked.findings) + "\n\n" if checked.findings else ""


def _say(checked: Checked, *, quiet: bool) -> None:
    """Say what was looked at: to the error stream where the other holds a report for a program."""
    held = f"{_some(checked.capabilities, 'capability', 'capabilities')} in {_some(len(checked.files), 'manifest')}"
    counts = {level: sum(item.severity.value == level for item in checked.findings) for level in LEVELS}
    said = ", ".join(_some(number, level) for level, number in counts.items())
    click.echo(f"{held}: {said}.", err=quiet)
    if checked.basis:
        click.echo(checked.basis, err=quiet)
    if checked.not_evaluated:
        click.echo(f"Not evaluated here: {', '.join(checked.not_evaluated)}.", err=quiet)


def _some(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
