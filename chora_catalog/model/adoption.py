"""What a repository shows of a capability before anybody declared one: each thing with its place and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Value = str | tuple[tuple[str, str], ...]
"""A text, or an entry of a list with several: its keys and texts in order."""

SCALARS = ("id", "version", "summary", "owner", "contact", "lifecycle_stage", "stability", "security_tier")
LISTS = ("dependencies", "behaviors", "value_scenarios", "adr_links", "tags")
FIELDS = (*SCALARS, "inputs", "outputs", *LISTS)
"""The fields of a manifest that adoption writes or asks for, in the order of the file."""

REQUIRED = ("id", "version")

QUESTIONS = {
    "id": "what is its id, by custom <domain>.<capability>.<action>?",
    "version": "which version (SemVer, in quotes) does this manifest describe?",
    "summary": "what does it do, in one or two sentences?",
    "owner": "who answers for it?",
    "contact": "how does one reach the owner: a page, a channel or an address?",
    "lifecycle_stage": "where does it stand: plan, draft, build, validate, release, operate, deprecated or retired?",
    "stability": "how much may others rely on it: experimental, draft, alpha, beta, stable or deprecated?",
    "security_tier": "how sensitive is it: low, medium, moderate, high or critical?",
    "inputs": "what does it take, as a list of name and type?",
    "outputs": "what does it give, as a list of name and type?",
    "dependencies": "which capabilities does it need, as a list of id and version range?",
    "behaviors": "which behaviors prove that it works, as a list of id and ref (a .feature file)?",
    "value_scenarios": "what can a user do with it, as a list of id, title, guide and tests?",
    "adr_links": "which decisions are behind it, as a list of paths?",
    "tags": "by which words is it found?",
}


class Confidence(StrEnum):
    """How sure it is that what was seen is what the field means."""

    HIGH = "high"
    """Said in so many words, by a file that means the same."""
    MEDIUM = "medium"
    """Said, by a file that means something near."""
    LOW = "low"
    """Read out of something else, or contradicted."""

    @property
    def rank(self) -> int:
        """0 for the surest."""
        return ("high", "medium", "low").index(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One value for one field, and the place that shows it; `line` 0 is the file as a whole."""

    field: str
    value: Value
    file: str
    confidence: Confidence
    line: int = 0
    why: str = ""

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """Something that was seen and not used, and why; `field` is empty where it is about a whole file."""

    file: str
    why: str
    field: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """All that one file shows."""

    shown: tuple[Shown, ...] = ()
    unused: tuple[Unused, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What a manifest would say: values by field (scalars have one), answers of a person, and what is not used."""

    shown: tuple[Shown, ...]
    answers: tuple[tuple[str, str], ...] = ()
    unused: tuple[Unused, ...] = ()

    def of(self, field: str) -> tuple[Shown, ...]:
        """Return what is shown for `field`."""
        return tuple(item for item in self.shown if item.field == field)

    @property
    def open(self) -> tuple[str, ...]:
        """Return the fields that stay a question."""
        known = {item.field for item in self.shown} | {field for field, _ in self.answers}
        return tuple(field for field in FIELDS if field not in known)
