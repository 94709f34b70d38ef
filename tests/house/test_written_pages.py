"""Pages that are written from something else are what would be written today, and the examples say what they should."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.cli.main import COMMANDS
from chora_catalog.parse.spans import read
from chora_catalog.render.reference import schemas_page as page
from chora_catalog.resolve.contract.every import RULES
from tests.house.written_pages import (
    BREAKING,
    EXAMPLE,
    FENCE,
    OPTIONS,
    SCHEMAS,
    breaking_page,
    example_page,
    options_page,
    parts,
    schemas_page,
    validated,
)

ROOT = Path(__file__).resolve().parents[2]
AGAIN = "write it again: make reference"
FILES = {path.name: path.read_bytes() for path in sorted((ROOT / "schemas").glob("*.json"))}


def test_the_page_of_the_schemas_says_what_they_say() -> None:
    assert SCHEMAS.read_text(encoding="utf-8") == schemas_page(), AGAIN


def test_the_page_of_the_options_says_what_the_commands_say() -> None:
    text = OPTIONS.read_text(encoding="utf-8")
    assert text == options_page(), AGAIN
    assert re.findall(r"^## chora (\S+)$", text, re.MULTILINE) == sorted(COMMANDS)
    assert "| `--fail-on error or warning or notice` | Exit 1 from this severity on. \\[error\\] |" in text
    assert "| `--allow-local` |" in text


def test_the_page_of_breaking_changes_says_what_the_rules_say() -> None:
    text = BREAKING.read_text(encoding="utf-8")
    assert text == breaking_page(), AGAIN
    assert re.findall(r"^### (\S+)$", text, re.MULTILINE) == [rule.id for rule in RULES]


def test_the_printed_answers_are_those_of_today() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == example_page(), AGAIN


def described(schema: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each field below a schema, but those of a condition, which only say more of a field that stands elsewhere."""
    for key, value in schema.get("properties", {}).items():
        yield f"{path}.{key}", value
        yield from described(value, f"{path}.{key}")
    for part in [*schema.get("$defs", {}).values(), *schema.get("patternProperties", {}).values()]:
        yield from described(part, path)
    yield from described(schema["items"], f"{path}[]") if "items" in schema else ()


@pytest.mark.parametrize("name", FILES)
def test_each_field_is_described_and_stands_on_the_page(name: str) -> None:
    text = SCHEMAS.read_text(encoding="utf-8")
    section = text.partition(f"\n## {name.removesuffix('.schema.json')}\n")[2].partition("\n## ")[0]
    fields = list(described(json.loads(FILES[name])))
    assert fields
    for path, value in fields:
        assert value.get("description", "").endswith((".", "*")), path
        assert re.search(rf"^\| `(?:[^`]*\.)?{re.escape(path.rpartition('.')[2])}` \|", section, re.MULTILINE), path


def test_a_description_starts_no_markup_and_ends_no_cell() -> None:
    schema = {
        "title": "A|B",
        "description": "A `code|d` and <b>.",
        "properties": {"a": {"description": "x | y [z](https://example.org) *a* `open"}},
    }
    text = page({"a.schema.json": json.dumps(schema).encode()})
    [row] = [line for line in text.splitlines() if line.startswith("| `a` |")]
    assert row == "| `a` | optional |  | x &#124; y \\[z\\](https://example.org) \\*a\\* 'open |"
    assert "`schemas/a.schema.json`: A `code\\|d` and &lt;b&gt;." in text
    assert "| A&#124;B |" in text


def test_a_condition_without_words_is_refused() -> None:
    schema = {"title": "A", "description": "A.", "if": {"minProperties": 1}, "then": {"required": ["a"]}}
    with pytest.raises(ValueError, match="no words for this condition of a"):
        page({"a.schema.json": json.dumps(schema).encode()})


# ---- The examples --------------------------------------------------------------------------------------------------


def section(title: str) -> str:
    [found] = [part for part in parts(EXAMPLE.read_text(encoding="utf-8")) if part.startswith(f"## {title}\n")]
    return found


def manifest(title: str) -> str:
    [found] = [found["body"] for found in FENCE.finditer(section(title)) if found["name"] == "chora.yaml"]
    return found


def test_the_canonical_example_is_that_of_the_reference_and_of_the_tests(tmp_path: Path) -> None:
    reference = (ROOT / "docs/reference/manifest.md").read_text(encoding="utf-8")
    assert f'```yaml title="chora.yaml"\n{manifest("The canonical example")}```' in reference
    code, printed = validated(section("The canonical example"), tmp_path)
    assert code == 0, printed
    assert re.findall(r"^(error|warning|notice)\[(\S+)\]", printed, re.MULTILINE) == [
        ("warning", "reference-missing"),
        ("notice", "dependency-not-evaluated"),
    ]


def test_the_full_example_uses_every_field_and_nothing_speaks_against_it(tmp_path: Path) -> None:
    code, printed = validated(section("Every field"), tmp_path)
    assert code == 0, printed
    assert not re.findall(r"^(?:error|warning)\[.*", printed, re.MULTILINE), printed
    value = read(manifest("Every field").encode(), file="chora.yaml").value
    definitions = json.loads(FILES["capability.schema.json"])["$defs"]
    used = {
        "fields": value,
        "port": value["inputs"][0],
        "dependency": value["dependencies"][0],
        "behavior": value["behaviors"][0],
        "value_scenario": value["value_scenarios"][0],
        "telemetry": value["telemetry"],
        "telemetry_signal": value["telemetry"]["signals"][0],
        "claim": value["validation_status"],
    }
    assert {part for part, schema in definitions.items() if "properties" in schema} - {"bundle"} == set(used)
    for part, held in used.items():
        assert set(definitions[part]["properties"]) == {key for key in held if not key.startswith("x-")}, part
