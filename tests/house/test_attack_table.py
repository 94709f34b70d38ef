"""The table of adverse cases and the tests agree: what it names is there, what is named after a row stands in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FOLDER = TESTS / "attacks"
TABLE = FOLDER / "README.md"
ROWS = {
    "G": "01 02 03 04 05 06 07 08 09 11 14 20 30 32 33 34 35 37 38 39 42",
    "Y": "01 03 04 06 08 09 10 16 19 21 23 24 27 31",
    "S": "02 03 05",
    "V": "01 05 10 11 12",
    "I": "01 09 11",
    "H": "01 03 06 09 14 15 17 20 21 22 23",
    "L": "01 03",
    "C": "01 03 05 06 07 08",
    "P": "01 03 04 05 06",
    "T": "01 06 10 14 20 23",
    "M": "01 02 03 05 07",
}
"""The rows of the threat model that concern the stages that are there."""
LATER = "AE"
_ROW = re.compile(r"^\| ([A-Z][0-9]{2}) \|")
_CASE = re.compile(r"([A-Z][0-9]{2})-[A-Za-z0-9.-]+")


def rows() -> Iterator[tuple[str, list[str]]]:
    """Yield the id of each row and its cells."""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if found := _ROW.match(line):
            yield found[1], [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[2:-1]]


def named() -> Iterator[tuple[str, Path, str]]:
    """Yield row, file and name of each test that the table names."""
    for row, cells in rows():
        for part in cells[-1].split("; "):
            file, _, names = part.partition(": ")
            path = file.strip("`")
            place = TESTS.parent / path if "/" in path else FOLDER / path
            for name in names.split(", "):
                yield row, place, name.strip("`")


@cache
def written(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the test functions and the texts of a file: ids of cases are texts, wherever a file keeps them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_"}
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return frozenset(tests), frozenset(texts)


def test_every_row_stands_once_and_says_everything() -> None:
    found = list(rows())
    assert [row for row, _ in found] == [kind + number for kind, numbers in ROWS.items() for number in numbers.split()]
    for row, cells in found:
        assert len(cells) == 3, row
        assert all(cells), row


def test_there_are_tests_behind_every_row() -> None:
    held = {row for row, *_ in named()}
    assert held == {row for row, _ in rows()}


@pytest.mark.parametrize("file", sorted({path.relative_to(TESTS).as_posix() for _, path, _ in named()}))
def test_what_the_table_names_is_there(file: str) -> None:
    tests, texts = written(TESTS / file)
    for row, path, name in named():
        if path == TESTS / file:
            case = name.startswith(f"{row}-") and any(fnmatchcase(text, name) for text in texts)
            assert name in tests or case, (row, name)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("test_*.py")), ids=lambda path: path.name)
def test_what_is_named_after_a_row_stands_in_the_table(path: Path) -> None:
    """Also that the row names it, in this file, by itself or by its beginning."""
    _, texts = written(path)
    mine = [(row, name) for row, place, name in named() if place == path]
    for case in filter(_CASE.fullmatch, texts):
        row = case.partition("-")[0]
        if row[0] in LATER:
            continue
        assert (row, True) in {(other, fnmatchcase(case, name)) for other, name in mine}, case


def test_the_stages_that_are_not_there_are_named_as_such() -> None:
    words = TABLE.read_text(encoding="utf-8").partition("Not concerned,")[2].partition("\n\n")[0]
    assert set(re.findall(r"\(?(?:rows )?\b([A-Z])\)", words)) == set(LATER)
