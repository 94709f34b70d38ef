"""Each rule about two contracts has an example that it speaks of, one that it does not, and a mirror.

`tests/contract/<rule>/` holds `old.yaml` and `new.yaml`, between which the rule speaks, and `good.yaml`: where the same
old contract becomes that, it does not. The examples of the rules about schemas are schemas, read in both directions;
all others are manifests. Of the schemas that these name, `schemas/report.json` alone is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chora_catalog.app.contract_reading import ContractReader
from chora_catalog.app.explaining import explanations
from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.model.change import Change, Effect
from chora_catalog.model.manifest import Manifest
from chora_catalog.parse.load import load_manifests
from chora_catalog.parse.schema import compile_schemas
from chora_catalog.parse.spans import read
from chora_catalog.resolve.contract.compare import compare_files
from chora_catalog.resolve.contract.documents import compare_documents, kind_of
from chora_catalog.resolve.contract.every import RULES
from chora_catalog.resolve.contract.json_schema import compare_definitions, compare_schemas
from chora_catalog.resolve.contract.rule import ContractRule
from chora_catalog.resolve.contract.step import STEP_RULES, judge_step

HERE = Path(__file__).parent
SCHEMAS = compile_schemas(read_folder(data_folder("schemas"), "*.json"))
BY_ID = {rule.id: rule for rule in RULES}


def manifests(path: Path) -> tuple[Manifest, ...]:
    name = "server.json" if path.parent.name.startswith("mcp-") else "chora.yaml"
    found = load_manifests(path.read_bytes(), path=name, schemas=SCHEMAS).manifests
    reader = ContractReader(files_left=10, bytes_left=10_000)
    return reader.attach(found, {"schemas/report.json": b'{"type": "object"}'}.get)


def schema(path: Path) -> Any:
    reading = read(path.read_bytes(), file=path.name)
    assert reading.ok, reading.findings
    return reading.value


def changes(rule: str, old: str, new: str) -> tuple[Change, ...]:
    if rule.startswith(("schema-", "definition-")):
        documents = [schema(HERE / rule / f"{name}.yaml") for name in (old, new)]
        compared = compare_definitions if rule.startswith("definition-") else compare_schemas
        return tuple(change for side in ("input", "output", "") for change in compared(*documents, side=side))
    kind = kind_of(schema(HERE / rule / "old.yaml"))
    if kind is not None:
        return compare_documents(*(schema(HERE / rule / f"{name}.yaml") for name in (old, new)), kind=kind)
    rows = compare_files(*(manifests(HERE / rule / f"{name}.yaml") for name in (old, new)))
    found = tuple(change for _, _, changes in rows for change in changes)
    [(was, now, _), *_] = rows
    if rule in STEP_RULES and was and now:
        return (*found, *judge_step(was.version, now.version, found).problems)
    return found


def spoken(rule: str, old: str, new: str) -> set[str]:
    return {change.rule for change in changes(rule, old, new)}


def test_every_rule_has_an_example_and_every_example_a_rule() -> None:
    assert {path.name for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(BY_ID)
    assert len(BY_ID) == len(RULES)


@pytest.mark.parametrize("rule", BY_ID)
def test_the_rule_speaks_of_its_example_and_not_of_the_good_one(rule: str) -> None:
    found = [change for change in changes(rule, "old", "new") if change.rule == rule]
    assert found, spoken(rule, "old", "new")
    for change in found:
        assert change.effect is BY_ID[rule].effect_on(change.side)
        assert change.pointer.startswith("/")
        assert change.message
        assert change.before != change.after or rule == "version-not-bumped"
    assert rule not in spoken(rule, "old", "good")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_mirror_speaks_when_old_and_new_change_places(rule: ContractRule) -> None:
    assert bool(rule.mirror) != bool(rule.alone), "a mirror, or why there is none"
    if rule.mirror:
        assert rule.mirror in spoken(rule.id, "new", "old")


def test_what_gives_in_one_direction_takes_in_the_other() -> None:
    """No rule is an addition both ways, unless the page of the rule says why nobody is hurt."""
    for rule in RULES:
        for side in ("input", "output"):
            ways = {rule.effect_on(side), BY_ID[rule.mirror].effect_on(side)} if rule.mirror else set()
            assert ways != {Effect.ADDITION} or rule.id in ("dependency-role-changed", "behavior-deprecated"), rule.id


def test_the_page_says_what_breaks_whom_and_what_to_do_instead() -> None:
    for rule in RULES:
        for words in (rule.summary, rule.breaks, rule.instead, *filter(None, [rule.alone])):
            assert words.endswith("."), words
            assert words[0].isupper() or words[0] == "`", words


def test_no_rule_has_the_name_of_a_rule_about_one_state() -> None:
    assert not set(BY_ID) & set(explanations())


@pytest.mark.parametrize("rule", BY_ID)
def test_nothing_changed_says_nothing(rule: str) -> None:
    for name in ("old", "new", "good"):
        # Of a schema that was not read nobody can tell that it is the same.
        assert spoken(rule, name, name) <= ({rule} if rule == "port-schema-unread" and name != "good" else set())
