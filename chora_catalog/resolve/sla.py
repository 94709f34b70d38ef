"""Until when a signal is acknowledged, reviewed and decided, and how that stands when it is read.

Where a signal sets no deadline, business days after its filing do. The figures are those of the governance templates
that the pilots work by: acknowledged within 2 business days, reviewed within 5, decided 2 after the review. A critical
signal has about half of that.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Final

from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.signal import STATES, ChangeSignal, Deadline
from chora_catalog.model.working_days import business_days_after
from chora_catalog.resolve.clock import instant

STEPS: Final = (("acknowledge", "review"), ("review", "decision"), ("decision", "rollout"))
"""Each step, and the state that a signal comes into when the step is done."""
BUSINESS_DAYS: Final = {"acknowledge": 2, "review": 5, "decision": 7}
CRITICAL_DAYS: Final = {"acknowledge": 1, "review": 2, "decision": 3}
SOON: Final = 0.2
"""A deadline is near when a fifth of its time, or less, is left."""


class Standing(StrEnum):
    """How a deadline stands at an instant."""

    MET = "met"
    LATE = "late"
    """Met, and after its end."""
    ON_TIME = "on time"
    DUE_SOON = "due soon"
    BREACHED = "breached"
    """Not met, and its end has passed."""


def deadlines(signal: ChangeSignal, holidays: Collection[str]) -> tuple[Deadline, ...]:
    """Return the deadlines of `signal` in their order: those it sets, and those that follow from when it was filed.

    A step is met by the first move that counts into the state that follows it, or further on, or to an end. Where
    nobody knows when a signal was filed only the deadlines that it sets are there.
    """
    written = {
        "acknowledge": signal.sla.acknowledge_by,
        "review": signal.sla.review_by,
        "decision": _moved_on(signal) or signal.sla.decision_by,
    }
    filed = instant(signal.created_at)
    days = CRITICAL_DAYS if signal.rank == 0 else BUSINESS_DAYS
    found = []
    for step, state in STEPS:
        by = written[step]
        if not by and filed is not None:
            by = business_days_after(filed.date(), days[step], holidays).isoformat()
        due = instant(by, end=True) if by else None
        if due is not None:
            found.append(
                Deadline(
                    step=step,
                    by=by,
                    due=instant_text(due),
                    start=instant_text(filed) if filed else "",
                    met_at=_met(signal, state),
                    is_derived=not written[step],
                )
            )
    return tuple(found)


def running(signal: ChangeSignal) -> Deadline | None:
    """Return the deadline that an open signal has to meet next, or None."""
    if not signal.is_open:
        return None
    return next((deadline for deadline in signal.deadlines if not deadline.met_at), None)


def standing(deadline: Deadline, as_of: datetime) -> Standing:
    """Return how `deadline` stands at `as_of`."""
    due, met, start = instant(deadline.due), instant(deadline.met_at), instant(deadline.start)
    if due is None:
        return Standing.ON_TIME
    if met is not None:
        return Standing.MET if met <= due else Standing.LATE
    if as_of >= due:
        return Standing.BREACHED
    if start is not None and due - as_of <= SOON * (due - start):
        return Standing.DUE_SOON
    return Standing.ON_TIME


def is_overdue(signal: ChangeSignal, as_of: datetime) -> bool:
    """Tell whether the deadline that runs for `signal` has passed: computed when it is read, never stored."""
    deadline = running(signal)
    return deadline is not None and standing(deadline, as_of) is Standing.BREACHED


def _moved_on(signal: ChangeSignal) -> str:
    """Return the deadline of the decision that the last deferral set, or empty text."""
    return next((move.decision_by for move in reversed(signal.moves) if move.decision_by), "")


def _met(signal: ChangeSignal, state: str) -> str:
    """Return when `signal` first came to `state` or past it; a move back opens what lies behind it again."""
    needed, met = STATES.index(state), ""
    for move in signal.moves:
        reached = STATES.index(move.to) if move.to in STATES else len(STATES)
        met = (met or move.at) if reached >= needed else ""
    at = instant(met)
    return instant_text(at) if at else ""
