"""SARIF 2.1.0 (OASIS), as code scanning reads it: one run, stable fingerprints, places relative to the repository."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from chora_catalog.model.checked import Checked, RuleWords
from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.reports.fingerprint import fingerprints
from chora_catalog.render.text import visible

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
RESULTS: Final = 5000
"""Results shown by GitHub in one upload; more are cut by us, worst first, and said to be."""
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "note"}
_ROOT = "SRCROOT"


def sarif(checked: Checked, rules: Iterable[RuleWords], *, version: str) -> str:
    """Return what was checked by `rules` as the text of one SARIF log; `version` is this tool's.

    A rule that could not be judged is a result of kind `notApplicable` at the first manifest.
    """
    known = {rule.id: rule for rule in rules}
    named = sorted({finding.rule for finding in checked.findings} | set(checked.not_evaluated) | set(known))
    index = {name: number for number, name in enumerate(named)}
    worst = sorted(checked.findings, key=lambda finding: (finding.severity.rank, finding.order))
    shown = sorted(worst[:RESULTS], key=lambda finding: finding.order)
    prints = fingerprints(checked.findings)
    results = [_result(finding, index[finding.rule], prints[finding]) for finding in shown]
    first = checked.files[0] if checked.files else "."
    results += [_not_applicable(rule, why, index[rule], first) for rule, why in sorted(checked.not_evaluated.items())]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "chora-catalog",
                "semanticVersion": version,
                "rules": [_rule(name, known.get(name)) for name in named],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [{"executionSuccessful": True, **_left_out(len(worst) - len(shown))}],
        "results": results,
    }
    return json_bytes({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}).decode()


def _rule(name: str, words: RuleWords | None) -> dict[str, Any]:
    if words is None:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": words.summary},
        "fullDescription": {"text": words.summary},
        "help": {"text": f"{words.page}\n\nchora explain {name}"},
        "defaultConfiguration": {"level": _LEVELS[words.severity]},
        "properties": {"tags": [f"scope-{words.scope.value}"]},
    }


def _result(finding: Finding, rule: int, fingerprint: str) -> dict[str, Any]:
    said = visible(finding.message) + (f" Next: {visible(finding.hint)}" if finding.hint else "")
    result = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": said},
        "locations": [_location(finding.place)],
        "partialFingerprints": {"chora/v1": fingerprint},
    }
    if finding.related:
        result["relatedLocations"] = [_location(place) for place in finding.related]
    return result


def _not_applicable(rule: str, why: str, index: int, file: str) -> dict[str, Any]:
    # With a place, although it has none: code scanning refuses a result without one.
    return {
        "ruleId": rule,
        "ruleIndex": index,
        "kind": "notApplicable",
        "level": "none",
        "message": {"text": f"not evaluated: {why}"},
        "locations": [_location(Place(file=file))],
    }


def _location(place: Place) -> dict[str, Any]:
    artifact = {"uri": quote(place.file.encode("utf-8", "replace")), "uriBaseId": _ROOT}
    region = {"region": {"startLine": place.line, "startColumn": max(place.column, 1)}} if place.line else {}
    return {"physicalLocation": {"artifactLocation": artifact, **region}}


def _left_out(number: int) -> dict[str, Any]:
    if not number:
        return {}
    text = f"{number} findings are left out: {RESULTS} are shown, the worst first"
    return {"toolExecutionNotifications": [{"level": "warning", "message": {"text": text}}]}
