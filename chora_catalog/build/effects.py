"""What a pull request changes in the catalog, in words, for whoever has to say yes to it."""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.model.gated import Effect
from chora_catalog.model.proposal import Change
from chora_catalog.model.signal import ChangeSignal, Event
from chora_catalog.model.source import Registry
from chora_catalog.parse.records import Records

_WORKFLOWS = ".github/"


def effects_of(
    after: Records, added: frozenset[str], before: Registry | None, now: Registry | None, changes: tuple[Change, ...]
) -> Iterator[Effect]:
    """Yield what is added to the records, which sources come and go, and what else is touched.

    `changes` are those of the whole repository; `before` and `now` are the registries, None where one cannot be read.
    """
    for signal in after.signals:
        if signal.file in added:
            to = f" to {signal.proposed_version}" if signal.proposed_version else ""
            what = f"files a {signal.type or 'change'} of {signal.capability_id}{to}, {signal.priority} priority"
            yield Effect(kind="signal", name=signal.id, what=what)
        for event in signal.events:
            if event.file in added:
                yield Effect(kind=event.kind, name=signal.id, what=_event(signal, event))
    for decision in after.decisions:
        if decision.file in added:
            yield Effect(kind="decision", name=decision.id, what=f"{decision.title} ({decision.status or 'no status'})")
    for waiver in after.waivers:
        if waiver.file in added:
            who = "every consumer" if waiver.consumer == "*" else waiver.consumer
            what = f"excuses {who} from {waiver.capability_id} until {waiver.expires_at}, says {waiver.owner}"
            yield Effect(kind="waiver", name=waiver.id, what=what)
    yield from _sources(before, now)
    yield from _elsewhere(changes)


def _event(signal: ChangeSignal, event: Event) -> str:
    if event.refused:
        return f"nothing: {event.why}"
    if event.kind == "move":
        outcome = f" ({event.outcome or 'approved'})" if event.to == "decision" else ""
        return f"moves it from {event.was} to {event.to}{outcome}"
    if event.kind == "vote":
        ballot = next((one for one in signal.ballots if one.file == event.file), None)
        how = f"{ballot.person} for {event.team}" if ballot else event.team
        counted = "counts" if ballot and ballot.counts else f"does not count: {ballot.why if ballot else 'void'}"
        return f"{event.vote} by {how}; {counted}"
    return f"{event.by or 'somebody'} notes something"


def _sources(before: Registry | None, now: Registry | None) -> Iterator[Effect]:
    if before is None or now is None:
        return
    old, new = ({spec.name: spec for spec in registry.sources} for registry in (before, now))
    for name in sorted({*old, *new}):
        if name not in old:
            yield Effect(kind="source", name=name, what=f"is registered: {new[name].url}")
        elif name not in new:
            yield Effect(kind="source", name=name, what="is registered no more")
        elif old[name] != new[name]:
            yield Effect(kind="source", name=name, what="is registered otherwise")


def _elsewhere(changes: tuple[Change, ...]) -> Iterator[Effect]:
    own = [change.path for change in changes if change.path.startswith(_WORKFLOWS)]
    if own:
        what = "changes; these files are what judges pull requests, so read them yourself"
        yield Effect(kind="workflow", name=", ".join(own[:5]) + (", ..." if len(own) > 5 else ""), what=what)
