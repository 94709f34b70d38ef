"""The standard of command lines: each sentence names its check or says that there is none, and the page counts both."""

from __future__ import annotations

import re
from pathlib import Path

from chora_catalog.resolve.courtesy import SENTENCES

PAGE = Path(__file__).resolve().parents[2] / "docs/standards/cli-and-ux.md"
ITEM = re.compile(r"^- (?P<text>.*?) \[(?P<check>not checked|`[a-z0-9-]+`)\]$", re.MULTILINE)


def sentences() -> list[tuple[str, str]]:
    """(text, check) of each sentence of the page; the check is empty where it says that there is none."""
    page = re.sub(r"\n  (?=\S)", " ", PAGE.read_text(encoding="utf-8"))
    return [(found["text"], found["check"].strip("`").removeprefix("not checked")) for found in ITEM.finditer(page)]


def test_the_page_and_the_checks_have_the_same_sentences() -> None:
    assert sentences() == [(sentence.text, sentence.check) for sentence in SENTENCES]
    assert all((sentence.check == "") == (sentence.judge is None) for sentence in SENTENCES)
    names = [sentence.check for sentence in SENTENCES if sentence.check]
    assert len(names) == len(set(names))


def test_the_page_counts_what_is_checked_and_what_is_not() -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    checked = sum(bool(check) for _, check in sentences())
    assert f"{checked} sentences are checked, {len(sentences()) - checked} are not" in page


def test_every_sentence_that_binds_is_one_of_them() -> None:
    page = re.sub(r"\n  (?=\S)", " ", PAGE.read_text(encoding="utf-8"))
    binding = [line for line in page.splitlines() if re.search(r"\b(?:MUST|SHOULD)\b", line)]
    binding = [line for line in binding if "RFC 2119" not in line]
    assert len(binding) == len(sentences())
    assert all(re.search(r"\b(?:MUST|SHOULD)\b", text) for text, _ in sentences())


def test_the_page_says_its_version_date_owner_and_change_signal() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for row in (
        r"Version \| [0-9]+\.[0-9]+\.[0-9]+",
        r"Date \| 2[0-9]{3}-[0-9]{2}-[0-9]{2}",
        r"Owner \| \S",
        r"Change signal \| \S",
    ):
        assert re.search(rf"^\| {row}", page, re.MULTILINE), row
