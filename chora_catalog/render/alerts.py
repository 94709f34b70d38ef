"""Alerts in words: as issues, as text, as annotations of a workflow, and as JSON.

What git or a network said is not ours. It stands in code, where no Markdown, mention or reference counts, on one page
at most. Bodies hold instants and no ages, so that an alert which is still the same is still the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chora_catalog.model.alert import Ages, Notice, Overdue
from chora_catalog.model.ids import file_name
from chora_catalog.render.instants import minute, span
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.text import cut, visible

SCHEMA = "chora.alerts/v1"
INDEX = "chora-alert:@index"
"""No source is called that: the name of one has no `@`."""
_MARKER = re.compile(r"<!-- (chora-(?:alert|watch):[^\s<>]{1,2000}) -->")
_UNSAFE = frozenset("".join(map(chr, range(33))) + "\"'()<>[]\\^`{|}\x7f")
_SAID = 1000
_LINES = 20


def source_key(source: str) -> str:
    """Return what tells the issue of a source from every other."""
    return f"chora-alert:{source}"


def watch_key(address: str) -> str:
    """Return what tells the issue about a watched catalog from every other; nothing in it can end the marker."""
    return f"chora-watch:{_percent(address)[:1500]}"


def marked(key: str, body: str) -> str:
    """Return the body of an issue with its marker as the first line, where the reader of the issue does not see it."""
    return f"<!-- {key} -->\n{body}"


def key_in(body: str) -> str:
    """Return the key that the first line of an issue's body holds, empty where it holds none."""
    found = _MARKER.fullmatch(body.replace("\r\n", "\n").split("\n", 1)[0].strip())
    return found[1] if found else ""


def notices(ages: Ages, site: str = "") -> tuple[Notice, ...]:
    """Return the issues that should be open; `site` is the catalog's address, for links, empty where there is none."""
    index = (_index_notice(ages, site),) if ages.index_alert_at else ()
    return (*index, *(_source_notice(overdue, site) for overdue in ages.overdue))


def _source_notice(overdue: Overdue, site: str) -> Notice:
    key, name = source_key(overdue.source), overdue.source
    if overdue.last_ok_at:
        what = f"The catalog has not read the source {_code(name)} since {minute(overdue.last_ok_at)}."
        state = "The catalog shows what was last read of it. Nothing that rests on it counts as a pass."
    else:
        what = f"The catalog has never read the source {_code(name)}."
        state = "What it holds is not evaluated: the catalog does not know it, and does not take it for empty."
    page = f" [Its page]({_link(site, f'sources/{file_name(name)}.html')})" if site else ""
    step = (
        "Where the scheduled job runs, try `git ls-remote` with the address that the registry gives for it. Then "
        "correct the address or the access in the registry, or take the entry out if the repository is gone for good."
    )
    lines = [
        what,
        "",
        f"- Last good reading: {overdue.last_ok_at or 'none'}",
        *([f"- Past the alert age since: {overdue.alert_at}"] if overdue.alert_at else []),
        f"- Alert age: {span(overdue.alert)}",
        "",
        *(["What the last try said:", "", fenced(overdue.error), ""] if overdue.error else []),
        state + page,
        "",
        f"**Next step.** {step}",
        "",
        "This issue is kept by `chora alerts` and closed when the source answers again.",
    ]
    return Notice(key=key, title=f"Source {name} stays away", body=marked(key, "\n".join(lines)))


def _index_notice(ages: Ages, site: str) -> Notice:
    where = f" ({_code(site)})" if site else ""
    lines = [
        f"The catalog{where} was last built at {minute(ages.built_at)}. Its runs have stopped, or publish nothing.",
        "",
        f"- Last run: {ages.built_at}",
        f"- Past the alert age since: {ages.index_alert_at}",
        f"- Alert age: {span(ages.alert)}",
        "",
        "The pages say so themselves. No source that answered in that run is called overdue on its account.",
        "",
        "**Next step.** Look at the runs of the workflow `catalog`: is it switched off, late, or failing?",
        "",
        "This issue is kept by `chora alerts` and closed when a run publishes again.",
    ]
    return Notice(key=INDEX, title="The catalog is not being built", body=marked(INDEX, "\n".join(lines)))


def watch_notice(address: str, *, built_at: str, limit: int, trouble: str) -> Notice:
    """Return the issue about a watched catalog: too old (`built_at` says since when), or `trouble` says why not known.

    `limit` is the age in seconds from which it is too old.
    """
    key = watch_key(address)
    if trouble:
        title = "The catalog's age cannot be told"
        what = [f"The run record of {_code(address)} cannot be read or believed.", "", fenced(trouble)]
        step = "Open the address. Does the host answer, and is what it serves still the catalog?"
    else:
        title = "The catalog is too old"
        what = [
            f"The catalog at {_code(address)} was last built at {minute(built_at)}.",
            "",
            f"- Last run: {built_at}",
            f"- Too old from: {span(limit)}",
        ]
        step = "Look at the runs of the catalog's scheduled workflow: is it switched off, late, or failing?"
    lines = [*what, "", f"**Next step.** {step}", "", "This issue is kept by `chora watch` and closed when it is well."]
    return Notice(key=key, title=title, body=marked(key, "\n".join(lines)))


def fenced(text: str) -> str:
    """Return foreign text as a block of code: visible, at most 20 lines and 1,000 characters, its fence unbreakable."""
    lines = visible(text.replace("\r\n", "\n")).strip("\n").split("\n")
    kept = "\n".join(lines[:_LINES])[:_SAID]
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", kept)), default=0))
    return f"{fence}text\n{kept}\n{fence}"


def _code(text: str) -> str:
    """Return foreign text as code in a line."""
    line = cut(visible(text), 300)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _link(site: str, path: str) -> str:
    base = site if site.endswith("/") else site + "/"
    return _percent(base + path)


def _percent(address: str) -> str:
    """Return an address with everything percent-encoded that could end a link, a marker or a line."""
    return "".join(f"%{byte:02X}" if chr(byte) in _UNSAFE or byte > 126 else chr(byte) for byte in address.encode())


def as_text(ages: Ages) -> Iterator[str]:
    """Yield one line for each alert, and one that counts."""
    if ages.index_alert_at:
        yield f"The catalog was last built at {minute(ages.built_at)}, over {span(ages.alert)} ago."
    for overdue in ages.overdue:
        yield _line(overdue)
    late = f", {len(ages.late)} late" if ages.late else ""
    yield f"{len(ages.overdue)} past the alert age{late}, {len(ages.fresh)} fresh, at {minute(ages.as_of)}."


def workflow_commands(ages: Ages) -> Iterator[str]:
    """Yield one GitHub Actions annotation for each alert; nothing foreign in it can start a command of its own."""
    if ages.index_alert_at:
        yield f"::warning title=chora-alert::{_annotation(f'the catalog was last built at {minute(ages.built_at)}')}"
    for overdue in ages.overdue:
        yield f"::warning title=chora-alert::{_annotation(_line(overdue))}"


def _annotation(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _line(overdue: Overdue) -> str:
    since = f"last read at {minute(overdue.last_ok_at)}" if overdue.last_ok_at else "never read"
    said = f": {cut(visible(overdue.error), 200)}" if overdue.error else ""
    return f"{overdue.source}: {since}, alert age {span(overdue.alert)}{said}"


def as_json(ages: Ages, found: Iterable[Notice], closes: Iterable[str]) -> str:
    """Return alerts as the JSON text `chora.alerts/v1`: the issues that should be open, and whose are to be closed.

    `closes` are the keys of issues that are to be closed where they are open.
    """
    about = {source_key(item.source): (item.source, item.last_ok_at, item.alert_at) for item in ages.overdue}
    about[INDEX] = ("", ages.built_at, ages.index_alert_at)
    names = ("source", "last_ok_at", "alert_at")
    return json_bytes(
        {
            "schema": SCHEMA,
            "as_of": ages.as_of,
            "built_at": ages.built_at,
            "alerts": [
                dict(zip(names, about[notice.key], strict=True))
                | {"marker": f"<!-- {notice.key} -->", "title": notice.title, "body": notice.body}
                for notice in found
            ],
            "close": [f"<!-- {key} -->" for key in closes],
            "late": list(ages.late),
            "fresh": list(ages.fresh),
        }
    ).decode()
