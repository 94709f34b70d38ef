"""`chora adopt`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from chora_catalog.errors import Exit


@click.command("adopt")
@click.argument("path", default=".", required=False)
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="FIELD=VALUE",
    help="What nothing shows, or shows wrongly, such as owner=team-a. Once for each field.",
)
@click.option("--dry-run", is_flag=True, help="Print the manifest and write nothing.")
def command(path: str, answers: tuple[str, ...], dry_run: bool) -> int:
    """Write chora.yaml from what the repository in PATH [.] shows, and run nothing of it.

    Each field stands beside the place that shows it and how sure that is; what nothing shows stays a question. A
    manifest that is there is never overwritten. 0: written, or as it would be written. 1: there is another one, and how
    it differs is printed. 2: an answer cannot be used. 3: the repository does not show its id or its version.
    """
    from chora_catalog.app.adopting import adopt
    from chora_catalog.app.typed import typed
    from chora_catalog.render.text import visible

    done = adopt(Path(path), answers, dry_run=dry_run)
    place = Path(path, "chora.yaml")
    if done.state in ("would-write", "incomplete"):
        click.echo(done.text, nl=False)
    elif done.diff:
        click.echo("\n".join(visible(line) for line in done.diff.split("\n")))
    if not done.tags_read:
        click.echo("Not evaluated: version tags; there is no .git folder here that git reads.", err=True)
    if done.state == "incomplete":
        return _incomplete(done.open, path, answers)
    if done.state == "differs":
        click.echo(f"{place} is there and was left as it is; above is how it differs.", err=True)
        click.echo(f"next: {typed('validate', Path(path))}", err=True)
        return Exit.NO
    if done.state == "unchanged":
        click.echo(f"{place} says this already; nothing was written.")
    elif done.state == "written":
        click.echo(f"wrote {place}")
        click.echo(f"open questions: {', '.join(done.open) or 'none'}")
        if done.beside:
            said = ", ".join(done.beside)
            click.echo(f"note: from now on a catalog reads chora.yaml alone, and no longer {said}.")
    if done.state == "would-write":
        click.echo(f"next: {typed('adopt', Path(path))}{_answered(answers)}", err=True)
        return Exit.YES
    answer = f"answer the questions in {place}, then run: " if done.open and done.state == "written" else ""
    click.echo(f"next: {answer}{typed('validate', Path(path))}")
    return Exit.YES


def _incomplete(still_open: tuple[str, ...], path: str, answers: tuple[str, ...]) -> int:
    from chora_catalog.app.typed import typed

    examples = {"id": "id=domain.capability.action", "version": "version=0.1.0"}
    missing = [field for field in examples if field in still_open]
    click.echo(
        f"chora: the repository does not show its {' and its '.join(missing)}, and no manifest can be without.",
        err=True,
    )
    more = tuple(examples[field] for field in missing)
    click.echo(f"next: {typed('adopt', Path(path))}{_answered((*answers, *more))}", err=True)
    return Exit.CANNOT_TELL


def _answered(answers: tuple[str, ...]) -> str:
    return "".join(f" --answer {shlex.quote(answer)}" for answer in answers)
