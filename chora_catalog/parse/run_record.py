"""A run record read back (the other half of render/run): whole, or as much as an age needs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from chora_catalog.model.record import from_json
from chora_catalog.model.run import Run
from chora_catalog.parse.instants import moment
from chora_catalog.parse.kept import UnreadableError

SCHEMA = "chora.run/v1"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_YEAR = 366 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """When a publication was judged (RFC 3339 UTC), and after how many seconds to worry."""

    as_of: str
    alert: int


def load_run(data: bytes) -> Run:
    """Return the run record in the bytes of a `run.json`.

    Raise UnreadableError when it is not what this tool writes: another schema, an unknown field, an instant that is
    none, a source with a name that no registry admits.
    """
    record = _record(data)
    record.pop("schema")
    try:
        run: Run = from_json(Run, record, at="run.json")
    except ValueError as error:
        raise UnreadableError(f"it is no run record of this version: {error}") from error
    instants = [run.as_of, *(line.as_of for line in run.recent)]
    instants += [text for week in run.weeks for text in (week.since, week.until)]
    instants += [source.last_ok_at for source in run.sources if source.last_ok_at]
    wrong = [text for text in instants if moment(text) is None]
    if wrong:
        raise UnreadableError(f"{wrong[0][:40]!a} in it is no instant")
    foreign = [source.name for source in run.sources if not _NAME.fullmatch(source.name)]
    if foreign:
        raise UnreadableError(f"{foreign[0][:40]!a} in it is no name of a source")
    return run


def load_age(data: bytes) -> Age:
    """Return the age that the bytes of a `run.json` tell; fields of a later version are passed over.

    Raise UnreadableError when it does not say when it was judged.
    """
    record = _record(data)
    as_of, alert = record.get("as_of"), record.get("alert")
    if not isinstance(as_of, str) or moment(as_of) is None:
        raise UnreadableError("it does not say when it was judged")
    return Age(as_of=as_of, alert=alert if type(alert) is int and 0 < alert <= _YEAR else 5400)


def _record(data: bytes) -> dict[str, Any]:
    try:
        record = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"it is not JSON: {error}") from error
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise UnreadableError(f"it has no schema {SCHEMA!r}")
    return record
