"""How long something should be announced before it goes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from chora_catalog.model.breaks import Break
from chora_catalog.resolve.clock import instant

DAYS: Final = {"experimental": 0, "draft": 0, "alpha": 0, "beta": 30, "stable": 90}
"""Days by stability; where none is said, or a word of one's own, as long as for a stable one. The policy:
docs/standards/compatibility-policy.md."""
ENOUGH: Final = 5
"""Past repairs from which on they count."""
STEP: Final = 30


def repair_days(breaks: Iterable[Break]) -> dict[str, tuple[int, ...]]:
    """Return for each provider how long its breaks stood that were repaired, in whole days, sorted."""
    found: dict[str, list[int]] = {}
    for item in breaks:
        began, ended = instant(item.released_at), instant(item.repaired_at)
        if began and ended:
            found.setdefault(item.provider, []).append((ended - began).days)
    return {name: tuple(sorted(days)) for name, days in found.items()}


def suggested_window(stability: str, repairs: Sequence[int] = ()) -> int:
    """Return the days for which an end should be announced: the policy's, or more where dependents took longer.

    `repairs` are the days that past breaks stood; with five or more of them, twice their 90th percentile (nearest rank)
    counts, rounded up to 30 days.
    """
    days = DAYS.get(stability, DAYS["stable"])
    if len(repairs) < ENOUGH:
        return days
    nearest = sorted(repairs)[math.ceil(len(repairs) * 0.9) - 1]
    return max(days, math.ceil(2 * nearest / STEP) * STEP)


def earliest_removal(announced: datetime, days: int) -> str:
    """Return the first day (UTC) on which what was announced at `announced` may be removed."""
    return (announced + timedelta(days=days)).date().isoformat()
