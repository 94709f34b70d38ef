"""`chora compat check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chora_catalog.cli.printing import add_to_job_summary, in_actions, print_report
from chora_catalog.errors import ChoraError

if TYPE_CHECKING:
    from chora_catalog.model.judgement import Checkup

FORMATS = ("text", "json", "sarif", "github", "markdown", "junit")


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@click.option(
    "--catalog",
    default="",
    envvar="CHORA_CATALOG",
    metavar="WHERE",
    help="A published catalog: its folder, its address, or a tar file of it. [CHORA_CATALOG]",
)
@click.option(
    "--side",
    default="both",
    type=click.Choice(["consumer", "provider", "both"]),
    help="Judge what it needs, who needs it, or both. [both]",
)
@click.option(
    "--max-age", default=None, metavar="AGE", help="From this age on the catalog proves nothing. [its own alert]"
)
@click.option(
    "--strict", is_flag=True, help="Exit 3 already where it is past its TTL, or a change or a source is not known."
)
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
    paths: tuple[str, ...],
    catalog: str,
    side: str,
    max_age: str | None,
    strict: bool,
    form: str | None,
    output: str | None,
    as_of: str | None,
) -> int:
    """Judge the manifests in each PATH [.] against a published catalog, as consumers and as providers.

    As a consumer: does the newest release of each provider fit. As a provider: whom would this break if it were
    released, and is its version raised enough. 0: all that was judged fits. 1: something breaks. 2: there is nothing to
    judge. 3: it cannot be told: the catalog cannot be read, is empty, or is older than its alert age.
    """
    from chora_catalog.app.compat_checking import CheckOptions, check
    from chora_catalog.app.moment import moment
    from chora_catalog.model.ruling import Side
    from chora_catalog.render.reports.compat import markdown, summary

    sides = tuple(Side) if side == "both" else (Side(side),)
    options = CheckOptions(catalog=catalog, as_of=moment(as_of), max_age=_seconds(max_age), strict=strict, sides=sides)
    try:
        checkup = check([Path(path) for path in paths or (".",)], options)
    except ChoraError as error:
        if in_actions():
            _annotate_failure(error)
        raise
    form = form or ("github" if in_actions() else "text")
    print_report(_formed(checkup, form), output)
    if in_actions():
        add_to_job_summary(markdown(checkup))
    click.echo(summary(checkup), err=form not in ("text", "github") and not output)
    return checkup.exit


def _seconds(text: str | None) -> int | None:
    if text is None:
        return None
    from chora_catalog.parse.instants import duration

    age = duration(text)
    if age is None:
        raise ChoraError(f"{text!a} is no age", hint="Write a number and min, h, d or w: --max-age 90min")
    return round(age.total_seconds())


def _formed(checkup: Checkup, form: str) -> str:
    from chora_catalog.render.reports import compat

    if form == "text":
        return compat.text(checkup)
    if form == "json":
        return compat.as_json(checkup)
    if form == "markdown":
        return compat.markdown(checkup)
    if form == "github":
        return compat.annotated(checkup)
    if form == "sarif":
        from chora_catalog.app.reporting import as_sarif

        return as_sarif(compat.checked(checkup))
    from chora_catalog.model.finding import Severity
    from chora_catalog.render.reports.junit import junit

    return junit(compat.checked(checkup), fail_on=Severity.ERROR)


def _annotate_failure(error: ChoraError) -> None:
    """Say in the places where a CI job is looked at that nothing was judged, and why."""
    from chora_catalog.render.reports.compat import not_judged

    annotation, text = not_judged(error.what, error.hint, error.code)
    click.echo(annotation, nl=False)
    add_to_job_summary(text)
