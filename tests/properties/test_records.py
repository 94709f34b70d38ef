"""A record says what its file and its commit say, a bad file is one finding, and no record hides another.

Promise 1 for governance: a waiver that is too long does not count, a deadline that cannot be judged is said so.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.model.finding import Severity
from chora_catalog.model.signal import Event, Sla
from chora_catalog.parse.records import Added, Records, load_records
from chora_catalog.parse.schema import compile_schemas

SCHEMAS = compile_schemas(
    {path.name: path.read_bytes() for path in (Path(__file__).parents[2] / "schemas").glob("*.schema.json")}
)
SEED = """\
id: "signal-2025-001"
type: "breaking-change"
capability_id: "api.users.v1"
current_version: "1.4.0"
proposed_version: "2.0.0"
priority: "high"
impact: "removes field 'nickname'"
state: "review"
stewards: ["team-users", "team-clients"]
sla: {acknowledge_by: "2025-10-12", review_by: "2025-10-15", decision_by: "2025-10-22"}
deprecation_window: "90d"
waiver: {allowed: true, max_duration: "30d", expiry: "2026-01-31"}
links: ["decision-log/2025/10/001.md"]
"""
FIVE = """\
type: deprecation
capability_id: api.users.v1
proposed_version: "2.0.0"
impact: "the old one goes"
priority: low
"""
WAIVER = """\
capability_id: api.users.v1
consumer: web.shop
reason: "the shop moves in November"
owner: team-shop
granted_at: 2025-10-01
expires_at: 2025-10-31
"""
DECISION = """\
title: "Users 2"
decision: "We go on with it."
"""


def load(files: dict[str, str], **added: Added) -> Records:
    data = {path: text.encode() for path, text in files.items()}
    return load_records(data, added=dict.fromkeys(files, added["every"]) if added else {}, schemas=SCHEMAS)


def fact(at: str = "2025-10-03T10:00:00Z") -> Added:
    return Added(commit="c0ffee", at=at, author="Ann")


def test_the_seeds_signal_is_read_whole_and_its_three_faults_are_named() -> None:
    records = load({"signals/signal-2025-001.yaml": SEED})
    (signal,) = records.signals
    assert (signal.id, signal.type, signal.capability_id) == ("signal-2025-001", "breaking-change", "api.users.v1")
    assert (signal.current_version, signal.proposed_version, signal.priority) == ("1.4.0", "2.0.0", "high")
    assert (signal.filed_state, signal.state, signal.stewards) == ("review", "review", ("team-users", "team-clients"))
    assert signal.sla == Sla(acknowledge_by="2025-10-12", review_by="2025-10-15", decision_by="2025-10-22")
    assert (signal.waiver_allowed, signal.waiver_max, signal.waiver_expiry) == (True, "30d", "2026-01-31")
    assert (signal.deprecation_window, signal.links) == ("90d", ("decision-log/2025/10/001.md",))
    assert signal.file == "decisions/signals/signal-2025-001.yaml"
    assert [(finding.rule, finding.severity, finding.place.line) for finding in records.findings] == [
        ("waiver-exceeds-max", Severity.ERROR, 12),
        ("signal-no-created-at", Severity.WARNING, 1),
        ("deadline-not-business-day", Severity.WARNING, 10),
    ]
    assert "71 days over" in records.findings[0].message
    assert "2025-10-12, a Sunday" in records.findings[2].message
    assert "2025-10-13" in records.findings[2].hint


def test_five_lines_are_a_signal_and_the_commit_says_the_rest() -> None:
    records = load({"signals/SIG.release.a.complete.yaml": FIVE}, every=fact())
    (signal,) = records.signals
    assert records.findings == ()
    assert (signal.id, signal.created_at, signal.author, signal.commit) == (
        "SIG.release.a.complete",
        "2025-10-03T10:00:00Z",
        "Ann",
        "c0ffee",
    )
    assert signal.derived == ("author", "created_at", "id")
    assert signal.state == "proposed"
    declared = load({"signals/SIG-a.yaml": FIVE + "id: SIG-a\nauthor: Bo\ncreated_at: 2025-09-01\n"}, every=fact())
    assert (declared.signals[0].author, declared.signals[0].created_at) == ("Bo", "2025-09-01")
    assert declared.signals[0].derived == ()


@pytest.mark.parametrize("missing", ["type", "capability_id", "proposed_version", "impact", "priority"])
def test_each_of_the_five_lines_is_needed(missing: str) -> None:
    text = "".join(line for line in FIVE.splitlines(keepends=True) if not line.startswith(missing))
    records = load({"signals/SIG-a.yaml": text, "signals/SIG-b.yaml": FIVE}, every=fact())
    assert [signal.id for signal in records.signals] == ["SIG-b"]
    (finding,) = records.findings
    assert finding.rule == "schema-required"
    assert f"`{missing}`" in finding.message


@pytest.mark.parametrize(
    "identifier",
    [
        "SIG.release.a.complete",
        "SIG.capability.mcp.registry.update-2",
        "SIG-release-a-complete",
        "SIG-2025-0012",
        "signal-2025-001",
    ],
)
def test_every_spelling_of_an_id_is_admitted(identifier: str) -> None:
    records = load({f"signals/{identifier}.yaml": FIVE}, every=fact())
    assert records.findings == ()
    assert records.signals[0].id == identifier


def test_spellings_stay_distinct_and_others_are_warned_of() -> None:
    files = {f"signals/{name}.yaml": FIVE for name in ("SIG.a.b.c", "SIG-a-b-c", "rename-users")}
    records = load(files, every=fact())
    assert [signal.id for signal in records.signals] == ["SIG-a-b-c", "SIG.a.b.c", "rename-users"]
    assert [finding.rule for finding in records.findings] == ["signal-id-spelling"]


def test_events_fold_in_the_order_of_their_times() -> None:
    folder = "signals/SIG-a/"
    files = {
        "signals/SIG-a.yaml": FIVE,
        folder + "z.yaml": "kind: move\nto: review\nat: 2025-10-04T09:00:00+02:00\nby: Bo\n",
        folder + "a.yaml": "kind: vote\nteam: t\nvote: approve\nat: 2025-10-05\n",
        folder + "m.yaml": "kind: move\nto: decision\nat: 2025-10-06T00:00:00Z\n",
        folder + "bad.yaml": "kind: move\n",
        folder + "worse.yaml": "kind: [",
    }
    records = load(files, every=fact("2025-10-07T00:00:00Z"))
    (signal,) = records.signals
    assert [Path(event.file).stem for event in signal.events] == ["z", "a", "m"]
    assert signal.events[0] == Event(
        kind="move",
        at="2025-10-04T07:00:00Z",
        by="Bo",
        file="decisions/signals/SIG-a/z.yaml",
        to="review",
        commit="c0ffee",
        recorded_at="2025-10-07T00:00:00Z",
    )
    assert signal.events[1].by == "Ann"
    assert signal.state == "decision"
    assert {finding.place.file for finding in records.findings} == {
        "decisions/signals/SIG-a/bad.yaml",
        "decisions/signals/SIG-a/worse.yaml",
    }


def test_of_two_files_with_one_id_the_older_counts() -> None:
    data = {
        "signals/SIG-a.yaml": (FIVE + "id: SIG-x\n").encode(),
        "signals/SIG-b.yaml": (FIVE + "id: SIG-x\n").encode(),
    }
    added = {"signals/SIG-a.yaml": fact("2025-10-02T00:00:00Z"), "signals/SIG-b.yaml": fact("2025-10-01T00:00:00Z")}
    records = load_records(data, added=added, schemas=SCHEMAS)
    assert [signal.file for signal in records.signals] == ["decisions/signals/SIG-b.yaml"]
    assert [(finding.rule, finding.place.file) for finding in records.findings] == [
        ("id-duplicate", "decisions/signals/SIG-a.yaml"),
        ("record-name-differs", "decisions/signals/SIG-b.yaml"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("", "", None),
        ("expires_at: 2025-10-31", "expires_at: 2025-11-01", "waiver-exceeds-max"),
        ("expires_at: 2025-10-31", "expires_at: 2025-09-30", "waiver-exceeds-max"),
        ("granted_at: 2025-10-01\n", "", "waiver-no-granted-at"),
        ("consumer: web.shop", 'consumer: "*"', None),
        ("consumer: web.shop\n", "", "schema-required"),
        ("capability_id: api.users.v1", "capability_id: ../x", "id-grammar"),
        ("owner: team-shop", 'range: ">>1"\nowner: team-shop', "range-syntax"),
    ],
)
def test_a_waiver_counts_when_it_is_whole_and_short_enough(old: str, new: str, rule: str | None) -> None:
    records = load({"waivers/w-1.yaml": WAIVER.replace(old, new)})
    assert [finding.rule for finding in records.findings] == ([rule] if rule else [])
    assert len(records.waivers) == (rule in (None, "range-syntax"))


def test_a_waiver_without_a_day_of_its_own_is_granted_by_its_commit() -> None:
    (waiver,) = load({"waivers/w-1.yaml": WAIVER.replace("granted_at: 2025-10-01\n", "")}, every=fact()).waivers
    assert (waiver.id, waiver.granted_at, waiver.author, waiver.file) == (
        "w-1",
        "2025-10-03T10:00:00Z",
        "Ann",
        "decisions/waivers/w-1.yaml",
    )


@pytest.mark.parametrize(
    ("decision_by", "longest", "expiry", "over"),
    [
        ("2025-10-22", "30d", "2025-11-21", None),
        ("2025-10-22", "30d", "2025-11-22", "1 day over"),
        ("2025-10-22", "2w", "2025-11-06", "1 day over"),
        ("2025-10-22T23:00:00-02:00", "1d", "2025-10-25", "1 day over"),
    ],
)
def test_a_signals_waivers_end_when_max_duration_says(
    decision_by: str, longest: str, expiry: str, over: str | None
) -> None:
    extra = f"sla: {{decision_by: '{decision_by}'}}\nwaiver: {{max_duration: {longest}, expiry: {expiry}}}\n"
    records = load({"signals/SIG-a.yaml": FIVE + extra}, every=fact())
    assert [finding.rule for finding in records.findings] == (["waiver-exceeds-max"] if over else [])
    assert over is None or over in records.findings[0].message
    assert len(records.signals) == 1


def test_an_account_is_the_same_with_and_without_its_sign() -> None:
    for handle in ("ann-h", "@ann-h"):
        stewards = load({"stewards.yaml": f'people: [{{name: "Ann", handle: "{handle}"}}]\n'}).stewards
        assert stewards.account("Ann-H") == stewards.account("@ann-h") == stewards.person("Ann")
        assert stewards.account("Ann") is stewards.account("") is None


def test_the_calendar_of_the_stewards_counts() -> None:
    extra = "sla: {review_by: 2025-12-25, decision_by: 2025-12-24}\n"
    stewards = "mode: solo\ncalendar: {holidays: ['2025-12-25', '2025-12-26']}\n"
    records = load({"signals/SIG-a.yaml": FIVE + extra, "stewards.yaml": stewards}, every=fact())
    assert [finding.rule for finding in records.findings] == ["deadline-not-business-day", "deadlines-out-of-order"]
    assert "a holiday" in records.findings[0].message
    assert "2025-12-29" in records.findings[0].hint


@pytest.mark.parametrize(("due", "free"), [("2025-10-10", ""), ("2025-10-11", "Saturday"), ("2025-10-12", "Sunday")])
def test_a_deadline_falls_on_a_business_day(due: str, free: str) -> None:
    records = load({"signals/SIG-a.yaml": FIVE + f"sla: {{review_by: {due}}}\n"}, every=fact())
    assert len(records.findings) == (1 if free else 0)
    assert not free or free in records.findings[0].message


def test_decisions_are_read_from_the_log() -> None:
    records = load({"log/2025/10/DEC-1.yaml": DECISION + "date: 2025-10-02\nstatus: accepted\n"}, every=fact())
    (decision,) = records.decisions
    assert (decision.id, decision.title, decision.date, decision.status, decision.author) == (
        "DEC-1",
        "Users 2",
        "2025-10-02",
        "accepted",
        "Ann",
    )
    assert records.findings == ()


def test_what_is_no_record_is_left_alone_or_named() -> None:
    files = {"adr/0001-x.md": "x", "adr/x.yaml": "a: b", "README.md": "x", ".gitkeep": ""}
    assert load(files) == Records()
    odd = ["log/2025/13/x.yaml", "log/x.yaml", "signals/a/b/c.yaml", "signals/..yaml", "other.yaml", "signals/a b.yaml"]
    odd.append("signals/SIG-b.YAML")
    records = load(dict.fromkeys(odd, FIVE))
    assert [finding.rule for finding in records.findings] == ["record-misplaced"] * len(odd)
    orphan = load({"signals/SIG-x/1.yaml": "kind: comment\nreason: hm\n"})
    assert [finding.rule for finding in orphan.findings] == ["event-without-signal"]


@settings(derandomize=True, deadline=None, database=None, max_examples=100)
@given(data=st.binary(max_size=40) | st.sampled_from([b"&a [*a]", b"a: 1\na: 2", b"", b"[]", b"type: 1.10", b"\xff"]))
def test_a_bad_file_leaves_the_others_standing(data: bytes) -> None:
    good = {
        "signals/SIG-a.yaml": FIVE.encode(),
        "signals/SIG-a/1.yaml": b"kind: move\nto: review\n",
        "log/2025/10/DEC-1.yaml": DECISION.encode(),
        "waivers/w-1.yaml": WAIVER.encode(),
    }
    bad = {
        "signals/SIG-b.yaml": data,
        "signals/SIG-a/2.yaml": data,
        "log/2025/10/DEC-2.yaml": data,
        "waivers/w-2.yaml": data,
        "stewards.yaml": data,
    }
    every = {path: fact() for path in (*good, *bad)}
    alone = load_records(good, added=every, schemas=SCHEMAS)
    records = load_records({**bad, **good}, added=every, schemas=SCHEMAS)
    assert alone.findings == ()
    assert (records.signals, records.decisions, records.waivers) == (alone.signals, alone.decisions, alone.waivers)
    assert {finding.place.file for finding in records.findings} == {f"decisions/{path}" for path in bad}
