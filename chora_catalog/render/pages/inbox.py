"""The inbox: every change signal in order of risk, with what is due, who has it in hand, and what they do next.

What is overdue is found out when the page is read: here stand instants alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from chora_catalog.model.signal import ChangeSignal, Deadline
from chora_catalog.render.instants import instant
from chora_catalog.render.pages.lookup import Lookup
from chora_catalog.resolve.acting import NextStep
from chora_catalog.resolve.inbox import by_risk
from chora_catalog.resolve.sla import running

ROWS = 1000
TEAMS = 100
_WORDS = {"acknowledge": "Acknowledge", "review": "Review due", "decision": "Decision due"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A deadline that runs: `at` and `start` as instants, empty where there is none; `word` says what is due."""

    at: str = ""
    word: str = ""
    start: str = ""
    is_derived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """One line of the inbox. `step` is None for a signal that ended; `breaks` counts whom its capability breaks now."""

    signal: ChangeSignal
    due: Due
    step: NextStep | None
    breaks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many open signals wait for one team or person."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """The list of signals, and what can be chosen among those that are open."""

    open: tuple[SignalRow, ...]
    more_open: int
    ended: tuple[SignalRow, ...]
    more_ended: int
    waiting: tuple[Waiting, ...]
    states: tuple[str, ...]
    kinds: tuple[str, ...]
    policy: str
    """`council`, `solo`, or empty where nobody says who has to agree."""


def inbox(lookup: Lookup) -> Inbox:
    """Return what the list of signals shows."""
    rows = signal_rows(lookup, lookup.catalog.signals)
    opened = [row for row in rows if row.signal.is_open]
    ended = sorted((row for row in rows if not row.signal.is_open), key=_ended, reverse=True)
    waits = Counter(name for row in opened if row.step for name in dict.fromkeys(row.step.who))
    stewards = lookup.catalog.stewards
    return Inbox(
        open=tuple(opened[:ROWS]),
        more_open=max(0, len(opened) - ROWS),
        ended=tuple(ended[:ROWS]),
        more_ended=max(0, len(ended) - ROWS),
        waiting=tuple(
            Waiting(name=name, count=count)
            for name, count in sorted(waits.items(), key=lambda item: (-item[1], item[0]))[:TEAMS]
        ),
        states=tuple(sorted({row.signal.state for row in opened})),
        kinds=tuple(sorted({row.signal.type for row in opened if row.signal.type}))[:TEAMS],
        policy=(stewards.mode or "council") if stewards.is_known else "",
    )


def signal_rows(lookup: Lookup, signals: tuple[ChangeSignal, ...]) -> tuple[SignalRow, ...]:
    """Return `signals` as lines of a list, in order of risk."""
    return tuple(
        SignalRow(
            signal=signal,
            due=due_of(signal),
            step=lookup.next_steps.get(signal.id),
            breaks=lookup.broken.get(signal.capability_id, 0),
        )
        for signal in by_risk(signals, lookup.broken)
    )


def due_of(signal: ChangeSignal) -> Due:
    """Return the deadline that runs for `signal`; an empty one where none does."""
    deadline = running(signal)
    return due(deadline) if deadline else Due()


def due(deadline: Deadline) -> Due:
    """Return a deadline as pages show it: a date holds until its end, and is shown as that date."""
    return Due(
        at=instant(deadline.by),
        word=_WORDS[deadline.step],
        start=instant(deadline.start),
        is_derived=deadline.is_derived,
    )


def _ended(row: SignalRow) -> tuple[str, str]:
    return (instant(row.signal.state_since) or instant(row.signal.created_at), row.signal.id)
