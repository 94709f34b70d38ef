"""How long something should be announced before it goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

DAYS: Final = {"stable": 90, "": 90, "beta": 30}
"""Days by stability; absent means stable, anything below beta has none. The policy: docs/standards."""
ENOUGH: Final = 5
"""Past repairs from which on they count."""
STEP: Final = 30


def suggested_window(stability: str, repairs: Sequence[int] = ()) -> int:
    """Return the days for which an end should be announced: the policy's, or more where dependents took longer.

    `repairs` are the days that past breaks stood; with five or more of them, twice their 90th percentile (nearest rank)
    counts, rounded up to 30 days.
    """
    days = DAYS.get(stability, 0)
    if len(repairs) < ENOUGH:
        return days
    nearest = sorted(repairs)[math.ceil(len(repairs) * 0.9) - 1]
    return max(days, math.ceil(2 * nearest / STEP) * STEP)


def earliest_removal(announced: datetime, days: int) -> str:
    """Return the first day (UTC) on which what was announced at `announced` may be removed."""
    return (announced + timedelta(days=days)).date().isoformat()
