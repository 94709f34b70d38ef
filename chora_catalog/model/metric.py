"""A figure about the catalog itself, with what it was counted of, since when, and how it stands against its target."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How a metric stands. What was never measured stands nowhere: it is neither good nor bad."""

    MET = "met"
    BELOW = "below"
    """Below the target, above the alert."""
    ALERT = "alert"
    UNTARGETED = "untargeted"
    """Measured, and nobody has set a target."""
    NOT_EVALUATED = "not-evaluated"


class Unit(StrEnum):
    """What `Metric.part` counts."""

    SHARE = "share"
    """`part` of `whole`."""
    COUNT = "count"
    """`part` things."""
    SECONDS = "seconds"
    """`part` seconds in all of `whole` runs."""
    NONE = "none"
    """Nothing is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One figure. It is a share or a mean of whole numbers, so that nothing is rounded before it is judged."""

    id: str
    title: str
    standing: Standing
    unit: Unit = Unit.NONE
    part: int | None = None
    whole: int | None = None
    n: int | None = None
    """How many `counted` it rests on; None where it was never collected."""
    counted: str = ""
    """`runs`, `sources` or `manifests`."""
    period: str = ""
    """An instant, an ISO week, or `2026-11-01T00:00:00Z/2026-11-20T00:00:00Z`."""
    since: str = ""
    """Not collected before this instant; empty where it was never collected."""
    target: str = ""
    note: str = ""
    """Why it is not evaluated, as one sentence."""
