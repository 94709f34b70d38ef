"""JUnit XML, as CI servers read it: a suite for each file, a case for each finding, skipped for what was not judged."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from chora_catalog.model.checked import Checked
from chora_catalog.model.finding import Finding, Severity
from chora_catalog.render.report import frame
from chora_catalog.render.text import visible


def junit(checked: Checked, *, fail_on: Severity) -> str:
    """Return the XML text. A finding at least as bad as `fail_on` fails, any other passes and says what it found."""
    by_file: dict[str, list[Finding]] = {file: [] for file in checked.files}
    for finding in checked.findings:
        by_file.setdefault(finding.place.file, []).append(finding)
    suites = [_suite(file, found, fail_on) for file, found in sorted(by_file.items())]
    if checked.not_evaluated:
        cases = [
            f"    <testcase classname={_attribute('not evaluated')} name={_attribute(rule)}>"
            f"<skipped message={_attribute(why)}/></testcase>"
            for rule, why in sorted(checked.not_evaluated.items())
        ]
        suites.append(_wrapped("not evaluated", cases, failures=0, skipped=len(cases)))
    failures = sum(_fails(finding, fail_on) for finding in checked.findings)
    tests = sum(max(1, len(found)) for found in by_file.values()) + len(checked.not_evaluated)
    head = f'<testsuites name="chora validate" tests="{tests}" failures="{failures}" errors="0">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>", ""])


def _suite(file: str, findings: list[Finding], fail_on: Severity) -> str:
    if not findings:
        passed = f"    <testcase classname={_attribute(file)} name={_attribute('no finding')}/>"
        return _wrapped(file, [passed], failures=0, skipped=0)
    cases = [_case(file, finding, fail_on) for finding in findings]
    return _wrapped(file, cases, failures=sum(_fails(finding, fail_on) for finding in findings), skipped=0)


def _case(file: str, finding: Finding, fail_on: Severity) -> str:
    where = f" in line {finding.place.line}" if finding.place.line else ""
    name = _attribute(f"{finding.rule}{where}")
    said = escape(frame(finding))
    if _fails(finding, fail_on):
        message = _attribute(finding.message)
        inside = f"<failure type={_attribute(finding.rule)} message={message}>{said}</failure>"
    else:
        inside = f"<system-out>{said}</system-out>"
    return f"    <testcase classname={_attribute(file)} name={name}>{inside}</testcase>"


def _wrapped(name: str, cases: Iterable[str], *, failures: int, skipped: int) -> str:
    lines = list(cases)
    counts = f'tests="{len(lines)}" failures="{failures}" errors="0" skipped="{skipped}"'
    return "\n".join([f"  <testsuite name={_attribute(name)} {counts}>", *lines, "  </testsuite>"])


def _fails(finding: Finding, fail_on: Severity) -> bool:
    return finding.severity.rank <= fail_on.rank


def _attribute(text: str) -> str:
    return quoteattr(visible(text))
