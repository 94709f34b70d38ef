"""The published matrix: what one file says is what the catalog knows, and what is read back is what was written."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from chora_catalog.model.ids import file_name
from chora_catalog.model.verdict import Verdict
from chora_catalog.parse.kept import UnreadableError
from chora_catalog.parse.published import load_aliases, load_dependents, load_matrix, load_needs, load_pairs
from chora_catalog.render import api
from chora_catalog.resolve.compat import World, judge
from tests.sample_catalog import AS_OF, sample

FILES = {item.path.removeprefix("data/v1/"): item.make() for item in api.files(sample())}


def test_every_dependency_stands_in_three_files_alike() -> None:
    edges = load_matrix(FILES["matrix.json"], "matrix.json")
    assert len(edges) > 10
    for edge in edges:
        needs = load_needs(FILES[f"matrix/{file_name(edge.consumer)}.json"], "needs")
        dependents = load_dependents(FILES[f"dependents/{file_name(edge.provider)}.json"], "dependents")
        assert edge in [cell.edge for cell in needs.cells]
        assert edge in [cell.edge for cell in dependents.cells]
    assert {edge.verdict for edge in edges} >= {Verdict.BREAKING, Verdict.COMPATIBLE, Verdict.WAIVED}


def test_a_verdict_can_be_made_again_from_one_file() -> None:
    """What `chora compat check` stands on: the published facts give the verdict that the build gave."""
    seen = 0
    for path, data in FILES.items():
        if not path.startswith("matrix/"):
            continue
        file = load_needs(data, path)
        providers = {cell.provider.id: cell.provider for cell in file.cells if cell.provider}
        world = World(
            providers=providers,
            alias=load_aliases(FILES["aliases.json"], "aliases"),
            as_of=datetime.fromisoformat(AS_OF),
        )
        for cell in file.cells:
            need = next(item for item in file.consumer.needs if (item.name or item.id) == cell.edge.written)
            again = judge(file.consumer, need, world)
            if cell.edge.rule == "provider-unread":
                # Which sources were not read stands in the run record.
                assert again.rule == "provider-missing"
            elif cell.edge.verdict is Verdict.WAIVED:
                assert again.fingerprint == cell.edge.fingerprint
            else:
                assert again == cell.edge
            seen += 1
    assert seen > 10


def test_each_layer_of_evidence_says_something() -> None:
    for path, data in FILES.items():
        if path.startswith("matrix/"):
            for cell in load_needs(data, path).cells:
                layers = [item.layer.value for item in cell.evidence]
                assert layers == ["declared-range", "structure", "verified-run"]
                assert all(item.words for item in cell.evidence)
                assert cell.evidence[2].verdict is None, "no run is read from anywhere yet"


@pytest.mark.parametrize(
    "torn",
    [
        b"",
        b"{",
        b"[]",
        b'{"schema": "chora.needs/v2"}',
        b'{"schema": "chora.needs/v1"}',
        b'{"schema": "chora.needs/v1", "consumer": {"id": 7}}',
        b'{"schema": "chora.needs/v1", "consumer": {"id": "a.b.c"}, "cells": [{}]}',
        b'{"schema": "chora.needs/v1", "consumer": {"id": "a.b.c"}, "more": 1}',
        b"[" * 100_000,
    ],
)
def test_what_is_torn_or_foreign_is_refused(torn: bytes) -> None:
    with pytest.raises(UnreadableError, match=r"needs\.json"):
        load_needs(torn, "needs.json")


def test_the_pairs_are_those_of_the_edges() -> None:
    edges = load_matrix(FILES["matrix.json"], "matrix.json")
    assert load_pairs(FILES["matrix.json"], "matrix.json") == tuple((edge.consumer, edge.provider) for edge in edges)
    head = b'{"schema": "chora.matrix/v1", "edges": '
    for torn in (b"{}", b"7", b'["x"]', b"[{}]", b'[{"consumer": "a", "provider": 7}]', b"null", b'"text"'):
        with pytest.raises(UnreadableError):
            load_pairs(head + torn + b"}", "matrix.json")


def test_every_prefix_of_a_file_is_refused() -> None:
    path, data = max(
        ((path, data) for path, data in FILES.items() if path.startswith("dependents/")), key=lambda item: len(item[1])
    )
    load_dependents(data, path)
    for end in range(0, len(data) - 2, 97):
        with pytest.raises(UnreadableError):
            load_dependents(data[:end], path)


def test_a_provider_that_nobody_declares_has_a_file_with_those_who_wait() -> None:
    held = {row["id"] for row in json.loads(FILES["index.json"])["capabilities"]}
    missing = [edge for edge in load_matrix(FILES["matrix.json"], "m") if edge.provider not in held]
    for edge in missing:
        file = load_dependents(FILES[f"dependents/{file_name(edge.provider)}.json"], "d")
        assert file.provider is None
        assert [cell.edge.consumer for cell in file.cells]
    assert missing
