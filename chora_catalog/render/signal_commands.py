"""The commands that bring a signal on, as a person types them: a page offers each, and the terminal lists them."""

from __future__ import annotations

import shlex
from typing import Final

from chora_catalog.model.signal import ChangeSignal
from chora_catalog.resolve.acting import Doing, NextStep

_MOST_VOTES: Final = 3
_WIDE: Final = 44
"""Characters that a card of a page shows on a line."""


def next_commands(signal: ChangeSignal, step: NextStep | None) -> tuple[str, ...]:
    """Return the commands that bring `signal` on, in the order in which they are run; `step` is what comes next.

    Empty where it has ended, and where no command helps.
    """
    if step is None:
        return ()
    found = [step_command(signal, step)]
    if step.doing is Doing.RECORD:
        found.append(move_command(signal, "rollout"))
    if signal.state in ("proposed", "review") and step.doing is not Doing.DECIDE:
        silent = [ballot.team for ballot in signal.ballots if ballot.is_asked and not ballot.counts]
        found += [vote_command(signal, "approve", team) for team in silent[:_MOST_VOTES]]
    return tuple(filter(None, found))


def step_command(signal: ChangeSignal, step: NextStep) -> str:
    """Return the command that does `step`; empty where people have to agree, or to wait, first."""
    if step.doing is Doing.RECORD:
        return f"chora decision new --title TEXT --decision TEXT --related {shlex.quote(signal.id)}"
    if not step.to or step.doing is Doing.WAIT:
        return ""
    return move_command(signal, step.to) + (" --reason TEXT" if step.doing is Doing.TAKE_UP else "")


def move_command(signal: ChangeSignal, to: str) -> str:
    """Return the command that moves `signal` to the state `to`."""
    return f"chora signal move {shlex.quote(signal.id)} {to}"


def vote_command(signal: ChangeSignal, said: str, team: str, evidence: str = "--key FILE") -> str:
    """Return the command that votes on `signal` for `team` (empty: whose name is left open), on that evidence."""
    return f"chora signal vote {shlex.quote(signal.id)} {said} --team {shlex.quote(team or 'TEAM')} {evidence}"


def waiver_command(signal: ChangeSignal, consumer: str) -> str:
    """Return the command that asks for a waiver of what `signal` changes, for `consumer` (empty: left open)."""
    return (
        f"chora waiver new --capability {shlex.quote(signal.capability_id)} "
        f"--consumer {shlex.quote(consumer or 'ID')} --owner WHO --reason TEXT --signal {shlex.quote(signal.id)}"
    )


def on_lines(command: str) -> str:
    """Return `command` as a shell reads it, each option on a line of its own where all do not fit on one of a page."""
    if len(command) <= _WIDE:
        return command
    lines: list[list[str]] = [[]]
    for word in shlex.split(command):
        if word.startswith("--"):
            lines.append([])
        lines[-1].append(word)
    return " \\\n  ".join(map(shlex.join, lines))
