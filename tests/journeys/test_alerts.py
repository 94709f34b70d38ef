"""Alerts without a server: one issue for each source that stays away, opened once, kept up to date, closed when well.

And the watch from outside: a catalog whose runs have stopped is told from one that is well and from one that cannot be
judged, each by its own exit code. Nothing that git, a host or a record says gets out of its place in an issue.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.cli.main import main
from chora_catalog.model.run import Run, RunLine, SourceRun
from chora_catalog.model.source import Outcome
from chora_catalog.render.run import run_files
from tests.issue_host import TOKEN, IssueHost, issue_host

AT = "2026-11-22T12:00:00Z"
LATER = "2026-11-22T12:30:00Z"
MARKER = "<!-- chora-alert:letter -->"


@pytest.fixture(scope="module")
def served() -> Iterator[IssueHost]:
    with issue_host() as host:
        yield host


@pytest.fixture
def host(served: IssueHost, monkeypatch: pytest.MonkeyPatch) -> IssueHost:
    """An empty host, named by the environment as in a workflow."""
    served.__init__(address=served.address)  # type: ignore[misc]
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    return served


def source(name: str, *, last: str = AT, outcome: Outcome = Outcome.KEPT, **more: Any) -> SourceRun:
    return SourceRun(name=name, outcome=outcome, last_ok_at=last, ttl=3600, alert=5400, **more)


def run_of(*sources: SourceRun, as_of: str = AT) -> Run:
    line = RunLine(as_of=as_of, fresh=0, sources=len(sources), errors=0, warnings=0, seconds=1)
    return Run(
        as_of=as_of, trace="0" * 32, tool="t", published=True, seconds=1, sources=sources, capabilities=0,
        errors=0, warnings=0, notices=0, ttl=3600, alert=5400, recent=(line,),
    )  # fmt: skip


def site(folder: Path, run: Run) -> str:
    """A publication as far as alerts look at it."""
    folder.mkdir(exist_ok=True)
    for name, data in run_files(run).items():
        (folder / name).write_bytes(data)
    return str(folder)


def alerts(where: str, *more: str, as_of: str = AT) -> int:
    return main(["alerts", "--site", where, "--as-of", as_of, *more])


def found(where: str, capsys: pytest.CaptureFixture[str], *, as_of: str = AT) -> Any:
    code = alerts(where, "--format", "json", as_of=as_of)
    said = json.loads(capsys.readouterr().out)
    assert code == (1 if said["alerts"] else 0)
    return said


# ---- Who is overdue ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "where"),
    [
        ("2026-11-22T12:00:00Z", "fresh"),
        ("2026-11-22T11:00:00Z", "fresh"),  # 60 minutes: on the edge of the TTL
        ("2026-11-22T10:59:59Z", "late"),
        ("2026-11-22T10:30:00Z", "late"),  # 90 minutes: on the edge of the alert
        ("2026-11-22T10:29:59Z", "alerts"),
        ("", "alerts"),
    ],
)
def test_a_source_is_fresh_late_or_overdue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], last: str, where: str
) -> None:
    said = found(site(tmp_path, run_of(source("letter", last=last))), capsys)
    names = {kind: said[kind] for kind in ("fresh", "late")}
    names["alerts"] = [item["source"] for item in said["alerts"]]
    assert {kind: held for kind, held in names.items() if held} == {where: ["letter"]}
    assert (MARKER in said["close"]) == (where == "fresh")


def test_a_source_has_its_own_limits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slow = replace(source("letter", last="2026-11-22T06:00:00Z"), ttl=6 * 3600, alert=12 * 3600)
    assert found(site(tmp_path, run_of(slow)), capsys)["fresh"] == ["letter"]


def test_runs_that_stopped_are_one_alert_and_not_one_for_each_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = run_of(
        source("answered", outcome=Outcome.UNCHANGED), source("letter", last="2026-11-22T05:00:00Z"), source("kept")
    )
    said = found(site(tmp_path, run), capsys, as_of="2026-11-22T13:30:01Z")
    assert [item["source"] for item in said["alerts"]] == ["", "kept", "letter"]
    assert said["late"] == ["answered"], "nobody knows whether it would answer now"
    assert said["close"] == []
    assert said["alerts"][0]["alert_at"] == "2026-11-22T13:30:00Z"
    assert [item["source"] for item in found(site(tmp_path, run), capsys, as_of="2026-11-22T13:30:00Z")["alerts"]] == [
        "letter"
    ]


@pytest.mark.parametrize("form", ["text", "github"])
def test_alerts_are_printed_on_lines_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    cry = "gone%\n::error::forged\x1b[31m"
    where = site(tmp_path, run_of(source("letter", last="", error=cry), source("well", outcome=Outcome.READ)))
    assert alerts(where, "--format", form) == 1
    out = capsys.readouterr().out
    [line] = [line for line in out.splitlines() if "letter" in line]
    assert "\x1b" not in out
    assert not any(line.startswith("::error") for line in out.splitlines())
    assert line.startswith("::warning title=chora-alert::" if form == "github" else "letter: never read")
    assert ("gone%25" in line) == (form == "github")


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('url: "http://127.0.0.1:9/site/"\n  previous: "http://127.0.0.1:9/mirror/latest.tar.gz"', 3, "/site/run.json"),
        ('previous: "http://127.0.0.1:9/site"', 3, "/site/run.json"),
        ('title: "No address"', 2, "Set catalog.url in the registry."),
        ("title: [", 2, "malformed"),
    ],
    ids=["site", "previous", "neither", "malformed"],
)
def test_published_is_the_site_that_the_registry_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int, words: str
) -> None:
    registry = tmp_path / "catalog-sources.yaml"
    registry.write_text(f"catalog:\n  {text}\nsources:\n  - {{name: a, url: ../a}}\n")
    assert alerts("published", "--sources", str(registry)) == code
    assert words in capsys.readouterr().err


# ---- What the issue says -------------------------------------------------------------------------------------------


def test_the_issue_says_what_since_when_and_what_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = run_of(source("letter", last="2026-11-22T06:00:00Z", error="could not resolve host"))
    [item] = found(site(tmp_path, run), capsys)["alerts"]
    assert item["title"] == "Source letter stays away"
    assert item["body"].startswith(
        MARKER + "\nThe catalog has not read the source `letter` since 2026-11-22 06:00 UTC."
    )
    for words in (
        "- Last good reading: 2026-11-22T06:00:00Z",
        "- Past the alert age since: 2026-11-22T07:30:00Z",
        "- Alert age: 90 minutes",
        "```text\ncould not resolve host\n```",
        "**Next step.**",
        "git ls-remote",
    ):
        assert words in item["body"]


@pytest.mark.parametrize(
    "cry",
    [
        "```\n# Approved\n@everyone see #1",
        "````\n<!-- chora-alert:other -->",
        "~~~\n<img src=x onerror=alert(1)>",
        "a\r\n<!-- chora-alert:other -->\r\n",
        "\u202egpj.exe\x1b]0;owned\x07",
        "x" * 100_000,
        "line\n" * 10_000,
    ],
    ids=["fence", "longer fence", "html", "marker", "unseen", "long", "lines"],
)
def test_what_a_host_said_stays_in_its_block(tmp_path: Path, capsys: pytest.CaptureFixture[str], cry: str) -> None:
    from markdown_it import MarkdownIt

    [item] = found(site(tmp_path, run_of(source("letter", last="", error=cry))), capsys)["alerts"]
    tokens = MarkdownIt("commonmark").parse(item["body"])
    assert [token.type for token in tokens].count("fence") == 1
    outside = "".join(token.content for token in tokens if token.type != "fence")
    assert item["body"].count("\n") < 60
    assert len(item["body"]) < 3000
    for mark in ("@everyone", "Approved", "onerror", "chora-alert:other", "\u202e", "\x1b", "gpj"):
        assert mark not in outside
    assert "\x1b" not in item["body"]
    assert "\u202e" not in item["body"]


# ---- The issues ----------------------------------------------------------------------------------------------------


def test_run_twice_there_is_one_issue_and_fresh_again_it_is_closed(
    tmp_path: Path, host: IssueHost, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = site(tmp_path / "gone", run_of(source("letter", last="2026-11-22T06:00:00Z", error="no route")))
    assert alerts(gone, "--apply", "github") == 0
    assert alerts(gone, "--apply", "github", as_of=LATER) == 0
    [issue] = host.issues
    assert issue["title"] == "Source letter stays away"
    assert issue["labels"] == [{"name": "chora-alert"}]
    assert host.writes == ["POST labels", "POST issues"], "the second run changed nothing, half an hour later"

    late = site(tmp_path / "late", run_of(source("letter", last="2026-11-22T10:45:00Z")))
    assert alerts(late, "--apply", "github") == 0
    assert host.open == [issue], "late is not well"

    well = site(tmp_path / "well", run_of(source("letter", outcome=Outcome.READ)))
    assert alerts(well, "--apply", "github") == 0
    assert alerts(well, "--apply", "github", as_of=LATER) == 0
    assert host.open == []
    assert host.comments == [(1, "All is well again, judged at 2026-11-22T12:00:00Z.")]

    assert alerts(gone, "--apply", "github") == 0
    assert [item["number"] for item in host.open] == [2], "a later outage is another issue"
    said = capsys.readouterr()
    assert TOKEN not in said.out + said.err
    assert "Opened issue 1: Source letter stays away" in said.out
    assert "Closed issue 1" in said.out


def test_an_issue_is_updated_when_there_is_more_to_say(tmp_path: Path, host: IssueHost) -> None:
    where = site(tmp_path, run_of(source("letter", last="", error="no route")))
    assert alerts(where, "--apply", "github") == 0
    site(tmp_path, run_of(source("letter", last="", error="certificate expired")))
    assert alerts(where, "--apply", "github") == 0
    assert host.writes[2:] == ["PATCH issues/1"]
    assert "certificate expired" in host.issues[0]["body"]


def test_only_our_own_issues_are_touched(tmp_path: Path, host: IssueHost) -> None:
    host.labels.add("chora-alert")
    body = f"{MARKER}\nold"
    host.add("without the label", body)
    host.add("without the marker", f"Somebody quotes {MARKER}\n{MARKER}", "chora-alert")
    host.add("a pull request", body, "chora-alert", pull_request={})
    host.add("a watch", "<!-- chora-watch:https://example.org/ -->\n", "chora-alert")
    host.add("closed long ago", body, "chora-alert", state="closed")
    before = [dict(item) for item in host.issues]
    assert alerts(site(tmp_path, run_of(source("letter", outcome=Outcome.READ))), "--apply", "github") == 0
    assert host.issues == before
    assert host.writes == []


def test_an_issue_of_a_source_that_left_the_registry_is_closed(tmp_path: Path, host: IssueHost) -> None:
    host.add("Source letter stays away", f"{MARKER}\n", "chora-alert")
    assert alerts(site(tmp_path, run_of(source("other", outcome=Outcome.READ))), "--apply", "github") == 0
    assert host.open == []
    assert host.comments == [(1, "The registry does not name this source any more.")]


def test_a_second_issue_for_the_same_is_closed(tmp_path: Path, host: IssueHost) -> None:
    for _ in range(2):
        host.add("Source letter stays away", f"{MARKER}\n", "chora-alert")
    assert alerts(site(tmp_path, run_of(source("letter", last=""))), "--apply", "github") == 0
    assert [item["number"] for item in host.open] == [1]


def test_issues_on_a_later_page_are_found_and_many_alerts_take_several_runs(
    tmp_path: Path, host: IssueHost, capsys: pytest.CaptureFixture[str]
) -> None:
    many = run_of(*(source(f"source-{number:03}", last="") for number in range(105)))
    where = site(tmp_path, many)
    for opened in (40, 80, 105, 105):
        assert alerts(where, "--apply", "github") == 0
        assert len(host.issues) == opened
    assert "65 more are left for the next run." in capsys.readouterr().out
    assert len({item["title"] for item in host.issues}) == 105
    writes = len(host.writes)
    assert alerts(where, "--apply", "github") == 0
    assert len(host.writes) == writes


@pytest.mark.parametrize(
    "broken",
    [("GET", "issues"), ("GET", "labels/chora-alert"), ("POST", "labels"), ("POST", "issues")],
    ids=" ".join,
)
def test_a_host_that_refuses_is_exit_3_and_the_next_run_goes_on(
    tmp_path: Path, host: IssueHost, capsys: pytest.CaptureFixture[str], broken: tuple[str, str]
) -> None:
    host.broken = {broken}
    where = site(tmp_path, run_of(source("letter", last="")))
    assert alerts(where, "--apply", "github") == 3
    said = capsys.readouterr()
    assert "answers 403: Resource not accessible by integration ***" in said.err
    assert "next: " in said.err
    assert TOKEN not in said.out + said.err
    assert "\x1b" not in said.err
    assert "\a" not in said.err
    host.broken = set()
    assert alerts(where, "--apply", "github") == 0
    assert len(host.open) == 1


def test_the_token_follows_no_redirect(tmp_path: Path, host: IssueHost, capsys: pytest.CaptureFixture[str]) -> None:
    with issue_host() as other:
        host.moved_to = f"{other.address}/repos/chora/catalog/issues"
        assert alerts(site(tmp_path, run_of(source("letter", last=""))), "--apply", "github") == 3
        assert other.asked == []
    assert "answers 307" in capsys.readouterr().err


def test_a_label_that_is_dropped_is_said_because_every_run_would_open_another(
    tmp_path: Path, host: IssueHost, capsys: pytest.CaptureFixture[str]
) -> None:
    host.drops_labels = True
    assert alerts(site(tmp_path, run_of(source("letter", last=""))), "--apply", "github") == 3
    assert "the label chora-alert was not set" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "code", "words"),
    [
        ("GITHUB_TOKEN", "", 2, "GITHUB_TOKEN is not set"),
        ("GITHUB_REPOSITORY", "", 2, "GITHUB_REPOSITORY names no repository"),
        ("GITHUB_REPOSITORY", "a/b/../../user", 2, "GITHUB_REPOSITORY names no repository"),
        ("GITHUB_API_URL", "http://example.org", 3, "no https address, so nothing was sent"),
        ("GITHUB_API_URL", "http://127.0.0.1:9", 3, "does not answer"),
    ],
)
def test_what_is_missing_is_said(
    tmp_path: Path,
    host: IssueHost,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    code: int,
    words: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert alerts(site(tmp_path, run_of(source("letter", last=""))), "--apply", "github") == code
    assert words in capsys.readouterr().err
    assert host.asked == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "there is no"),
        (b"{}", "no schema"),
        (b"[" * 100_000, "not JSON"),
        (b'{"schema": "chora.run/v1", "later": 1}', "unknown 'later'"),
    ],
    ids=["none", "schema", "json", "later"],
)
def test_a_record_that_cannot_be_read_is_exit_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: bytes | None, words: str
) -> None:
    if text is not None:
        (tmp_path / "run.json").write_bytes(text)
    assert alerts(str(tmp_path)) == 3
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "run",
    [
        run_of(source("letter"), as_of="2026-11-22T12:05:01Z"),
        run_of(source("letter"), as_of="yesterday"),
        run_of(source("letter", last="yesterday")),
        run_of(source("letter -->\n# Hello")),
    ],
    ids=["future", "no instant", "no reading", "no name"],
)
def test_a_record_that_cannot_be_believed_is_exit_3(
    tmp_path: Path, host: IssueHost, capsys: pytest.CaptureFixture[str], run: Run
) -> None:
    assert alerts(site(tmp_path, run), "--apply", "github") == 3
    assert "next: " in capsys.readouterr().err
    assert host.asked == []


# ---- The watch -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "max_age", "code"),
    [
        ("2026-11-22T13:30:00Z", "", 0),
        ("2026-11-22T13:30:01Z", "", 1),
        ("2026-11-22T13:30:01Z", "2h", 0),
        ("2026-11-22T12:31:00Z", "30min", 1),
        ("2026-11-22T11:55:00Z", "", 0),
        ("2026-11-22T11:54:59Z", "", 3),
        ("2026-11-22T12:00:00Z", "90", 2),
        ("2026-11-22T12:00:00Z", "90m", 2),
    ],
)
def test_a_watch_tells_well_from_old_from_unknown(tmp_path: Path, as_of: str, max_age: str, code: int) -> None:
    where = site(tmp_path, run_of())
    assert main(["watch", where, "--as-of", as_of, *(["--max-age", max_age] if max_age else [])]) == code


def test_a_watch_reads_the_record_of_a_later_version(tmp_path: Path) -> None:
    record = {"schema": "chora.run/v1", "as_of": AT, "alert": 60, "new": {"in": "v2"}}
    (tmp_path / "run.json").write_text(json.dumps(record))
    assert main(["watch", str(tmp_path), "--as-of", AT]) == 0
    assert main(["watch", str(tmp_path), "--as-of", "2026-11-22T12:01:01Z"]) == 1


def test_a_watch_keeps_one_issue_of_its_own(
    tmp_path: Path, host: IssueHost, capsys: pytest.CaptureFixture[str]
) -> None:
    old, other = site(tmp_path / "a", run_of()), site(tmp_path / "ab", run_of())
    for _ in range(2):
        assert main(["watch", old, "--as-of", "2026-11-22T14:00:00Z", "--apply", "github"]) == 1
        assert main(["watch", other, "--as-of", "2026-11-22T14:00:00Z", "--apply", "github"]) == 1
    assert [item["title"] for item in host.issues] == ["The catalog is too old"] * 2
    (tmp_path / "a" / "run.json").unlink()
    assert main(["watch", old, "--as-of", "2026-11-22T14:00:00Z", "--apply", "github"]) == 3
    assert host.open[0]["title"] == "The catalog's age cannot be told"
    site(tmp_path / "a", run_of())
    assert main(["watch", old, "--as-of", "2026-11-22T12:10:00Z", "--apply", "github"]) == 0
    assert [item["number"] for item in host.open] == [2]
    assert TOKEN not in "".join(capsys.readouterr())


def test_a_watch_of_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", ""]) == 2
    assert "no catalog is named" in capsys.readouterr().err


def test_no_address_ends_its_marker(tmp_path: Path, host: IssueHost) -> None:
    address = "https://127.0.0.1:9/a --> b\n`# c`"
    for _ in range(2):
        assert main(["watch", address, "--as-of", AT, "--apply", "github"]) == 3
    [issue] = host.issues
    assert (
        issue["body"].split("\n", 1)[0].strip()
        == "<!-- chora-watch:https://127.0.0.1:9/a%20--%3E%20b%0A%60#%20c%60 -->"
    )
    assert "\n# c" not in issue["body"]
