"""Behaviors are what tags of scenarios say: the nearest counts, a comment never, and a broken file is one line."""

from __future__ import annotations

import pytest

from chora_catalog.model.finding import Severity
from chora_catalog.model.manifest import Behavior
from chora_catalog.parse.gherkin import Features, read_features

FEATURE = """\
# @behavior:in-a-comment
@behavior:MCP.REGISTRY.MANAGE @status:draft
Feature: Manage the registry

  Background:
    Given a registry

  Scenario: inherits
    Given a server

  # @behavior:in-another-comment:
  @behavior:http-expose @status:ready @priority:high
  Scenario: has its own
    Given a server

  @status:ready
  Scenario: has only a status
    Given a server

  @behavior:of-the-rule
  Rule: one
    Scenario: inherits from the rule
      Given a server

    @behavior:first @behavior:second
    Scenario Outline: carries two
      Given <n> servers
      Examples:
        | n |
        | 1 |
      @behavior:of-the-examples @status:planned
      Examples:
        | n |
        | 2 |
"""


def features(text: str) -> Features:
    return read_features(text.encode(), file="a.feature")


def test_the_nearest_tags_count() -> None:
    def behavior(identifier: str, status: str, scenarios: int, line: int) -> Behavior:
        return Behavior(id=identifier, ref="a.feature", status=status, scenarios=scenarios, line=line)

    read = features(FEATURE)
    assert read.findings == ()
    assert read.behaviors == (
        behavior("MCP.REGISTRY.MANAGE", "mixed", 2, 2),
        behavior("http-expose", "ready", 1, 12),
        behavior("of-the-rule", "draft", 1, 20),
        behavior("first", "draft", 1, 25),
        behavior("second", "draft", 1, 25),
        behavior("of-the-examples", "planned", 1, 31),
    )


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_whatever_ends_a_line_the_same_is_read(end: str) -> None:
    assert features(FEATURE.replace("\n", end)) == features(FEATURE)
    broken = "Feature: x\n  Scenario: y\n    Given z\n    nonsense\n"
    (finding,) = features(broken.replace("\n", end)).findings
    assert finding == features(broken).findings[0]
    assert (finding.place.line, finding.place.excerpt[1]) == (4, "    nonsense")


def test_a_behavior_without_scenarios_is_declared_and_carries_none() -> None:
    (behavior,) = features("@behavior:a @status:draft\nFeature: empty\n").behaviors
    assert (behavior.id, behavior.status, behavior.scenarios) == ("a", "draft", 0)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "Feature: untagged\n  Scenario: x\n    Given y\n"])
def test_a_file_without_tags_has_no_behaviors(text: str) -> None:
    assert features(text) == Features(behaviors=(), findings=())


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("@behavior:a\nFeature: x\n  Scenario: y\n    Given z\n    nonsense\n", 5, "`nonsense` does not belong here"),
        ("words only\n", 1, "does not belong here"),
        ("# language: xx\nFeature: y\n", 1, "Language not supported: xx"),
        ("Feature: x\n  Scenario: y\n    Given z\n      | a |\n      | b | c |\n", 5, "inconsistent cell count"),
        ("@behavior:a\n", 2, "it ends too early"),
        ("@behavior:\nFeature: x\n  Scenario: y\n    Given z\n", 1, "does not name a behavior"),
    ],
)
def test_a_broken_file_is_a_warning_with_its_line(text: str, line: int, words: str) -> None:
    read = features(text)
    assert read.behaviors == ()
    finding = read.findings[0]
    assert (finding.rule, finding.severity) == ("feature-syntax", Severity.WARNING)
    assert finding.place.line == min(line, text.count("\n"))
    assert words in finding.message


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"Feature: \xff", "file-encoding"),
        (b"Feature: \x00", "file-control-character"),
        (b"#\n" * 30_000, "file-too-large"),
        (b"#" * 300_000, "file-too-large"),
    ],
)
def test_a_file_that_no_reader_takes_is_refused(data: bytes, rule: str) -> None:
    assert [finding.rule for finding in read_features(data, file="a.feature").findings] == [rule]


def test_a_feature_names_no_file_that_is_opened() -> None:
    assert features("/etc/passwd").findings[0].rule == "feature-syntax"
