"""What is known of a dependency, in one word."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What is known of a dependency, worst first. `stale` is no verdict: age is judged when it is read."""

    BREAKING = "breaking"
    MISSING = "missing"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    WAIVED = "waived"
    DEPRECATED = "deprecated"
    COMPATIBLE = "compatible"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}
