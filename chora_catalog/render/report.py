"""Findings and runs as plain text. What a source wrote is made visible first: no control character gets through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.record import to_json
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.text import visible


def frame(finding: Finding) -> str:
    """Return one finding as a code frame: severity and rule, place, the lines with a caret, the next step."""
    head = f"{finding.severity.value}[{finding.rule}]: {_line(finding.message)}"
    where = (f"{finding.source}: " if finding.source else "") + _line(str(finding.place))
    lines = [head, f"  --> {where}", *_excerpt(finding.place)]
    for place in finding.related:
        lines += [f"  see {_line(str(place))}", *_excerpt(place)]
    if finding.hint:
        lines.append(f"  = next: {_line(finding.hint)}")
    return "\n".join(lines)


def frames(findings: Iterable[Finding], *, worst: Severity = Severity.NOTICE) -> str:
    """Return all findings that are at least as bad as `worst`, separated by blank lines."""
    return "\n\n".join(frame(finding) for finding in findings if finding.severity.rank <= worst.rank)


def _line(text: str) -> str:
    """Return `text` on one line with every control character visible, line ends and tabs included."""
    return visible(text).replace("\n", "\u240a").replace("\t", " ")


def _excerpt(place: Place) -> Iterator[str]:
    if not place.excerpt:
        return
    width = len(str(place.excerpt_from + len(place.excerpt) - 1))
    yield f"  {' ' * width} |"
    for offset, text in enumerate(place.excerpt):
        number = place.excerpt_from + offset
        yield f"  {number:>{width}} | {_line(text)}".rstrip()
        if number == place.line:
            # The caret stands under the visible form, which is longer where a control character was spelled out.
            indent = len(_line(text[: max(0, place.column - 1)]))
            yield f"  {' ' * width} | {' ' * indent}^"


def workflow_commands(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield one GitHub Actions annotation for each finding; what a source wrote cannot start a command of its own."""
    for finding in findings:
        place = finding.place
        where = [*([("file", place.file)] if place.file else []), ("title", finding.rule)]
        if place.line:
            where += [("line", str(place.line)), ("col", str(place.column))]
        said = ",".join(
            f"{key}={_escape(_line(value)).replace(':', '%3A').replace(',', '%2C')}" for key, value in where
        )
        message = _escape(_line(finding.message) + (f" Next: {_line(finding.hint)}" if finding.hint else ""))
        yield f"::{finding.severity.value} {said}::{message}"


def _escape(text: str) -> str:
    """Escape as the workflow commands' own toolkit does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def as_json(findings: Iterable[Finding], not_evaluated: Iterable[str]) -> str:
    """Return findings as the JSON text `chora.findings/v1`."""
    return json_bytes(
        {
            "schema": "chora.findings/v1",
            "findings": [to_json(finding) for finding in findings],
            "not_evaluated": list(not_evaluated),
        }
    ).decode()
