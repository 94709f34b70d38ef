"""The run record: what one build did and when. It stands outside the content, because it changes with every build."""

from __future__ import annotations

from dataclasses import dataclass

from chora_catalog.model.metric import Metric
from chora_catalog.model.source import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRun:
    """One source in one run. Instants are RFC 3339 UTC, times are milliseconds."""

    name: str
    outcome: Outcome
    last_ok_at: str
    """When it last answered; empty when it never did."""
    error: str = ""
    fetch_ms: int = 0
    read_ms: int = 0
    requests: int = 0
    ttl: int = 0
    alert: int = 0
    capabilities: int = 0
    errors: int = 0
    warnings: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One earlier run in the ledger."""

    as_of: str
    fresh: int
    sources: int
    errors: int
    warnings: int
    seconds: int
    notices: int | None = None
    """None, here and below, where an older tool wrote the line and did not count."""
    valid: int | None = None
    """Own manifests without an error."""
    manifests: int | None = None
    """Own manifests; imported ones never count as validated."""
    fresh_for: tuple[tuple[int, int], ...] | None = None
    """How long sources stay within their TTL after this run: (seconds left, how many sources); the rest are past it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekLine:
    """One ISO week (UTC) of the ledger, folded from its runs; it outlives their lines. Source-seconds are exact."""

    week: str
    """`2026-W47`."""
    since: str
    """The first instant that was watched: the week's first, or later in the week in which collecting began."""
    until: str
    """How far it has been watched."""
    runs: int = 0
    watched: int = 0
    """Seconds times sources."""
    within: int = 0
    """Of these, how many lay within the TTL of their source. The time after a run that never came does not."""
    seconds: int = 0
    """How long its runs took together."""
    longest: int = 0
    valid: int | None = None
    """This and the counts below are those of the week's last run; None in a week without one."""
    manifests: int | None = None
    errors: int | None = None
    warnings: int | None = None
    notices: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of `build`."""

    as_of: str
    trace: str
    tool: str
    published: bool
    seconds: int
    sources: tuple[SourceRun, ...]
    capabilities: int
    errors: int
    warnings: int
    notices: int
    ttl: int
    alert: int
    recent: tuple[RunLine, ...] = ()
    weeks: tuple[WeekLine, ...] = ()
    metrics: tuple[Metric, ...] = ()
    """The ledger against its targets, judged at `as_of`; a reader at another time judges anew from the lines."""
    inputs: str = ""
    """Digest of all inputs but the sources and the instant."""
    next_instant: str = ""
    """When a verdict may change by itself, RFC 3339 UTC; empty for never."""
    breaking: int = 0
    """Dependencies that break and are not waived."""
    waiting: int = 0
    """Open signals."""
