"""The files of `decisions/` -> signals with their events, decisions, waivers, and who has to agree.

Layout and derivation are those of DESIGN section 3, "Decisions": one file for each thing that happened, nothing shared;
id, time and author come from the file name and from the commit that added the file where the file is silent. What the
events make of a signal is judged afterwards (`resolve/folding.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from chora_catalog.model.decision import Decision, Waiver
from chora_catalog.model.finding import Finding, Place, Severity, sort_findings
from chora_catalog.model.signal import OLD_WORDS, ChangeSignal, Event, Review, Sla
from chora_catalog.model.steward import Person, Stewards, Team
from chora_catalog.parse.deadlines import judge_deadlines, judge_promised_waiver, judge_waiver
from chora_catalog.parse.fields import Fields
from chora_catalog.parse.instants import moment
from chora_catalog.parse.reading import quoted
from chora_catalog.parse.schema import Schemas
from chora_catalog.parse.spans import read

FOLDER = "decisions/"
_LAYOUT = (
    ("signal", re.compile(r"signals/([^/]+)\.ya?ml")),
    ("signal-event", re.compile(r"signals/([^/]+)/[^/]+\.ya?ml")),
    ("decision", re.compile(r"log/[0-9]{4}/(?:0[1-9]|1[0-2])/([^/]+)\.ya?ml")),
    ("waiver", re.compile(r"waivers/([^/]+)\.ya?ml")),
    ("stewards", re.compile(r"(stewards)\.yaml")),
)
# Stewards first, because their calendar says which days the deadlines of signals may fall on.
_ORDER = {"stewards": 0, "signal": 1, "signal-event": 2, "decision": 3, "waiver": 4}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_SPELLINGS = re.compile(
    r"SIG(?:\.[a-z0-9]+(?:[_-][a-z0-9]+)*){3,}|SIG-[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*|signal-[0-9]{4}-[0-9]{3,}"
)
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Facts of the commit that added a file: its id, its time (RFC 3339 UTC) and its author."""

    commit: str
    at: str
    author: str


_NOBODY = Added(commit="", at="", author="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What `decisions/` holds, each kind sorted by id."""

    signals: tuple[ChangeSignal, ...] = ()
    decisions: tuple[Decision, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    findings: tuple[Finding, ...] = ()
    stewards: Stewards = field(default_factory=Stewards)


def load_records(files: Mapping[str, bytes], *, added: Mapping[str, Added], schemas: Schemas) -> Records:
    """Read the files of `decisions/`; paths (the keys of `files` and `added`) are relative to that folder.

    A file that cannot be read, has an error of form or an id that is taken is a finding and counts as absent; the
    others stand. Paths in findings and in the records begin with `decisions/`. Files that are not YAML, and `adr/`,
    are not looked at. The events of a signal are in the order of their times, then of their files.
    """
    shelf = _Shelf(schemas=schemas)
    facts = {path: added.get(path, _NOBODY) for path in files}
    for kind, name, path in sorted(
        _placed(files, shelf.found), key=lambda item: (_ORDER[item[0]], _since(facts[item[2]]), item[2])
    ):
        shelf.take(kind, name, path, files[path], facts[path])
    return shelf.records()


def _since(fact: Added) -> datetime:
    """Return since when a file is there: of two records with one id, the older one counts."""
    return moment(fact.at) or _LATEST


def _placed(files: Mapping[str, bytes], found: list[Finding]) -> list[tuple[str, str, str]]:
    """Return kind, name and path of each file that is a record; the rest is reported where it looks like one."""
    placed = []
    for path in sorted(files):
        if path.startswith("adr/") or not path.lower().endswith((".yaml", ".yml")):
            continue
        matches = [(kind, match[1], path) for kind, layout in _LAYOUT if (match := layout.fullmatch(path))]
        if matches and _NAME.fullmatch(matches[0][1]):
            placed.append(matches[0])
            continue
        message = f"{quoted(FOLDER + path)} is not where a record is looked for; it was not read"
        hint = "Put it into decisions/ as signals/<id>.yaml, signals/<id>/<name>.yaml, log/YYYY/MM/<id>.yaml or "
        hint += "waivers/<id>.yaml; names have letters, digits, dots, hyphens and underscores."
        place = Place(file=FOLDER + path)
        warning = Severity.WARNING
        found.append(Finding(rule="record-misplaced", severity=warning, message=message, place=place, hint=hint))
    return placed


@dataclass(slots=True, kw_only=True)
class _Shelf:
    """The records of one folder in the making."""

    schemas: Schemas
    signals: dict[str, ChangeSignal] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    waivers: dict[str, Waiver] = field(default_factory=dict)
    events: dict[str, list[Event]] = field(default_factory=dict)
    stewards: Stewards = field(default_factory=Stewards)
    found: list[Finding] = field(default_factory=list)

    def take(self, kind: str, name: str, path: str, data: bytes, fact: Added) -> None:
        """Read one file; its record counts unless the file cannot be read or its form is wrong."""
        reading = read(data, file=FOLDER + path)
        said = [*reading.findings, *reading.but_refused(self.schemas.check(reading, kind))]
        self.found.extend(said)
        if not isinstance(reading.value, dict) or any(finding.severity is Severity.ERROR for finding in said):
            return
        record = Fields(reading=reading, value=reading.value, found=self.found)
        match kind:
            case "stewards":
                self.stewards = _stewards(record)
            case "signal":
                self.signal(record, name, fact, digest=f"sha256:{hashlib.sha256(data).hexdigest()}")
            case "signal-event":
                self.events.setdefault(name, []).append(_event(record, fact))
            case "decision":
                decision = _decision(record, name, fact)
                if self.is_free(decision.id, self.decisions, record):
                    self.decisions[decision.id] = decision
            case "waiver":
                self.waiver(record, name, fact)

    def signal(self, record: Fields, name: str, fact: Added, *, digest: str) -> None:
        """Keep a signal, unless its id is taken or it is about nothing."""
        signal = _signal(record, name, fact, digest)
        if not signal.capability_id or not self.is_free(signal.id, self.signals, record):
            return
        if not _SPELLINGS.fullmatch(signal.id):
            message = f"{quoted(signal.id)} is none of the spellings of a signal's id"
            hint = "Write SIG.<scope>.<subject>.<state>, SIG-<words> or signal-YYYY-NNN."
            record.report("signal-id-spelling", message, "/id", hint=hint, severity=Severity.WARNING)
        if signal.id != name:
            message = f"the file is named {quoted(name)} and its signal {quoted(signal.id)}"
            hint = f"Name the file {signal.id}.yaml; events stand in signals/{signal.id}/."
            record.report("record-name-differs", message, "/id", hint=hint, severity=Severity.WARNING)
        if not signal.created_at:
            message = f"nobody says when {quoted(signal.id)} was filed, so its deadlines cannot be judged"
            hint = "Commit the file, or add `created_at:`."
            record.report("signal-no-created-at", message, "", hint=hint, severity=Severity.WARNING)
        judge_deadlines(record, self.stewards.holidays)
        judge_promised_waiver(record, signal.created_at)
        self.signals[signal.id] = signal

    def waiver(self, record: Fields, name: str, fact: Added) -> None:
        """Keep a waiver that names its time and is no longer than waivers may be."""
        waiver = _waiver(record, name, fact)
        if not (waiver.capability_id and waiver.consumer and self.is_free(waiver.id, self.waivers, record)):
            return
        if judge_waiver(record, waiver.granted_at, waiver.expires_at):
            self.waivers[waiver.id] = waiver

    def is_free(self, identifier: str, held: Mapping[str, ChangeSignal | Decision | Waiver], record: Fields) -> bool:
        """Tell whether `identifier` is new; report it where another file has it."""
        other = held.get(identifier)
        if other is None:
            return True
        message = f"{quoted(identifier)} is also the id of {other.file}, which counts"
        record.report("id-duplicate", message, "/id", hint="Give this record another id.")
        return False

    def records(self) -> Records:
        """Return what was kept, each signal with its events."""
        for name in sorted(set(self.events) - set(self.signals)):
            message = f"{quoted(FOLDER + 'signals/' + name)} holds events, and there is no signal {quoted(name)}"
            place = Place(file=self.events[name][0].file)
            hint = f"File the signal as decisions/signals/{name}.yaml, or rename the folder to its id."
            warning = Severity.WARNING
            self.found.append(
                Finding(rule="event-without-signal", severity=warning, message=message, place=place, hint=hint)
            )
        signals = [
            replace(signal, events=tuple(sorted(self.events.get(name, []), key=_when)))
            for name, signal in sorted(self.signals.items())
        ]
        return Records(
            signals=tuple(signals),
            decisions=tuple(decision for _, decision in sorted(self.decisions.items())),
            waivers=tuple(waiver for _, waiver in sorted(self.waivers.items())),
            findings=sort_findings(self.found),
            stewards=self.stewards,
        )


def _when(event: Event) -> tuple[datetime, str]:
    return moment(event.at) or _LATEST, event.file


def _stewards(record: Fields) -> Stewards:
    quorum = record.inner("quorum")
    people = [record.below(pointer, value) for pointer, value in record.entries("people")]
    teams = [record.below(pointer, value) for pointer, value in record.entries("teams")]
    return Stewards(
        mode=record.text("mode"),
        notice=record.duration("notice"),
        approvals=quorum.number("approvals", 0),
        humans=quorum.number("humans", Stewards().humans),
        teams=tuple(
            Team(
                name=team.text("name"),
                contact=team.text("contact"),
                capabilities=team.texts("capabilities"),
                members=team.texts("members"),
            )
            for team in teams
        ),
        people=tuple(
            Person(
                name=person.text("name"),
                handle=person.text("handle").removeprefix("@"),
                contact=person.text("contact"),
                keys=person.texts("keys"),
                until=person.text("until"),
            )
            for person in people
        ),
        holidays=frozenset(record.inner("calendar").texts("holidays")),
        file=record.reading.file,
    )


def _derived(record: Fields, values: Mapping[str, str]) -> tuple[str, ...]:
    """Return which of `values`, by key, are there although the file does not say them."""
    return tuple(key for key, value in sorted(values.items()) if value and not record.text(key))


def _state(text: str) -> str:
    return OLD_WORDS.get(text, text)


def _signal(record: Fields, name: str, fact: Added, digest: str) -> ChangeSignal:
    sla, waiver, drafted = record.inner("sla"), record.inner("waiver"), record.inner("drafted_by")
    return ChangeSignal(
        id=record.text("id") or name,
        file=record.reading.file,
        type=record.text("type"),
        capability_id=record.id("capability_id"),
        current_version=record.version("current_version"),
        proposed_version=record.version("proposed_version"),
        priority=record.text("priority"),
        impact=record.text("impact"),
        title=record.text("title"),
        filed_state=_state(record.text("state")) or "proposed",
        stewards=record.texts("stewards"),
        sla=Sla(
            acknowledge_by=sla.instant("acknowledge_by"),
            review_by=sla.instant("review_by"),
            decision_by=sla.instant("decision_by"),
        ),
        deprecation_window=record.duration("deprecation_window"),
        waiver_allowed=waiver.flag("allowed"),
        waiver_max=waiver.duration("max_duration"),
        waiver_expiry=waiver.instant("expiry"),
        links=record.paths("links", links=True),
        created_at=record.instant("created_at") or fact.at,
        author=record.text("author") or fact.author,
        filed_by=fact.author,
        supersedes=record.text("supersedes"),
        duplicate_of=record.text("duplicate_of"),
        corrects=record.text("corrects"),
        drafted_by=drafted.text("kind"),
        drafter=drafted.text("id"),
        commit=fact.commit,
        recorded_at=fact.at,
        digest=digest,
        derived=_derived(record, {"author": fact.author, "created_at": fact.at, "id": name}),
    )


def _event(record: Fields, fact: Added) -> Event:
    drafted, review = record.inner("drafted_by"), record.inner("review")
    return Event(
        kind=record.text("kind"),
        at=record.instant("at") or fact.at,
        by=record.text("by") or fact.author,
        file=record.reading.file,
        to=_state(record.text("to")),
        team=record.text("team"),
        vote=record.text("vote"),
        reason=record.text("reason"),
        commit=fact.commit,
        outcome=record.text("outcome"),
        superseded_by=record.text("superseded_by"),
        decision_by=record.instant("decision_by"),
        digest=_digest(record.text("digest")),
        signature=record.text("signature"),
        review=Review(
            forge=review.text("forge"),
            id=review.text("id"),
            user=review.text("user"),
            commit=review.text("commit"),
            submitted_at=review.instant("submitted_at"),
        )
        if review.text("user")
        else None,
        drafted_by=drafted.text("kind"),
        drafter=drafted.text("id"),
        recorded_at=fact.at,
        derived=_derived(record, {"at": fact.at, "by": fact.author}),
    )


def _digest(text: str) -> str:
    return text if not text or text.startswith("sha256:") else f"sha256:{text}"


def _decision(record: Fields, name: str, fact: Added) -> Decision:
    return Decision(
        id=record.text("id") or name,
        file=record.reading.file,
        title=record.text("title"),
        date=record.instant("date") or fact.at,
        status=record.text("status"),
        context=record.text("context"),
        decision=record.text("decision"),
        consequences=record.text("consequences"),
        deciders=record.texts("deciders"),
        related=record.texts("related"),
        corrects=record.text("corrects"),
        drafted_by=record.inner("drafted_by").text("kind"),
        drafter=record.inner("drafted_by").text("id"),
        derived=_derived(record, {"author": fact.author, "date": fact.at, "id": name}),
        commit=fact.commit,
        author=fact.author,
    )


def _waiver(record: Fields, name: str, fact: Added) -> Waiver:
    return Waiver(
        id=record.text("id") or name,
        file=record.reading.file,
        capability_id=record.id("capability_id"),
        consumer=every if (every := record.text("consumer")) == "*" else record.id("consumer"),
        rule=record.text("rule"),
        range=record.range("range"),
        reason=record.text("reason"),
        owner=record.text("owner"),
        granted_at=record.instant("granted_at") or fact.at,
        expires_at=record.instant("expires_at"),
        signal=record.text("signal"),
        fingerprints=record.texts("fingerprints"),
        renews=record.text("renews"),
        corrects=record.text("corrects"),
        drafted_by=record.inner("drafted_by").text("kind"),
        drafter=record.inner("drafted_by").text("id"),
        derived=_derived(record, {"author": fact.author, "granted_at": fact.at, "id": name}),
        commit=fact.commit,
        author=fact.author,
    )
