"""`chora doctor`."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterable
from pathlib import Path

import click

from chora_catalog.errors import ChoraError, Exit


@click.command("doctor", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--ux", "probing", is_flag=True, help="Probe the command CMD against the standard of command lines.")
@click.argument("words", nargs=-1, metavar="[PATH] | --ux CMD...")
def command(probing: bool, words: tuple[str, ...]) -> int:
    """Say what the repository in PATH [.] lacks to be adopted, with the lines to add.

    With --ux the rest of the line is a command of yours: it is run with --help, --version and a wrong option, and
    judged by the standard. 0: nothing is missing. 1: something is. 3: it cannot be told. What is not evaluated is
    listed and changes no exit code.
    """
    if probing:
        return _ux(words)
    if len(words) > 1 or (words and words[0].startswith("-")):
        raise ChoraError(
            f"doctor takes one folder, not {' '.join(words)!a}",
            hint="For a command write: chora doctor --ux COMMAND",
        )
    from chora_catalog.app.doctoring import examine
    from chora_catalog.model.readiness import Answer
    from chora_catalog.render.text import visible

    path = words[0] if words else "."
    needs = examine(Path(path))
    where = "" if path == "." else f" {shlex.quote(path)}"
    width = max(len(need.name) for need in needs)
    for need in needs:
        click.echo(f"{need.verdict.value:<13}  {need.name:<{width}}  {visible(need.words)}")
        if need.verdict is Answer.MET:
            continue
        if need.command:
            click.echo(f"    run: {need.command}{where}")
        if need.lines:
            click.echo(f"    {'or add' if need.command else 'add'} to {visible(need.file)}:\n")
            click.echo(textwrap.indent(visible(need.lines), " " * 8))
    return _exit(need.verdict for need in needs)


def _ux(words: tuple[str, ...]) -> int:
    from chora_catalog.app.doctoring import probe
    from chora_catalog.model.readiness import Answer
    from chora_catalog.render.text import visible

    said = {Answer.MET: "met", Answer.MISSING: "not met", Answer.NOT_EVALUATED: "not checked"}
    judged = probe(words)
    for item in judged:
        check = f" [{item.check}]" if item.check else ""
        why = f": {visible(item.why)}" if item.why else ""
        click.echo(f"{said[item.verdict]:<11}  {item.text}{check}{why}")
    counts = {verdict: sum(item.verdict is verdict for item in judged) for verdict in said}
    click.echo(", ".join(f"{number} {said[verdict]}" for verdict, number in counts.items()) + ".")
    return _exit(item.verdict for item in judged)


def _exit(verdicts: Iterable[object]) -> int:
    from chora_catalog.model.readiness import Answer

    found = set(verdicts)
    if Answer.MISSING in found:
        return Exit.NO
    return Exit.CANNOT_TELL if Answer.CANNOT_TELL in found else Exit.YES
