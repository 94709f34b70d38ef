"""Decisions and waivers: records that are added and never changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line of the decision log. `context` and `consequences` are Markdown."""

    id: str
    file: str
    title: str = ""
    date: str = ""
    status: str = ""
    context: str = ""
    decision: str = ""
    consequences: str = ""
    deciders: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    corrects: str = ""
    """The record that this one corrects: both stand, and both are shown."""
    drafted_by: str = ""
    """`human`, `agent` or `automation`; empty where nobody says."""
    drafter: str = ""
    derived: tuple[str, ...] = ()
    """The fields that the file itself does not say."""
    commit: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A time-limited exception: `consumer` may break on `capability_id` from `granted_at` until `expires_at`."""

    id: str
    file: str
    capability_id: str = ""
    consumer: str = ""
    rule: str = ""
    range: str = ""
    """Provider versions it covers; empty covers every one."""
    reason: str = ""
    owner: str = ""
    granted_at: str = ""
    expires_at: str = ""
    signal: str = ""
    fingerprints: tuple[str, ...] = ()
    """The very breaks it covers; none given covers each that the rest of it names."""
    renews: str = ""
    """The waiver it goes on with: two with one scope, and nothing that says so, are a silent renewal."""
    corrects: str = ""
    drafted_by: str = ""
    drafter: str = ""
    derived: tuple[str, ...] = ()
    """The fields that the file itself does not say."""
    commit: str = ""
    author: str = ""
