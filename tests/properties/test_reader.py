"""Promise 3, for the reader: what it accepts means what every other reader says it means, and nothing makes it fail.

Oracles: the standard library's `json`, and PyYAML's loader that keeps all scalars as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chora_catalog.model.finding import Severity
from chora_catalog.parse.gherkin import read_features
from chora_catalog.parse.reading import forbidden_in, join_pointer, split_pointer
from chora_catalog.parse.scalars import ChangesMeaningError, plain
from chora_catalog.parse.spans import Reading, read

STEADY = settings(
    derandomize=True, deadline=None, database=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)
TEXT = st.text(max_size=20).filter(lambda text: forbidden_in(text) is None)
NUMBERS = st.integers(1 - 2**63, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=25,
)
FILES = st.sampled_from(["a.json", "a.yaml"])
PIECES = st.sampled_from(
    [
        *("a", "b", "c: ", "d:", "- ", "\n", "\n  ", "\n    ", " ", '"', "'", "[", "]", "{", "}", ", ", ": ", "? "),
        *("|\n", ">\n", "#", " # x\n", "&x ", "*x", "!t ", "!!str ", "<<: ", "---\n", "...\n", "%TAG", "1", "1.0"),
        *("1.10", "~", "no", "\\n", "\\", "\t", "\r\n", "é", "\x00", "\u202e", "@behavior:x ", "Feature: ", '"""'),
        *("Scenario: ", "Given "),
    ]
)
DOCUMENTS = st.lists(PIECES, max_size=25).map("".join)


SCALARS = st.sampled_from(
    [
        *("a", "a b", "no", "~", "true", "1", "-7", "1.5", "1.0.0", "2025-10-12", "12:30:45", "a#b", "a:b", "?x", "-x"),
        *("'it''s'", "''", "'1'", '"q\\n\\u00e9"', '"a\\\n  b"', "a\n  b", "é", "<<x", "null", "014", "x # y"),
    ]
)
KEYS = st.lists(st.sampled_from(["a", "b", "on", "1", "'c d'", '"e"', "~x", "? f"]), max_size=4, unique=True)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.tuples(KEYS, st.lists(inner, min_size=4, max_size=4))
)


def block(tree: Any, indent: str = "") -> str:
    """Write a tree of scalars as YAML blocks; empty collections in flow style."""
    if isinstance(tree, str):
        return " " + tree.replace("\n", "\n" + indent) + "\n"
    if isinstance(tree, list):
        return "\n" + "".join(f"{indent}-{block(child, indent + '  ')}" for child in tree) if tree else " []\n"
    keys, children = tree
    if not keys:
        return " {}\n"
    text = "\n"
    for key, child in zip(keys, children, strict=False):
        colon = f"\n{indent}:" if key.startswith("?") else ":"
        text += indent + key + colon + block(child, indent + "  ")
    return text


def same(left: Any, right: Any) -> bool:
    """Tell whether two values are equal and of equal types: True is not 1, and 1.0 is not 1."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def nodes(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    yield pointer, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in members:
        yield from nodes(child, join_pointer(pointer, key))


@STEADY
@given(value=VALUES, indent=st.sampled_from([None, 0, 1, 4, "\t"]), ascii_only=st.booleans())
def test_json_means_what_json_says(value: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    reading = read(text.encode(), file="a.json")
    assert reading.findings == ()
    assert same(reading.value, json.loads(text))


@STEADY
@given(value=VALUES, indent=st.sampled_from([None, 1, 4]))
def test_json_written_as_yaml_means_the_same(value: Any, indent: Any) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    reading = read(text.encode(), file="a.yaml")
    assert reading.findings == ()
    assert same(reading.value, json.loads(text))


@STEADY
@given(value=VALUES, file=FILES)
def test_every_value_and_key_stands_where_its_place_says(value: Any, file: str) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    lines = text.split("\n")
    reading = read(text.encode(), file=file)
    for pointer, child in nodes(value):
        place = reading.place(pointer)
        begins = {dict: "{", list: "["}.get(type(child)) or json.dumps(child, ensure_ascii=False)
        assert lines[place.line - 1][place.column - 1 :].startswith(begins)
        assert place.excerpt[place.line - place.excerpt_from] == lines[place.line - 1][:200]
        key = reading.place(pointer, key=True)
        written = json.dumps((split_pointer(pointer) or [""])[-1], ensure_ascii=False)
        assert lines[key.line - 1][key.column - 1 :].startswith((written, begins))


@STEADY
@given(text=TREES.map(block) | DOCUMENTS)
def test_yaml_that_is_accepted_has_the_structure_and_words_that_pyyaml_reads(text: str) -> None:
    reading = read(text.encode(), file="a.yaml")
    if not reading.ok:
        return
    loader = yaml.CBaseLoader(text)
    theirs = dict(nodes(loader.get_single_data()))
    ours = dict(nodes(reading.value))
    assert ours.keys() == theirs.keys()
    for pointer, value in ours.items():
        if isinstance(value, str):
            assert value == theirs[pointer]
        elif not isinstance(value, (dict, list)):
            assert same(plain(theirs[pointer]), value)


@STEADY
@given(text=st.text(alphabet="+-._0123456789eExXobinfaINFNA:", max_size=12))
def test_an_unquoted_scalar_is_its_own_text_or_prints_as_it_was_written(text: str) -> None:
    try:
        value = plain(text)
    except ChangesMeaningError:
        return
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        assert repr(value) == text
    elif value is not None:
        assert value == text


def well_formed(reading: Reading, data: bytes) -> None:
    assert reading.ok or any(finding.severity is Severity.ERROR for finding in reading.findings)
    if reading.ok:
        assert len(data) <= 256 * 1024
        json.dumps(reading.value, allow_nan=False, ensure_ascii=False).encode()
    for finding in reading.findings:
        assert finding.rule
        assert finding.message
        assert finding.hint
        str(finding.message + finding.hint + "".join(finding.place.excerpt)).encode()
        assert forbidden_in(finding.message + "".join(finding.place.excerpt)) is None
        assert 0 <= finding.place.line <= len(re.split(b"\r\n|\r|\n", data))


@STEADY
@given(data=st.binary(max_size=60), file=FILES)
def test_any_bytes_are_a_result(data: bytes, file: str) -> None:
    well_formed(read(data, file=file), data)


@STEADY
@given(text=st.text(max_size=60) | DOCUMENTS, file=FILES)
def test_any_text_is_a_result(text: str, file: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    well_formed(read(data, file=file), data)


@STEADY
@given(data=st.binary(max_size=60) | DOCUMENTS.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_as_a_feature_file_are_a_result(data: bytes) -> None:
    features = read_features(data, file="a.feature")
    assert all(finding.rule and finding.hint for finding in features.findings)
    assert all(behavior.line > 0 for behavior in features.behaviors)


@pytest.mark.parametrize(
    ("text", "line", "column", "words", "next_step"),
    [
        ("a:\n\tb: 1\n", 2, 1, "a line is indented with a tab", "Indent with spaces"),
        ("a: 1\n\tb: 2\n", 2, 1, "a line is indented with a tab", "Indent with spaces"),
        ("a:\n  b: 1\n \tc: 2\n", 3, 2, "a line is indented with a tab", "Indent with spaces"),
        ("a: |\n\ttext\n", 2, 1, "a line is indented with a tab", "Indent with spaces"),
        ("-\ta\n", 1, 2, "a tab stands where YAML asks for a space", "Write a space"),
        ("a: @x\n", 1, 4, 'a value cannot begin with "@" unless it stands in quotes', "Quote the value"),
    ],
)
def test_a_character_that_yaml_refuses_is_named(text: str, line: int, column: int, words: str, next_step: str) -> None:
    (finding,) = read(text.encode(), file="chora.yaml").findings
    assert (finding.rule, finding.place.line, finding.place.column) == ("yaml-syntax", line, column)
    assert finding.message == f"this is not YAML: {words}"
    assert next_step in finding.hint


def test_a_pointer_to_nothing_gives_its_nearest_known_parent() -> None:
    reading = read(b"a:\n  b:\n    - c: 1\n", file="a.yaml")
    assert [reading.place(pointer).line for pointer in ("/a/b/0/c", "/a/b/0/x", "/a/b/7/c", "/a/x", "/x", "")] == [
        3,
        3,
        3,
        2,
        1,
        1,
    ]
    assert (reading.place("/a/b/0/c").column, reading.place("/a/b/0/c", key=True).column) == (10, 7)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_and_columns_count_alike_whatever_ends_a_line(end: str) -> None:
    text = end.join(['{"a": 1,', ' "é": {"b": 2}}', ""])
    for file in ("a.json", "a.yaml"):
        place = read(text.encode(), file=file).place("/é/b")
        assert (place.line, place.column) == (2, 13)
        assert place.excerpt == ('{"a": 1,', ' "é": {"b": 2}}')


def test_a_place_carries_the_lines_around_it_cut_at_200_characters() -> None:
    reading = read(f"a: 1\nb: '{'x' * 300}'\nc: 3\nd: 4\n".encode(), file="a.yaml")
    place = reading.place("/b")
    assert place.excerpt == ("a: 1", "b: '" + "x" * 196, "c: 3")
    assert (place.excerpt_from, place.line) == (1, 2)
    assert reading.place("/d").excerpt == ("c: 3", "d: 4")


def test_pointers_escape_as_rfc_6901_says() -> None:
    reading = read(b'{"a/b": 1,\n"~1": 2,\n"~": {"": 3}}', file="a.json")
    assert [reading.place(pointer).line for pointer in ("/a~1b", "/~01", "/~0/")] == [1, 2, 3]
    assert (join_pointer("", "~1", "a/b"), split_pointer("/~01/a~1b")) == ("/~01/a~1b", ["~1", "a/b"])


def test_credentials_of_an_address_do_not_travel_with_a_finding() -> None:
    reading = read(b"url: https://user:secret@host/x\nurl: y\n", file="a.yaml")
    (finding,) = reading.findings
    assert "secret" not in repr(finding)
    assert finding.place.excerpt[0] == "url: https://***********@host/x"
