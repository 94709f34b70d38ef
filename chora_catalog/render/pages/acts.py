"""What a reader can do about a signal: each as a file to add, and as the forge's page that is filled with it.

Nothing is changed by a page: a file counts once a pull request with it is merged, and the gate judges it before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from chora_catalog.model.judgement import Paper
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.render import drafts, links
from chora_catalog.render.pages.lookup import EdgeView, Lookup
from chora_catalog.resolve.acting import Doing, NextStep

_NUMBERED = re.compile(r"(\d{1,6})-")


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


def file_act(lookup: Lookup, word: str, about: str, paper: Paper) -> Act:
    """Return the act of adding `paper` to the catalog's repository."""
    filled = links.new_file(lookup.catalog.registry, paper.file, paper.text)
    return Act(word=word, about=about, path=paper.file, text=paper.text, href=filled.href, is_filled=filled.is_filled)


def acts(lookup: Lookup, given: ChangeSignal, step: NextStep | None, breaks: list[EdgeView]) -> tuple[Act, ...]:
    """Return what a reader can do about an open signal: what comes next first."""
    add = partial(file_act, lookup)
    path = partial(_event_file, given)
    found = []
    if step is not None and step.to and step.doing is not Doing.WAIT:
        more = {"reason": "", "decision_by": ""} if step.doing is Doing.TAKE_UP else {}
        paper = drafts.event(path("move"), kind="move", to=step.to, **more)
        found.append(add(f"Move it to {step.to}", "", paper))
    if step is not None and step.doing is Doing.RECORD:
        found.append(add("Record the decision", "in the log", drafts.decision(given)))
    if given.state in ("proposed", "review"):
        asked = step.who if step is not None and step.doing is Doing.VOTE else given.asked
        team = next(iter(asked), "")
        for word, about, vote in (("Approve", "for your team", "approve"), ("Object", "with a reason", "reject")):
            found.append(add(word, about, drafts.vote(path("vote"), given, team=team, vote=vote)))
    if given.waiver_allowed:
        about = f"{given.waiver_max} at most" if given.waiver_max else "for a limited time"
        consumer = breaks[0].edge.consumer if breaks else ""
        found.append(add("Ask for a waiver", about, drafts.waiver(given, consumer)))
    return tuple(found)


def signal_act(lookup: Lookup, capability: str, version: str) -> Act:
    """Return the act of filing a change signal about `capability`, whose newest version is `version` (may be empty)."""
    paper = drafts.new_signal(_free_id(lookup, capability), capability, version)
    return file_act(lookup, "File a change signal", "", paper)


def _event_file(given: ChangeSignal, kind: str) -> str:
    numbers = [int(match[1]) for event in given.events if (match := _NUMBERED.match(event.file.split("/")[-1]))]
    number = max([len(given.events), *numbers]) + 1
    return f"{given.file.removesuffix('.yaml').removesuffix('.yml')}/{number:04d}-{kind}.yaml"


def _free_id(lookup: Lookup, capability: str) -> str:
    """Return a free id `SIG.<scope>.<subject>.proposed[-n]` for a signal about `capability`."""
    scope, _, rest = capability.partition(".")
    stem = f"SIG.{scope}.{rest.replace('.', '-') or scope}.proposed"
    taken = {name for name in lookup.signals if name.startswith(stem)}
    return (
        stem
        if stem not in taken
        else next(f"{stem}-{n}" for n in range(2, len(taken) + 3) if f"{stem}-{n}" not in taken)
    )
