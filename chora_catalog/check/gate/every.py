"""All that the gate refuses, in one list: what it checks itself, and what readers and rules say of what is added."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from chora_catalog.check.gate import append_only, evidence, filing, stewardship
from chora_catalog.check.gate.proposed import Proposed
from chora_catalog.check.rule import Federation
from chora_catalog.check.rules import (
    move_refused,
    vote_refused,
    vote_unproven,
    waiver_renewed_silently,
    waiver_too_many,
)
from chora_catalog.model.finding import Finding, Severity, sort_findings
from chora_catalog.parse.records import Records

_CHECKS: Final = (append_only, stewardship, evidence, filing)
_RULES: Final = (move_refused, vote_refused, vote_unproven, waiver_renewed_silently, waiver_too_many)
_STOPPING: Final = frozenset({"event-without-signal", "record-misplaced", "record-name-differs", "vote-refused"})
"""Warnings of a catalog that are refused here: what is not there yet need not be wrong for ever."""
_OWN_WORDS: Final = frozenset({"steward-self-added"})
_SAID_THERE: Final = frozenset({"vote-refused", "vote-unproven", "move-refused"})


def judge(proposed: Proposed) -> tuple[Finding, ...]:
    """Return everything that is wrong with what a pull request changes below `decisions/`, worst first by file.

    What the base says of itself is not held against it; what the records say after it, and did not before, is.
    """
    found = [finding for module in _CHECKS for finding in module.check(proposed)]
    before = {_same(finding) for finding in _said(proposed.before)}
    new = [finding for finding in _said(proposed.after) if _same(finding) not in before]
    told = {finding.place.file for finding in found if finding.rule in _OWN_WORDS}
    found += [
        replace(finding, severity=Severity.ERROR) if finding.rule in _STOPPING else finding
        for finding in new
        if not (finding.rule in _SAID_THERE and finding.place.file in told)
    ]
    return sort_findings(found)


def _said(records: Records) -> Iterator[Finding]:
    yield from records.findings
    federation = Federation(specs=(), harvests={}, manifests=(), signals=records.signals, waivers=records.waivers)
    for module in _RULES:
        yield from module.check(federation)


def _same(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.place.file, finding.message
