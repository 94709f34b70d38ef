"""Atom feeds, read back by a parser that knows nothing of us, and held against the rules of RFC 4287.

Promises: one entry for each thing that counts, none for what was refused; ids never change; times are those of events,
so that a build in which nothing happened changes no byte; text of a record is text, whatever it holds.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import urljoin
from xml.etree import ElementTree

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chora_catalog.model.catalog import Catalog, OwnerView
from chora_catalog.model.signal import ChangeSignal, Event
from chora_catalog.render import feeds, links
from tests import sample_catalog

ATOM = "{http://www.w3.org/2005/Atom}"
TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}-\d{2}-\d{2}:[A-Za-z0-9._~%!$&'()*+,;=:@/?-]+")
"""RFC 4151: authority, date, and what the authority calls it."""
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


def made(catalog: Catalog) -> dict[str, bytes]:
    return {output.path: output.make() for output in feeds.feeds(catalog)}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return sample_catalog.sample()


def test_an_independent_reader_finds_what_happened(catalog: Catalog) -> None:
    read = feedparser.parse(made(catalog)["feeds/signals.xml"])
    assert not read.bozo
    assert read.version == "atom10"
    assert read.feed.title == "Change signals of Chora"
    assert [(entry.updated, entry.author, entry.title) for entry in read.entries[:3]] == [
        ("2026-11-21T08:05:00Z", "Mei Tan", "Remove session_token in mcp.orchestration 2.0: comment"),
        (
            "2026-11-21T08:00:00Z",
            "Mei Tan",
            "Remove session_token in mcp.orchestration 2.0: approved by team-liminal",
        ),
        (
            "2026-11-20T13:22:00Z",
            "Tomás Rivera",
            "Remove session_token in mcp.orchestration 2.0: approved by team-orchestration",
        ),
    ]
    assert read.entries[0].link == "https://catalog.example.org/" + links.signal_page("SIG.mcp.orchestration.review")
    assert read.entries[0].summary == (
        "Mei Tan: comment. State: review. Capability: mcp.orchestration.serve. "
        "Fine for us once the hub reads the reference."
    )
    assert len(read.entries) == 3 + 4


def test_what_was_refused_stands_in_no_feed(catalog: Catalog) -> None:
    text = made(catalog)["feeds/signals.xml"].decode()
    assert "moved to review" in text
    assert "moved to rollout" not in text
    assert "Ravi Menon: approved" not in text


def test_each_owner_has_a_feed_of_what_concerns_them(catalog: Catalog) -> None:
    every = made(catalog)
    assert set(every) == {"feeds/signals.xml", *(links.owner_feed(owner.name) for owner in catalog.owners)}
    read = feedparser.parse(every[links.owner_feed("team-platform")])
    assert [entry.title for entry in read.entries] == ["Deprecation in telemetry.trace.collect: filed"]
    assert read.feed.link == "https://catalog.example.org/" + links.owner_page("team-platform")
    assert feedparser.parse(every[links.owner_feed("team-privacy")]).entries == []


@pytest.mark.parametrize("address", ["https://catalog.example.org/", "https://example.org:8443/a/catalog", ""])
def test_every_feed_obeys_the_rules_of_atom(catalog: Catalog, address: str) -> None:
    """RFC 4287, sections 4.1.1, 4.1.2, 4.2: what has to be there, how often, and in what form."""
    given = replace(catalog, registry=replace(catalog.registry, url=address))
    for path, data in made(given).items():
        root = ElementTree.fromstring(data)
        assert root.tag == f"{ATOM}feed"
        for name in ("id", "title", "updated", "author"):
            assert len(root.findall(f"{ATOM}{name}")) == 1, (path, name)
        assert [link.get("rel") for link in root.findall(f"{ATOM}link")] == [
            "alternate",
            *(["self"] if address else []),
        ]
        ids = [one.text or "" for one in root.iter(f"{ATOM}id")]
        assert len(ids) == len(set(ids))
        assert all(re.match(r"[a-z]+:", one) for one in ids), "an id is an absolute IRI"
        entries = root.findall(f"{ATOM}entry")
        for entry in entries:
            for name in ("id", "title", "updated", "author", "summary"):
                assert len(entry.findall(f"{ATOM}{name}")) == 1
            assert [link.get("rel") for link in entry.findall(f"{ATOM}link")] == ["alternate"]
            assert entry.findtext(f"{ATOM}author/{ATOM}name")
            if address:
                assert TAG.fullmatch(entry.findtext(f"{ATOM}id") or "")
        times = [one.text or "" for one in root.iter(f"{ATOM}updated")]
        assert all(INSTANT.fullmatch(one) and datetime.fromisoformat(one) for one in times)
        assert times[0] == max(times)
        assert times[1:] == sorted(times[1:], reverse=True)


def test_without_an_address_ids_are_uuids_and_links_are_relative(catalog: Catalog) -> None:
    bare = replace(catalog, registry=replace(catalog.registry, url=""))
    every = made(bare)
    for path, data in every.items():
        root = ElementTree.fromstring(data)
        ids = [one.text or "" for one in root.iter(f"{ATOM}id")]
        assert all(
            re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one)
            for one in ids
        )
        page = root.find(f"{ATOM}link")
        assert page is not None
        target = urljoin(f"https://mirror.example/{path}", str(page.get("href")))
        assert target.removeprefix("https://mirror.example/").startswith(("signals/index.html", "owners/"))
    other = replace(bare, registry=replace(bare.registry, title="Another"))
    assert made(other)["feeds/signals.xml"] != every["feeds/signals.xml"]


def test_an_id_names_the_host_the_day_and_the_file(catalog: Catalog) -> None:
    address = replace(catalog, registry=replace(catalog.registry, url="https://example.org:8443/a%20b/"))
    text = made(address)["feeds/signals.xml"].decode()
    assert "<id>https://example.org:8443/a%20b/feeds/signals.xml</id>" in text
    assert (
        "<id>tag:example.org,2026-11-17:/a%20b/signals/SIG.mcp.orchestration.review/events/0007-comment.yaml</id>"
        in text
    )
    assert "<id>tag:example.org,2026-11-17:/a%20b/signals/SIG.mcp.orchestration.review/filed</id>" in text


def test_ids_stay_when_an_earlier_event_is_merged_late(catalog: Catalog) -> None:
    late = Event(kind="comment", at="2026-11-18T00:00:00Z", by="Ada", file="decisions/signals/SIG/0000-late.yaml")
    signals = [replace(item, events=(late, *item.events)) for item in catalog.signals]
    before, after = (
        {entry.id: entry.title for entry in feedparser.parse(made(one)["feeds/signals.xml"]).entries}
        for one in (catalog, replace(catalog, signals=tuple(signals)))
    )
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + len(signals)


def test_when_it_was_built_changes_no_byte(catalog: Catalog) -> None:
    base = sample_catalog.sample(silent=("hud",))
    assert made(base)["feeds/signals.xml"] == made(catalog)["feeds/signals.xml"]


def test_a_feed_without_an_entry_says_a_time_at_which_nothing_happened() -> None:
    read = feedparser.parse(made(sample_catalog.empty())["feeds/signals.xml"])
    assert not read.bozo
    assert (read.entries, read.feed.updated) == ([], feeds.NOTHING_YET)


def test_what_has_no_time_is_left_out(catalog: Catalog) -> None:
    signals = tuple(replace(item, created_at="", events=()) for item in catalog.signals)
    assert feedparser.parse(made(replace(catalog, signals=signals))["feeds/signals.xml"]).entries == []


def test_a_feed_is_bounded_and_keeps_the_newest(catalog: Catalog) -> None:
    events = tuple(
        Event(kind="comment", at=f"2026-{1 + n // 28:02d}-{1 + n % 28:02d}T08:00:00Z", by="Ada", file=f"x/{n:04d}.yaml")
        for n in range(200)
    )
    signal = ChangeSignal(id="SIG-a", file="x.yaml", created_at="2025-01-01", events=events)
    read = feedparser.parse(made(replace(catalog, signals=(signal,)))["feeds/signals.xml"])
    assert len(read.entries) == feeds.MOST
    assert read.entries[0].updated == events[-1].at


def test_hostile_text_is_text() -> None:
    for path, data in made(sample_catalog.hostile()).items():
        text = data.decode()
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", text), path
        assert not feedparser.parse(data).bozo
        root = ElementTree.fromstring(data)
        known = {f"{ATOM}{name}" for name in ("feed", "id", "title", "updated", "published", "author", "name", "link",
                                              "entry", "category", "summary")}  # fmt: skip
        assert {one.tag for one in root.iter()} == known - (
            set()
            if root.find(f"{ATOM}entry") is not None
            else {f"{ATOM}{name}" for name in ("entry", "category", "summary", "published")}
        )
        assert all(len(line) < 4000 for line in text.splitlines())


@given(words=st.text(max_size=60), name=st.text(max_size=30))
def test_no_text_breaks_a_feed(words: str, name: str) -> None:
    signal = ChangeSignal(
        id="SIG-a", file="x.yaml", title=words, impact=words, author=name, created_at="2026-01-01", capability_id=words
    )
    registry = replace(sample_catalog.REGISTRY, title=name)
    catalog = Catalog(registry=registry, signals=(signal,), owners=(OwnerView(name=name, signals=("SIG-a",)),))
    for data in made(catalog).values():
        root = ElementTree.fromstring(data)
        assert root.findtext(f"{ATOM}entry/{ATOM}author/{ATOM}name") is not None


def test_owners_feeds_are_named_by_their_pages(catalog: Catalog) -> None:
    names = json.dumps(sorted(made(catalog)))
    for owner in catalog.owners:
        assert links.owner_page(owner.name).replace("owners/", "feeds/owners/").replace(".html", ".xml") in names
