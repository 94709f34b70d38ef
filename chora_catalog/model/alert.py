"""What asks for a person because of its age, and the issue that tells them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A source that stays away longer than its alert age. Instants are RFC 3339 UTC, lengths seconds."""

    source: str
    last_ok_at: str
    """When it last answered; empty when it never did."""
    alert: int
    alert_at: str
    """Since when it asks for a person; empty when it never answered."""
    error: str = ""
    """What the last try said, as git and the network wrote it: not ours, not to be trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """The sources of one run record by their age at an instant, each in one of the three."""

    as_of: str
    built_at: str
    """When the record was written."""
    alert: int
    index_alert_at: str = ""
    """Since when the record itself is past the alert age; empty while it is not."""
    overdue: tuple[Overdue, ...] = ()
    late: tuple[str, ...] = ()
    """Neither within the TTL nor past the alert; or last seen well by a record that is itself past its alert age."""
    fresh: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An issue that should be open. `key` tells it from every other; title and body say it, the body in Markdown."""

    key: str
    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue that is open at the code host."""

    number: int
    title: str
    body: str
