"""280 breaks that really happened, held against two answer keys that other programs computed.

Twice: from the rows of the corpus, and from the rebuilt repositories with another reader of ranges.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.truth.break_key import (
    HORIZON,
    assert_same,
    expected_breaks,
    expected_windows,
    found_breaks,
    found_windows,
    moment,
    read_oracle,
    short,
    source_of,
)
from tests.truth.federation import CHORA, build, data, sources_of


@pytest.fixture(scope="module")
def oracle(corpora: Path) -> Any:
    return read_oracle(corpora)


@pytest.fixture(scope="module")
def modules(origins: Path) -> Mapping[str, Path]:
    return {name: path for name, path in sources_of(origins).items() if name not in CHORA}


@pytest.fixture(scope="module")
def at_horizon(origins: Path, modules: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 23 modules alone, as of the end of 2022."""
    folder = tmp_path_factory.mktemp("horizon")
    (folder / "origins").symlink_to(origins)
    return build(folder, {name: folder / path.relative_to(origins.parent) for name, path in modules.items()},
                 as_of=HORIZON)  # fmt: skip


def test_all_280_breaks_and_no_other(at_horizon: Path, oracle: Any) -> None:
    record = data(at_horizon, "breaks.json")
    assert_same(found_breaks(record), expected_breaks(oracle))
    rows = record["breaks"]
    assert (len(rows), sum(row["basis"] == "history" for row in rows)) == (280, 280)
    took = [moment(row["repaired_at"]) - moment(row["released_at"]) for row in rows if row["repaired_at"]]  # type: ignore[operator]
    assert (len(took), round(median(span.total_seconds() for span in took) / 86400)) == (267, 26)
    assert max(took).days == 301
    print(f"{len(rows)} of {len(oracle['breaks'])} breaks, {len(took)} repaired, median {median(took)}")


def test_stdlib_8_breaks_all_others(at_horizon: Path) -> None:
    rows = [
        row
        for row in data(at_horizon, "breaks.json")["breaks"]
        if (row["provider_source"], row["version"]) == ("puppetlabs-stdlib", "8.0.0")
    ]
    assert len({row["consumer"] for row in rows}) == len(rows) == 22
    ends = sorted(row["repaired_at"][:10] for row in rows)
    assert (sum(end <= "2021-08-26" for end in ends), ends[-1]) == (19, "2021-09-14")


def test_the_same_windows(at_horizon: Path, oracle: Any) -> None:
    found = found_windows(data(at_horizon, "breaks.json"), source_of(at_horizon))
    assert_same(found, expected_windows(oracle))
    assert (found.total(), sum(key[-1] is None for key in found)) == (170, 4)


def test_what_stands_at_the_horizon(at_horizon: Path, oracle: Any) -> None:
    """Every dependency of a main line, judged; and what is installed by who takes each consumer's newest release."""
    sources = source_of(at_horizon)
    edges = {
        (sources[edge["consumer"]], sources[edge["provider"]]): (edge["range"], edge["verdict"] == "compatible")
        for edge in data(at_horizon, "matrix.json")["edges"]
        if edge["provider"] in sources
    }
    expected = {
        (short(row["consumer"]), short(row["provider"])): (row["range"], row["admitted_at_head"])
        for row in oracle["status_at_horizon"]
    }
    assert edges == expected
    assert (len(edges), sum(not fits for _, fits in edges.values())) == (44, 4)
    shipped = {
        (sources[row["consumer"]], sources[row["provider"]], row["range"], f"v{row['version']}", row["newest"])
        for row in data(at_horizon, "breaks.json")["shipped"]
    }
    assert shipped == {
        (
            short(row["consumer"]),
            short(row["provider"]),
            row["range_at_latest_tag"],
            row["consumer_latest_tag"],
            row["provider_newest"],
        )
        for row in oracle["status_at_horizon"]
        if not row["admitted_at_latest_tag"]
    }
    assert len(shipped) == 6


def test_other_sources_change_nothing(site: Path, oracle: Any) -> None:
    """The whole federation, the Chora repositories among it, has the same breaks."""
    record = data(site, "breaks.json")
    assert_same(found_breaks(record), expected_breaks(oracle))
    assert_same(found_windows(record, source_of(site)), expected_windows(oracle))
    assert record["not_evaluated"] == []
