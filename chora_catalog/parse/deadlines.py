"""Deadlines and lengths of exceptions, judged where they are written.

The figures are the seed's: deadlines count business days, a waiver lasts at most 30 days and at most as long as its
signal admits. A deadline that is a date holds until the end of that day, UTC.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from chora_catalog.model.finding import Severity
from chora_catalog.model.working_days import business_day, free_day
from chora_catalog.parse.fields import Fields
from chora_catalog.parse.instants import day, duration

MAX_WAIVER = timedelta(days=30)
_DEADLINES = ("acknowledge_by", "review_by", "decision_by")


def judge_deadlines(record: Fields, holidays: Collection[str]) -> None:
    """Report deadlines that fall on no business day, and deadlines that come before the one they follow."""
    sla = record.inner("sla")
    before: tuple[str, date] | None = None
    for name in _DEADLINES:
        due = day(sla.text(name))
        if due is None:
            continue
        free = free_day(due, holidays)
        if free:
            message = f"`sla.{name}` is {due}, a {free}; deadlines count business days"
            hint = f"Write {business_day(due, holidays)}, the next business day."
            pointer = sla.pointer(name)
            sla.report("deadline-not-business-day", message, pointer, hint=hint, severity=Severity.WARNING)
        if before and due < before[1]:
            message = f"`sla.{name}` is {due}, before `sla.{before[0]}`, {before[1]}"
            hint = "Acknowledge, review and decide in this order."
            sla.report("deadlines-out-of-order", message, sla.pointer(name), hint=hint, severity=Severity.WARNING)
        before = (name, due)


def judge_promised_waiver(record: Fields, created_at: str) -> None:
    """Report a signal whose waivers would end later than `max_duration` after the decision (or the filing)."""
    waiver = record.inner("waiver")
    longest, expiry = duration(waiver.text("max_duration")), day(waiver.text("expiry"))
    decided = day(record.inner("sla").text("decision_by"))
    start = decided or day(created_at)
    if longest is None or expiry is None or start is None:
        return
    last = _after(start, longest)
    if expiry > last:
        what = "`sla.decision_by`" if decided else "the filing"
        message = (
            f"`waiver.expiry` is {expiry}, {_days(expiry - last)} over: {waiver.text('max_duration')} after {what} "
            f"({start}) is {last}"
        )
        hint = f"Write {last} or an earlier day, or a longer max_duration."
        record.report("waiver-exceeds-max", message, waiver.pointer("expiry"), hint=hint)


def judge_waiver(record: Fields, granted_at: str, expires_at: str) -> bool:
    """Tell whether a waiver counts: it says from when, and lasts at most 30 days; report why it does not."""
    start, end = day(granted_at), day(expires_at)
    if start is None or end is None:
        message = "nobody says since when this waiver holds, so it does not count"
        hint = "Commit the file, or add `granted_at:`."
        record.report("waiver-no-granted-at", message, "", hint=hint, severity=Severity.WARNING)
        return False
    last = _after(start, MAX_WAIVER)
    if end > last:
        message = (
            f"`expires_at` is {end}, {_days(end - last)} over: a waiver lasts at most {MAX_WAIVER.days} days, "
            f"and this one was granted on {start}; it does not count"
        )
        hint = f"Write {last} or an earlier day."
        record.report("waiver-exceeds-max", message, record.pointer("expires_at"), hint=hint)
        return False
    if end < start:
        message = f"`expires_at` is {end}, before the waiver was granted ({start}); it does not count"
        record.report("waiver-exceeds-max", message, record.pointer("expires_at"), hint="Write a later day.")
        return False
    return True


def _after(start: date, length: timedelta) -> date:
    try:
        return start + length
    except OverflowError:
        return date.max


def _days(length: timedelta) -> str:
    return "1 day" if length.days == 1 else f"{length.days} days"
