"""Each document that the plan names is in the map, and the map says of none that it is there when it is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference/seed-map.md"
NAMED = (
    "adr/0001-ecosystem-architecture.md",
    "adr/0012-release-policy.md",
    "decision-log/2025/10/001.md",
    "docs/capabilities/<capability>.md",
    "docs/how-to/",
    "docs/pilots/pilot-plan.md",
    "docs/proposals/option-comparison.md",
    "docs/reference/<artifact>.md",
    "docs/reference/baseline-metrics.md",
    "docs/reference/change-signal-example.md",
    "docs/reference/environment-anchors.md",
    "docs/reference/manifest-example.md",
    "docs/reference/value-scenarios/",
    "docs/standards/",
    "docs/standards/<standard>.md",
    "docs/standards/compatibility-policy.md",
    "docs/standards/discovery-model.md",
    "docs/standards/governance-flow.md",
    "docs/standards/security-baseline.md",
    "docs/standards/telemetry-schema.md",
    "docs/templates/value-scenario/",
    "templates/",
    "tests/value-scenarios/",
)
"""Every name in the plan that is a path: with a slash, and a folder or a file."""
ROWS = {
    name: (state, here)
    for name, state, here in re.findall(
        r"^\| `([^`]+)` \| ([\w ]+) \| (.*?) ?\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
}


def test_every_name_of_the_plan_is_in_the_map_once() -> None:
    shown = re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(shown) == sorted(NAMED) == sorted(ROWS)


@pytest.mark.parametrize("name", NAMED)
def test_the_state_is_what_the_tree_shows(name: str) -> None:
    state, here = ROWS[name]
    as_named = list(ROOT.glob(re.sub("<[^>]+>", "*", name).rstrip("/")))
    assert state in ("there", "elsewhere", "in part", "not yet")
    assert bool(as_named) == (state == "there" or name == "templates/"), "it came or went: correct the map"
    assert bool(here) == (state != "not yet")


@pytest.mark.parametrize("name", NAMED)
def test_every_place_that_is_named_is_there(name: str) -> None:
    _, here = ROWS[name]
    for place in re.findall(r"`([^`]+)`", here):
        assert (ROOT / place).exists(), place
    for link in re.findall(r"\]\(([^)]+)\)", here):
        assert (PAGE.parent / link).resolve() == ROOT / name
