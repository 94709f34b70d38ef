"""Honest age, computed when a page is read: a frozen copy announces that it is frozen (DESIGN, promise 2)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chora_catalog.render import links
from tests import sample_catalog
from tests.browser.conftest import Watched, write_site

Open = Callable[..., Watched]
Serve = Callable[[Path], str]


@pytest.mark.parametrize(
    ("now", "state", "words"),
    [
        ("2026-11-22T12:12:00Z", "fresh", "Index built 12 minutes ago"),
        ("2026-11-22T13:00:00Z", "fresh", "Index built 60 minutes ago"),
        ("2026-11-22T13:00:01Z", "late", "past its 60 minutes, the next build is late"),
        ("2026-11-22T13:30:01Z", "stale", "nothing here counts as a pass"),
        ("2026-11-29T12:00:01Z", "frozen", "Frozen copy: built 7 days ago. Read it as history"),
        ("2026-11-22T11:54:00Z", "clock", "its clock is wrong, so age is unknown"),
    ],
)
def test_the_strip_tells_the_age_of_the_index(
    site_dir: Path, serve: Serve, watch: Open, now: str, state: str, words: str
) -> None:
    page = watch(serve(site_dir)).open("index.html", now=now)
    assert page.get_attribute(".strip", "data-state") == state
    assert words in page.inner_text(".strip")
    assert "2026-11-22 12:00:00 UTC" in page.inner_text(".foot")
    assert "4bf92f35…e4736" in page.inner_text(".foot")


def test_without_now_the_readers_clock_counts(site_dir: Path, serve: Serve, watch: Open) -> None:
    watched = watch(serve(site_dir))
    watched.page.clock.install(time="2027-01-01T00:00:00Z")
    page = watched.open("health.html", now="")
    assert page.get_attribute(".strip", "data-state") == "frozen"


def test_a_missing_run_record_is_an_unknown_age(site_dir: Path, tmp_path: Path, serve: Serve, watch: Open) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(site_dir, copy)
    (copy / "run.js").unlink()
    page = watch(serve(copy)).open("index.html")
    assert "Age unknown" in page.inner_text(".strip")
    assert page.locator("time[data-age]").count() > 0
    assert "1 source did not answer" in page.inner_text("h1")
    assert page.locator(".status.s-stale").count() == 0


def test_sources_that_answered_are_counted_when_read(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = watch(serve(site_dir)).open(links.capability_page("agent.memory.recall"))
    assert page.inner_text("[data-sources]") == "13 of 15 sources read"
    assert page.inner_text("[data-read]") == "12 minutes ago"


def test_a_kept_source_is_late_then_stale(site_dir: Path, serve: Serve, watch: Open) -> None:
    """It answered last at 10:12 on the 21st; its alert is 90 minutes."""
    watched = watch(serve(site_dir))
    page = watched.open("index.html", now="2026-11-21T11:30:00Z")
    assert "1 source is late" in page.inner_text("h1")
    assert page.locator(".status.s-stale").count() == 0
    page = watched.open("index.html")
    assert "1 source is stale" in page.inner_text("h1")
    row = page.locator("#rows > li", has_text="liminal.inbox.triage")
    assert row.locator(".status").inner_text() == "stale"
    item = page.locator(".todo > li[data-kept]")
    assert "Source liminal-inbox is stale" in item.inner_text().replace("\n", " ")
    assert item.locator("svg.t-age").count() == 1


def test_a_break_that_rests_on_a_stale_source_stays_a_break(tmp_path: Path, serve: Serve, watch: Open) -> None:
    silent = ("agents", "mcp-registry", "privacy", "telemetry", "voice-interface")
    catalog = sample_catalog.sample(silent=silent)
    page = watch(serve(write_site(catalog, tmp_path / "site"))).open("index.html")
    rows = page.locator("#rows > li")
    said = {row.locator(".id").first.inner_text(): row.locator(".status").inner_text() for row in rows.all()}
    assert said["agent.runtime.execute"] == "breaking"
    assert said["voice.interface.prompt"] == "waived"
    assert said["mcp.registry.manage"] == said["privacy.policy.check"] == said["telemetry.trace.collect"] == "stale"
    assert said["telemetry.trace.collect.v2"] == "compatible"


def test_the_matrix_shows_which_cells_are_stale(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = watch(serve(site_dir)).open("matrix.html")
    assert page.locator("td.c-stale").count() == 2
    assert page.locator("td.c-breaking").count() == 2


def test_an_overdue_deadline_says_so(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = watch(serve(site_dir)).open(links.signal_page("SIG.mcp.orchestration.review"), now="2026-11-29T12:00:00Z")
    assert page.locator(".clock .is-late").all_inner_texts() == ["overdue by 4 days", "overdue by 2 days"]


def test_measured_figures_take_the_place_of_what_is_not_collected(
    site_dir: Path, tmp_path: Path, serve: Serve, watch: Open
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(site_dir, copy)
    share = {"unit": "share", "part": 937, "whole": 1000, "n": 168, "counted": "runs", "period": "2026-W46"}
    figures = [
        {"title": "Metadata freshness", "standing": "below", "target": "95 %", **share},
        {
            "title": "Build time",
            "standing": "untargeted",
            "unit": "seconds",
            "part": 9,
            "whole": 4,
            "n": 4,
            "counted": "runs",
        },
        {"title": "Upkeep", "standing": "not-evaluated", "note": "Nobody's hours are recorded."},
    ]
    with (copy / "run.js").open("a") as script:
        script.write(f"window.choraRun.metrics = {json.dumps(figures)};")
    watched = watch(serve(copy))
    words = watched.open("health.html").locator("#metrics tbody tr").all_inner_texts()
    assert words.pop(0).startswith("Sources read within their time to live")
    assert [word.split("\t")[0].strip() for word in words] == ["Metadata freshness", "Build time", "Upkeep"]
    for part in ("93.7 %", "of 168 runs, 2026-W46", "below target"):
        assert part in words[0]
    assert "2.3 s" in words[1]
    assert "no target" in words[1]
    assert "Nobody's hours are recorded." in words[2]
    assert "not evaluated" in words[2]
    # What the run record does not measure stands in a table of its own, which no script fills.
    onboarding = [row.inner_text() for row in watched.page.locator("section[aria-labelledby=h4] tbody tr").all()]
    assert [row.split("\t")[0].strip() for row in onboarding] == [
        "Onboarding, on the clock",
        "Onboarding, in business hours",
    ]
    assert watched.complaints() == []


def test_the_share_of_fresh_sources_is_held_against_its_target(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = watch(serve(site_dir)).open("health.html")
    assert "86.6 %: 13 of 15 sources" in page.inner_text("main")
    assert "below the alert of 90 %" in page.inner_text("main")
