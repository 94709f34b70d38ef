"""What broke over time: releases that a range in force did not admit, and the spans during which the newest was out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A release of a provider that the range a consumer's main line then required does not admit.

    Instants are RFC 3339 UTC; commits are those of the consumer's main line.
    """

    provider: str
    """The id as it is held today, as `consumer` is."""
    version: str
    released_at: str
    consumer: str
    range: str
    commit: str
    """Where the range came into force."""
    newest_then: bool
    """False for a release of an older line, which was not the provider's newest at that moment."""
    repaired_at: str = ""
    """The first later moment at which the range admits that very version, or the dependency is gone; empty: not yet."""
    repair: str = ""
    """How it was repaired: `range` or `dependency-gone`."""
    repaired_commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span during which a consumer's main line did not admit the newest release of a provider."""

    provider: str
    consumer: str
    version: str
    """The newest release when it began."""
    range: str
    opened_by: str
    """`release`, or `consumer` where the consumer's own change began it."""
    start: str
    end: str = ""
    """Empty while it lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """What the newest release of a consumer requires, where that does not admit the provider's newest release.

    Whoever installs the consumer has this range, whatever its main line says by now.
    """

    consumer: str
    version: str
    provider: str
    newest: str
    """The provider's newest release."""
    range: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """What a consumer's main line required of a provider with releases: (since, range), oldest first.

    The range is as written; None from when on nothing was required.
    """

    consumer: str
    provider: str
    spans: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakHistory:
    """All breaks and windows of the sources whose history was read, oldest first, and what was shipped too narrow."""

    breaks: tuple[Break, ...] = ()
    windows: tuple[Window, ...] = ()
    shipped: tuple[Shipped, ...] = ()
    required: tuple[Required, ...] = ()
