"""`chora template`."""

from __future__ import annotations

import click

from chora_catalog.errors import Exit

_WORDS = {"new": "wrote", "updated": "updated", "unchanged": "unchanged", "left": "left alone"}
_WOULD = {"new": "would write", "updated": "would update", "unchanged": "unchanged", "left": "would leave alone"}


@click.group("template")
def command() -> None:
    """Put into a repository what adopting it needs: a workflow, a hook, a page, a scenario."""


@command.command("list")
def listed() -> None:
    """List the templates with the files they write."""
    from chora_catalog.app.scaffolding import templates

    every = templates()
    width = max(len(template.name) for template in every)
    for template in every:
        click.echo(f"{template.name:<{width}}  {template.summary}")
    click.echo("next: chora template apply NAME --dry-run")


@command.command("apply")
@click.argument("names", nargs=-1, required=True, metavar="NAME... [PATH]")
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="A value that chora.yaml does not say.")
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
@click.option("--check", is_flag=True, help="As --dry-run, and end with 1 where anything would change.")
def applied(names: tuple[str, ...], given: tuple[str, ...], dry_run: bool, check: bool) -> int:
    """Write the templates NAME into the repository in PATH [.], filled from its chora.yaml.

    Again it shows what differs, and changes only what was generated. 0: everything is as the templates say. 1: a file
    that a person wrote or changed was left alone, or with --check something differs. 2: a name or a value is missing
    or does not fit.
    """
    from chora_catalog.app.scaffolding import apply, split_path
    from chora_catalog.render.text import visible

    dry_run = dry_run or check
    names, path = split_path(names)
    done = apply(names, path, given, dry_run=dry_run)
    words = _WOULD if dry_run else _WORDS
    for placed in done.placed:
        why = f": {placed.why}" if placed.why else ""
        if placed.diff and (dry_run or placed.state != "new"):
            click.echo("\n".join(visible(line) for line in placed.diff.split("\n")))
        click.echo(f"{words[placed.state]} {path / placed.path}{why}")
    for name, lines in done.then:
        click.echo(
            f"\nThe template {name} counts when the manifest names it; unless it does, add to chora.yaml:\n\n{lines}"
        )
    refused = ("left", "new", "updated") if check else ("left",)
    return Exit.NO if any(placed.state in refused for placed in done.placed) else Exit.YES
