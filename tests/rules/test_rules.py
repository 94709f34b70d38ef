"""Each rule has a page, an example it accepts and one it refuses; the refusal names file and line.

An example is a miniature federation: `sources/<name>/history.yaml` and, where the rule needs them, `decisions/`.
`bad/expected.txt` holds one line for each finding of the rule: source, place, and words of the message.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chora_catalog.app.explaining import explanations
from chora_catalog.app.harvesting import Desk, ask_all
from chora_catalog.build.assemble import Gathered, assemble
from chora_catalog.check.engine import rules
from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.model.finding import Finding
from chora_catalog.model.source import Registry, SourceSpec
from chora_catalog.parse.kept import Previous
from chora_catalog.parse.records import load_records
from chora_catalog.parse.schema import compile_schemas
from examples.replay import replay

HERE = Path(__file__).parent
ANCHOR = datetime(2026, 11, 1, tzinfo=UTC)
SCHEMAS = compile_schemas(read_folder(data_folder("schemas"), "*.json"))


def findings_of(example: Path, scratch: Path) -> tuple[Finding, ...]:
    """Return what the whole check says about the example, built from real repositories."""
    replay(example / "sources", scratch / "sources", anchor=ANCHOR)
    specs = tuple(
        SourceSpec(name=path.name, url=str(scratch / "sources" / f"{path.name}.git"), versions="tags")
        for path in sorted((example / "sources").iterdir())
    )
    desk = Desk(
        base=scratch,
        cache=scratch / "cache",
        allow_local=True,
        schemas=SCHEMAS,
        tool="",
        previous=Previous(),
        environ={},
    )
    asked = ask_all(specs, desk, jobs=2, done=lambda _: None)
    records = load_records(read_folder(example / "decisions"), added={}, schemas=SCHEMAS)
    gathered = Gathered(
        registry=Registry(sources=specs),
        harvests={name: item.harvest for name, item in asked.items() if item.harvest},
        outcomes={name: item.outcome for name, item in asked.items()},
        held_before={},
        waivers=records.waivers,
    )
    return assemble(gathered, as_of=ANCHOR).findings


@pytest.mark.parametrize("rule", [rule.id for rule in rules()])
def test_rule_has_page_and_examples(rule: str, tmp_path: Path) -> None:
    _, page = explanations()[rule]
    for part in ("What it says:", "Why it matters:", "How to fix:"):
        assert part in page, f"the page of {rule} lacks {part!r}"
    good = [finding for finding in findings_of(HERE / rule / "good", tmp_path / "good") if finding.rule == rule]
    assert good == []
    bad = [finding for finding in findings_of(HERE / rule / "bad", tmp_path / "bad") if finding.rule == rule]
    said = [f"{finding.source or '-'} {finding.place}: {finding.message}" for finding in bad]
    assert said == (HERE / rule / "bad" / "expected.txt").read_text().splitlines()
    assert all(finding.hint for finding in bad)


def test_every_folder_is_a_rule() -> None:
    folders = {path.name for path in HERE.iterdir() if path.is_dir() and not path.name.startswith("__")}
    assert folders == {rule.id for rule in rules()}
