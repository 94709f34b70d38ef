"""Two states of one contract held against each other: what changed, and whether the version says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chora_catalog.model.change import Bump, Change, Effect


class ContractKind(StrEnum):
    """What a document is a contract of."""

    MANIFEST = "manifest"
    SCHEMA = "schema"
    OPENAPI = "openapi"
    MCP = "mcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a contract moved, and how far its version says it did.

    `smallest` is the smallest legal bump; `declared` the one between the versions, None where they cannot be compared
    or go down; `suffices` None where nobody can tell. `problems` are what the rules say about the step.
    """

    smallest: Bump
    declared: Bump | None
    suffices: bool | None
    problems: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDiff:
    """One contract that changed, or did not.

    `step` is None for a document that has no version; `next_version` is the lowest that suffices, empty where there is
    nothing to count from. `doubts` say why the documents themselves cannot be trusted: one of them has errors.
    """

    name: str
    kind: ContractKind
    changes: tuple[Change, ...]
    smallest: Bump
    old_version: str = ""
    new_version: str = ""
    step: Step | None = None
    next_version: str = ""
    doubts: tuple[str, ...] = ()

    def has(self, effect: Effect) -> bool:
        """Tell whether a change has this effect, the step left aside."""
        return any(change.effect is effect for change in self.changes)

    @property
    def fits(self) -> bool | None:
        """Tell whether everyone may take the new state by what the version says; None where nobody can tell.

        A break needs a step that announces it; without a version none does. What is undecided, or what was read of a
        document with errors, is no yes.
        """
        if self.step is not None and self.step.suffices:
            return None if self.doubts else True
        if self.has(Effect.BREAKING) or (self.step is not None and _goes_down(self.step)):
            return False
        return None if self.has(Effect.UNDECIDED) or self.doubts else True


def _goes_down(step: Step) -> bool:
    return any(problem.rule == "version-decreased" for problem in step.problems)
