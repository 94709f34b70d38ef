"""What the gate said of a pull request."""

from __future__ import annotations

from dataclasses import dataclass

from chora_catalog.model.finding import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing that a pull request changes in the catalog: what kind of thing, which, and how, in words."""

    kind: str
    name: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """The findings, what would change, and between which commits. `unseen` says what could not be judged."""

    base: str
    head: str
    findings: tuple[Finding, ...]
    effects: tuple[Effect, ...]
    unseen: tuple[str, ...] = ()

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """Return the findings that keep it out."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)
