"""The strict reader: any bytes, read as YAML and as JSON.

Judges: the standard library's `json`, and PyYAML's loader that keeps all scalars as text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import chain
from typing import Any

import yaml

from chora_catalog.parse.reading import MAX_DEPTH, MAX_KEY, Reading, decode, forbidden_in, split_pointer
from chora_catalog.parse.scalars import plain
from chora_catalog.parse.spans import read
from tests.fuzz.promises import Lines, files_of, findings_are_sound, in_time, refused, texts_of

LONGEST = 8192
WORDS = (
    *("---", "...", "%YAML 1.2", "%TAG ! x", "&a", "*a", "!!str", "!t", "<<: ", "? ", "- ", ": ", "|\n", ">\n", "|+2"),
    *("[", "]", "{", "}", '"', "'", "#", "\n  ", "\r\n", "\ufeff", "\t", "\\u0000", "\\ud83c", "\\x", "\\n", "\u202e"),
    *("true", "null", "~", "1.10", "0x1f", ".inf", ".nan", "1e400", "-0", "9223372036854775808", '"a":', "NaN"),
)


def seeds() -> Iterator[bytes]:
    yield from texts_of("tests/attacks/test_documents.py")
    yield from texts_of("tests/properties/test_reader.py")
    yield from texts_of("tests/properties/test_schemas.py")
    yield from files_of("tests/rules/*/*/*.yaml", "tests/rules/*/*/*.json", "catalog-sources.yaml", "chora.yaml")


def check(data: bytes) -> None:
    lines = Lines(data)
    as_yaml = in_time(read, data, file="a.yaml")
    as_json = in_time(read, data, file="a.json")
    for reading in (as_yaml, as_json):
        _is_sound(reading, lines)
    text, found = decode(data, "a.json")
    if not found.any:
        _json_is_what_json_says(text, as_json)
    if as_yaml.ok:
        _yaml_is_what_pyyaml_reads(text, as_yaml)
    if as_yaml.ok and as_json.ok:
        assert _same(as_yaml.value, as_json.value)


def _is_sound(reading: Reading, lines: Lines) -> None:
    findings_are_sound(reading.findings, lines, reading.file)
    assert reading.ok == (not reading.findings)
    assert reading.ok != refused(reading.findings)
    assert reading.ok or reading.value is None
    if not reading.ok:
        return
    json.dumps(reading.value, allow_nan=False, ensure_ascii=False).encode()
    for pointer, value in _nodes(reading.value):
        assert len(split_pointer(pointer)) <= MAX_DEPTH
        place, key = reading.place(pointer), reading.place(pointer, key=True)
        assert (place.pointer, key.pointer) == (pointer, pointer)
        for spot in (place, key):
            lines.hold(spot.line, spot.column)
        if reading.file == "a.json":
            written = lines.at(place.line, place.column)
            begins = {dict: "{", list: "[", str: '"', bool: ("true", "false"), type(None): "null"}.get(type(value))
            assert written.startswith(begins or tuple("-0123456789")), (pointer, written[:20])
            assert not pointer or lines.at(key.line, key.column).startswith(('"', written))


def _json_is_what_json_says(text: str, reading: Reading) -> None:
    """Hold both ways: what is read is what `json` reads, and what `json` reads is refused only for a written reason."""
    try:
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_refuse, parse_int=_integer, parse_float=_finite
        )
        _shallow_and_harmless(value)
    except (ValueError, RecursionError):
        assert not reading.ok
        return
    assert reading.ok, reading.findings[0].message
    assert _same(reading.value, value)


def _refuse(text: str) -> None:
    raise ValueError(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def _integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) >= 2**63:
        raise ValueError("beyond 64 bits")
    return int(text)


def _finite(text: str) -> float:
    if not math.isfinite(float(text)):
        raise ValueError("infinite")
    return float(text)


def _shallow_and_harmless(value: Any) -> None:
    for pointer, node in _nodes(value):
        depth = len(split_pointer(pointer)) + isinstance(node, (dict, list))
        texts = [node] if isinstance(node, str) else list(node) if isinstance(node, dict) else []
        keys = texts if isinstance(node, dict) else []
        if depth > MAX_DEPTH or any(map(forbidden_in, texts)) or any(len(key) > MAX_KEY for key in keys):
            raise ValueError("refused on purpose")


def _yaml_is_what_pyyaml_reads(text: str, reading: Reading) -> None:
    theirs = dict(_nodes(yaml.CBaseLoader(text).get_single_data()))
    ours = dict(_nodes(reading.value))
    assert ours.keys() == theirs.keys()
    for pointer, value in ours.items():
        if isinstance(value, str):
            assert value == theirs[pointer]
        elif not isinstance(value, (dict, list)):
            assert _same(plain(theirs[pointer]), value)


def _nodes(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield pointer and value of each node, without recursion: the judge must not fail where the judged does not."""
    waiting = [("", value)]
    while waiting:
        pointer, node = waiting.pop()
        yield pointer, node
        members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        waiting += [(f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}", child) for key, child in members]


def _same(left: Any, right: Any) -> bool:
    """Tell whether two values are equal and of equal types: True is not 1, and 1.0 is not 1."""
    pairs = zip(_nodes(left), _nodes(right), strict=False)
    return json.dumps(left) == json.dumps(right) and all(map(_alike, chain(pairs)))


def _alike(pair: tuple[tuple[str, Any], tuple[str, Any]]) -> bool:
    (here, one), (there, other) = pair
    return here == there and type(one) is type(other)
