"""Decisions and waivers, filed as the gate takes them; and which waivers count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chora_catalog.app.filing import Desk, Filed, file_paper
from chora_catalog.errors import ChoraError
from chora_catalog.model.decision import Waiver
from chora_catalog.parse.deadlines import MAX_WAIVER
from chora_catalog.parse.instants import day
from chora_catalog.render.drafts import decision_paper, free_name, slug, waiver_paper
from chora_catalog.resolve.clock import passed
from chora_catalog.resolve.waiving import active, renewed_silently, too_many


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """What was decided."""

    title: str
    decision: str
    status: str = "accepted"
    id: str = ""
    date: str = ""
    context: str = ""
    consequences: str = ""
    deciders: Sequence[str] = ()
    related: Sequence[str] = ()
    corrects: str = ""
    drafted_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWaiver:
    """Who may go on for how long, and who answers for it. Without a last day it is the latest that is admitted."""

    capability: str
    consumer: str
    reason: str
    owner: str
    expires_at: str = ""
    id: str = ""
    rule: str = ""
    range: str = ""
    fingerprints: Sequence[str] = ()
    signal: str = ""
    renews: str = ""
    corrects: str = ""
    drafted_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRow:
    """One waiver as a list shows it: `how` is counts, not yet, ended, or why it does not count."""

    waiver: Waiver
    how: str
    is_committed: bool


def new_decision(desk: Desk, said: NewDecision) -> Filed:
    """File a decision; without an id it gets the next one of its day. Raises as `file_paper`."""
    date = said.date or desk.as_of.date().isoformat()
    if day(date) is None:
        raise ChoraError(f"{date!a} is no date", hint="Write it as 2026-01-31.")
    taken = [record.id for record in desk.records.decisions]
    taken += desk.names("log")
    numbered = (f"DEC-{date[:10]}-{number:02d}" for number in range(1, 10_000))
    name = said.id or next(found for found in numbered if found not in taken)
    fields = (
        ("title", said.title),
        ("date", date),
        ("status", said.status),
        ("context", said.context),
        ("decision", said.decision),
        ("consequences", said.consequences),
        ("deciders", tuple(said.deciders)),
        ("related", tuple(said.related)),
        ("corrects", said.corrects),
        ("drafted_by", {"kind": "agent", "id": said.drafted_by} if said.drafted_by else ""),
    )
    return file_paper(desk, decision_paper(name, date, fields), message=f"Decide {name}")


def new_waiver(desk: Desk, said: NewWaiver) -> Filed:
    """File a waiver; without an id it gets one that is free. Raises as `file_paper`."""
    who = "all" if said.consumer == "*" else said.consumer
    taken = [*(record.id for record in desk.records.waivers), *desk.names("waivers")]
    name = said.id or free_name(f"WVR-{slug(f'{said.capability}-{who}')}", taken)
    fields = (
        ("capability_id", said.capability),
        ("consumer", said.consumer),
        ("rule", said.rule),
        ("range", said.range),
        ("fingerprints", tuple(said.fingerprints)),
        ("reason", said.reason),
        ("owner", said.owner),
        ("granted_at", desk.as_of.date().isoformat()),
        ("expires_at", said.expires_at or (desk.as_of + MAX_WAIVER).date().isoformat()),
        ("signal", said.signal),
        ("renews", said.renews),
        ("corrects", said.corrects),
        ("drafted_by", {"kind": "agent", "id": said.drafted_by} if said.drafted_by else ""),
    )
    return file_paper(desk, waiver_paper(name, fields), message=f"Waive {said.capability} for {who}")


def waiver_rows(desk: Desk, *, every: bool) -> tuple[WaiverRow, ...]:
    """Return the waivers that count (with `every` all), the one that ends first before the others."""
    waivers = desk.records.waivers
    counting = {one.id for one in active(waivers, desk.as_of)}
    many, silent = ({one.id for one in found} for found in (too_many(waivers), renewed_silently(waivers)))

    def how(one: Waiver) -> str:
        if one.id in counting:
            return "counts"
        if one.id in many:
            return "does not count: it is one too many"
        if one.id in silent:
            return "does not count: it renews another and does not say so"
        return "ended" if passed(one.expires_at, desk.as_of, end=True) else "not yet"

    found = [WaiverRow(waiver=one, how=how(one), is_committed=desk.is_committed(one.file)) for one in waivers]
    shown = [row for row in found if every or row.how != "ended"]
    return tuple(sorted(shown, key=lambda row: (row.how != "counts", row.waiver.expires_at, row.waiver.id)))
