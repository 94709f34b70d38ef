"""`chora explain`."""

from __future__ import annotations

import difflib

import click

from chora_catalog.errors import ChoraError


@click.command("explain")
@click.argument("rule", required=False)
@click.option("--list", "listed", is_flag=True, help="List every rule that has a page.")
@click.option(
    "--format",
    "form",
    default="text",
    type=click.Choice(["text", "json", "markdown"]),
    help="How it is printed. [text]",
)
def command(rule: str | None, listed: bool, form: str) -> None:
    """Say what RULE means, why it matters and how to fix it."""
    from chora_catalog.app.explaining import contract_rules, explanations, gate_rules
    from chora_catalog.render import contract_pages, rule_pages

    known, contract = explanations(), contract_rules()
    if listed and rule:
        raise ChoraError("a rule is named together with --list", hint="Use one of the two.")
    if rule or (listed and form == "text"):
        known |= gate_rules()
    if not listed:
        if not rule:
            raise ChoraError("no rule is named", hint="Name one, or see them all: chora explain --list")
        if rule not in known and rule not in contract:
            near = difflib.get_close_matches(rule.lower().replace("_", "-"), [*known, *contract], n=1)
            hint = f"Did you mean `chora explain {near[0]}`?" if near else "See them all: chora explain --list"
            raise ChoraError(f"there is no page for rule {rule!a}", hint=hint)
        known = {rule: known[rule]} if rule in known else {}
        contract = {} if known else {rule: contract[rule]}
    if form == "json":
        click.echo(
            rule_pages.rules_json(known.values(), map(contract_pages.contract_record, contract.values())), nl=False
        )
    elif form == "markdown":
        page = (
            rule_pages.rules_page(known.values())
            if known
            else contract_pages.contract_page([("Rule", (*contract.values(),))])
        )
        click.echo(page, nl=False)
    elif listed:
        width = max(map(len, [*known, *contract]))
        for name, (meta, _) in known.items():
            click.echo(f"{name:<{width}}  {meta.severity.value:<8}{meta.scope.value:<9}{meta.summary}")
        for name, change in contract.items():
            click.echo(f"{name:<{width}}  {'contract':<17}{change.summary}")
    else:
        for meta, page in known.values():
            fixed = ", --fix corrects some of it" if meta.fixable else ""
            click.echo(f"{meta.id} ({rule_pages.severity(meta)}, scope {meta.scope.value}{fixed})\n\n{page}")
        for change in contract.values():
            click.echo(contract_pages.contract_text(change))
