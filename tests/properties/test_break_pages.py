"""What the pages say of breaks: the same as the data, with owner and age, and never more than was read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.model.breaks import Break, Window
from chora_catalog.model.catalog import Catalog, VersionRow
from chora_catalog.model.verdict import Verdict
from chora_catalog.render import api, site
from chora_catalog.render.pages.breaks import BreaksPage, breaks, took
from chora_catalog.render.pages.lookup import Lookup
from chora_catalog.render.pages.timeline import MOST, effects, timeline
from tests import sample_catalog

PROVIDER = "mcp.orchestration.serve"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return sample_catalog.sample()


@pytest.fixture(scope="module")
def page(catalog: Catalog) -> BreaksPage:
    return breaks(Lookup.of(catalog))


def html(catalog: Catalog, *paths: str) -> Iterator[str]:
    templates = {path: data.decode() for path, data in read_folder(data_folder("templates") / "site").items()}
    made = {output.path: output for output in site.pages(catalog, templates) if output.path in paths}
    for path in paths:
        yield made[path].make().decode()


def text_of(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", markup.replace("<wbr>", "")).split())


def test_open_rows_are_what_the_matrix_shows_as_broken(catalog: Catalog, page: BreaksPage) -> None:
    broken = {
        (e.consumer, e.provider) for e in catalog.edges if e.verdict in (Verdict.BREAKING, Verdict.WAIVED)
    }  # fmt: skip
    shown = {(row.view.edge.consumer, row.view.edge.provider): row for row in page.rows}
    assert broken < shown.keys()
    assert [row.view.edge.verdict.value for row in page.rows] == ["breaking", "breaking", "unknown", "waived"]
    unjudged = shown["hud.overlay.render", PROVIDER]
    assert (unjudged.range, unjudged.since) == ("^1", "2026-11-19T08:40:00Z"), "the last state that was read"


def test_a_removed_output_has_no_window_of_the_range(page: BreaksPage) -> None:
    row = next(row for row in page.rows if row.view.edge.rule == "output-removed")
    assert (row.since, row.by_consumer, row.contact) == ("2026-11-19T08:40:00Z", False, "agents@example.org")


def test_the_page_names_owner_and_instant_and_leaves_the_age_to_the_browser(catalog: Catalog) -> None:
    (page,) = html(catalog, "breaks.html")
    assert "2 dependencies are broken now, 1 broke and cannot be judged now, 1 is waived." in text_of(page)
    assert '<time datetime="2026-11-19T08:40:00Z" data-age>2026-11-19</time>' in page
    assert 'href="owners/team-liminal.html"' in page
    assert "WVR-2026-014" in page
    assert "style=" not in page
    assert "days ago" not in page


def test_what_was_not_read_is_said(catalog: Catalog) -> None:
    (page,) = html(catalog, "breaks.html")
    said = text_of(page[page.index('id="not-evaluated"') :])
    assert "Of 2 sources the history is not read" in said
    assert "mcp-registry" in said
    assert "voice-lab" in said


@pytest.mark.parametrize("versions", ["tags", "head"])
def test_an_empty_catalog_claims_nothing(versions: str) -> None:
    empty = sample_catalog.empty(sources=1)
    spec = replace(empty.sources[0].spec, versions=versions)
    empty = replace(empty, sources=(replace(empty.sources[0], spec=spec),))
    (page,) = html(empty, "breaks.html")
    assert "No dependency could be judged, so nothing is said to fit" in text_of(page)
    assert ("No history was read, so nothing is known" in text_of(page)) == (versions == "head")


def test_what_was_repaired_and_how_long_it_took(page: BreaksPage) -> None:
    # 1.8.0 came on 2 June and was admitted on 20 June; 2.0.0 on 19 November and was admitted the next morning.
    assert [(row.item.version, row.took) for row in page.lately] == [("2.0.0", "22 hours"), ("1.8.0", "18 days")]
    assert (page.total, page.repaired, page.median, page.longest) == (5, 2, "9 days", "18 days")


@pytest.mark.parametrize(
    ("repaired", "words"),
    [
        ("2026-01-01T00:59:59Z", "less than an hour"),
        ("2026-01-01T01:00:00Z", "1 hour"),
        ("2026-01-02T23:59:59Z", "47 hours"),
        ("2026-01-03T00:00:00Z", "2 days"),
        ("", ""),
    ],
)
def test_a_time_is_said_in_words_rounded_down(repaired: str, words: str) -> None:
    assert took(replace(broken("1.0.0"), repaired_at=repaired)) == words


def test_a_version_page_names_whom_it_broke(catalog: Catalog) -> None:
    two, one, capability = html(
        catalog,
        f"capabilities/{PROVIDER}/2.0.0.html",
        f"capabilities/{PROVIDER}/1.6.0.html",
        f"capabilities/{PROVIDER}.html",
    )
    said = text_of(two[two.index('id="broke"') :])
    assert "liminal.hub.route>=1.0 &lt;2 not yet–".replace(" ", "") in said.replace(" ", "").replace("&gt;", ">")
    assert "platform.overview.generate" in said
    assert "No history that was read shows a dependent" in text_of(one)
    assert f'{PROVIDER}/2.0.0.html#broke">5 dependents</a> <span class="quiet">4 not repaired</span>' in capability
    assert 'aria-label="6 releases from 2025-10-04 to 2026-11-19; 2 of them broke dependents.' in capability


def test_the_data_says_what_is_open_past_and_not_evaluated(catalog: Catalog) -> None:
    said = json.loads(next(item for item in api.files(catalog) if item.path == "data/v1/breaks.json").make())
    rows = {(row["consumer"], row["version"], row["basis"]): row for row in said["breaks"]}
    assert rows.keys() == {
        ("liminal.hub.route", "1.8.0", "history"),
        ("liminal.hub.route", "2.0.0", "history"),
        ("hud.overlay.render", "2.0.0", "history"),
        ("platform.overview.generate", "2.0.0", "history"),
        ("voice.interface.prompt", "2.0.0", "history"),
        ("agent.runtime.execute", "2.0.0", "present"),
    }
    assert rows["voice.interface.prompt", "2.0.0", "history"]["waiver"] == "WVR-2026-014"
    assert rows["liminal.hub.route", "1.8.0", "history"]["repair"] == "range"
    assert {row["end"] for row in said["windows"]} == {None, "2026-06-20T09:00:00Z", "2026-11-20T06:50:00Z"}
    assert said["not_evaluated"] == ["mcp-registry", "voice-lab"]


def test_what_breaks_without_a_history_is_there_as_present(catalog: Catalog) -> None:
    bare = replace(catalog, breaks=(), windows=())
    said = json.loads(next(item for item in api.files(bare) if item.path == "data/v1/breaks.json").make())
    assert {(row["consumer"], row["basis"]) for row in said["breaks"]} == {
        ("agent.runtime.execute", "present"),
        ("liminal.hub.route", "present"),
        ("voice.interface.prompt", "present"),
    }
    rows = breaks(Lookup.of(bare)).rows
    assert [row.since[:10] for row in rows] == ["2026-11-19"] * 3, "since the release, where no main line was read"


def test_a_break_that_the_consumer_began_is_a_window_and_no_row(catalog: Catalog) -> None:
    windows = (Window(provider=PROVIDER, consumer="liminal.hub.route", version="2.0.0", range=">=1.0 <2",
                      opened_by="consumer", start="2026-11-21T00:00:00Z"),)  # fmt: skip
    changed = replace(catalog, breaks=(), windows=windows)
    said = json.loads(next(item for item in api.files(changed) if item.path == "data/v1/breaks.json").make())
    assert "liminal.hub.route" not in {row["consumer"] for row in said["breaks"]}
    row = next(row for row in breaks(Lookup.of(changed)).rows if row.view.edge.consumer == "liminal.hub.route")
    assert (row.since, row.by_consumer) == ("2026-11-21T00:00:00Z", True)
    for page in html(changed, "index.html", "owners/team-liminal.html", "owners/team-orchestration.html"):
        assert 'since <time datetime="2026-11-21T00:00:00Z"' in page, "the same on every page"


def test_a_waiver_covers_no_break_that_is_over(catalog: Catalog) -> None:
    over = [
        replace(item, repaired_at="2026-11-20T00:00:00Z", repair="range")
        for item in catalog.breaks
        if item.consumer == "voice.interface.prompt"
    ]
    changed = replace(catalog, breaks=tuple(over))
    said = json.loads(next(item for item in api.files(changed) if item.path == "data/v1/breaks.json").make())
    assert [row["waiver"] for row in said["breaks"] if row["basis"] == "history"] == [""]


def test_the_end_of_a_provider_has_its_own_day(catalog: Catalog) -> None:
    edges = tuple(
        replace(edge, rule="provider-sunset", since="2026-11-20T00:00:00Z")
        if edge.consumer == "liminal.hub.route" and edge.provider == PROVIDER
        else edge
        for edge in catalog.edges
    )
    rows = breaks(Lookup.of(replace(catalog, edges=edges))).rows
    ended = next(row for row in rows if row.view.edge.rule == "provider-sunset")
    assert (ended.since, ended.view.since) == ("2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z")


def broken(version: str, *, repaired: bool = False) -> Break:
    return Break(provider="p", version=version, released_at="2026-01-01T00:00:00Z", consumer="c", range="^1",
                 commit="c", newest_then=True, repaired_at="2026-02-01T00:00:00Z" if repaired else "")  # fmt: skip


def row(version: str, at: str) -> VersionRow:
    return VersionRow(version=version, released_at=at, tag=version, commit="c", step="minor")


def test_a_timeline_is_drawn_only_where_something_broke() -> None:
    rows = [
        row("2.0.0", "2026-03-01T00:00:00Z"),
        row("1.5.0-rc.1", "2026-02-01T00:00:00Z"),
        row("1.0.0", "2026-01-01T00:00:00Z"),
    ]
    assert timeline(rows, {}) is None
    assert timeline(rows[:1], effects([broken("2.0.0")], inside={})) is None, "one release has no length"
    assert timeline([row("2.0.0", "yesterday"), row("1.0.0", "")], effects([broken("2.0.0")], inside={})) is None
    drawn = timeline(rows, effects([broken("2.0.0"), broken("2.0.0", repaired=True)], inside={}))
    assert drawn is not None
    assert [(mark.broke, mark.open) for mark in drawn.marks] == [(0, 0), (2, 1)], "a pre-release is no release"
    assert (drawn.marks[0].x, drawn.marks[1].x, drawn.breaking) == ("14.0", "626.0", 1)


def test_a_timeline_of_thousands_of_releases_is_cut() -> None:
    rows = [row(f"1.{n}.0", f"2026-01-{n % 28 + 1:02d}T00:00:00Z") for n in range(3000)]
    drawn = timeline(rows, effects([broken("1.0.0")], inside={}))
    assert drawn is not None
    assert len(drawn.marks) == MOST
