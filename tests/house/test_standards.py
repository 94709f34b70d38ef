"""The standards say of each sentence which rule looks at it, and their count of the others is true."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from chora_catalog.app.explaining import explanations

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs/standards"
PAGES = ("discovery-model", "manifest", "naming")
NORMATIVE = re.compile(r"\b(MUST|SHOULD|MAY)\b")
BRACKET = re.compile(r"\[([^\]]*)\](?!\()")
COUNTED = re.compile(r"(\d+) of (\d+) sentences are not checked\.")
NOT_CHECKED = "not checked"


def text_of(page: str) -> str:
    return (FOLDER / f"{page}.md").read_text(encoding="utf-8")


def sentences(text: str) -> list[str]:
    """Each sentence that obliges, with its bracket: an entry of a list that begins with `- `."""
    entries = re.findall(r"^- (.*(?:\n  .*)*)", text, re.MULTILINE)
    return [" ".join(entry.split()) for entry in entries if NORMATIVE.search(entry)]


def rule_severities() -> dict[str, str]:
    """The rules that the tool explains, and those of the page of findings: id to severity."""
    found = {}
    for line in (ROOT / "docs/reference/findings.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) > 1:
            found.update(dict.fromkeys(re.findall(r"`([a-z-]+)`", cells[0]), cells[1]))
    return found | {rule.id: rule.severity.value for rule, _ in explanations().values()}


@pytest.mark.parametrize("page", PAGES)
def test_a_standard_begins_with_what_it_is(page: str) -> None:
    head = dict(re.findall(r"^\| (\w[\w ]*) \| (.+) \|$", text_of(page).partition("\n## ")[0], re.MULTILINE))
    assert list(head) == ["About", "Version", "Date", "Owner", "Change signal"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", head["Version"])
    assert datetime.date.fromisoformat(head["Date"])
    assert f'name: "{head["Owner"]}"' in (ROOT / "decisions/stewards.yaml").read_text(encoding="utf-8")
    signal = re.search(r"\(([^)]+)\)", head["Change signal"])
    assert head["Change signal"].startswith("none yet") or (signal and (FOLDER / signal[1]).is_file())


@pytest.mark.parametrize("page", PAGES)
def test_each_sentence_names_its_rules_or_says_that_nothing_looks(page: str) -> None:
    severities = rule_severities()
    for sentence in sentences(text_of(page)):
        [bracket] = BRACKET.findall(sentence)
        assert re.search(r"\. \[[^\]]+\]$", sentence), sentence
        if bracket == NOT_CHECKED:
            continue
        rules = re.findall(r"`([^`]+)`", bracket)
        assert bracket == ", ".join(f"`{rule}`" for rule in rules), sentence
        assert rules, sentence
        assert set(rules) <= set(severities), sentence


@pytest.mark.parametrize("page", PAGES)
def test_what_must_be_is_an_error_and_what_should_be_is_none(page: str) -> None:
    severities = rule_severities()
    for sentence in sentences(text_of(page)):
        for rule in re.findall(r"`([^`]+)`", BRACKET.findall(sentence)[0]):
            words = set(NORMATIVE.findall(sentence))
            assert words != {"MUST"} or "error" in severities[rule], sentence
            assert words != {"SHOULD"} or severities[rule] != "error", sentence


@pytest.mark.parametrize("page", PAGES)
def test_the_count_of_the_page_is_true(page: str) -> None:
    text = text_of(page)
    found = sentences(text)
    [counted] = COUNTED.findall(" ".join(text.split()))
    unchecked = [sentence for sentence in found if BRACKET.findall(sentence) == [NOT_CHECKED]]
    assert counted == (str(len(unchecked)), str(len(found)))
    # No sentence that obliges stands outside the lists, where nobody would count it.
    outside = [line for line in text.splitlines() if NORMATIVE.search(line) and not line.startswith(("- ", "  "))]
    assert all(line.startswith("MUST, SHOULD and MAY are meant") for line in outside), outside
    assert len(outside) == 1
