"""Change signals, decisions and waivers: files of the catalog's own repository."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from chora_catalog.model.decision import Decision, Waiver
from chora_catalog.model.signal import ENDED, STATES, ChangeSignal, Event
from chora_catalog.model.signal import Ballot as RecordBallot
from chora_catalog.model.verdict import Verdict
from chora_catalog.render import instants, links
from chora_catalog.render.pages.home import next_due
from chora_catalog.render.pages.lookup import EdgeView, Lookup
from chora_catalog.render.pages.owners import WaiverRow, waiver_rows

_NUMBERED = re.compile(r"(\d{1,6})-")
REACH = 200
EVENTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """One line of the list of signals, with the deadline that runs."""

    signal: ChangeSignal
    due: str
    due_word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One state a signal goes through; `at` is when it came there, as an instant or empty."""

    state: str
    at: str
    is_done: bool
    is_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One deadline: `due` and `met` are instants, `met` empty while nobody has met it."""

    word: str
    by: str
    due: str
    start: str
    met: str

    @property
    def is_in_time(self) -> bool:
        """Tell whether it was met before its end."""
        return bool(self.met) and self.met <= self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What one team has said: its last vote, or nothing."""

    team: str
    event: Event | None
    earlier: int
    is_steward: bool
    counts: bool = False
    evidence: str = ""
    """What stands behind the vote, or why it counts as nothing, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something a reader can do: a file to add, and the forge's page that is filled with it (empty without a forge)."""

    word: str
    about: str
    path: str
    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalPage:
    """One change signal."""

    signal: ChangeSignal
    due: str
    due_word: str
    steps: tuple[Step, ...]
    deadlines: tuple[Deadline, ...]
    ballots: tuple[Ballot, ...]
    reach: tuple[EdgeView, ...]
    more_reach: int
    released: str
    """The newest version of the capability, empty when it is not in the catalog."""
    events: tuple[Event, ...]
    more_events: int
    acts: tuple[Act, ...]
    waivers: tuple[WaiverRow, ...]
    file_href: str
    twin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverPage:
    """One waiver, and the dependency it excuses where there is one."""

    row: WaiverRow
    edges: tuple[EdgeView, ...]
    file_href: str
    twin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    """One decision."""

    decision: Decision
    file_href: str
    twin: str


def signals(lookup: Lookup) -> tuple[SignalRow, ...]:
    """Return the signals, open ones first, the next deadline first."""
    rows = [
        SignalRow(signal=signal, due=due, due_word=word)
        for signal in lookup.catalog.signals
        for due, word in [next_due(signal)]
    ]
    return tuple(sorted(rows, key=lambda row: (not row.signal.is_open, not row.due, row.due, row.signal.id)))


def signal(lookup: Lookup, given: ChangeSignal) -> SignalPage:
    """Return what the page of one signal shows."""
    entry = lookup.entries.get(given.capability_id)
    reach = lookup.edges(entry.dependents) if entry else ()
    due, word = next_due(given)
    events = tuple(sorted(given.events, key=lambda event: (event.at, event.file), reverse=True))
    related = [waiver for waiver in lookup.catalog.waivers if waiver.signal == given.id]
    return SignalPage(
        signal=given,
        due=due,
        due_word=word,
        steps=steps(given),
        deadlines=deadlines(given),
        ballots=ballots(given),
        reach=reach[:REACH],
        more_reach=max(0, len(reach) - REACH),
        released=entry.version if entry else "",
        events=events[:EVENTS],
        more_events=max(0, len(events) - EVENTS),
        acts=acts(lookup, given, breaks=[view for view in reach if view.edge.verdict is Verdict.BREAKING])
        if given.is_open
        else (),
        waivers=waiver_rows(lookup, related),
        file_href=links.catalog_file(lookup.catalog.registry, given.file, given.commit),
        twin=links.twin(links.signal_page(given.id)),
    )


def steps(given: ChangeSignal) -> tuple[Step, ...]:
    """Return the way `given` has gone and goes on; the end it came to early stands in its place."""
    moves = {event.to: event.at for event in given.moves}
    moves.setdefault(given.filed_state, given.created_at)
    way = list(STATES) if given.state in STATES else [*STATES[:-1], given.state]
    now = way.index(given.state)
    early = given.state in ENDED and given.state != "complete"
    return tuple(
        Step(
            state=state,
            at=instants.instant(moves.get(state, "")),
            is_done=index <= now and (not early or state in moves or index == now),
            is_now=index == now,
        )
        for index, state in enumerate(way)
    )


def deadlines(given: ChangeSignal) -> tuple[Deadline, ...]:
    """Return the deadlines that are set; the move to the next state, or an end, is what meets one."""
    moves = sorted((instants.instant(e.at), e.to) for e in given.moves if instants.instant(e.at))
    order = {state: index for index, state in enumerate(STATES)} | dict.fromkeys(ENDED, len(STATES))
    found = []
    for word, by, state in (
        ("Acknowledge", given.sla.acknowledge_by, "review"),
        ("Review", given.sla.review_by, "decision"),
        ("Decision", given.sla.decision_by, "rollout"),
    ):
        due = instants.instant(by)
        if due:
            met = next((at for at, to in moves if order.get(to, -1) >= order[state]), "")
            start = instants.instant(given.created_at)
            found.append(Deadline(word=word, by=by, due=due, start=start, met=met))
    return tuple(found)


def ballots(given: ChangeSignal) -> tuple[Ballot, ...]:
    """Return the last vote of each steward team, then of others who voted, by name."""
    votes: dict[str, list[Event]] = {team: [] for team in given.asked or given.stewards}
    for event in given.events:
        if event.kind == "vote":
            votes.setdefault(event.team or event.by, []).append(event)
    judged = {ballot.file: ballot for ballot in given.ballots if ballot.file}
    return tuple(
        Ballot(
            team=team,
            event=cast[-1] if cast else None,
            earlier=max(0, len(cast) - 1),
            is_steward=team in (given.asked or given.stewards),
            counts=bool(cast) and cast[-1].file in judged and judged[cast[-1].file].counts,
            evidence=_evidence(cast[-1], judged) if cast else "",
        )
        for team, cast in sorted(
            votes.items(), key=lambda item: (item[0] not in (given.asked or given.stewards), item[0])
        )
    )


def _evidence(event: Event, judged: dict[str, RecordBallot]) -> str:
    if event.refused:
        return event.why
    ballot = judged.get(event.file)
    return "not checked" if ballot is None else ballot.why or ballot.evidence.value.replace("-", " ")


def acts(lookup: Lookup, given: ChangeSignal, *, breaks: list[EdgeView]) -> tuple[Act, ...]:
    """Return what a reader can do about an open signal, each as a file to add."""
    numbers = [int(match[1]) for event in given.events if (match := _NUMBERED.match(event.file.split("/")[-1]))]
    number = max([len(given.events), *numbers]) + 1
    folder = given.file.removesuffix(".yaml").removesuffix(".yml")
    team = given.stewards[0] if given.stewards else ""
    found = [
        _act(lookup, "Approve", "for your team", f"{folder}/{number:04d}-vote.yaml", vote="approve", team=team),
        _act(
            lookup, "Object", "with a reason", f"{folder}/{number:04d}-vote.yaml", vote="reject", team=team, reason=""
        ),
    ]
    if given.waiver_allowed:
        found.append(
            _act(
                lookup,
                "Ask for a waiver",
                f"{given.waiver_max} at most" if given.waiver_max else "for a limited time",
                f"decisions/waivers/{given.id}.waiver.yaml",
                capability_id=given.capability_id,
                consumer=breaks[0].edge.consumer if breaks else "",
                reason="",
                owner="",
                expires_at="",
                signal=given.id,
            )
        )
    return tuple(found)


def waivers(lookup: Lookup) -> tuple[WaiverRow, ...]:
    """Return every waiver, those that count first."""
    return waiver_rows(lookup, list(lookup.catalog.waivers))


def waiver(lookup: Lookup, given: Waiver) -> WaiverPage:
    """Return what the page of one waiver shows."""
    edges = [
        edge
        for edge in lookup.catalog.edges
        if edge.waiver == given.id or (edge.consumer == given.consumer and edge.provider == given.capability_id)
    ]
    return WaiverPage(
        row=waiver_rows(lookup, [given])[0],
        edges=lookup.edges(edges),
        file_href=links.catalog_file(lookup.catalog.registry, given.file, given.commit),
        twin=links.twin(links.waiver_page(given.id)),
    )


def decision(lookup: Lookup, given: Decision) -> DecisionPage:
    """Return what the page of one decision shows."""
    return DecisionPage(
        decision=given,
        file_href=links.catalog_file(lookup.catalog.registry, given.file, given.commit),
        twin=links.twin(links.decision_page(given.id)),
    )


def _act(lookup: Lookup, word: str, about: str, path: str, **lines: str) -> Act:
    kind = {"kind": "vote"} if "vote" in lines else {}
    text = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in (kind | lines).items())
    return Act(word=word, about=about, path=path, text=text, href=links.new_file(lookup.catalog.registry, path, text))
