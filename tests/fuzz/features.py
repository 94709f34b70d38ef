"""The feature reader: any bytes as a `.feature` file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chora_catalog.model.finding import Severity
from chora_catalog.parse.gherkin import MIXED, read_features
from chora_catalog.parse.reading import decode
from tests.fuzz.promises import Lines, files_of, findings_are_sound, in_time, texts_of

LONGEST = 4096
WORDS = (
    *("Feature: ", "Scenario: ", "Scenario Outline: ", "Examples:", "Background:", "Rule: ", "Given ", "When ", "And "),
    *(
        "@behavior:a",
        "@behavior:",
        "@status:ready",
        "# language: de",
        "# ",
        '"""',
        "```",
        "| a | b |",
        "|",
        "\\|",
        "* ",
    ),
    *("Funktion: ", "\n  ", "\r\n", "\ufeff", "<x>", "@a@b", "@behavior:a #x"),
)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def seeds() -> Iterator[bytes]:
    yield from texts_of("tests/properties/test_features.py")
    yield from files_of("tests/**/*.feature")


def check(data: bytes) -> None:
    lines = Lines(data)
    features = in_time(read_features, data, file="a.feature")
    findings_are_sound(features.findings, lines, "a.feature")
    readable = not decode(data, "a.feature")[1].any
    assert readable or not features.behaviors
    assert not readable or all(finding.severity is Severity.WARNING for finding in features.findings)
    assert list(features.behaviors) == sorted(features.behaviors, key=lambda item: (item.line, item.id))
    assert len({behavior.id for behavior in features.behaviors}) == len(features.behaviors)
    for behavior in features.behaviors:
        assert _ID.fullmatch(behavior.id), behavior.id
        assert behavior.ref == "a.feature"
        lines.hold(behavior.line, 1)
        # A tag in a comment, in a text or in a table does not count.
        written = lines.at(behavior.line, 1).strip()
        assert written.startswith("@"), written
        # The parser takes the room between the sign and the name of a tag away.
        assert re.search(rf"@\s*behavior:{re.escape(behavior.id)}", written), written
        assert 0 <= behavior.scenarios <= len(lines.lines)
        assert behavior.scenarios or behavior.status != MIXED or f"@status:{MIXED}" in lines.text
