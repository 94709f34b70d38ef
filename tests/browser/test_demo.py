"""The demo as `make demo` leaves it, documents included, in a real browser: over http and opened from disk.

Promises: no accessibility fault, nothing leaves the machine, the policy is never met, search and filters work both
ways, and the front page says the day's story.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import ROOT, Watched
from tests.browser.test_pages import faults, wider_than

AS_OF = "2026-11-23T09:30:00Z"
NOW = "2026-11-23T09:42:00Z"
PAGES = (
    "index.html",
    "capabilities/mcp.orchestration.serve.html",
    "capabilities/mcp.orchestration.serve/2.0.0.html",
    "sources/hud-overlay.html",
    "sources/voice-lab.html",
    "owners/team-liminal.html",
    "signals/sig.mcp.orchestration.review~d8c8b25b.html",
    "matrix.html",
    "health.html",
    "docs/index.html",
    "docs/tutorials/first-capability.html",
    "docs/explanation/no-servers.html",
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo") / "out"
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples/federation/demo.py"), "--out", str(out), "--as-of", AS_OF],
        env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out / "site"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_stays_at_home(
    demo: Path, serve: Callable[[Path], str], watch: Callable[..., Watched], axe: str, width: int, scheme: str
) -> None:
    watched = watch(serve(demo), width=width, scheme=scheme)
    for path in PAGES:
        watched.open(path, now=NOW)
        assert (path, faults(watched, axe)) == (path, [])
        assert (path, wider_than(watched)) == (path, 0)
    assert watched.complaints() == []


def test_only_the_stale_source_is_amber(
    demo: Path, serve: Callable[[Path], str], watch: Callable[..., Watched]
) -> None:
    watched = watch(serve(demo))
    page = watched.open("index.html", now=NOW)
    assert page.inner_text("h1") == "2 contracts break. 4 things wait. 1 source is stale, 2 could not be judged."
    stale = page.locator("#rows > li", has=page.locator(".s-stale"))
    assert stale.count() == 1
    assert "liminal.inbox.triage" in stale.inner_text()
    text = page.inner_text("main")
    assert "decision in 5 days" in text
    assert "Ends in 12 days" in text
    assert "Demo data" in page.inner_text("body")


@pytest.mark.parametrize("way", ["http", "file"])
def test_search_and_filters_work_over_http_and_from_disk(
    demo: Path, serve: Callable[[Path], str], watch: Callable[..., Watched], way: str
) -> None:
    watched = watch(serve(demo) if way == "http" else demo.as_uri())
    page = watched.open("index.html", now=NOW)
    page.fill("#q", "session")
    shown = page.locator("#rows > li:visible")
    page.wait_for_function("document.querySelectorAll('#rows > li:not([hidden])').length < 10")
    assert "mcp.orchestration.serve" in " ".join(shown.all_inner_texts())
    assert "q=session" in page.url
    page.fill("#q", "")
    page.check("input[name=verdict][value=waived]")
    page.wait_for_function("document.querySelectorAll('#rows > li:not([hidden])').length === 1")
    assert "voice.interface.prompt" in shown.inner_text()
    assert "verdict=waived" in page.url
    assert watched.complaints() == []


def test_the_documents_stand_under_the_same_header(
    demo: Path, serve: Callable[[Path], str], watch: Callable[..., Watched]
) -> None:
    watched = watch(serve(demo))
    page = watched.open("index.html", now=NOW)
    size = (
        "e => { const b = document.querySelector('header.top').getBoundingClientRect(); return [b.height, b.width]; }"
    )
    home = page.evaluate(size)
    words = page.locator("header.top nav a").all_inner_texts()
    page = watched.open("docs/index.html", now=NOW)
    assert page.evaluate(size) == home
    assert page.locator("header.top nav a").all_inner_texts() == words
    assert json.loads((demo / "run.json").read_bytes())["as_of"] == AS_OF
