"""Records ready to be filed: what a report proposes, as the YAML that `decisions/` takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import count
from typing import Final

from chora_catalog.model.catalog import Edge
from chora_catalog.model.judgement import Excuse, Paper
from chora_catalog.model.verdict import Verdict
from chora_catalog.parse.deadlines import MAX_WAIVER
from chora_catalog.render.text import cut, on_one_line, visible
from chora_catalog.render.yaml_out import comment, quoted

_NOT_IN_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
_NUMBERED: Final = re.compile(r"([0-9]{1,6})-")
_IMPACT: Final = 1000


class _Blank:
    """A text that somebody has to write yet: it stands there empty."""

    def __str__(self) -> str:
        return ""


BLANK: Final = _Blank()


def excuse(edge: Edge, owner: str, as_of: datetime) -> Excuse:
    """Return the waiver that would cover `edge` for the longest time that one may last, or why there can be none.

    It is bound to the fingerprint: another break, or the same with a newer version, is not covered.
    """
    if edge.verdict not in (Verdict.BREAKING, Verdict.MISSING):
        return Excuse(why_not="what is not known, or not readable, cannot be waived")
    last = (as_of + MAX_WAIVER).date().isoformat()
    head = comment(f"Say why, and what ends it. It counts once it is merged, for at most {MAX_WAIVER.days} days.")
    fields = (
        ("capability_id", edge.provider),
        ("consumer", edge.consumer),
        ("rule", edge.rule),
        ("fingerprints", (edge.fingerprint,)),
        ("reason", BLANK),
        ("owner", owner or BLANK),
        ("expires_at", last),
    )
    text = f"{head}\n{record_text(fields)}"
    return Excuse(paper=Paper(file=f"decisions/waivers/WVR-{edge.fingerprint}.yaml", text=text))


def signal_draft(edge: Edge, version: str) -> Paper | None:
    """Return the change signal about what broke; None where nothing did, or where no version is known.

    `version` is what the provider's head declares, for a provider without releases.
    """
    proposed = edge.provider_version or version
    if edge.verdict is not Verdict.BREAKING or not proposed:
        return None
    impact = cut(on_one_line(visible(f"{edge.consumer}: {edge.reason}")), _IMPACT)
    fields = (
        ("type", "breaking-change"),
        ("capability_id", edge.provider),
        ("proposed_version", proposed),
        ("impact", impact),
        ("priority", "high"),
    )
    return signal_paper(signal_name(edge.provider, proposed), fields)


def signal_name(capability: str, version: str) -> str:
    """Return the id that a signal about `capability` going to `version` gets where nobody chooses another."""
    return f"SIG-{slug(f'{capability}-{version}')}"


def record_text(fields: Iterable[tuple[str, object]]) -> str:
    """Return a record as YAML, one field a line, in the order given; what is empty is left out.

    Texts are quoted; a tuple becomes a list, a mapping a flow mapping of its texts, a flag true or false.
    """
    return "".join(f"{key}: {_value(value)}\n" for key, value in fields if value not in ("", (), None))


def signal_paper(name: str, fields: Iterable[tuple[str, object]]) -> Paper:
    """Return the file of a new signal with the id `name`."""
    return Paper(file=f"decisions/signals/{name}.yaml", text=record_text(fields))


def event_paper(signal_file: str, events: Iterable[str], words: str, fields: Iterable[tuple[str, object]]) -> Paper:
    """Return the file of the next event of the signal in `signal_file`; `events` are the files of those there are.

    Its name is the next number with `words`, which say what it is, so that two people who write one at the same time
    seldom choose one name.
    """
    folder = signal_file.removesuffix(".yaml").removesuffix(".yml")
    names = [file.rpartition("/")[2] for file in events]
    numbers = [int(match[1]) for name in names if (match := _NUMBERED.match(name))]
    number = max([0, *numbers]) + 1
    return Paper(file=f"{folder}/{number:04d}-{slug(words)}.yaml", text=record_text(fields))


def decision_paper(name: str, day: str, fields: Iterable[tuple[str, object]]) -> Paper:
    """Return the file of a new decision with the id `name`, made on `day` (a date)."""
    return Paper(file=f"decisions/log/{day[:4]}/{day[5:7]}/{name}.yaml", text=record_text(fields))


def waiver_paper(name: str, fields: Iterable[tuple[str, object]]) -> Paper:
    """Return the file of a new waiver with the id `name`."""
    return Paper(file=f"decisions/waivers/{name}.yaml", text=record_text(fields))


def slug(words: str) -> str:
    """Return `words` as a name that a record may have."""
    return _NOT_IN_NAME.sub("-", words)[:100].strip("-._") or "x"


def free_name(name: str, taken: Iterable[str]) -> str:
    """Return `name`, or `name-2` and so on: the first that is not among `taken`, whatever its capital letters."""
    held = {other.casefold() for other in taken}
    if name.casefold() not in held:
        return name
    return next(found for number in count(2) if (found := f"{name}-{number}").casefold() not in held)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(quoted(str(item)) for item in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {quoted(str(item))}' for key, item in value.items())}}}"
    return quoted(str(value))
