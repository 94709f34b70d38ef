"""The inbox when it is read: what is overdue, what is near, and what is chosen. Without scripts everything is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect

from chora_catalog.render import links
from tests import sample_catalog
from tests.browser.conftest import Watched

Serve = Callable[[Path], str]
Open = Callable[..., Watched]
ROWS = "#inbox tbody tr"


def test_what_is_overdue_is_counted_when_it_is_read(site_dir: Path, serve: Serve, watch: Open) -> None:
    watched = watch(serve(site_dir))
    page = watched.open("signals/index.html", now="2026-11-23T12:00:00Z")
    expect(page.locator("[data-overdue]")).to_be_hidden()
    page = watched.open("signals/index.html", now="2026-11-25T12:00:00Z")
    assert page.locator(".lead").inner_text().endswith("; 1 is overdue.")
    assert page.locator(ROWS).nth(1).locator(".is-late").inner_text() == "overdue by 12 hours"
    # The review is due at the end of the day: less than a fifth of its time is left.
    assert page.locator(ROWS).nth(0).locator("[data-due]").inner_text() == "in 11 hours, soon"
    assert watched.complaints() == []


def test_what_is_chosen_is_shown_and_stands_in_the_address(site_dir: Path, serve: Serve, watch: Open) -> None:
    watched = watch(serve(site_dir))
    page = watched.open("signals/index.html", now="2026-11-25T12:00:00Z")
    shown = page.locator(f"{ROWS}:visible")
    assert shown.count() == 2
    page.get_by_label("Waits for").select_option("team-agents")
    assert shown.count() == 1
    assert page.get_by_role("status").filter(has_text="1 of 2 shown").count() == 1
    assert "who=team-agents" in page.url
    page.get_by_label("Overdue only").check()
    assert shown.count() == 0
    assert page.get_by_text("None of 2 fits").is_visible()
    page.get_by_label("Waits for").select_option("")
    assert shown.count() == 1
    page = watched.open(
        "signals/index.html", query="state=proposed&kind=promotion&who=nobody", now="2026-11-23T12:00:00Z"
    )
    assert page.locator(f"{ROWS}:visible").count() == 1
    expect(page.get_by_label("State")).to_have_value("proposed")
    expect(page.get_by_label("Waits for")).to_have_value("")
    assert watched.complaints() == []


def test_the_filters_are_reached_and_used_by_keyboard(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = watch(serve(site_dir)).open("signals/index.html")
    page.get_by_label("Waits for").focus()
    page.keyboard.type("team-a")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Overdue only")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_label("Overdue only")).to_be_checked()
    assert "who=team-agents&overdue=1" in page.url


def test_without_scripts_everything_can_be_read(site_dir: Path, serve: Serve, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{serve(site_dir)}/signals/index.html")
    assert page.locator(f"{ROWS}:visible").count() == 2
    assert not page.locator(".sift").is_visible()
    assert re.search(r"to vote\s+2026-11-25\s+Review due", page.locator(ROWS).first.inner_text())
    page.goto(f"{page.url.removesuffix('signals/index.html')}waivers/index.html")
    assert "counts" in page.locator("tbody tr").first.inner_text()
    context.close()


def test_a_waiver_ends_while_the_page_lies_there(site_dir: Path, serve: Serve, watch: Open) -> None:
    watched = watch(serve(site_dir))
    first = watched.open("waivers/index.html", now="2026-11-23T12:00:00Z").locator("tbody tr [data-waiver]").first
    assert first.inner_text() == "counts"
    first = watched.open("waivers/index.html", now="2026-11-29T12:00:00Z").locator("tbody tr [data-waiver]").first
    assert first.inner_text().split() == ["counts", "ends", "soon"]
    page = watched.open("waivers/index.html", now="2026-12-05T12:00:00Z")
    assert page.locator("tbody tr [data-waiver]").first.inner_text().split("\n")[-1] == "ended since this was built"
    assert page.locator("tbody tr [data-waiver]").nth(1).inner_text().split() == ["does", "not", "count", "ended"]
    assert watched.complaints() == []


def test_the_feed_is_announced_and_there(site_dir: Path, serve: Serve, watch: Open) -> None:
    watched = watch(serve(site_dir))
    for path in (
        "signals/index.html",
        links.signal_page("SIG.mcp.orchestration.review"),
        links.owner_page("team-agents"),
    ):
        page = watched.open(path)
        feed = page.locator('link[type="application/atom+xml"]').evaluate("link => link.href")
        assert (site_dir / feed.split("/", 3)[3]).read_bytes().startswith(b'<?xml version="1.0"'), path
    assert sample_catalog.sample().owners
