"""`chora explain`."""

from __future__ import annotations

import difflib

import click

from chora_catalog.errors import ChoraError


@click.command("explain")
@click.argument("rule", required=False)
@click.option("--list", "listed", is_flag=True, help="List every rule that has a page.")
def command(rule: str | None, listed: bool) -> None:
    """Say what RULE means, why it matters and how to fix it."""
    from chora_catalog.app.explaining import explanations

    known = explanations()
    if listed:
        width = max(map(len, known))
        for name, (meta, _) in known.items():
            click.echo(f"{name:<{width}}  {meta.severity.value:<8}{meta.scope.value:<9}{meta.summary}")
        return
    if not rule:
        raise ChoraError("no rule is named", hint="Name one, or see them all: chora explain --list")
    if rule not in known:
        near = difflib.get_close_matches(rule, known, n=1)
        hint = f"Did you mean `chora explain {near[0]}`?" if near else "See them all: chora explain --list"
        raise ChoraError(f"there is no page for rule {rule!a}", hint=hint)
    meta, page = known[rule]
    click.echo(f"{meta.id} ({meta.severity.value}, scope {meta.scope.value})\n\n{page}")
