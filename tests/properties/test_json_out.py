"""What is written as JSON is read back as it was, by any reader, and changes a line where one item changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.parse.spans import read
from chora_catalog.render import json_out
from chora_catalog.render.json_out import json_bytes

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(st.characters(codec="utf-8")))
VALUES: Any = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(st.characters(codec="utf-8")), inner))
)


@given(VALUES)
def test_what_is_written_is_what_is_read(value: Any) -> None:
    data = json_bytes(value)
    assert json.loads(data) == value
    assert data.endswith(b"\n")


@given(st.dictionaries(st.text("abc", min_size=1, max_size=8), VALUES, min_size=1, max_size=4))
@settings(max_examples=40)
def test_the_strict_reader_agrees(value: dict[str, Any]) -> None:
    reading = read(json_bytes(value), file="a.json")
    assert not reading.ok or reading.value == value


@given(VALUES)
def test_the_quick_way_and_the_slow_one_give_the_same_bytes(value: Any) -> None:
    quick = json_bytes(value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_out, "_chunks", None)
        assert json_bytes(value) == quick


@pytest.mark.parametrize("value", [{"a": {1, 2}}, {"a": [b"x"]}, [object()], {"a": {"b": 1j}}])
def test_what_has_no_json_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        json_bytes(value)


def test_one_item_is_one_line() -> None:
    one = json_bytes({"a": [{"x": 1}, {"y": [2, 3]}], "b": {"k": {"z": []}}, "c": [], "d": {}})
    assert one.decode() == (
        '{\n "a": [\n  {"x": 1},\n  {"y": [2, 3]}\n ],\n "b": {\n  "k": {"z": []}\n },\n "c": [],\n "d": {}\n}\n'
    )
