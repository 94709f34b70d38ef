"""Nouns as JSON: what was written is what is read, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chora_catalog.model.catalog import First
from chora_catalog.model.finding import Finding
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.record import from_json, to_json
from chora_catalog.model.source import Harvest
from tests import sample_catalog

NOUNS = [
    *sample_catalog.harvests().values(),
    *(m for h in sample_catalog.harvests().values() if h.head for m in h.head.manifests),
    *sample_catalog.sample().findings,
]


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: type(noun).__name__)
def test_what_is_written_is_read(noun: Any) -> None:
    assert from_json(type(noun), json.loads(json.dumps(to_json(noun)))) == noun


GOOD = {"source": "a", "refs": [["HEAD", "1"]], "head": {"commit": "1", "committed_at": "2026", "manifests": []}}


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        (First, [], "expected an object, found list"),
        (First, {"seen": 1}, "/seen: expected text, found int"),
        (First, {"seen": None}, "/seen: expected text, found NoneType"),
        (First, {"other": ""}, "unknown 'other' for First"),
        (Harvest, {}, "missing 1 required keyword-only argument: 'source'"),
        (Harvest, GOOD | {"refs": "HEAD"}, "/refs: expected a list, found str"),
        (Harvest, GOOD | {"refs": {}}, "/refs: expected a list, found dict"),
        (Harvest, GOOD | {"refs": [["HEAD", "1"], ["b"]]}, "/refs/1: expected 2 items, found 1"),
        (Harvest, GOOD | {"refs": [["HEAD", 1]]}, "/refs/0: expected text, found int"),
        (Harvest, GOOD | {"head": []}, "/head: expected an object, found list"),
        (Harvest, GOOD | {"head": {"commit": "1"}}, "/head: "),
        (Harvest, GOOD | {"releases": [{"tag": "a", "version": "1", "released_at": "", "commit": "", "tombstone": 0}]},
         "/releases/0/tombstone: expected true or false, found int"),
        (Finding, {"rule": "a", "severity": "fatal", "message": "", "place": {"file": "a"}}, "/severity: 'fatal'"),
        (Finding, {"rule": "a", "severity": "error", "message": "", "place": {"file": "a", "line": True}},
         "/place/line: expected a whole number, found bool"),
        (Manifest, {"id": "a", "inputs": [{"name": "x"}, {"name": "y", "type": {}}]}, "/inputs/1/type: expected text"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_place(kind: Any, data: Any, said: str) -> None:
    with pytest.raises(ValueError, match=r"^here") as refused:
        from_json(kind, data, at="here")
    assert said in str(refused.value)


def test_what_is_missing_may_be_none_only_where_the_noun_says_so() -> None:
    assert from_json(Harvest, {"source": "a", "head": None}).head is None
    with pytest.raises(ValueError, match="record/source"):
        from_json(Harvest, {"source": None})
