"""Atom feeds (RFC 4287): what happened to change signals, for all of them and for those of one owner.

An entry is one thing that counts: that a signal was filed, or an accepted event. Its id is that of the signal with the
name of the event's file, which is there once and never changes (a count of events would, where one is merged late); its
time is that of the event, never that of a build, so that a build in which nothing happened notifies nobody. An event
that is refused changes nothing and stands in no feed.

Ids are tag URIs (RFC 4151) by the host in the catalog's address and the day of the signal. A catalog without an address
has none that are its own: its ids are UUIDs (version 8, RFC 9562) made of its name, and its links are relative.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, urlsplit

from markupsafe import escape

from chora_catalog.model.catalog import Catalog, OwnerView
from chora_catalog.model.signal import ChangeSignal, Event
from chora_catalog.model.source import Registry
from chora_catalog.render import links, text
from chora_catalog.render.instants import moment
from chora_catalog.render.output import Output
from chora_catalog.render.titles import signal_title

MOST = 100
"""Entries of a feed, the newest first; every signal has its page besides."""
NOTHING_YET = "1970-01-01T00:00:00Z"
"""What a feed without an entry says in `updated`, which it has to say: a time at which nothing happened."""
_DONE = {
    "approve": "approved",
    "reject": "objected",
    "abstain": "abstained",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened to `signal`; `key` tells it from all others that did."""

    signal: ChangeSignal
    key: str
    at: str
    by: str
    what: str
    why: str
    state: str


def feeds(catalog: Catalog) -> Iterator[Output]:
    """Yield the feed of all signals, and one for each owner."""
    yield Output(path=links.SIGNALS_FEED, make=partial(_all, catalog))
    for owner in catalog.owners:
        yield Output(path=links.owner_feed(owner.name), make=partial(_of_owner, catalog, owner))


def entries(signals: Iterable[ChangeSignal]) -> tuple[Entry, ...]:
    """Return what happened to `signals`, the newest first. What has no time that is known is left out."""
    found = [entry for signal in signals for entry in _entries(signal)]
    return tuple(sorted(found, key=lambda entry: (entry.at, entry.signal.id, entry.key), reverse=True))


def _all(catalog: Catalog) -> bytes:
    return _feed(
        catalog.registry,
        path=links.SIGNALS_FEED,
        title=f"Change signals of {catalog.registry.title}",
        page="signals/index.html",
        found=entries(catalog.signals),
    )


def _of_owner(catalog: Catalog, owner: OwnerView) -> bytes:
    names = set(owner.signals)
    return _feed(
        catalog.registry,
        path=links.owner_feed(owner.name),
        title=f"Change signals that concern {owner.name}",
        page=links.owner_page(owner.name),
        found=entries(signal for signal in catalog.signals if signal.id in names),
    )


def _entries(signal: ChangeSignal) -> Iterator[Entry]:
    filed = moment(signal.created_at)
    if filed:
        by = signal.author or "somebody"
        yield Entry(
            signal=signal, key="filed", at=filed, by=by, what="filed", why=signal.impact, state=signal.filed_state
        )
    state = signal.filed_state
    for event in signal.events:
        if not event.is_accepted:
            continue
        state = event.to if event.kind == "move" else state
        at = moment(event.at)
        if at:
            by = event.by or "somebody"
            key = f"events/{event.file.split('/')[-1]}"
            yield Entry(signal=signal, key=key, at=at, by=by, what=_what(event), why=event.reason, state=state)


def _what(event: Event) -> str:
    if event.kind == "move":
        return f"moved to {event.to}" + (f", {event.outcome}" if event.outcome else "")
    if event.kind == "vote":
        # That a vote was cast is news; whether it counts is worked out anew with each vote, and stands on the page.
        return _DONE.get(event.vote, "voted") + (f" by {event.team}" if event.team else "")
    return "comment"


def _feed(registry: Registry, *, path: str, title: str, page: str, found: tuple[Entry, ...]) -> bytes:
    up = "../" * path.count("/")
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">',
        _element("id", _feed_id(registry, path)),
        _element("title", title, limit=200),
        _element("updated", found[0].at if found else NOTHING_YET),
        f"<author>{_element('name', registry.title, limit=200)}</author>",
        _link("alternate", _address(registry, page, up), "text/html"),
    ]
    if _base(registry):
        lines.append(_link("self", _address(registry, path, up), "application/atom+xml"))
    for entry in found[:MOST]:
        lines += _entry(registry, entry, up)
    return ("\n".join([*lines, "</feed>"]) + "\n").encode()


def _entry(registry: Registry, entry: Entry, up: str) -> list[str]:
    signal = entry.signal
    about = [text.sentence(f"{entry.by}: {entry.what}"), f"State: {entry.state}."]
    if signal.capability_id:
        about.append(f"Capability: {signal.capability_id}.")
    if entry.why:
        about.append(text.cut(entry.why, 1000))
    return [
        "<entry>",
        _element("id", _entry_id(registry, entry)),
        _element("title", f"{signal_title(signal)}: {entry.what}", limit=200),
        _element("updated", entry.at),
        _element("published", entry.at),
        f"<author>{_element('name', entry.by, limit=200)}</author>",
        _link("alternate", _address(registry, links.signal_page(signal.id), up), "text/html"),
        f'<category term="{escape(text.visible(entry.state))}"/>',
        _element("summary", " ".join(about), limit=2000),
        "</entry>",
    ]


def _element(name: str, words: str, limit: int = 500) -> str:
    """Return an element with `words` as plain text: what acts is written out, and markup is escaped."""
    return f"<{name}>{escape(text.cut(text.visible(words), limit))}</{name}>"


def _link(rel: str, href: str, kind: str) -> str:
    return f'<link rel="{rel}" type="{kind}" href="{escape(href)}"/>'


def _base(registry: Registry) -> str:
    """Return the catalog's address with a slash at its end; empty where it has none of its own."""
    url = registry.url
    return (url if url.endswith("/") else url + "/") if url and links.outward(url) == url else ""


def _address(registry: Registry, path: str, up: str) -> str:
    return (_base(registry) or up) + quote(path)


def _feed_id(registry: Registry, path: str) -> str:
    base = _base(registry)
    # The address of the feed is an id of its own (RFC 4287, 4.2.6); a tag would need a day that nobody can tell.
    return base + quote(path) if base else _uuid(registry, path)


def _entry_id(registry: Registry, entry: Entry) -> str:
    base, signal = urlsplit(_base(registry)), entry.signal
    specific = f"signals/{quote(signal.id, safe='')}/{quote(entry.key)}"
    if not base.hostname:
        return _uuid(registry, specific)
    day = (moment(signal.created_at) or entry.at)[:10]
    return f"tag:{base.hostname},{day}:{quote(base.path, safe='/%')}{specific}"


def _uuid(registry: Registry, name: str) -> str:
    digest = hashlib.sha256(f"chora-feed\n{registry.title}\n{registry.repository}\n{name}".encode("utf-8", "replace"))
    value = bytearray(digest.digest()[:16])
    value[6], value[8] = value[6] & 0x0F | 0x80, value[8] & 0x3F | 0x80
    written = value.hex()
    return f"urn:uuid:{written[:8]}-{written[8:12]}-{written[12:16]}-{written[16:20]}-{written[20:]}"
