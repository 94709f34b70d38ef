"""The standards say of each sentence which rule looks at it, and their count of the others is true."""

from __future__ import annotations

import ast
import datetime
import re
from itertools import product
from pathlib import Path

import pytest

from chora_catalog.app.explaining import explanations
from chora_catalog.model.ruling import Age, Side
from chora_catalog.model.verdict import Verdict
from chora_catalog.parse.deadlines import MAX_WAIVER
from chora_catalog.resolve.deprecation import DAYS, ENOUGH, STEP, suggested_window
from chora_catalog.resolve.sla import BUSINESS_DAYS, CRITICAL_DAYS, SOON
from chora_catalog.resolve.transitions import TRANSITIONS, Guard
from chora_catalog.resolve.truth_table import rule_on
from chora_catalog.resolve.waiving import MOST

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs/standards"
PAGES = ("discovery-model", "manifest", "naming")
POLICY = "compatibility-policy"
GOVERNANCE = "governance-flow"
SECURITY = "security-baseline"
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


@pytest.mark.parametrize("page", [*PAGES, POLICY, GOVERNANCE, SECURITY])
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


# ---- The policy of compatibility is kept by code, and each sentence names it -----------------------------------------


def all_tests() -> set[str]:
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("page", [POLICY, GOVERNANCE, SECURITY])
def test_each_sentence_of_the_policy_names_the_code_that_keeps_it_and_its_tests(page: str) -> None:
    text, known = text_of(page), all_tests()
    found = sentences(text)
    kept = [sentence for sentence in found if not sentence.endswith(". [not kept]")]
    for sentence in kept:
        [bracket] = re.findall(r"\. \[([^\]]+)\]$", sentence)
        module, _, names = bracket.partition(": ")
        tests = re.findall(r"`([^`]+)`", names)
        assert names == ", ".join(f"`{name}`" for name in tests), sentence
        assert tests, sentence
        assert set(tests) <= known, sentence
        assert (ROOT / "chora_catalog" / module.strip("`")).is_file(), sentence
    [counted] = re.findall(r"(\d+) of (\d+) sentences are not kept by code", " ".join(text.split()))
    assert counted == (str(len(found) - len(kept)), str(len(found)))
    outside = [line for line in text.splitlines() if NORMATIVE.search(line) and not line.startswith(("- ", "  "))]
    assert [line[:31] for line in outside] == ["MUST, SHOULD and MAY are meant "]


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (r"does not say how stable it is, SHOULD be announced (\d+) days", DAYS["stable"]),
        (r"does not say how stable it is, SHOULD be announced (\d+) days", suggested_window("")),
        (r"of a beta (\d+) days before", DAYS["beta"]),
        (r"rounded up to (\d+) days", STEP),
        (r"MUST NOT last longer than (\d+) days", MAX_WAIVER.days),
    ],
)
def test_the_figures_of_the_policy_are_those_of_the_code(words: str, number: int) -> None:
    text = " ".join(text_of(POLICY).split())
    assert re.findall(words, text) == [str(number)]
    assert ("At most five waivers" in text, MOST) == (True, 5)
    assert ("from five repairs on" in text, ENOUGH) == (True, 5)


AGES = {"fresh": (Age.FRESH,), "past its TTL": (Age.LATE,), "past its alert age": (Age.OVERDUE,), "any": tuple(Age)}
WHEN = {"": {}, "and it broke before the change": {"was_so": True}, "and no release ever fitted": {"is_pending": True}}


def test_the_truth_table_of_the_policy_is_the_one_of_the_code() -> None:
    part = text_of(POLICY).partition("## The truth table")[2]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:2] == "| "][1:]
    plain = []
    for said, ages, shown, consumer, provider, strict in rows:
        word, _, when = said.partition(", ")
        for age, (side, code) in product(AGES[ages], ((Side.CONSUMER, consumer), (Side.PROVIDER, provider))):
            if not code:
                continue
            ruling = rule_on(Verdict(word), age=age, side=side, **WHEN[when])
            hard = rule_on(Verdict(word), age=age, side=side, strict=True, **WHEN[when])
            assert (ruling.status, str(int(ruling.exit))) == (shown, code), (said, age, side)
            assert str(int(hard.exit)) == (code if strict == "the same" else strict), (said, age, side)
            plain += [(word, age, side)] if not when else []
    assert sorted(plain) == sorted(product([verdict.value for verdict in Verdict], Age, Side)), "each case once"


# ---- The way of a signal, its codes and its deadlines are those of the code ------------------------------------------


def rows_of(page: str, head: str) -> list[list[str]]:
    """The rows of the table whose first line is `head`."""
    lines = text_of(page).partition(head)[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_way_of_the_standard_is_the_one_of_the_code() -> None:
    rows = rows_of(GOVERNANCE, "| From | To | What it needs |")
    assert [(before, after) for before, after, _ in rows] == list(TRANSITIONS)
    free = [(before, after) for before, after, needs in rows if needs == "nothing"]
    assert free == [move for move, guard in TRANSITIONS.items() if guard is Guard.NONE]


def test_the_deadlines_of_the_standard_are_those_of_the_code() -> None:
    rows = rows_of(GOVERNANCE, "| Step | Business days | When critical |")
    assert {step: int(days) for step, days, _ in rows} == BUSINESS_DAYS
    assert {step: int(days) for step, _, days in rows} == CRITICAL_DAYS
    assert ("a fifth of its time" in text_of(GOVERNANCE), SOON) == (True, 0.2)


def test_every_code_of_an_event_is_in_the_standard() -> None:
    found: set[str] = set()
    for name in ("folding", "voting"):
        source = (ROOT / f"chora_catalog/resolve/{name}.py").read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            first: ast.expr | None = None
            if isinstance(node, ast.Tuple) and len(node.elts) == 2:
                first = node.elts[0]
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_void":
                first = node.args[1]
            text = first.value if isinstance(first, ast.Constant) else None
            if isinstance(text, str) and re.fullmatch(r"[a-z]+(-[a-z]+)+", text):
                found.add(text)
    told = [code.strip("`") for code, _ in rows_of(GOVERNANCE, "| Code | What it says |")]
    assert sorted(found) == sorted(told)
