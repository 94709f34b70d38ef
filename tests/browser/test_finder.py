"""Search and filters, over http and from a disk: every choice is in the address, counts never promise an empty list."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from chora_catalog.build.assemble import assemble
from chora_catalog.model.manifest import Port
from chora_catalog.render.search import words
from tests import sample_catalog
from tests.browser.conftest import Watched, write_site

Open = Callable[..., Watched]
Serve = Callable[[Path], str]


@pytest.fixture(params=["http", "file"])
def base(request: pytest.FixtureRequest, site_dir: Path, serve: Serve) -> str:
    return serve(site_dir) if request.param == "http" else f"file://{site_dir}"


def ids(page: Page) -> list[str]:
    page.wait_for_function("window.choraIndex !== undefined")
    return page.eval_on_selector_all("#rows > li:not([hidden]) .what .id", "all => all.map(a => a.textContent)")


def ready(watched: Watched, query: str = "", path: str = "index.html") -> Page:
    page = watched.open(path, query=query)
    page.wait_for_function("document.getElementById('count').textContent.length && window.choraIndex !== undefined")
    return page


def test_words_find_capabilities_and_the_address_keeps_them(base: str, watch: Open) -> None:
    watched = watch(base)
    page = ready(watched)
    page.fill("#q", "orchestration")
    assert ids(page)[0] == "mcp.orchestration.serve"
    assert parse_qs(urlsplit(page.url).query)["q"] == ["orchestration"]
    page.reload()
    page.wait_for_function("window.choraIndex !== undefined")
    assert page.input_value("#q") == "orchestration"
    assert ids(page)[0] == "mcp.orchestration.serve"
    assert watched.complaints() == []


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("mcp.registry.manage", "mcp.registry.manage"),
        ("telemetry.trace.collect", "telemetry.trace.collect"),
        ("orch", "mcp.orchestration.serve"),
        ("orchestartion", "mcp.orchestration.serve"),
        ("colect spans", "telemetry.trace.collect"),
        ("session_ref", "mcp.orchestration.serve"),
        ("budget-kept", "mcp.orchestration.serve"),
        ("first session without asking", "mcp.orchestration.serve"),
        ("team-privacy", "privacy.policy.check"),
        ("overview of a", "platform.overview.generate"),
        ("RUNTIME Execute", "agent.runtime.execute"),
        ("signal_push", "signal.push.subscribe"),
    ],
)
def test_the_best_match_comes_first(site_dir: Path, serve: Serve, watch: Open, query: str, first: str) -> None:
    page = ready(watch(serve(site_dir)))
    page.fill("#q", query)
    found = ids(page)
    assert found, f"nothing for {query!r}"
    assert found[0] == first


def test_every_word_must_match(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = ready(watch(serve(site_dir)))
    page.fill("#q", "orchestration privacyzzz")
    assert ids(page) == []
    assert page.is_visible("#empty")
    assert "orchestration privacyzzz" in page.inner_text("#empty")
    page.click("#empty-clear")
    assert len(ids(page)) == len(sample_catalog.sample().entries)
    assert page.evaluate("document.activeElement.id") == "q"


def test_filters_count_with_the_others_applied(base: str, watch: Open) -> None:
    page = ready(watch(base))
    page.get_by_label("breaking").check()
    assert len(ids(page)) == 3
    owners = page.locator("input[name=owner]")
    for n in range(owners.count()):
        shown = (
            int(owners.nth(n).locator("xpath=..").locator(".n span").inner_text() or "0")
            if owners.nth(n).is_enabled()
            else 0
        )
        if shown:
            owners.nth(n).check()
            assert len(ids(page)) == shown
            owners.nth(n).uncheck()
    page.locator("input[name=owner]:enabled").first.check()
    query = parse_qs(urlsplit(page.url).query)
    assert query["verdict"] == ["breaking"]
    assert len(query["owner"]) == 1
    page.locator(".chip").first.click()
    assert "verdict" not in parse_qs(urlsplit(page.url).query)


def test_an_address_with_filters_opens_filtered(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = ready(watch(serve(site_dir)), "verdict=compatible&stability=stable&owner=team-orchestration")
    assert ids(page) == ["mcp.registry.manage"]
    page = ready(watch(serve(site_dir)), "owner=team-nobody")
    assert ids(page) == []
    assert "team-nobody" in page.inner_text("#chips")
    page.click("#empty-loosen")
    assert len(ids(page)) == len(sample_catalog.sample().entries)


def test_freshness_is_a_filter_of_what_is_stale_now(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = ready(watch(serve(site_dir)), "freshness=stale")
    assert ids(page) == ["liminal.inbox.triage"]
    page = ready(watch(serve(site_dir)), "verdict=stale")
    assert ids(page) == ["liminal.inbox.triage"]


def test_a_group_without_options_is_not_shown(wide_dir: Path, site_dir: Path, serve: Serve, watch: Open) -> None:
    page = ready(watch(serve(wide_dir)))
    assert "Constellation" not in page.inner_text(".facets")
    assert "Constellation" in ready(watch(serve(site_dir))).inner_text(".facets")


def test_a_large_list_is_shown_a_hundred_at_a_time(wide_dir: Path, serve: Serve, watch: Open) -> None:
    watched = watch(serve(wide_dir))
    page = ready(watched)
    assert page.locator("#rows > li").count() == 100
    page.click("#more")
    assert page.locator("#rows > li").count() == 200
    assert page.evaluate("document.activeElement.closest('#rows') !== null")
    page.click("#more")
    page.click("#more")
    assert page.locator("#rows > li").count() == 320
    assert not page.is_visible("#more")
    page.fill("#q", "part-00317")
    assert ids(page)[0].endswith("part-00317")
    row = page.locator("#rows > li").first
    assert row.locator(".what .id").get_attribute("href") == f"capabilities/{ids(page)[0]}.html"
    assert row.locator(".col-2 a").get_attribute("href") == "owners/team-2.html"
    row.locator(".what .id").click()
    assert "part-00317" in page.inner_text("h1")
    assert watched.complaints() == []


def test_rows_made_by_the_script_are_those_of_the_page(site_dir: Path, serve: Serve, watch: Open) -> None:
    """The first rows stand in the page, later ones are made from the index: nobody may see the difference."""
    written = sample_catalog.sample()
    page = ready(watch(serve(site_dir)))
    shape = "li => li.innerText.replace(/\\s+/g, ' ').trim()"
    in_page = page.eval_on_selector_all("#rows > li", f"all => all.map({shape})")
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => document.getElementById('rows').replaceChildren(), true)"
    )
    page.reload()
    page.wait_for_function(f"document.querySelectorAll('#rows > li').length === {len(written.entries)}")
    assert page.eval_on_selector_all("#rows > li", f"all => all.map({shape})") == in_page


def test_documents_are_found_too(docs_site_dir: Path, serve: Serve, watch: Open) -> None:
    page = ready(watch(serve(docs_site_dir)))
    page.fill("#q", "waiver")
    page.wait_for_selector("#docs-hits:not([hidden])")
    assert page.locator("#docs-hits a").first.get_attribute("href") == "docs/reference/words.html#waiver"
    page.fill("#q", "")
    assert not page.is_visible("#docs-hits")


def test_the_keyboard_reaches_the_box_from_every_page(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = watch(serve(site_dir)).open("capabilities/mcp.orchestration.serve/2.0.0.html")
    page.keyboard.press("/")
    page.wait_for_url("**/index.html#q")
    page.wait_for_function("document.activeElement.id === 'q'")
    page.keyboard.type("voice")
    page.wait_for_function("location.search.includes('q=voice')")
    page.keyboard.press("Escape")
    assert page.input_value("#q") == ""
    page.locator("h1").click()
    page.keyboard.press("?")
    assert page.is_visible("#keys")
    page.uncheck("#keys-on")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "q"


def test_the_theme_is_switched_and_kept(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = watch(serve(site_dir)).open("index.html")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    page.goto(page.url.replace("index.html", "matrix.html"))
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    assert page.get_attribute("#theme", "aria-label") == "Use light colours"


def test_the_view_is_saved_as_a_table(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = ready(watch(serve(site_dir)), "verdict=breaking")
    with page.expect_download() as waiting:
        page.click("#csv")
    lines = Path(waiting.value.path()).read_text("utf-8").splitlines()
    assert lines[0].startswith('"id","version","verdict"')
    assert [line.split(",")[0] for line in lines[1:]] == [f'"{name}"' for name in ids(page)]


def test_a_cell_that_a_spreadsheet_would_run_is_text(tmp_path: Path, serve: Serve, watch: Open) -> None:
    evil = ['=cmd|"/C calc"!A0', "+1", "-1", "@SUM(A1)", "a\r\n=1"]
    base = sample_catalog.gathered()
    rows = tuple(sample_catalog.manifest(f"evil.cell.n{n}", "1.0.0", text, owner=text) for n, text in enumerate(evil))
    catalog = assemble(
        replace(base, harvests=base.harvests | {"hud": sample_catalog.harvest("hud", sample_catalog.AS_OF, *rows)}),
        as_of=datetime.fromisoformat(sample_catalog.AS_OF),
    )
    page = ready(watch(serve(write_site(catalog, tmp_path / "site"))), "q=evil.cell")
    with page.expect_download() as waiting:
        page.click("#csv")
    written = Path(waiting.value.path()).read_bytes().decode()
    cells = [cell for line in csv.reader(io.StringIO(written, newline="")) for cell in line]
    assert "'+1" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_a_stuffed_capability_does_not_come_first(tmp_path: Path, serve: Serve, watch: Open) -> None:
    base = sample_catalog.gathered()
    rows = (
        sample_catalog.manifest(
            "evil.search.stuff", "1.0.0", "greeting " * 2_500, inputs=(Port(name="greeting " * 99),)
        ),
        sample_catalog.manifest("honest.greeting.say", "1.0.0", "Says hello."),
    )
    catalog = assemble(
        replace(base, harvests=base.harvests | {"hud": sample_catalog.harvest("hud", sample_catalog.AS_OF, *rows)}),
        as_of=datetime.fromisoformat(sample_catalog.AS_OF),
    )
    page = ready(watch(serve(write_site(catalog, tmp_path / "site"))), "q=greeting")
    assert ids(page) == ["honest.greeting.say", "evil.search.stuff"]


def test_the_index_and_the_box_cut_words_alike(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = ready(watch(serve(site_dir)))
    for text in (
        "mcp.orchestration.serve",
        "sessionToken",
        "HTTPServer2 v1",
        "Tomás Rivera",
        "größe_x",
        "日本語 テスト",
        "a--b__c",
    ):
        assert page.evaluate("text => choraSearch.words(text)", text) == words(text), text


def test_ten_thousand_rows_answer_at_once(site_dir: Path, serve: Serve, watch: Open) -> None:
    page = ready(watch(serve(site_dir)))
    took = page.evaluate(
        """() => {
          const rows = [];
          for (let i = 0; i < 10000; i += 1) {
            const w = 'word' + (i * 7919 % 5003);
            rows.push([`alpha${i % 97}.${w}.do-${i}`, '1.0.0', `Does ${w} for beta${i % 31}`, 'team-' + i % 50,
              'compatible', 'operate', 'stable', 'low', '', 'source-' + i, `|out${i % 301} json||||`, '', '', '']);
          }
          const start = performance.now(), index = choraSearch.prepare(rows), ready = performance.now();
          const queries = ['alpha12', 'word77 beta3', 'wrod77', 'do-9999', 'team 7'];
          const each = queries.map(q => {
            const t = performance.now();
            choraSearch.find(index, q);
            return performance.now() - t;
          });
          return {prepare: ready - start, worst: Math.max(...each)};
        }"""
    )
    assert took["prepare"] < 3000
    assert took["worst"] < 500
