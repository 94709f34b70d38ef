"""A capability is onboarded with the first publication that holds it with owner, contact and no error."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.test_incremental import CONSUMER_MANIFEST
from tests.two_repositories import build, commit, data

LETTER = "data/v1/capabilities/example.letter.write.json"


def onboarded(world: Path) -> str:
    return str(data(world / "site", LETTER)["first"].get("onboarded", ""))


def test_onboarding_begins_with_a_commit_and_ends_with_a_publication(world: Path) -> None:
    text = (world / "catalog-sources.yaml").read_text().replace("name: letter", "name: letter\n    versions: tags")
    (world / "catalog-sources.yaml").write_text(text)
    commit(world, "letter", {"chora.yaml": CONSUMER_MANIFEST.replace('contact: "#team-b"\n', "")})
    assert build(world, as_of="2026-11-02T12:00:00Z") == 0
    assert onboarded(world) == "", "nobody can be reached"
    assert data(world / "site", "data/v1/metrics.json")["onboarding"]["seconds"]["waiting"] == 1

    commit(world, "letter", {"chora.yaml": CONSUMER_MANIFEST.replace('"0.3.0"', '"0.3"')})
    assert build(world, as_of="2026-11-03T12:00:00Z") == 0
    assert onboarded(world) == "", "its manifest has an error"

    commit(world, "letter", {"chora.yaml": CONSUMER_MANIFEST})
    assert build(world, as_of="2026-11-04T12:00:00Z") == 0
    assert onboarded(world) == "2026-11-04T12:00:00Z"
    seconds = data(world / "site", "data/v1/metrics.json")["onboarding"]["seconds"]
    assert (seconds["n"], seconds["waiting"]) == (2, 0)
    # First commits at midnight 9 and 8 days before November.
    assert seconds["p95"] == (8 + 3) * 86_400 + 12 * 3600
    assert "of 2 capabilities" in (world / "site" / "health.html").read_text()

    commit(world, "letter", {"chora.yaml": CONSUMER_MANIFEST.replace('contact: "#team-b"\n', "")})
    assert build(world, as_of="2026-11-05T12:00:00Z") == 0
    assert onboarded(world) == "2026-11-04T12:00:00Z", "what was once in stays so"
