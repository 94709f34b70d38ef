"""`chora compat diff`."""

from __future__ import annotations

import click

KINDS = ("manifest", "schema", "openapi", "mcp")


@click.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--kind", default=None, type=click.Choice(KINDS), help="What both files are. [told by their shape]")
@click.option(
    "--as", "side", default=None, type=click.Choice(["input", "output"]), help="Judge a schema as this. [as both]"
)
@click.option(
    "--catalog",
    default="",
    envvar="CHORA_CATALOG",
    metavar="WHERE",
    help="A published catalog, whose releases can be named as ID@VERSION. [CHORA_CATALOG]",
)
@click.option(
    "--format",
    "form",
    default="text",
    type=click.Choice(["text", "json", "markdown"]),
    help="How it is printed. [text]",
)
def command(old: str, new: str, kind: str | None, side: str | None, catalog: str, form: str) -> int:
    """Say what changed between two states of a contract, and whether the version says so.

    OLD and NEW are files (manifests, JSON Schemas, OpenAPI documents or MCP servers) or releases in a catalog.
    0: nobody who relies on OLD is hurt, or the version announces it. 1: somebody can be, and it does not. 2: a file
    cannot be read. 3: nobody can tell.
    """
    from chora_catalog.app.contract_diffing import answer, diff
    from chora_catalog.render.reports import contract

    diffs = diff(old, new, kind=kind or "", side=side or "", catalog=catalog)
    printed = {"text": contract.as_text, "json": contract.as_json, "markdown": contract.as_markdown}[form]
    click.echo(printed(diffs), nl=False)
    return answer(diffs)
