"""Three published versions of the schema of the Model Context Protocol, against the true differences between them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.cli.main import main as chora
from chora_catalog.model.change import Change, Effect
from chora_catalog.parse.spans import read
from chora_catalog.resolve.contract.json_schema import compare_definitions
from chora_catalog.resolve.contract.schema_document import definitions

STEPS = ["2024-11-05..2025-03-26", "2025-03-26..2025-06-18"]
NEWLY_REQUIRED = ("schema-required-added", "schema-property-added-required")


@pytest.fixture(scope="module")
def oracle(corpora: Path) -> Any:
    return json.loads((corpora / "mcp-schema/diff-oracle.json").read_bytes())


def document(corpora: Path, version: str) -> Any:
    reading = read((corpora / "mcp-schema" / version / "schema.json").read_bytes(), file="schema.json")
    assert reading.ok
    return reading.value


def renamed(value: Any) -> Any:
    """The same document as 2020-12 has it: its definitions under `$defs`, and all references with them."""
    text = json.dumps({**value, "$schema": "https://json-schema.org/draft/2020-12/schema"})
    moved = json.loads(text.replace('"#/definitions/', '"#/$defs/'))
    moved["$defs"] = moved.pop("definitions")
    return moved


def named(found: tuple[Change, ...], *rules: str) -> list[str]:
    """The last word of the place of each change of these rules."""
    return sorted(change.pointer.rpartition("/")[2] for change in found if change.rule in rules)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("side", ["input", "output", ""])
@pytest.mark.parametrize("moved", [(), (1,), (0, 1)], ids=["as-published", "moves", "moved"])
def test_the_differences_are_those_of_the_oracle(
    corpora: Path, oracle: Any, step: str, side: str, moved: tuple[int, ...]
) -> None:
    sides = [document(corpora, version) for version in step.split("..")]
    sides = [renamed(value) if place in moved else value for place, value in enumerate(sides)]
    found = compare_definitions(*sides, side=side)
    assert {
        "definitions_before": len(definitions(sides[0])),
        "definitions_after": len(definitions(sides[1])),
        "removed_definitions": named(found, "definition-removed"),
        "added_definitions": named(found, "definition-added"),
        "removed_properties": named(found, "schema-property-removed"),
        "newly_required": named(found, *NEWLY_REQUIRED),
    } == oracle[step]
    assert not [change for change in found if change.effect is Effect.UNDECIDED]


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18"])
def test_that_definitions_moved_is_no_change(corpora: Path, version: str) -> None:
    published = document(corpora, version)
    assert compare_definitions(published, renamed(published)) == ()
    assert compare_definitions(renamed(published), published) == ()


def test_a_client_is_hurt_by_what_was_removed_and_by_new_forms_of_answers(corpora: Path) -> None:
    sides = [document(corpora, version) for version in ("2025-03-26", "2025-06-18")]
    found = compare_definitions(*sides, side="output")
    breaking = {(change.rule, change.pointer.split("/")[2]) for change in found if change.effect is Effect.BREAKING}
    assert ("definition-removed", "ResourceReference") in breaking
    assert ("schema-alternative-added", "CallToolResult") in breaking
    assert "schema-property-added" not in {rule for rule, _ in breaking}


def test_the_command_reads_them(corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(corpora / "mcp-schema" / version / "schema.json") for version in ("2024-11-05", "2025-03-26")]
    assert chora(["compat", "diff", *files]) == 1
    assert "/$defs/Annotated" in capsys.readouterr().out
    assert chora(["compat", "diff", files[0], files[0]]) == 0
