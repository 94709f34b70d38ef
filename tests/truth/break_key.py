"""The answer key of breaks beside what a publication says, in the same words.

The answer key knows the origins' names and commits; the catalog knows ids and the commits of the rebuilt repositories.
Both name a provider, a version, a consumer and moments, and that is what is compared.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container
from datetime import datetime
from itertools import compress
from pathlib import Path
from typing import Any

from tests.truth.federation import data

REPAIRS = {"range": "range admits it", "dependency-gone": "dependency removed", None: None}
OPENED = {"release": "release", "consumer": "consumer change"}
HORIZON = "2022-12-31T23:59:59Z"


class _Every:
    """Holds every name."""

    def __contains__(self, name: object) -> bool:
        return True


EVERY = _Every()


def read_oracle(corpora: Path) -> Any:
    """Return `breaks-oracle.json`."""
    return json.loads((corpora / "breaks-oracle.json").read_bytes())


def moment(text: str | None) -> datetime | None:
    """Return the instant that `text` means."""
    return datetime.fromisoformat(text) if text else None


def short(repo: str) -> str:
    """Return the origin's name as the name of a source."""
    return repo.split("/")[1]


def expected_breaks(oracle: Any, until: str = HORIZON, held: Container[str] = EVERY) -> Counter[Any]:
    """Return the breaks that are known at `until`; what was repaired later is not repaired yet."""
    rows = []
    for row in oracle["breaks"]:
        is_repaired = _by(row["repaired_on"], until)
        rows.append((
            short(row["provider"]),
            row["version"],
            moment(row["date"]),
            short(row["consumer"]),
            row["range"],
            row["provider_newest_then"],
            moment(row["repaired_on"]) if is_repaired else None,
            row["repair"] if is_repaired else None,
        ))  # fmt: skip
    known = [_by(row["date"], until) and _between(row, held) for row in oracle["breaks"]]
    return Counter(compress(rows, known))


def found_breaks(record: Any) -> Counter[Any]:
    """Return the breaks of a publication's `breaks.json`."""
    return Counter(
        (
            row["provider_source"],
            row["version"],
            moment(row["released_at"]),
            row["consumer_source"],
            row["range"],
            row["newest_then"],
            moment(row["repaired_at"]),
            REPAIRS[row["repair"]],
        )
        for row in record["breaks"]
    )


def expected_windows(oracle: Any, until: str = HORIZON, held: Container[str] = EVERY) -> Counter[Any]:
    """Return the windows that are known at `until`; one that ended later is still open."""
    return Counter(
        (
            short(row["provider"]),
            short(row["consumer"]),
            row["version"],
            row["opened_by"],
            moment(row["start"]),
            moment(row["end"]) if _by(row["end"], until) else None,
        )
        for row in oracle["windows"]
        if _by(row["start"], until) and _between(row, held)
    )


def found_windows(record: Any, sources: dict[str, str]) -> Counter[Any]:
    """Return the windows of a publication's `breaks.json`; `sources` says which source holds an id."""
    return Counter(
        (
            sources[row["provider"]],
            sources[row["consumer"]],
            row["version"],
            OPENED[row["opened_by"]],
            moment(row["start"]),
            moment(row["end"]),
        )
        for row in record["windows"]
    )


def source_of(site: Path) -> dict[str, str]:
    """Return the source of each id."""
    return {row["id"]: row["source"] for row in data(site, "index.json")["capabilities"]}


def assert_same(found: Counter[Any], expected: Counter[Any]) -> None:
    """Hold what was found against what is right, and name what differs."""
    assert list((expected - found).elements()) == [], "missed"
    assert list((found - expected).elements()) == [], "false"


def _between(row: Any, held: Container[str]) -> bool:
    return short(row["provider"]) in held and short(row["consumer"]) in held


def _by(text: str | None, until: str) -> bool:
    at, limit = moment(text), moment(until)
    return at is not None and limit is not None and at <= limit
