"""The example of the plan says what DESIGN names, its corrected twin says nothing, and the page tells just that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chora_catalog.app.own_schemas import own_schemas
from chora_catalog.parse.records import load_records
from tests.gate_world import GateWorld, make_gate_world

PAGE = (Path(__file__).parents[2] / "docs/reference/change-signal-example.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r'^```yaml title="([^"]+)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL))
AT = "decisions/signals/signal-2025-001.yaml"


def test_the_first_says_three_things_and_the_page_names_each() -> None:
    records = load_records({"signals/signal-2025-001.yaml": FILES["as the plan has it"].encode()}, added={},
                           schemas=own_schemas())  # fmt: skip
    found = [(finding.place.line, finding.severity.value, finding.rule) for finding in records.findings]
    rows = re.findall(r"^\| (\d+) \| (\w+) \| `([a-z-]+)` \| (.*) \|$", PAGE, re.MULTILINE)
    assert found == [(int(line), severity, rule) for line, severity, rule, _ in rows]
    said = " ".join(f"{finding.message} {finding.hint}" for finding in records.findings)
    for words in ("71 days over", "2025-11-21", "2025-10-12", "a Sunday", "2025-10-13"):
        assert words in said
        assert any(words.removeprefix("a ") in row[3] for row in rows)


def test_the_second_says_nothing() -> None:
    corrected = FILES["corrected"].encode()
    records = load_records({"signals/signal-2025-001.yaml": corrected}, added={}, schemas=own_schemas())
    assert records.findings == ()
    assert records.signals[0].id == "signal-2025-001"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> GateWorld:
    return make_gate_world(tmp_path_factory.mktemp("example") / "catalog")


def test_the_gate_refuses_the_first_and_lets_the_second_in(world: GateWorld) -> None:
    first = {finding.rule for finding in world.judge({AT: FILES["as the plan has it"]}).refusals}
    assert first == {"waiver-exceeds-max", "signal-filed-late"}
    assert world.judge({AT: FILES["corrected"]}).findings == ()


def test_both_differ_in_what_the_page_says() -> None:
    first, second = (FILES[name].splitlines() for name in ("as the plan has it", "corrected"))
    changed = [line.partition(":")[0] for line in second if line not in first]
    assert changed == ["state", "sla", "waiver", "created_at"]
