"""Value scenario of chora.catalog.browse: everything is found from the files alone, and nothing asks for more.

The guide is docs/how-to/browse-the-catalog.md. The first line of each test is a scenario of browse.feature. What a
browser does with these pages is tested in tests/browser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.letters import Federation

LOADS = {("script", "src"), ("link", "href"), ("img", "src"), ("source", "srcset"), ("iframe", "src"), ("use", "href")}


class Page(HTMLParser):
    """The addresses a page loads by itself, those it links to, its policy, and what is inline."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.loads, self.links, self.policy, self.inline = path, set[str](), set[str](), "", list[str]()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "meta" and values.get("http-equiv", "").lower() == "content-security-policy":
            self.policy = values["content"]
        if tag == "link" and values.get("rel") not in ("stylesheet", "icon"):
            self.links.add(values.get("href", ""))
            return
        self.loads |= {value for name, value in values.items() if (tag, name) in LOADS}
        if tag == "a" and "href" in values:
            self.links.add(values["href"])
        self.inline += [name for name in values if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in values and "json" not in values.get("type", "")):
            self.inline.append(tag)


def pages(federation: Federation) -> Iterator[Page]:
    found = sorted(federation.site.rglob("*.html"))
    assert len(found) > 8
    assert any("docs" in path.parts for path in found)
    return map(Page, found)


def test_find(built: Federation) -> None:
    """The first page leads to each capability, and each capability to its owner"""
    home = Page(built.site / "index.html")
    for name, owner in (("hello.greeting.say", "team-hello"), ("hello.letter.write", "team-letters")):
        assert f"capabilities/{name}.html" in home.links
        page = Page(built.site / "capabilities" / f"{name}.html")
        assert f"../owners/{owner}.html" in page.links
        assert (built.site / "owners" / f"{owner}.html").is_file()


def test_no_other_host(built: Federation) -> None:
    """No page asks anything of another host"""
    for page in pages(built):
        loaded = {address for address in page.loads if not address.startswith("data:")}
        assert not {address for address in loaded if urlsplit(address).netloc or address.startswith("/")}, page.path
        assert all((page.path.parent / unquote(urlsplit(address).path)).is_file() for address in loaded), page.path
        assert not page.inline, page.path
        assert "default-src 'none'" in page.policy, page.path
        assert not re.search(r"https?:|\*|unsafe", page.policy), page.path


def test_links_lead_somewhere(built: Federation) -> None:
    """Every link between pages names a file that is there"""
    broken = []
    for page in pages(built):
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not parts.path:
                continue
            if not (page.path.parent / unquote(parts.path)).is_file():
                broken.append(f"{page.path.relative_to(built.site)}: {link}")
    assert not broken


def test_no_claim_of_freshness(built: Federation) -> None:
    """No page claims to be fresh"""
    run = json.loads((built.site / "run.json").read_text(encoding="utf-8"))
    instant = run["as_of"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", instant)
    for page in pages(built):
        text = page.path.read_text(encoding="utf-8")
        assert instant not in text, page.path
        assert not re.search(r"\b\d+ (?:minutes?|hours?|days?) ago\b", text), page.path
