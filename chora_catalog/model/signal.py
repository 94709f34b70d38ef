"""A change signal as filed, and what happened to it since. Its state is the fold of its events."""

from __future__ import annotations

from dataclasses import dataclass

STATES = ("draft", "proposed", "review", "decision", "rollout", "closed")
"""The way a signal goes; `superseded` and `rejected` end it early."""
ENDED = ("closed", "superseded", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sla:
    """Deadlines as written (a date holds until its end, UTC); empty where none is set."""

    acknowledge_by: str = ""
    review_by: str = ""
    decision_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to a signal: `move` (with `to`), `vote`, or `comment`."""

    kind: str
    at: str
    by: str
    file: str
    to: str = ""
    team: str = ""
    vote: str = ""
    reason: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSignal:
    """A proposal, review, decision or rollout. `derived` names the fields read off the commit that added the file."""

    id: str
    file: str
    type: str = ""
    capability_id: str = ""
    current_version: str = ""
    proposed_version: str = ""
    priority: str = ""
    impact: str = ""
    title: str = ""
    filed_state: str = "proposed"
    stewards: tuple[str, ...] = ()
    sla: Sla = Sla()
    deprecation_window: str = ""
    waiver_allowed: bool = False
    waiver_max: str = ""
    waiver_expiry: str = ""
    links: tuple[str, ...] = ()
    created_at: str = ""
    author: str = ""
    commit: str = ""
    derived: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()

    @property
    def state(self) -> str:
        """Return the state after the last move, or the one it was filed in."""
        moves = [event.to for event in self.events if event.kind == "move" and event.to]
        return moves[-1] if moves else self.filed_state

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to do something."""
        return self.state not in ENDED
