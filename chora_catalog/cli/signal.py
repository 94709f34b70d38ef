"""`chora signal`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chora_catalog.cli.filed import AS_OF, DRAFTED, ROOT, aligned, desk, say, writing
from chora_catalog.errors import ChoraError, Exit

if TYPE_CHECKING:
    from chora_catalog.app.filing import Desk
    from chora_catalog.app.signal_filing import Row

_FIVE = (
    ("type", "--type", "What kind of change it is"),
    ("capability", "--capability", "Which capability changes"),
    ("proposed_version", "--proposed-version", "To which version it goes"),
    ("impact", "--impact", "What it means for others"),
    ("priority", "--priority", "How urgent it is"),
)
_FORMATS = click.Choice(["text", "json"])
_TO = ("proposed", "review", "decision", "rollout", "complete", "rejected", "withdrawn", "superseded")


@click.group("signal")
def command() -> None:
    """File change signals in the catalog's own repository, move them, vote on them, and look at them.

    Each writes one new file, judged as the gate would, and commits nothing.
    """


@command.command("new")
@click.option("--type", "type_", default="", metavar="WORD", help="breaking-change, deprecation, new-capability, ...")
@click.option("--capability", default="", metavar="ID", help="The capability that changes.")
@click.option("--proposed-version", default="", metavar="VERSION", help="The version that is proposed.")
@click.option("--impact", default="", metavar="TEXT", help="What it means for others, in words.")
@click.option("--priority", default="", metavar="WORD", help="low, medium, high or critical.")
@click.option("--id", "name", default="", metavar="ID", help="The id. [SIG-<capability>-<version>]")
@click.option("--title", default="", metavar="TEXT", help="What the change is called.")
@click.option("--current-version", default="", metavar="VERSION", help="The version that counts now.")
@click.option("--steward", "stewards", multiple=True, metavar="TEAM", help="A team that has to agree besides.")
@click.option("--window", default="", metavar="DURATION", help="How long the old version keeps working, such as 90d.")
@click.option("--supersedes", default="", metavar="ID", help="The signal that this one replaces.")
@click.option("--corrects", default="", metavar="ID", help="The signal that this one corrects.")
@click.option("--draft", is_flag=True, help="File it as a draft.")
@DRAFTED
@writing
def new(
    type_: str,
    capability: str,
    proposed_version: str,
    impact: str,
    priority: str,
    name: str,
    title: str,
    current_version: str,
    stewards: tuple[str, ...],
    window: str,
    supersedes: str,
    corrects: str,
    draft: bool,
    drafted_by: str,
    root: str,
    as_of: str | None,
) -> int:
    """File a change signal: five lines are enough. What is not given is asked for on a terminal.

    0: the file was written. 1: it would be refused, and was not written. 2: something is missing.
    """
    from chora_catalog.app.signal_filing import NewSignal, new_signal

    given = _five(
        type=type_, capability=capability, proposed_version=proposed_version, impact=impact, priority=priority
    )
    said = NewSignal(
        **given,
        id=name,
        title=title,
        current_version=current_version,
        stewards=stewards,
        window=window,
        draft=draft,
        supersedes=supersedes,
        corrects=corrects,
        drafted_by=drafted_by,
    )
    filed = new_signal(desk(root, as_of), said)
    say(filed, what=f"its id is {filed.paper.file.rpartition('/')[2].removesuffix('.yaml')}")
    return Exit.YES


def _five(**given: str) -> dict[str, str]:
    """Return the five fields, asked for where they are missing and somebody is there to answer."""
    missing = [option for key, option, _ in _FIVE if not given[key]]
    if missing and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ChoraError(f"a signal needs {', '.join(missing)}", hint="See `chora signal new --help`.")
    return {key: given[key] or click.prompt(words, type=str) for key, _, words in _FIVE}


@command.command("move")
@click.argument("name", metavar="ID")
@click.argument("to", metavar="STATE", type=click.Choice(_TO))
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@click.option("--outcome", default="", type=click.Choice(["", "approved", "rejected", "deferred"]), help="[approved]")
@click.option("--superseded-by", default="", metavar="ID", help="The signal that takes its place.")
@click.option("--by", default="", metavar="NAME", help="Who moves it. [the author of the commit]")
@writing
def moved(
    name: str, to: str, reason: str, outcome: str, superseded_by: str, by: str, root: str, as_of: str | None
) -> int:
    """Move a signal to STATE, if all that the move needs is there.

    0: the event was written. 1: the move would change nothing, and what is missing is said. 2: there is no such signal.
    """
    from chora_catalog.app.signal_filing import move

    place = desk(root, as_of)
    say(move(place, name, to, by=by, reason=reason, outcome=outcome, superseded_by=superseded_by))
    return Exit.YES


@command.command("vote")
@click.argument("name", metavar="ID")
@click.argument("said", metavar="approve|reject|abstain", type=click.Choice(["approve", "reject", "abstain"]))
@click.option("--team", required=True, metavar="TEAM", help="The team that the vote is cast for.")
@click.option("--key", default=None, metavar="FILE", help="Sign with this OpenSSH private key (ed25519).")
@click.option("--signature", default=None, metavar="FILE", help="A signature that `ssh-keygen -Y sign` made.")
@click.option("--text", is_flag=True, help="Print what such a signature is over, and write nothing.")
@click.option("--review", default="", metavar="ACCOUNT", help="Who approves the pull request at the forge instead.")
@click.option("--forge", default="", metavar="NAME", help="Which forge that is, such as github.")
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@click.option("--by", default="", metavar="NAME", help="Who votes. [whose key it is]")
@writing
def voted(
    name: str,
    said: str,
    team: str,
    key: str | None,
    signature: str | None,
    text: bool,
    review: str,
    forge: str,
    reason: str,
    by: str,
    root: str,
    as_of: str | None,
) -> int:
    """Vote on a signal as it was filed, for a team. A name without evidence counts as nothing.

    0: the vote was written. 1: it would be void, and was not written. 2: there is no evidence, or no such signal.
    """
    from chora_catalog.app.signal_filing import text_of, vote

    place = desk(root, as_of)
    if text:
        click.echo(text_of(place.signal(name), team, said), nl=False)
        return Exit.YES
    filed = vote(
        place,
        name,
        said,
        team,
        by=by,
        reason=reason,
        key=Path(key) if key else None,
        signature=Path(signature) if signature else None,
        review=review,
        forge=forge,
    )
    say(filed)
    return Exit.YES


@command.command("comment")
@click.argument("name", metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="What there is to say.")
@click.option("--by", default="", metavar="NAME", help="Who says it. [the author of the commit]")
@DRAFTED
@writing
def commented(name: str, reason: str, by: str, drafted_by: str, root: str, as_of: str | None) -> int:
    """Note something about a signal. 0: the note was written. 2: there is no such signal."""
    from chora_catalog.app.signal_filing import comment

    say(comment(desk(root, as_of), name, reason, by=by, drafted_by=drafted_by))
    return Exit.YES


@command.command("list")
@click.option("--all", "every", is_flag=True, help="Also what has ended.")
@click.option(
    "--catalog",
    default="",
    envvar="CHORA_CATALOG",
    metavar="WHERE",
    help="A published catalog, for what breaks whom: folder, address or tar file. [CHORA_CATALOG]",
)
@click.option("--format", "form", default="text", type=_FORMATS, help="How it is printed. [text]")
@ROOT
@AS_OF
def listed(every: bool, catalog: str, form: str, root: str, as_of: str | None) -> int:
    """List the open signals: what is urgent, breaks many and is late first, with what is due.

    0: they are listed. 2: there is no catalog's repository here. 3: the published catalog cannot be read.
    """
    from chora_catalog.app.signal_filing import rows

    place = desk(root, as_of)
    found = rows(place, every=every, catalog=catalog)
    if form == "json":
        click.echo(_as_json([_data(row) for row in found], "chora.signals/v1"), nl=False)
        return Exit.YES

    # Where no catalog is in view, whom it breaks is not known: no column says so with noughts.
    columns = [0, 1, 2, 3, 4, 5] if catalog else [0, 1, 2, 4, 5]
    cells = [("signal", "state", "priority", "breaks", "due", "missing"), *(_cells(row, place) for row in found)]
    head, *shown = [tuple(row[column] for column in columns) for row in cells]
    if shown:
        click.echo(aligned(head, shown))
    ended = sum(not signal.is_open for signal in place.records.signals)
    more = "" if every or not ended else f"; {ended} ended (--all)"
    click.echo(f"{len(found)} {'signal' if len(found) == 1 else 'signals'}{more}.")
    return Exit.YES


@command.command("show")
@click.argument("name", metavar="ID")
@click.option("--format", "form", default="text", type=_FORMATS, help="How it is printed. [text]")
@ROOT
@AS_OF
def shown(name: str, form: str, root: str, as_of: str | None) -> int:
    """Show a signal: its history, its votes, who is missing, until when, and the next step."""
    from chora_catalog.app.signal_filing import row

    place = desk(root, as_of)
    found = row(place, place.signal(name))
    if form == "json":
        click.echo(_as_json(_data(found), "chora.signal/v1"), nl=False)
        return Exit.YES
    from chora_catalog.render.text import visible

    for line in _page(found, place):
        click.echo(visible(line))
    return Exit.YES


def _cells(row: Row, place: Desk) -> tuple[str, ...]:
    from chora_catalog.app.signal_filing import due_in_words
    from chora_catalog.render.text import cut, on_one_line, visible

    signal = row.signal
    due = due_in_words(row.deadline, row.standing, place.as_of) if row.deadline and row.standing else ""
    state = signal.state + ("" if row.is_committed else ", not committed")
    missing = signal.agreement.missing if signal.state in ("proposed", "review") else ()
    breaks = "" if row.breaks is None else str(row.breaks)
    words = (signal.id, state, signal.priority, breaks, due, "; ".join(missing[:2]))
    return tuple(cut(on_one_line(visible(word)), 100) for word in words)


def _page(row: Row, place: Desk) -> list[str]:
    from chora_catalog.app.signal_filing import due_in_words, event_in_words, next_lines
    from chora_catalog.render.text import on_one_line

    signal, agreed = row.signal, row.signal.agreement
    derived = f" (derived: {', '.join(signal.derived)})" if signal.derived else ""
    versions = " to ".join(filter(None, (signal.current_version, signal.proposed_version)))
    lines = [
        f"{signal.id}: {on_one_line(signal.title or signal.impact)}",
        f"  {signal.type} of {signal.capability_id} {versions}, {signal.priority} priority",
        f"  state      {signal.state} since {signal.state_since or 'nobody knows when'}, version {signal.version}",
        f"  filed      {signal.created_at or 'nobody knows when'} by {on_one_line(signal.author) or 'nobody'}{derived}",
        f"  digest     {signal.digest}",
    ]
    if row.deadline and row.standing:
        lines.append(f"  due        {due_in_words(row.deadline, row.standing, place.as_of)}")
    for ballot in signal.ballots:
        who = f" by {ballot.person}" if ballot.person else ""
        said = f"{ballot.vote}{who}, {ballot.evidence.value}" if ballot.vote else "has not voted"
        why = f" (counts as nothing: {ballot.why})" if ballot.vote and ballot.why else ""
        lines.append(f"  vote       {on_one_line(ballot.team)}: {on_one_line(said)}{why}")
    if signal.is_open and signal.state in ("draft", "proposed", "review"):
        lines += [f"  missing    {on_one_line(words)}" for words in agreed.missing]
    if agreed.by_one:
        lines.append(f"  decided    by one, after a notice until {agreed.notice_until}")
    for event in signal.events:
        lines.append(f"  {event.at:<20} {on_one_line(event_in_words(event))}")
    lines += [f"{'next: ' if not at else '      '}{step}" for at, step in enumerate(next_lines(place, signal))]
    return lines


def _data(row: Row) -> dict[str, object]:
    from chora_catalog.model.record import to_json

    signal = row.signal
    data: dict[str, object] = to_json(signal)
    return data | {
        "state": signal.state,
        "state_since": signal.state_since,
        "version": signal.version,
        "due": to_json(row.deadline) if row.deadline else None,
        "standing": row.standing.value if row.standing else None,
        "committed": row.is_committed,
        "breaks": row.breaks,
    }


def _as_json(data: object, schema: str) -> str:
    from chora_catalog.render.json_out import json_bytes

    whole = {"schema": schema} | (data if isinstance(data, dict) else {"signals": data})
    return json_bytes(whole).decode()
