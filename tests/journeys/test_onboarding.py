"""A capability is onboarded with the first publication that holds it with owner, contact and no error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.journeys.test_incremental import CONSUMER_MANIFEST
from tests.two_repositories import REGISTRY, build, commit, data

UNREACHABLE = CONSUMER_MANIFEST.replace('contact: "#team-b"\n', "")


def first(world: Path) -> dict[str, Any]:
    found: dict[str, Any] = data(world / "site", "data/v1/capabilities/example.letter.write.json")["first"]
    return found


def seconds(world: Path) -> dict[str, Any]:
    found: dict[str, Any] = data(world / "site", "data/v1/metrics.json")["onboarding"]["seconds"]
    return found


def test_onboarding_begins_with_the_registration_and_ends_with_a_publication(world: Path) -> None:
    registry = world / "catalog-sources.yaml"
    whole = REGISTRY.replace("name: letter", "name: letter\n    versions: tags")
    registry.write_text(whole.rpartition("  - name: letter")[0])
    assert build(world, as_of="2026-11-01T12:00:00Z") == 0
    assert (seconds(world)["n"], seconds(world)["unknown"]) == (0, 1), "it was there when the catalog began"

    registry.write_text(whole)
    commit(world, "letter", {"chora.yaml": UNREACHABLE})
    assert build(world, as_of="2026-11-02T12:00:00Z") == 0
    assert "onboarded" not in first(world), "nobody can be reached"
    assert first(world)["registered"] == "2026-11-01T12:00:00Z"
    assert seconds(world)["waiting"] == 1

    commit(world, "letter", {"chora.yaml": CONSUMER_MANIFEST.replace('"0.3.0"', '"0.3"')})
    assert build(world, as_of="2026-11-03T12:00:00Z") == 0
    assert "onboarded" not in first(world), "its manifest has an error"

    commit(world, "letter", {"chora.yaml": CONSUMER_MANIFEST})
    assert build(world, as_of="2026-11-04T12:00:00Z") == 0
    assert first(world)["onboarded"] == "2026-11-04T12:00:00Z"
    assert (seconds(world)["n"], seconds(world)["waiting"], seconds(world)["unknown"]) == (1, 0, 1)
    assert seconds(world)["p95"] == 3 * 86_400, "its first commit is older; the registry did not know it then"
    assert seconds(world)["business_p95"] == (8 + 8 + 3) * 3600, "from Sunday on"
    page = (world / "site" / "health.html").read_text()
    assert "95 of 100 within 72 hours" in page
    assert "1 capability is not counted" in page

    commit(world, "letter", {"chora.yaml": UNREACHABLE})
    assert build(world, as_of="2026-11-05T12:00:00Z") == 0
    assert first(world)["onboarded"] == "2026-11-04T12:00:00Z", "what was once in stays so"
