"""The first page: what breaks, what waits, what is stale or not judged, then everything there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chora_catalog.model.catalog import Entry, SourceView
from chora_catalog.model.finding import Finding, Severity
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.model.source import Outcome
from chora_catalog.model.verdict import Verdict
from chora_catalog.render.instants import instant
from chora_catalog.render.pages.inbox import due_of
from chora_catalog.render.pages.lookup import EdgeView, Lookup, edge_order, entry_order, tally
from chora_catalog.render.text import column_value

SHOWN = 5
"""How many things each column of the home page names before it says how many more there are."""
ALL_ROWS = 300
PAGE_ROWS = 100
"""Up to ALL_ROWS capabilities stand in the page; of more, the first PAGE_ROWS do and the rest in the search index."""
_OPTIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Something that waits for a person or a date. Exactly one of the three nouns is set."""

    due: str
    """An instant (RFC 3339 UTC), empty when no date is set."""
    due_word: str
    signal: ChangeSignal | None = None
    waiver: EdgeView | None = None
    sunset: Entry | None = None
    dependents: int = 0
    decision: str = ""
    """The instant a signal has to be decided by, where another deadline runs before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A source that did not answer, was never read, or whose head does not parse (`finding` says why)."""

    source: SourceView
    kind: str
    """`kept`, `unread` or `broken`."""
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One value of a facet, with how many capabilities have it."""

    value: str
    word: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One group of filters; `name` is its key in the address."""

    name: str
    title: str
    options: tuple[Option, ...]
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What the home page shows."""

    counts: dict[str, int]
    """Dependencies by verdict."""
    breaks: tuple[EdgeView, ...]
    more_breaks: int
    waits: tuple[Wait, ...]
    more_waits: int
    troubles: tuple[Trouble, ...]
    more_troubles: int
    kept: int
    unjudged: int
    """Sources that could not be judged: never read, or with a head that does not parse."""
    rows: tuple[Entry, ...]
    total: int
    facets: tuple[Facet, ...]

    @property
    def judged(self) -> int:
        """How many dependencies have an answer."""
        return sum(self.counts.values()) - self.counts[Verdict.UNKNOWN.value]


def home(lookup: Lookup) -> Home:
    """Return what the home page of the catalog shows."""
    catalog = lookup.catalog
    broken = [e for e in catalog.edges if e.verdict in (Verdict.BREAKING, Verdict.MISSING, Verdict.INVALID)]
    waits = waiting(lookup)
    troubles = troubled(lookup)
    entries = sorted(catalog.entries, key=entry_order)
    return Home(
        counts=tally(catalog.edges),
        breaks=lookup.edges(sorted(broken, key=edge_order)[:SHOWN]),
        more_breaks=max(0, len(broken) - SHOWN),
        waits=waits[:SHOWN],
        more_waits=max(0, len(waits) - SHOWN),
        troubles=troubles[:SHOWN],
        more_troubles=max(0, len(troubles) - SHOWN),
        kept=sum(trouble.kind == "kept" for trouble in troubles),
        unjudged=sum(trouble.kind != "kept" for trouble in troubles),
        rows=tuple(entries if len(entries) <= ALL_ROWS else entries[:PAGE_ROWS]),
        total=len(entries),
        facets=facets(lookup),
    )


def waiting(lookup: Lookup) -> tuple[Wait, ...]:
    """Return open signals, waivers that count, and sunsets with dependents: the next date first."""
    catalog = lookup.catalog
    waits = [_signal_wait(signal) for signal in catalog.signals if signal.is_open]
    for edge in catalog.edges:
        if edge.verdict is Verdict.WAIVED and edge.waiver in catalog.active_waivers:
            view = lookup.edge(edge)
            waits.append(Wait(due=instant(view.ends), due_word="Ends", waiver=view))
    for entry in catalog.entries:
        if entry.manifest.sunset_at and entry.dependents:
            due = instant(entry.manifest.sunset_at)
            waits.append(Wait(due=due, due_word="Sunset", sunset=entry, dependents=len(entry.dependents)))
    return tuple(sorted(waits, key=_wait_order))


def _signal_wait(signal: ChangeSignal) -> Wait:
    due = due_of(signal)
    by = next((instant(item.by) for item in signal.deadlines if item.step == "decision"), "")
    decision = by if signal.state == "review" and by != due.at else ""
    return Wait(due=due.at, due_word=due.word, signal=signal, decision=decision)


def troubled(lookup: Lookup) -> tuple[Trouble, ...]:
    """Return the sources that did not answer, do not parse, or were never read, in that order, then by name."""
    troubles: list[Trouble] = []
    for view in lookup.catalog.sources:
        if view.outcome is Outcome.UNREAD:
            troubles.append(Trouble(source=view, kind="unread"))
        elif view.outcome is Outcome.KEPT:
            troubles.append(Trouble(source=view, kind="kept"))
        elif not view.head_is_good:
            errors = [finding for finding in view.findings if finding.severity is Severity.ERROR]
            troubles.append(Trouble(source=view, kind="broken", finding=errors[0] if errors else None))
    return tuple(sorted(troubles, key=lambda t: (("kept", "broken", "unread").index(t.kind), t.source.spec.name)))


def facets(lookup: Lookup) -> tuple[Facet, ...]:
    """Return the groups of filters that have something to choose, each value with its count."""
    entries = lookup.catalog.entries
    verdicts = [verdict.value for verdict in Verdict]
    groups = [
        _facet("verdict", "Verdict", (e.verdict.value for e in entries), order=verdicts.index, is_open=True),
        _facet("owner", "Owner", (e.owner for e in entries), is_open=True),
        _freshness(lookup),
        _facet("lifecycle", "Lifecycle", (e.manifest.lifecycle_stage for e in entries)),
        _facet("stability", "Stability", (e.manifest.stability for e in entries)),
        _facet("tier", "Security tier", (e.manifest.security_tier for e in entries)),
        _facet("constellation", "Constellation", (e.constellation for e in entries)),
    ]
    if lookup.kept and groups[0].options:
        options = list(groups[0].options)
        at = next((i for i, option in enumerate(options) if verdicts.index(option.value) > 3), len(options))
        options.insert(at, Option(value="stale", word="stale", count=0))
        groups[0] = Facet(name="verdict", title="Verdict", options=tuple(options), is_open=True)
    return tuple(group for group in groups if any(option.value for option in group.options))


def _facet(
    name: str, title: str, values: Iterable[str], *, order: Callable[[str], int] | None = None, is_open: bool = False
) -> Facet:
    counted = Counter(column_value(value) for value in values)
    frequent = sorted(counted, key=lambda value: (-counted[value], value))[:_OPTIONS]
    shown = sorted(frequent, key=lambda v: (v == "", order(v) if order else 0, v))
    options = tuple(Option(value=v, word=_facet_word(v), count=counted[v]) for v in shown)
    return Facet(name=name, title=title, options=options, is_open=is_open)


def _facet_word(value: str) -> str:
    return {"": "not said", "unknown": "not evaluated"}.get(value, value)


def _freshness(lookup: Lookup) -> Facet:
    kept = sum(entry.source in lookup.kept for entry in lookup.catalog.entries)
    options = [Option(value="fresh", word="answered this build", count=len(lookup.catalog.entries) - kept)]
    if kept:
        options.append(Option(value="kept", word="last good kept", count=kept))
        options.append(Option(value="stale", word="stale", count=0))
    return Facet(name="freshness", title="Freshness", options=tuple(options), is_open=True)


def _wait_order(wait: Wait) -> tuple[bool, str, str]:
    name = wait.signal.id if wait.signal else wait.waiver.edge.waiver if wait.waiver else ""
    return (not wait.due, wait.due, name or (wait.sunset.id if wait.sunset else ""))
