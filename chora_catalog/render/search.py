"""The search index: one classic script that the home page loads, so that search works from disk too.

`window.choraIndex` is a list of rows in the order of the home page (most urgent first, then by id):
`[id, version, summary, owner, verdict, lifecycle, stability, tier, constellation, source, tokens, note, released,
file]`. `tokens` are six lists of words joined by `|`: name, inputs and outputs, behaviors, scenarios, tags, and the
words of the summary beyond its cut. `file` is empty where the page is named like the id. `window.choraOwnerFiles` maps
the owners whose page is not named like them; an empty name means no page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from chora_catalog.model.catalog import Entry
from chora_catalog.model.ids import file_name
from chora_catalog.render.instants import instant
from chora_catalog.render.output import Output
from chora_catalog.render.pages.lookup import Lookup, entry_order
from chora_catalog.render.script import script_json
from chora_catalog.render.text import column_value, cut, visible

SUMMARY = 160
WORDS = 60
"""Words of one field that count: a page stuffed with words gains nothing."""
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def index(lookup: Lookup) -> bytes:
    """Return the text of `search/index.js` for the catalog."""
    rows = [_row(entry) for entry in sorted(lookup.catalog.entries, key=entry_order)]
    owners = sorted({entry.owner for entry in lookup.catalog.entries if entry.owner})
    files = {
        column_value(owner): file_name(owner) if owner in lookup.owners else ""
        for owner in owners
        if owner not in lookup.owners or file_name(owner) != column_value(owner)
    }
    lines = ",\n".join(script_json(row) for row in rows)
    return f"window.choraOwnerFiles={script_json(files)};\nwindow.choraIndex=[\n{lines}\n];\n".encode()


def words(text: str) -> list[str]:
    """Return the words of `text` as the index and the box compare them: folded, split at marks and camel humps.

    A word with humps counts whole and in parts: `sessionToken` is `sessiontoken`, `session`, `token`.
    """
    found: list[str] = []
    for raw in _WORD.findall(_without_marks(text[:4000])):
        low = raw.lower()
        if low == raw:
            # No capital, no hump: nearly every word.
            found.append(raw)
            continue
        parts = _CAMEL.sub(" ", raw).split(" ")
        found += [low, *(part.lower() for part in parts if len(parts) > 1)]
    return [word[:48] for word in dict.fromkeys(found)]


def _row(entry: Entry) -> list[str]:
    manifest = entry.manifest
    summary = cut(visible(manifest.summary), SUMMARY)
    page = file_name(entry.id)
    seen = set(words(summary))
    fields = [
        words(manifest.name) if manifest.name != entry.id else [],
        _all(part for port in (*manifest.inputs, *manifest.outputs) for part in (port.name, port.type)),
        _all(b.id for b in (*manifest.behaviors, *manifest.observed_behaviors)),
        _all(part for s in manifest.value_scenarios for part in (s.id, s.title)),
        _all(manifest.tags),
        [word for word in words(manifest.summary) if word not in seen][:WORDS] if summary != manifest.summary else [],
    ]
    return [
        visible(entry.id),
        visible(entry.version),
        summary,
        column_value(entry.owner),
        entry.verdict.value,
        column_value(manifest.lifecycle_stage),
        column_value(manifest.stability),
        column_value(manifest.security_tier),
        column_value(entry.constellation),
        visible(entry.source),
        "|".join(" ".join(field) for field in fields),
        cut(visible(entry.verdict_note), 60),
        instant(entry.released_at),
        "" if page == entry.id else page,
    ]


def _all(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for text in texts for word in words(text)))[:WORDS]


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.category(c).startswith("M"))


def docs_index(sections: Sequence[tuple[str, str, str, str]]) -> Iterator[Output]:
    """Yield `search/docs.js`: `window.choraDocs`, a list of `[title, heading, address from the root, first words]`."""
    lines = ",\n".join(script_json([visible(part) for part in section]) for section in sections)
    yield Output(path="search/docs.js", make=f"window.choraDocs=[\n{lines}\n];\n".encode)
