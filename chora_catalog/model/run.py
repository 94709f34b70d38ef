"""The run record: what one build did and when. It stands outside the content, because it changes with every build."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One earlier run in the ledger."""

    as_of: str
    fresh: int
    sources: int
    errors: int
    warnings: int
    seconds: int


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
