"""The real data played month by month: what a catalog comes to does not depend on how often it was built.

Promise 4. Each build continues the publication before it, over repositories that moved on in place, so that the cache
of clones, what was taken over unread, and the memory of a publication are all in play. `CHORA_REPLAY=all` plays every
month from the first commit on (about fifteen minutes); else the months of SOME.
"""

from __future__ import annotations

import calendar
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.truth import break_key, federation

FIRST, LAST = (2010, 1), (2025, 11)
QUIET = range(2023, 2025)
"""Years without a commit: the modules end in 2022, the Chora repositories begin in October 2025."""
SOME = (
    *((year, 12) for year in range(2013, 2021)),
    (2021, 8),  # puppetlabs-stdlib 8.0.0 breaks every other module
    (2022, 12),
    (2025, 10),
    (2025, 11),
)
PUBLISHED = re.compile(rb"<dt>(?:First published|Onboarded)</dt><dd>.*?</dd>")
ONBOARDING = re.compile(rb"<section aria-labelledby=\"h4\">.*?</section>", re.DOTALL)
LEDGER = ("run.json", "run.js", "data/v1/contents.json", "data/v1/changes/")
"""What tells how a catalog came to be; `contents.json` holds the digests of all the rest."""


def month_ends() -> Iterator[str]:
    """The last days of the months that are played, in order."""
    every = [(year, month) for year in range(FIRST[0], LAST[0] + 1) for month in range(1, 13) if year not in QUIET]
    played = every if os.environ.get("CHORA_REPLAY") == "all" else sorted(SOME)
    for year, month in played:
        if (year, month) <= LAST:
            yield f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]:02d}"


class Replayed(NamedTuple):
    """A catalog that grew: its site, the record of each build, and by its instant what each said of breaks."""

    site: Path
    runs: list[dict[str, Any]]
    breaks: dict[str, tuple[Any, dict[str, str]]]


@pytest.fixture(scope="module")
def replayed(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """The catalog that grew from month to month, and what each of its builds said."""
    folder = tmp_path_factory.mktemp("replayed")
    runs, breaks = [], {}
    for day in month_ends():
        federation.materialize(corpora, folder / "origins", until=day)
        repositories = federation.sources_of(folder / "origins")
        if repositories:
            federation.build(folder, repositories, as_of=f"{day}T23:59:59Z")
            site = folder / "site"
            runs.append(json.loads((site / "run.json").read_bytes()))
            breaks[f"{day}T23:59:59Z"] = (federation.data(site, "breaks.json"), break_key.source_of(site))
    return Replayed(site=folder / "site", runs=runs, breaks=breaks)


def content(site: Path) -> dict[str, Any]:
    """Every file of a publication by its path, without the ledger and without the day of first publication."""
    return {
        path: without_first_published(path, (site / path).read_bytes())
        for path in sorted(found.relative_to(site).as_posix() for found in site.rglob("*") if found.is_file())
        if not path.startswith(LEDGER)
    }


def without_first_published(path: str, raw: bytes) -> Any:
    if path.startswith("capabilities/") and path.endswith(".html"):
        return PUBLISHED.sub(b"", raw)
    if path == "health.html":
        return ONBOARDING.sub(b"", raw)
    if path == "data/v1/metrics.json":
        return {name: value for name, value in json.loads(raw).items() if name != "onboarding"}
    if path == "data/v1/harvest.json":
        record = json.loads(raw)
        for first in record["first"].values():
            del first["published"]
            for name in ("onboarded", "registered", "from_start"):
                first.pop(name, None)
        return record
    if path.startswith("data/v1/capabilities/") and path.endswith(".json"):
        record = json.loads(raw)
        del record["first"]["published"]
        for name in ("onboarded", "registered", "from_start"):
            record["first"].pop(name, None)
        return record
    return raw


def test_months_of_builds_equal_one_build(replayed: Replayed, site: Path) -> None:
    grown, at_once = content(replayed.site), content(site)
    assert grown.keys() == at_once.keys()
    assert [path for path in grown if grown[path] != at_once[path]] == []
    assert len(grown) > 2000


def test_the_day_of_first_publication_is_remembered(replayed: Replayed, site: Path) -> None:
    grown, at_once = (federation.data(found, "harvest.json") for found in (replayed.site, site))
    assert {first["published"] for first in at_once["first"].values()} == {federation.END}
    days = {name: first["published"][:10] for name, first in grown["first"].items()}
    assert set(days.values()) <= set(month_ends())
    assert len(set(days.values())) > 5
    for name, first in grown["first"].items():
        assert first["seen"][:10] <= days[name], name


def test_nothing_is_gone_where_names_only_changed(replayed: Replayed) -> None:
    """Eleven modules changed their id on the way; each former one leads to the present one, none is a tombstone."""
    assert federation.data(replayed.site, "harvest.json")["gone"] == []


def test_only_what_moved_is_read_again(replayed: Replayed) -> None:
    runs = replayed.runs
    outcomes = [{source["name"]: source["outcome"] for source in run["sources"]} for run in runs]
    assert all(set(found.values()) <= {"read", "unchanged"} for found in outcomes)
    # November 2025 knows commits of the ontology alone.
    assert [name for name, outcome in outcomes[-1].items() if outcome == "read"] == [federation.ONTOLOGY]
    assert len(outcomes[-1]) == 25
    assert len(runs[-1]["recent"]) == len({run["as_of"] for run in runs[-1]["recent"]}) >= min(len(runs), 12)


def test_each_month_knows_the_breaks_of_its_past(replayed: Replayed, corpora: Path) -> None:
    """What a build says of breaks is the answer key cut at its day: none is foreseen, and none is forgotten later.

    Before a module declared its first name nobody could know what others meant by it: such pairs are left aside then.
    """
    oracle = break_key.read_oracle(corpora)
    known = []
    for until, (record, sources) in replayed.breaks.items():
        held = set(sources.values())
        break_key.assert_same(break_key.found_breaks(record), break_key.expected_breaks(oracle, until, held))
        break_key.assert_same(break_key.found_windows(record, sources), break_key.expected_windows(oracle, until, held))
        known.append(sum(row["basis"] == "history" for row in record["breaks"]))
    assert known == sorted(known)
    assert known[-1] == 280
