"""Every kind of page, looked at by a real browser.

Promises: no accessibility fault (axe-core, WCAG 2.0 to 2.2 A and AA, best practice) in light and dark on a phone and a
desk; nothing leaves the machine; the content security policy is never met; no script error; no page scrolls sideways.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chora_catalog.render import links
from tests import sample_catalog
from tests.browser.conftest import Watched, write_site

KINDS = {
    "home": "index.html",
    "capability": links.capability_page("mcp.orchestration.serve"),
    "capability-quiet": links.capability_page("agent.memory.recall"),
    "capability-kept": links.capability_page("liminal.inbox.triage"),
    "gone": links.capability_page("agent.scheduler.plan"),
    "version": links.version_page("mcp.orchestration.serve", "2.0.0"),
    "version-unreadable": links.version_page("mcp.orchestration.serve", "1.9.0"),
    "matrix": "matrix.html",
    "breaks": "breaks.html",
    "sources": "sources/index.html",
    "source-broken": links.source_page("hud"),
    "source-kept": links.source_page("liminal-inbox"),
    "source-unread": links.source_page("voice-lab"),
    "owners": "owners/index.html",
    "owner": links.owner_page("team-liminal"),
    "signals": "signals/index.html",
    "signal": links.signal_page("SIG.mcp.orchestration.review"),
    "decisions": "decisions/index.html",
    "decision": links.decision_page("DEC-2026-11-18-001"),
    "decision-corrected": links.decision_page("DEC-2026-10-02-001"),
    "waivers": "waivers/index.html",
    "waiver": links.waiver_page("WVR-2026-014"),
    "waiver-renewed": links.waiver_page("WVR-2026-009"),
    "health": "health.html",
    "mirror": "mirror.html",
    "missing": "404.html",
}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SEEN_BY_AXE = """async tags => (await axe.run(
  document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']}
)).violations"""


def faults(watched: Watched, axe: str) -> list[str]:
    """Return what axe-core finds on the present page: rule, and the first element it names."""
    if not watched.page.evaluate("'axe' in window"):
        watched.page.evaluate(axe)
    found = watched.page.evaluate(SEEN_BY_AXE, TAGS)
    return [f"{one['id']}: {one['help']}: {json.dumps(one['nodes'][0]['html'])[:300]}" for one in found]


def wider_than(watched: Watched) -> int:
    """Return by how many pixels the page is wider than its window."""
    return watched.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [390, 1280])
def test_each_kind_of_page_is_accessible_and_stays_at_home(
    site_dir: Path, serve: Callable[[Path], str], watch: Callable[..., Watched], axe: str, width: int
) -> None:
    watched = watch(serve(site_dir), width=width)
    for kind, path in KINDS.items():
        watched.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        watched.open(path)
        assert faults(watched, axe) == [], f"{kind} at {width} px, light"
        watched.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert faults(watched, axe) == [], f"{kind} at {width} px, dark"
        for narrow in (width, 320):
            watched.page.set_viewport_size({"width": narrow, "height": 900})
            assert wider_than(watched) == 0, f"{kind} at {narrow} px"
        watched.page.set_viewport_size({"width": width, "height": 900})
    assert watched.complaints() == []


def test_pages_open_from_a_disk(site_dir: Path, watch: Callable[..., Watched]) -> None:
    watched = watch(f"file://{site_dir}")
    for path in KINDS.values():
        watched.open(path)
    # 404.html is for a host: its links begin at the host's root, which a disk has not.
    assert [one for one in watched.complaints() if "file:///chora" not in one and "file:///run.js" not in one] == [
        one for one in watched.complaints() if "ERR_FILE_NOT_FOUND" in one
    ]


@pytest.mark.parametrize("now", ["2026-11-22T13:20:00Z", "2026-11-23T12:00:00Z", "2027-03-01T12:00:00Z"])
def test_old_pages_are_as_accessible_as_fresh_ones(
    site_dir: Path, serve: Callable[[Path], str], watch: Callable[..., Watched], axe: str, now: str
) -> None:
    watched = watch(serve(site_dir), width=390, scheme="dark")
    for kind in ("home", "owner", "signal", "source-kept", "matrix"):
        watched.open(KINDS[kind], now=now)
        assert faults(watched, axe) == [], f"{kind} at {now}"
    assert watched.complaints() == []


@pytest.mark.parametrize("sources", [0, 3])
def test_an_empty_catalog_says_what_to_do_next(
    tmp_path: Path,
    serve: Callable[[Path], str],
    watch: Callable[..., Watched],
    axe: str,
    sources: int,
) -> None:
    watched = watch(serve(write_site(sample_catalog.empty(sources=sources), tmp_path / "site")), width=390)
    for path in (
        "index.html",
        "matrix.html",
        "health.html",
        "sources/index.html",
        "signals/index.html",
        "owners/index.html",
    ):
        watched.open(path)
        assert faults(watched, axe) == [], path
    page = watched.open("index.html")
    assert "What to do next" in page.inner_text("main")
    assert "chora validate" in page.inner_text("main")
    assert page.locator(".finder").count() == 0
    assert watched.complaints() == []


def test_without_scripts_the_instants_and_neutral_words_stand(
    site_dir: Path, serve: Callable[[Path], str], watch: Callable[..., Watched]
) -> None:
    page = watch(serve(site_dir), scripts=False).open("index.html")
    strip = page.inner_text(".strip")
    assert "run record" in strip
    assert "ago" not in page.inner_text("body")
    assert "2026-11-19" in page.inner_text("main")
    assert "1 source did not answer" in page.inner_text("h1")
    assert page.locator("#rows > li").count() == len(sample_catalog.sample().entries)
    assert not page.locator("#theme").is_visible()


def test_a_long_id_and_a_long_summary_leave_the_layout_alone(
    hostile_dir: Path, serve: Callable[[Path], str], watch: Callable[..., Watched]
) -> None:
    watched = watch(serve(hostile_dir))
    for path in every_page(hostile_dir):
        watched.open(path)
        for width in (320, 390, 1280):
            watched.page.set_viewport_size({"width": width, "height": 900})
            assert wider_than(watched) == 0, f"{path} at {width} px"


def test_text_of_an_attacker_stays_text(
    hostile_dir: Path, serve: Callable[[Path], str], watch: Callable[..., Watched]
) -> None:
    watched = watch(serve(hostile_dir))
    for path in every_page(hostile_dir):
        page = watched.open(path)
        page.evaluate(
            "for (const e of document.body.querySelectorAll('*')) e.dispatchEvent(new MouseEvent('mouseover'))"
        )
        assert page.evaluate("window.hit") is None, path
        assert page.locator("img, iframe, object, embed, base, form:not(dialog form), script:not([src])").count() == 0
        hrefs = page.evaluate(
            "[...document.querySelectorAll('[href]')].map(a => new URL(a.getAttribute('href'), location).href)"
        )
        assert [
            href for href in hrefs if not href.startswith(("http:", "https:", "mailto:", "data:image/svg+xml"))
        ] == []
        assert "49" not in page.inner_text("title")
    assert watched.complaints() == []
    page = watched.open(KINDS["capability"])
    assert "[U+202E]gnp.exe" in page.inner_text("main")
    assert "[U+001B]" in page.inner_text("main")


def test_hostile_rows_of_the_index_stay_text(
    hostile_dir: Path, serve: Callable[[Path], str], watch: Callable[..., Watched]
) -> None:
    watched = watch(serve(hostile_dir))
    page = watched.open("index.html", query="q=window.hit&owner=<img src=x onerror=window.hit=1>")
    assert page.evaluate("window.hit") is None
    page.fill("#q", "script")
    assert page.evaluate("window.hit") is None
    assert page.locator("main img").count() == 0
    assert watched.complaints() == []


def every_page(folder: Path) -> list[str]:
    """Return one page of each template, and every page of what an attacker names."""
    return [path for path in KINDS.values() if (folder / path).is_file()] + [
        path.relative_to(folder).as_posix() for path in sorted(folder.glob("owners/*~*.html"))[:2]
    ]
