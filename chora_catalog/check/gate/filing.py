"""A new record begins at the beginning, happens when it is filed, and corrects what there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from chora_catalog.check.gate.proposed import Proposed
from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.resolve.clock import instant

AHEAD: Final = timedelta(minutes=10)
"""How far clocks may differ before a time is called one of the future."""
_FIRST = ("draft", "proposed")


def check(proposed: Proposed) -> Iterator[Finding]:
    """Yield what is wrong with when and how the records that are added were filed."""
    for signal in proposed.after.signals:
        if signal.file in proposed.added and signal.filed_state not in _FIRST:
            message = f"it is filed in the state {signal.filed_state}, which others have to agree to first"
            hint = 'File it with `state: "proposed"`, or without a state, and add its moves as events.'
            yield _refused("signal-filed-late", signal.file, message, hint)
    yield from _times(proposed)
    yield from _corrections(proposed)


def _times(proposed: Proposed) -> Iterator[Finding]:
    before = {signal.id: signal for signal in proposed.before.signals}
    hint = "Leave `at` out: the commit says when."
    for signal in proposed.after.signals:
        filed = instant(signal.created_at)
        if signal.file in proposed.added and filed is not None and filed > proposed.as_of + AHEAD:
            message = f"it says that it was filed at {signal.created_at}, which has not come yet"
            yield _refused("event-in-future", signal.file, message, "Leave `created_at` out: the commit says when.")
    for signal, event in proposed.added_events():
        at = instant(event.at)
        if at is None:
            continue
        if at > proposed.as_of + AHEAD:
            message = f"it says that it happened at {event.at}, which has not come yet"
            yield _refused("event-in-future", event.file, message, hint)
        last = _last(before.get(signal.id))
        latest = instant(last)
        if event.kind != "comment" and latest is not None and at < latest:
            message = f"it says that it happened at {event.at}, before the last event that the base holds ({last})"
            yield _refused("event-backdated", event.file, message, hint)


def _last(signal: ChangeSignal | None) -> str:
    """Return the time of the last move or vote that counts, as it is written."""
    events = signal.events if signal else ()
    return next((event.at for event in reversed(events) if event.kind != "comment" and event.is_accepted), "")


def _corrections(proposed: Proposed) -> Iterator[Finding]:
    after = proposed.after
    kinds: tuple[Mapping[str, object], ...] = (
        {record.id: record for record in after.signals},
        {record.id: record for record in after.decisions},
        {record.id: record for record in after.waivers},
    )
    for record in proposed.added_records():
        if record.corrects and (record.corrects == record.id or not any(record.corrects in held for held in kinds)):
            message = f"it corrects {record.corrects}, and there is no other record with that id"
            hint = "Name the id of the record that it corrects."
            yield _refused("corrects-unknown", record.file, message, hint)


def _refused(rule: str, file: str, message: str, hint: str) -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, message=message, place=Place(file=file), hint=hint)
