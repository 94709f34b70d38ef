"""Which state may follow which, and what has to be there: the one table of a signal's way.

The table is that of the standard `docs/standards/governance-flow.md`, section "The way of a signal".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from chora_catalog.model.signal import ENDED, STATES


class Guard(StrEnum):
    """What a move needs besides being on the way."""

    NONE = "none"
    ACKNOWLEDGED = "acknowledged"
    """By a steward who is not its author."""
    AGREED = "agreed"
    """The quorum on its digest, or the outcome that the votes give."""
    APPROVED = "approved"
    """The outcome is approved, and a decision of the log names the signal."""
    REJECTED = "rejected"
    """The outcome is rejected."""
    REASON = "reason"
    """A reason in words."""
    OWN = "own"
    """By its author or by a steward, with a reason."""
    REPLACED = "replaced"
    """Another signal takes its place."""


_OPEN: Final = tuple(state for state in STATES if state not in ENDED)
TRANSITIONS: Final[dict[tuple[str, str], Guard]] = {
    ("draft", "proposed"): Guard.NONE,
    ("proposed", "review"): Guard.ACKNOWLEDGED,
    ("review", "decision"): Guard.AGREED,
    ("decision", "rollout"): Guard.APPROVED,
    ("decision", "rejected"): Guard.REJECTED,
    ("decision", "review"): Guard.REASON,
    ("rollout", "complete"): Guard.NONE,
    ("rollout", "review"): Guard.REASON,
    ("draft", "withdrawn"): Guard.OWN,
    ("proposed", "withdrawn"): Guard.OWN,
    ("review", "withdrawn"): Guard.OWN,
    **{(state, "superseded"): Guard.REPLACED for state in _OPEN},
}


def next_states(state: str) -> tuple[str, ...]:
    """Return the states that may follow `state`, in the order of the table."""
    return tuple(after for before, after in TRANSITIONS if before == state)
