"""What changed between two versions of a contract, and what that means for those who rely on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Bump(StrEnum):
    """The step between two versions (SemVer 2.0.0, 6 to 8), the smallest first."""

    NONE = "none"
    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"

    @property
    def rank(self) -> int:
        """0 for the smallest."""
        return list(Bump).index(self)


class Effect(StrEnum):
    """What a change means for those who rely on what it touches, worst first."""

    BREAKING = "breaking"
    """Somebody who relied on the old contract can fail with the new one."""
    UNDECIDED = "undecided"
    """Nobody can tell: the rules do not know all that changed. Never taken for compatible."""
    ADDITION = "addition"
    """There is more than before, and what was there still holds."""
    NEUTRAL = "neutral"
    """Nobody who relied on the old contract can notice."""

    @property
    def bump(self) -> Bump:
        """The smallest step that may carry it; an undecided change needs what a breaking one does."""
        return {Effect.ADDITION: Bump.MINOR, Effect.NEUTRAL: Bump.PATCH}.get(self, Bump.MAJOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between an old and a new contract.

    `before` and `after` are canonical text (they enter fingerprints): equal meaning, equal text; empty for absent.
    """

    rule: str
    """Kebab id of the rule: `output-removed`, `input-required-added`, ..."""
    effect: Effect
    pointer: str
    """JSON pointer (RFC 6901) to what changed: `/outputs/report`, `/outputs/report/schema/properties/score`."""
    subject: str = ""
    """The input, output, behavior or dependency that it touches, by name; empty for the capability itself."""
    side: str = ""
    """`input` or `output` where the subject is one."""
    before: str = ""
    after: str = ""
    message: str = ""
    """One sentence of plain text, complete without the table around it."""
