"""What a door said of manifests: the findings, what was looked at, and what could not be judged there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chora_catalog.model.finding import Finding, Scope, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWords:
    """A rule in words, for reports that travel without this tool. `page` is plain text of several paragraphs."""

    id: str
    severity: Severity
    scope: Scope
    summary: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found; `files` are the manifests that were read, `not_evaluated` says of each rule why it was not.

    `basis` says in one line what catalog was in view, and is empty where there was none.
    """

    files: tuple[str, ...]
    capabilities: int
    findings: tuple[Finding, ...]
    not_evaluated: Mapping[str, str] = field(default_factory=dict)
    basis: str = ""
    unseen: tuple[Scope, ...] = ()
    """The scopes that this door could not see."""

    def count(self, severity: Severity) -> int:
        """Return how many findings have `severity`."""
        return sum(finding.severity is severity for finding in self.findings)
