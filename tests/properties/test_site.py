"""The site as text, without a browser.

Promises: same inputs, same bytes, whatever the hash seed, time zone, locale or folder; every link leads to a file that
is published and to an anchor that is there; every attribute is quoted, every id unique; no inline script or style;
nothing in a page depends on whether a source had news.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.model.catalog import Catalog
from chora_catalog.model.source import Outcome
from chora_catalog.render import api, instants, links, site, text
from tests import sample_catalog

ROOT = Path(__file__).parents[2]
RUN_FILES = {"run.json", "run.js"}


def templates() -> Mapping[str, str]:
    return {path: data.decode() for path, data in read_folder(data_folder("templates") / "site").items()}


def rendered(catalog: Catalog) -> dict[str, bytes]:
    return {output.path: output.make() for output in site.pages(catalog, templates())}


def one_page(catalog: Catalog, path: str) -> bytes:
    return next(output.make() for output in site.pages(catalog, templates()) if output.path == path)


@pytest.fixture(scope="module")
def pages() -> dict[str, bytes]:
    return rendered(sample_catalog.sample())


def test_what_was_prepared_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates are compiled while sources are still asked; the pages, and every process that makes them, find them."""
    catalog = sample_catalog.sample()
    site.prepare(catalog.registry, templates())
    made = rendered(catalog)
    monkeypatch.setattr(Environment, "compile", lambda *_, **__: pytest.fail("a template was compiled again"))
    assert rendered(catalog) == made
    with pytest.raises(pytest.fail.Exception):
        [output.make() for output in site.pages(catalog, {name: f"{text} " for name, text in templates().items()})]


class Reader(HTMLParser):
    """Collects what a page loads, links to, and names."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.names: set[str] = set()
        self.raw: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.raw.append(self.get_starttag_text() or "")
        given = dict(attrs)
        self.names |= {name for name, _ in attrs}
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag in ("script", "link", "img", "source", "iframe"):
            self.loads.append(str(given.get("src") or given.get("href") or "inline"))

    handle_startendtag = handle_starttag


def read(page: bytes) -> Reader:
    reader = Reader()
    reader.feed(page.decode())
    reader.close()
    return reader


def test_every_link_leads_to_a_published_file_and_anchor(pages: dict[str, bytes]) -> None:
    published = set(pages) | RUN_FILES | {output.path for output in api.files(sample_catalog.sample())}
    anchors = {path: set(read(data).ids) for path, data in pages.items() if path.endswith(".html")}
    broken = []
    for path in anchors:
        for href in read(pages[path]).links + read(pages[path]).loads:
            parts = urlsplit(href)
            if parts.scheme or parts.netloc:
                continue
            base = PurePosixPath() if parts.path.startswith("/") else PurePosixPath(path).parent
            target = os.path.normpath(base / unquote(parts.path).lstrip("/")) if parts.path else path
            fragment = unquote(parts.fragment)
            known = anchors.get(target, set())
            if target not in published or (fragment and fragment not in known | compared(pages, target, fragment)):
                broken.append((path, href))
    assert broken == []


def compared(pages: dict[str, bytes], target: str, fragment: str) -> set[str]:
    """`fragment`, where it names two versions that the script of the page can hold against each other."""
    pair = fragment.removeprefix("diff=").split("..")
    script = pages.get(f"data/v1/contracts/{PurePosixPath(target).stem}.js", b"").decode()
    return {fragment} if len(pair) == 2 and all(f'["{version}",' in script for version in pair) else set()


def test_every_link_names_its_file(pages: dict[str, bytes]) -> None:
    for path, data in pages.items():
        if path.endswith(".html"):
            bare = [
                href for href in read(data).links if not urlsplit(href).scheme and urlsplit(href).path.endswith("/")
            ]
            assert bare == [], path


def test_pages_have_no_inline_code_and_load_nothing_from_elsewhere(pages: dict[str, bytes]) -> None:
    for path, data in pages.items():
        if not path.endswith(".html"):
            continue
        reader = read(data)
        assert "style" not in reader.names, path
        assert not {name for name in reader.names if name.startswith("on")}, path
        assert [src for src in reader.loads if urlsplit(src).scheme not in ("", "data")] == [], path
        assert "inline" not in reader.loads, path
        assert b"default-src 'none'; script-src 'self'; style-src 'self'" in data, path


def test_attributes_are_quoted_and_ids_unique(pages: dict[str, bytes]) -> None:
    for path, data in pages.items():
        if path.endswith(".html"):
            reader = read(data)
            assert len(reader.ids) == len(set(reader.ids)), path
            assert [tag for tag in reader.raw if re.search(r"=[^\s>/]", re.sub('"[^"]*"', "", tag))] == [], path


def test_templates_mark_nothing_as_safe() -> None:
    for name, words in templates().items():
        if name.endswith(".j2"):
            assert "|safe" not in words.replace(" ", ""), name
            assert "autoescape" not in words, name
            assert "<style" not in words, name


def test_whether_a_source_had_news_changes_no_page() -> None:
    base = sample_catalog.sample()
    views = tuple(
        replace(view, outcome=Outcome.UNCHANGED) if view.outcome is Outcome.READ else view for view in base.sources
    )
    entries = tuple(
        replace(entry, outcome=Outcome.UNCHANGED) if entry.outcome is Outcome.READ else entry for entry in base.entries
    )
    assert rendered(replace(base, sources=views, entries=entries)) == rendered(base)


def test_same_catalog_same_bytes_on_every_machine(tmp_path: Path) -> None:
    program = (
        "import hashlib,sys; sys.path.insert(0, sys.argv[1]);"
        "from tests.properties.test_site import rendered; from tests import sample_catalog;"
        "pages = [rendered(sample_catalog.sample()), rendered(sample_catalog.hostile())];"
        "print(hashlib.sha256(repr([sorted(part.items()) for part in pages]).encode()).hexdigest())"
    )
    digests = set()
    for seed, zone, locale in (("0", "UTC", "C.UTF-8"), ("4242", "Asia/Kathmandu", "tr_TR.UTF-8")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(
            [sys.executable, "-c", program, str(ROOT)], cwd=tmp_path, env=environment, check=True, capture_output=True
        )
        digests.add(done.stdout)
    assert len(digests) == 1


def test_the_documents_get_the_same_header_and_footer(pages: dict[str, bytes]) -> None:
    catalog = sample_catalog.sample(has_docs=True)
    header, footer = site.chrome(catalog, templates(), depth="../")
    assert '<a class="mark" href="../index.html">' in header
    assert 'href="../docs/index.html" aria-current="true">Docs' in header
    assert 'class="strip"' in header
    assert 'id="keys"' in footer
    assert "Docs</a>" not in pages["index.html"].decode()


def test_a_pages_key_is_its_path_and_all_paths_differ(pages: dict[str, bytes]) -> None:
    paths = [output.path for output in site.pages(sample_catalog.hostile(), templates())]
    assert len(paths) == len(set(paths)) == len({path.casefold() for path in paths})
    assert all(len(part.encode()) <= 120 for path in paths for part in path.split("/"))


def test_a_version_is_not_compared_with_one_that_does_not_parse(pages: dict[str, bytes]) -> None:
    """1.9.0 does not parse: nobody may say that 1.9.4 kept its contract."""
    page = pages["capabilities/mcp.orchestration.serve/1.9.4.html"].decode()
    assert "unchanged" not in page
    assert "does not parse, so nothing is said" in page
    assert "not compared: 1.9.0 does not parse" in pages["capabilities/mcp.orchestration.serve.html"].decode()
    assert "unchanged" in pages["capabilities/mcp.orchestration.serve/1.8.0.html"].decode()


def test_what_is_gone_keeps_a_page_and_counts_nowhere(pages: dict[str, bytes]) -> None:
    page = pages["capabilities/agent.scheduler.plan.html"].decode()
    assert "It is gone" in page
    assert "agent.runtime.execute" in page
    assert b'"agent.scheduler.plan"' not in pages["search/index.js"]
    assert b'href="../capabilities/agent.scheduler.plan.html"' in pages["sources/index.html"]


def test_nothing_is_rendered_before_it_is_asked_for() -> None:
    broken = dict(templates()) | {"health.html.j2": "{{ page.no_such_thing }}"}
    outputs = {output.path: output for output in site.pages(sample_catalog.empty(), broken)}
    assert outputs["mirror.html"].make().startswith(b"<!doctype html>")
    with pytest.raises(Exception, match="no_such_thing"):
        outputs["health.html"].make()


def test_three_hundred_rows_stand_in_the_page_and_the_rest_in_the_index() -> None:
    page = one_page(sample_catalog.wide(301), "index.html")
    assert page.count(b'<p class="what"><a class="id" href="capabilities/') == 100
    assert b"first 100 of 301" in page
    assert one_page(sample_catalog.wide(300), "index.html").count(b'<p class="what"><a class="id" href="cap') == 300


def test_a_matrix_too_large_to_read_shows_the_worst() -> None:
    page = one_page(sample_catalog.wide(600), "matrix.html").decode()
    assert "too large to read" in page
    assert page.count('<tr><th scope="row">') < 1300
    small = one_page(sample_catalog.sample(), "matrix.html").decode()
    assert "too large to read" not in small


@given(st.text())
@settings(max_examples=150)
def test_visible_text_hides_nothing_and_is_stable(raw: str) -> None:
    shown = text.visible(raw)
    assert text.visible(shown) == shown
    assert not [char for char in shown if (char < " " and char not in "\t\n") or "\u202a" <= char <= "\u202e"]
    assert shown.encode("utf-8").decode("utf-8") == shown


@example("x" * 60)
@example("a " + "x" * 60 + ".b")
@given(st.text(alphabet=st.sampled_from("ab.-_/ \u200b\u202e\t\nxé"), max_size=200))
def test_pieces_join_to_the_text(raw: str) -> None:
    assert "".join(text.pieces(raw)) == raw
    assert "".join(text.soft_pieces(raw)) == raw
    assert all(len(piece) <= 24 for piece in text.pieces(raw))


@given(st.text(max_size=40))
def test_only_plain_addresses_are_linked(raw: str) -> None:
    assert links.outward(f"javascript:{raw}") == ""
    assert links.outward(f"data:{raw}") == ""
    assert links.outward(f"//{raw}") == ""
    made = links.outward(f"https://{raw}")
    assert made == "" or made.isascii()
    assert not set('"<>\\ ') & set(made)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2026-11-22", "2026-11-22T23:59:59Z"),
        ("2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z"),
        ("2026-11-22T12:00:00+02:00", "2026-11-22T10:00:00Z"),
        ("0001-01-01T00:00:00+14:00", ""),
        ("2026-02-30", ""),
        ("tomorrow", ""),
        ("", ""),
    ],
)
def test_an_instant_is_read_or_left_alone(written: str, read_as: str) -> None:
    assert instants.instant(written) == read_as
    assert instants.day(written) == (read_as[:10] or written)


@pytest.mark.parametrize(
    ("forge", "address"),
    [
        (
            "github",
            "https://git.example.org/chora/catalog/new/main?filename=decisions%2Fsignals%2FSIG-agent.memory.recall-1.0.0.yaml&amp;value=type%3A%20%22breaking-change%22",
        ),
        (
            "gitlab",
            "https://git.example.org/chora/catalog/-/new/main?file_name=decisions%2Fsignals%2FSIG-agent.memory.recall-1.0.0.yaml&amp;content=type%3A%20%22breaking-change%22",
        ),
        ("gitea", "https://git.example.org/chora/catalog/_new/main?filename=decisions%2Fsignals%2F"),
        ("none", "#file"),
    ],
)
def test_the_button_opens_a_filled_file_on_the_forge(forge: str, address: str) -> None:
    base = sample_catalog.sample()
    catalog = replace(base, registry=replace(base.registry, forge=forge))
    page = one_page(catalog, links.capability_page("agent.memory.recall"))
    assert f'href="{address}' in page.decode()


def test_no_forge_link_is_made_of_an_address_that_is_not_https() -> None:
    base = sample_catalog.sample()
    for repository in ("http://git.example.org/c", "javascript:alert(1)", "https://user:word@git.example.org/c", ""):
        catalog = replace(base, registry=replace(base.registry, repository=repository))
        pages = rendered(catalog)
        for path, data in pages.items():
            hrefs = read(data).links if path.endswith(".html") else []
            assert not [href for href in hrefs if "/new/" in href or "/blob/" in href or "javascript" in href], path
