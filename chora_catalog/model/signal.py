"""A change signal as filed, and what happened to it since. Its state is the fold of its events.

The reader makes signals with their events as they are written; `resolve/folding.py` judges each event and adds what
follows from all of them: deadlines, ballots, and what is still missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

STATES = ("draft", "proposed", "review", "decision", "rollout", "complete")
"""The way a signal goes."""
EARLY_ENDS = ("rejected", "withdrawn", "superseded")
ENDED = ("complete", *EARLY_ENDS)
OLD_WORDS = {"closed": "complete"}
"""What records written earlier call a state, and what it is called."""
OUTCOMES = ("approved", "rejected", "deferred")
VOTES = ("approve", "reject", "abstain")
HUMAN = "human"
VOTE_NAMESPACE = "chora-vote"
PRIORITIES = (("critical", "p0"), ("high", "p1"), ("medium", "p2"), ("low", "p3"))


class Evidence(StrEnum):
    """What stands behind a vote."""

    SSH = "ssh-signature"
    """A signature over the digest by a key that the stewards list: whoever has the files can check it."""
    REVIEW = "forge-review"
    """A review at the forge, which the gate saw before it let the vote in."""
    CLAIMED = "claimed"
    """A name, and nothing that can be checked: it counts as nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sla:
    """Deadlines as written (a date holds until its end, UTC); empty where none is set."""

    acknowledge_by: str = ""
    review_by: str = ""
    decision_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The forge's review that a vote names."""

    forge: str = ""
    id: str = ""
    user: str = ""
    commit: str = ""
    submitted_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to a signal: `move` (with `to`), `vote`, or `comment`.

    `recorded_at` is the time of the commit that added the file. `refused` is the code of what is wrong with the event,
    `why` says it in a sentence; an event that is refused changes nothing. `was` is the state before it.
    """

    kind: str
    at: str
    by: str
    file: str
    to: str = ""
    team: str = ""
    vote: str = ""
    reason: str = ""
    commit: str = ""
    outcome: str = ""
    superseded_by: str = ""
    decision_by: str = ""
    digest: str = ""
    signature: str = ""
    review: Review | None = None
    drafted_by: str = ""
    """`human`, `agent` or `automation`; empty where nobody says."""
    drafter: str = ""
    recorded_at: str = ""
    derived: tuple[str, ...] = ()
    was: str = ""
    refused: str = ""
    why: str = ""

    @property
    def is_accepted(self) -> bool:
        """Tell whether the event changes anything."""
        return not self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What one person said for one team, or a team that has said nothing (`vote` is empty).

    Only a ballot that `counts` is part of the quorum; `why` says what keeps another one from it.
    """

    team: str
    is_asked: bool
    person: str = ""
    vote: str = ""
    at: str = ""
    file: str = ""
    evidence: Evidence = Evidence.CLAIMED
    counts: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far those who have to agree have come. `missing` says in sentences what is not there yet.

    `by_one` marks a decision of one person after a notice that ends at `notice_until`: never an agreement of several.
    """

    is_met: bool = False
    approvals: int = 0
    approvals_needed: int = 0
    humans: int = 0
    humans_needed: int = 0
    vetoes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    by_one: bool = False
    notice_until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Until when a step is due: `by` as written or worked out, `due` as the instant it ends, `met_at` when it was met.

    `is_derived` marks one that the policy sets because the signal sets none.
    """

    step: str
    """acknowledge, review, or decision."""
    by: str
    due: str
    start: str = ""
    met_at: str = ""
    is_derived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSignal:
    """A proposal, review, decision or rollout. `derived` names the fields that the file itself does not say.

    `digest` is `sha256:` and the SHA-256 of the file as filed: what a vote is about. `asked` are the teams that have to
    agree: those it lists, and those that answer for the capability.
    """

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
    filed_by: str = ""
    """The author of the commit that added the file, whoever the file says it is."""
    supersedes: str = ""
    duplicate_of: str = ""
    corrects: str = ""
    drafted_by: str = ""
    drafter: str = ""
    commit: str = ""
    recorded_at: str = ""
    digest: str = ""
    derived: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    asked: tuple[str, ...] = ()
    ballots: tuple[Ballot, ...] = ()
    agreement: Agreement = Agreement()
    deadlines: tuple[Deadline, ...] = ()

    @property
    def moves(self) -> tuple[Event, ...]:
        """Return the moves that count, in their order."""
        return tuple(event for event in self.events if event.kind == "move" and event.to and event.is_accepted)

    @property
    def state(self) -> str:
        """Return the state after the last move that counts, or the one it was filed in."""
        return self.moves[-1].to if self.moves else self.filed_state

    @property
    def state_since(self) -> str:
        """Return when it came into its state."""
        return self.moves[-1].at if self.moves else self.created_at

    @property
    def version(self) -> int:
        """Return how many events count: computed, never typed."""
        return sum(event.is_accepted for event in self.events)

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to do something."""
        return self.state not in ENDED

    @property
    def is_breaking(self) -> bool:
        """Tell whether every team has to agree to it."""
        return self.type == "breaking-change"

    @property
    def rank(self) -> int:
        """Return how urgent it is said to be, 0 for the most urgent; a word that nobody knows comes last."""
        said = self.priority.strip().casefold()
        return next((rank for rank, words in enumerate(PRIORITIES) if said in words), len(PRIORITIES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a look at a vote's signature found: the public key that made it, or why it proves nothing."""

    key: str = ""
    """`<type> <base64>`; empty where there is a problem."""
    problem: str = ""


def vote_text(signal: str, digest: str, team: str, vote: str) -> bytes:
    """Return the bytes that the SSH signature of a vote is over (namespace `chora-vote`)."""
    return f"chora-vote/1\n{signal}\n{digest}\n{team}\n{vote}\n".encode()
