"""An anchor: one fact about the environment that a repository stands in, with where it was seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What an anchor is about, in the order in which they are shown."""

    HOST = "code host"
    CI = "CI"
    OIDC = "OIDC grant"
    ISSUER = "OIDC issuer"
    ECOSYSTEM = "ecosystem"
    SIGNING = "signing"
    SBOM = "SBOM"
    POLICY = "policy as code"


class Confidence(StrEnum):
    """How much the evidence says: a file that means just this, a word in one, or a guess from a name."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One fact of one source; `path` and `line` are its evidence (0: the file as a whole, empty: the registry)."""

    topic: Topic
    value: str
    path: str = ""
    line: int = 0
    confidence: Confidence = Confidence.HIGH

    @property
    def evidence(self) -> str:
        """`path:line` as editors link it."""
        return self.path + (f":{self.line}" if self.line else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What was found in one source; `error` says why it could not be looked at, and then nothing is known."""

    source: str
    anchors: tuple[Anchor, ...] = ()
    error: str = ""
