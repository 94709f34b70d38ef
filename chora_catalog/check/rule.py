"""What a rule is, and what it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from chora_catalog.model.code_owners import CodeOwners
from chora_catalog.model.finding import Finding, Place, Scope, Severity
from chora_catalog.model.manifest import Behavior, Manifest
from chora_catalog.model.secrets import masked, shown_line

if TYPE_CHECKING:
    # Named and not made here: whoever judges one manifest need not wait for the nouns of a whole catalog.
    from chora_catalog.model.catalog import Edge
    from chora_catalog.model.decision import Waiver
    from chora_catalog.model.signal import ChangeSignal
    from chora_catalog.model.source import Harvest, Release, SourceSpec

_LONGEST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The identity of a rule. `id` is a kebab sentence and stable for ever; `summary` is one line.

    `also` are severities that it has in some places besides; the page says in which. Of a `fixable` rule some findings
    carry a correction that is certain (`Finding.edit`).
    """

    id: str
    summary: str
    severity: Severity
    scope: Scope
    also: tuple[Severity, ...] = ()
    fixable: bool = False

    def finding(self, message: str, place: Place, *, hint: str, source: str = "", subject: str = "") -> Finding:
        """Return a finding of this rule; secrets in its words are hidden, and a source cannot make a message long."""
        words = masked(message)
        return Finding(
            rule=self.id,
            severity=self.severity,
            message=words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…",
            place=place,
            hint=masked(hint),
            source=source,
            subject=masked(subject),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One source at its head, as tree rules see it.

    `paths` are all files of the tree; `behaviors` what its `.feature` files carry (`ref` is the file), `unread` those
    files that could not be read; `lines` the text of each manifest and feature file, for excerpts; `releases` oldest
    first; `code_owners` whom its CODEOWNERS names, None without one.
    """

    manifests: tuple[Manifest, ...]
    paths: frozenset[str]
    behaviors: tuple[Behavior, ...] = ()
    releases: tuple[Release, ...] = ()
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    code_owners: CodeOwners | None = None

    def native(self) -> dict[str, Manifest]:
        """Return the first manifest of each file that was written for Chora, by path."""
        found: dict[str, Manifest] = {}
        for manifest in self.manifests:
            if not manifest.imported:
                found.setdefault(manifest.path, manifest)
        return found

    def find(self, file: str, line: int, text: str) -> Place:
        """Return where `text` stands in `file` at or after `line`; the line itself where it is not found."""
        lines = self.lines.get(file, ())
        for number in range(max(line, 1), len(lines) + 1):
            column = lines[number - 1].find(text)
            if column >= 0:
                return replace(self.place(file, number), column=column + 1)
        return self.place(file, line)

    def place(self, file: str, line: int = 0) -> Place:
        """Return line `line` of `file` with the lines around it, where the text is known."""
        text = self.lines.get(file, ())
        if not 0 < line <= len(text):
            return Place(file=file, line=line, column=1 if line else 0)
        first = max(1, line - 1)
        excerpt = tuple(shown_line(shown) for shown in text[first - 1 : line + 1])
        indent = len(text[line - 1]) - len(text[line - 1].lstrip())
        return Place(file=file, line=line, column=indent + 1, excerpt=excerpt, excerpt_from=first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """All sources together, as catalog rules see them."""

    specs: tuple[SourceSpec, ...]
    harvests: Mapping[str, Harvest]
    manifests: tuple[tuple[str, Manifest], ...]
    """(source, manifest) of every head, held or not; sorted."""
    edges: tuple[Edge, ...] = ()
    contested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: tuple[tuple[str, str], ...] = ()
    holder: Mapping[str, str] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    active_waivers: frozenset[str] = frozenset()
    signals: tuple[ChangeSignal, ...] = ()
    """Folded: each event accepted, or refused with its code."""


class PageRule(Protocol):
    """A module with a rule: its docstring is the page."""

    RULE: Rule


class TreeRule(Protocol):
    """A module with a rule that needs one tree."""

    RULE: Rule

    def check(self, tree: Tree, /) -> Iterator[Finding]:
        """Yield what the rule says about `tree`."""


class CatalogRule(Protocol):
    """A module with a rule that needs all sources."""

    RULE: Rule

    def check(self, federation: Federation, /) -> Iterator[Finding]:
        """Yield what the rule says about the federation."""
