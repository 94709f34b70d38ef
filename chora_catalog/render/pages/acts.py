"""What a reader can do about a signal: each as a command, as a file to add, and as the forge's page filled with it.

Nothing is changed by a page: a file counts once a pull request with it is merged, and the gate judges it before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chora_catalog.model.judgement import Paper
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.model.versions import Version
from chora_catalog.render import drafts, links
from chora_catalog.render.drafts import BLANK
from chora_catalog.render.pages.lookup import EdgeView, Lookup
from chora_catalog.render.signal_commands import on_lines, step_command, vote_command, waiver_command
from chora_catalog.resolve.acting import Doing, NextStep

_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something a reader can do: a file to add, and the forge's page that is filled with it (empty without a forge).

    `is_filled` tells whether that page is known to show the text; else it stands below, to be copied.
    """

    word: str
    about: str
    path: str
    text: str
    href: str
    is_filled: bool = False
    command: str = ""


def file_act(lookup: Lookup, word: str, paper: Paper, *, about: str = "", command: str = "") -> Act:
    """Return the act of adding `paper` to the catalog's repository."""
    page = links.new_file(lookup.catalog.registry, paper.file, paper.text)
    return Act(
        word=word,
        about=about,
        path=paper.file,
        text=paper.text,
        href=page.href,
        is_filled=page.is_filled,
        command=on_lines(command),
    )


def acts(lookup: Lookup, given: ChangeSignal, step: NextStep | None, breaks: list[EdgeView]) -> tuple[Act, ...]:
    """Return what a reader can do about an open signal: what comes next first."""
    found = []
    command = step_command(given, step) if step is not None else ""
    if step is not None and step.doing is Doing.RECORD:
        found.append(file_act(lookup, "Record the decision", _decision(given), about="in the log", command=command))
    elif step is not None and command:
        more = (("reason", BLANK), ("decision_by", BLANK)) if step.doing is Doing.TAKE_UP else ()
        paper = _event(given, f"move-{step.to}", ("kind", "move"), ("to", step.to), *more)
        found.append(file_act(lookup, f"Move it to {step.to}", paper, command=command))
    if given.state in ("proposed", "review"):
        asked = step.who if step is not None and step.doing is Doing.VOTE else given.asked
        found += _votes(lookup, given, next(iter(asked), ""))
    if given.waiver_allowed:
        about = f"{given.waiver_max} at most" if given.waiver_max else "for a limited time"
        consumer = breaks[0].edge.consumer if breaks else ""
        paper = _waiver(lookup, given, consumer)
        command = waiver_command(given, consumer)
        found.append(file_act(lookup, "Ask for a waiver", paper, about=about, command=command))
    return tuple(found)


def signal_act(lookup: Lookup, capability: str, version: str) -> Act:
    """Return the act of filing a change signal about `capability`, whose newest version is `version` (may be empty).

    What breaks others comes with the next major version; what a person has to say is left empty.
    """
    known = Version.parse(version)
    proposed = f"{known.major + 1}.0.0" if known else ""
    fields = (
        ("type", "breaking-change"),
        ("capability_id", capability),
        ("proposed_version", proposed or BLANK),
        ("impact", BLANK),
        ("priority", "medium"),
    )
    name = drafts.free_name(drafts.signal_name(capability, proposed or "next"), lookup.signals)
    return file_act(lookup, "File a change signal", drafts.signal_paper(name, fields))


def _votes(lookup: Lookup, given: ChangeSignal, team: str) -> Iterator[Act]:
    for word, about, said in (("Approve", "for your team", "approve"), ("Object", "with a reason", "reject")):
        paper = _event(
            given,
            f"vote-{drafts.slug(team)}",
            ("kind", "vote"),
            ("team", team or BLANK),
            ("vote", said),
            *((("reason", BLANK),) if said == "reject" else ()),
            ("digest", given.digest),
            ("review", {"user": ""}),
        )
        yield file_act(lookup, word, paper, about=about, command=vote_command(given, said, team))


def _event(given: ChangeSignal, words: str, *fields: tuple[str, object]) -> Paper:
    return drafts.event_paper(given.file, [event.file for event in given.events], words, fields)


def _decision(given: ChangeSignal) -> Paper:
    """Return the decision that names `given`. Its month is that of the deadline: nobody can tell when it is filed."""
    by = next((item.by for item in reversed(given.deadlines) if item.step == "decision"), "") or given.created_at
    fields = (
        ("title", BLANK),
        ("status", "accepted"),
        ("context", BLANK),
        ("decision", BLANK),
        ("consequences", BLANK),
        ("related", (given.id,)),
    )
    return drafts.decision_paper(f"DEC-{drafts.slug(given.id)}", by if _MONTH.match(by) else "2026-01", fields)


def _waiver(lookup: Lookup, given: ChangeSignal, consumer: str) -> Paper:
    fields = (
        ("capability_id", given.capability_id),
        ("consumer", consumer or BLANK),
        ("reason", BLANK),
        ("owner", BLANK),
        ("expires_at", BLANK),
        ("signal", given.id),
    )
    return drafts.waiver_paper(drafts.free_name(f"WVR-{drafts.slug(given.id)}", lookup.waivers), fields)
