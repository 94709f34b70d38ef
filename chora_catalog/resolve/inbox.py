"""The order in which signals want to be looked at: by risk, not by age.

Open before ended; then how urgent it is said to be, how many dependents the graph says it breaks, whether its deadline
has passed, and which deadline comes first. Without an instant (in what is published, where no clock may count) the
deadlines alone order what is equally urgent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from chora_catalog.model.catalog import Edge
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.model.verdict import Verdict
from chora_catalog.resolve.sla import is_overdue, running


def broken_by(edges: Iterable[Edge]) -> dict[str, int]:
    """Return how many dependents each capability breaks; those that break none are left out."""
    return Counter(edge.provider for edge in edges if edge.verdict is Verdict.BREAKING)


def by_risk(
    signals: Iterable[ChangeSignal], broken: Mapping[str, int], *, as_of: datetime | None = None
) -> tuple[ChangeSignal, ...]:
    """Return `signals` in order of risk. `broken` is what `broken_by` says of a catalog; empty for none."""

    def key(signal: ChangeSignal) -> tuple[bool, int, int, bool, str, str]:
        deadline = running(signal)
        late = as_of is not None and is_overdue(signal, as_of)
        due = deadline.due if deadline else "~"
        return (not signal.is_open, signal.rank, -broken.get(signal.capability_id, 0), not late, due, signal.id)

    return tuple(sorted(signals, key=key))
