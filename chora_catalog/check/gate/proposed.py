"""What the gate is shown: the records before, the records after, who has to agree, and what the forge says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from chora_catalog.model.decision import Decision, Waiver
from chora_catalog.model.proposal import Change, Reviews
from chora_catalog.model.signal import ChangeSignal, Event
from chora_catalog.model.steward import Stewards
from chora_catalog.parse.records import Records

FOLDER = "decisions/"
POLICY = "decisions/stewards.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """One pull request. Paths are relative to the folder that holds `decisions/`.

    `changes` are those below `decisions/`; `before` the records of the base, `after` those with what is added, both
    folded by `policy`, which is the base's. `wanted` is the policy of the head, where it differs. A review counts where
    it is one of `head`, the commit that would be merged. With `is_merged` all this has happened already: what the forge
    said then is not asked again.
    """

    changes: tuple[Change, ...]
    before: Records
    after: Records
    policy: Stewards
    as_of: datetime
    head: str
    base_paths: frozenset[str] = frozenset()
    wanted: Stewards | None = None
    reviews: Reviews | None = None
    is_merged: bool = False
    added: frozenset[str] = field(default_factory=frozenset)
    """Paths of the plain files that are added."""
    unread: frozenset[str] = frozenset()
    """Those of them that no reader takes, because of their names."""

    def added_events(self) -> Iterator[tuple[ChangeSignal, Event]]:
        """Yield each event that is added, with its signal, in the order of signals and times."""
        for signal in self.after.signals:
            for event in signal.events:
                if event.file in self.added:
                    yield signal, event

    def added_records(self) -> Iterator[ChangeSignal | Decision | Waiver]:
        """Yield each signal, decision and waiver that is added."""
        for records in (self.after.signals, self.after.decisions, self.after.waivers):
            for record in records:
                if record.file in self.added:
                    yield record
