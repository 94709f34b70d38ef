"""Text of an attacker in pages and Markdown stays text: nothing of a source is ever run (DESIGN, promise 3)."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import pytest

from chora_catalog.build.assemble import assemble
from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.model.catalog import OwnerView
from chora_catalog.model.finding import Place
from chora_catalog.model.manifest import Port
from chora_catalog.render import api, site
from chora_catalog.render.markdown import to_html
from chora_catalog.render.pages.frames import frame
from chora_catalog.render.search import SUMMARY, WORDS
from chora_catalog.render.text import columns, visible
from tests import sample_catalog

ALLOWED_LINKS = ("https://", "mailto:", "http://")
MARKUP = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    '<iframe srcdoc="<script>alert(1)</script>">',
    "<base href=https://evil.example/>",
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "![x](https://evil.example/p.png)",
    "![x][y]\n\n[y]: https://evil.example/p.png",
    '[a](https://ok.example "" onmouseover=alert(1) ")',
    '```"><script>alert(1)</script>\nx\n```',
    "{{7*7}} ${7*7} {% import os %}",
    "<a href='https://x.example' style='position:fixed;inset:0'>x</a>",
    "<form action=https://evil.example><input type=submit></form>",
    "[x](//evil.example/p)",
    "[x](../../../../etc/passwd)",
    "a\x00b\x1b[31mc\u202ed\u2028e",
    "```mermaid\ngraph TD;A[<img src=x onerror=alert(1)>]-->B\nclassDef x fill:url(javascript:alert(1))\n```",
    '--8<-- "/etc/passwd"\n\n{!/etc/passwd!}\n\n.. include:: /etc/passwd',
]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag


def tags_of(html: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Tags()
    reader.feed(html)
    reader.close()
    return reader.seen


@pytest.mark.parametrize("source", MARKUP)
def test_markdown_of_a_source_is_inert(source: str) -> None:
    html = to_html(source)
    for tag, attributes in tags_of(html):
        assert tag not in ("script", "style", "img", "svg", "iframe", "base", "meta", "form", "input", "object", "math")
        assert set(attributes) <= {"href", "rel", "start"}, html
        href = attributes.get("href")
        assert href is None or href.startswith(ALLOWED_LINKS), html
        assert tag != "a" or attributes.get("rel") == "nofollow noopener"
    assert "49" not in html
    assert "root:x:0" not in html
    assert "\x1b" not in html
    assert "\u202e" not in html


def test_relative_links_of_markdown_lead_where_the_catalog_says() -> None:
    made = to_html(
        "[a](x.md) [b](#y)", lambda target: f"https://git.example.org/{target}" if target == "x.md" else None
    )
    assert 'href="https://git.example.org/x.md"' in made
    assert made.count("href") == 1


def test_headings_of_a_source_do_not_break_the_outline() -> None:
    assert [tag for tag, _ in tags_of(to_html("# a\n\n###### b\n\nc\n=\n"))] == ["h3", "h3", "h3"]


@pytest.mark.parametrize(
    "source",
    [
        "[" * 30_000,
        "![" * 15_000,
        "`" + "a`" * 15_000,
        "> " * 15_000,
        "|a" * 9_000 + "\n" + "|-" * 9_000,
        "*a _b " * 5_000,
        "<" * 30_000,
        "a](" * 10_000,
        "- " * 15_000,
        "&#" * 15_000,
        "x" * 10_000_000,
    ],
)
def test_markdown_takes_a_bounded_time(source: str) -> None:
    start = time.process_time()
    to_html(source)
    assert time.process_time() - start < 5


def test_a_picture_becomes_a_link_and_a_long_text_is_cut() -> None:
    assert 'href="https://evil.example/p.png"' in to_html("![a chart](https://evil.example/p.png)")
    assert "a chart" in to_html("![a chart](https://evil.example/p.png)")
    assert len(to_html("word " * 100_000)) < 40_000


def test_no_page_of_a_hostile_federation_holds_live_markup() -> None:
    templates = {path: data.decode() for path, data in read_folder(data_folder("templates") / "site").items()}
    for output in site.pages(sample_catalog.hostile(), templates):
        words = output.make().decode("utf-8")
        for char in ("\x00", "\x1b", "\x9b", "\u202e", "\u2066", "\u200b", "\u2028"):
            assert char not in words, output.path
        if not output.path.endswith(".html"):
            continue
        for tag, attributes in tags_of(words):
            assert tag not in ("img", "iframe", "object", "embed", "base", "textarea"), output.path
            assert tag != "script" or attributes.get("src"), output.path
            assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcdoc", "action")]
            for name in ("href", "src"):
                value = attributes.get(name) or ""
                assert not value.lower().lstrip().startswith(("javascript:", "vbscript:", "data:text", "//")), (
                    output.path
                )
        assert "<!--" not in words, output.path


def test_a_text_stuffed_with_words_gains_nothing_in_the_search() -> None:
    """H21: a word counts once in a field however often it stands there, and a field has at most 60 words."""
    base = sample_catalog.gathered()
    stuffed = sample_catalog.manifest(
        "evil.search.stuff",
        "1.0.0",
        "registry " * 2_500,
        tags=("registry",) * 2_500,
        inputs=tuple(Port(name=f"registry word{n}") for n in range(2_500)),
    )
    catalog = assemble(
        replace(base, harvests=base.harvests | {"hud": sample_catalog.harvest("hud", sample_catalog.AS_OF, stuffed)}),
        as_of=datetime.fromisoformat(sample_catalog.AS_OF),
    )
    templates = {path: data.decode() for path, data in read_folder(data_folder("templates") / "site").items()}
    (made,) = [output.make() for output in site.pages(catalog, templates) if output.path == "search/index.js"]
    rows = json.loads(made.decode().partition("window.choraIndex=")[2].rstrip().removesuffix(";"))
    (row,) = [row for row in rows if row[0] == "evil.search.stuff"]
    fields = [field.split(" ") for field in row[10].split("|")]
    assert [field.count("registry") for field in fields] == [0, 1, 0, 0, 1, 0]
    assert max(map(len, fields)) <= WORDS
    assert len(row[2]) <= SUMMARY + 1


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\x1b[31mb", "a[U+001B][31mb"),
        ("\u202egnp.exe", "[U+202E]gnp.exe"),
        ("\ud800", "[U+D800]"),
        ("a\u200bb", "a[U+200B]b"),
        ("می‌خواهم", "می‌خواهم"),
        ("👩‍💻", "👩‍💻"),
        ("tab\tline\n", "tab\tline\n"),
        ("z" + "\u0301" * 50, "z" + "\u0301" * 4),
        ("\U000e0041", "[U+E0041]"),
        ("\ufffe", "[U+FFFE]"),
    ],
)
def test_what_acts_is_written_out_and_what_is_writing_stays(raw: str, shown: str) -> None:
    assert visible(raw) == shown


def test_the_caret_stands_below_its_column_whatever_comes_before() -> None:
    lines = frame(Place(file="f", line=3, column=4, excerpt=("a", "\tb\u202e: x"), excerpt_from=2))
    assert [line.text for line in lines] == ["a", "→   b[U+202E]: x", " " * 13 + "^"]
    assert columns("日本") == 4
    long = frame(Place(file="f", line=1, column=5_000, excerpt=("x" * 10_000,), excerpt_from=1))
    assert len(long[0].text) < 200
    assert long[1].text.index("^") < 200


def test_a_name_takes_the_place_of_no_list() -> None:
    """An owner called `index` would be written over the list of owners, and so would a source or a record."""
    base = sample_catalog.sample()
    catalog = replace(
        base,
        owners=(*base.owners, OwnerView(name="index")),
        signals=(*base.signals, replace(base.signals[0], id="index")),
        decisions=(*base.decisions, replace(base.decisions[0], id="index")),
        waivers=(*base.waivers, replace(base.waivers[0], id="index")),
    )
    templates = {path: data.decode() for path, data in read_folder(data_folder("templates") / "site").items()}
    paths = [output.path for output in (*site.pages(catalog, templates), *api.files(catalog))]
    assert len(paths) == len(set(paths))
