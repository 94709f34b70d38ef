"""The registered sources: what was asked, what came of it, and what is wrong with what they hold."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from chora_catalog.model.catalog import Entry, SourceView
from chora_catalog.model.source import Outcome
from chora_catalog.render import links
from chora_catalog.render.pages.frames import FindingView, by_severity, finding_views
from chora_catalog.render.pages.lookup import Lookup, entry_order

FINDINGS = 200
ENTRIES = 500
REFS = 60
_TROUBLE = {"unread": 0, "kept": 1, "broken": 2, "read": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One line of the list of sources. `state` is unread, kept, broken (the head does not parse) or read."""

    view: SourceView
    state: str
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesPage:
    """The list of sources, those in trouble first, and the findings that belong to no source."""

    rows: tuple[SourceRow, ...]
    own: tuple[FindingView, ...]
    more_own: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    """One source."""

    row: SourceRow
    href: str
    """The address as a link, where it is one that may be linked."""
    ask: str
    """The command that shows what the source answers from here."""
    entries: tuple[Entry, ...]
    more_entries: int
    refs: tuple[tuple[str, str], ...]
    more_refs: int
    findings: tuple[FindingView, ...]
    more_findings: int
    twin: str


def sources(lookup: Lookup) -> SourcesPage:
    """Return what the list of sources shows."""
    rows = [source_row(view) for view in lookup.catalog.sources]
    own = [finding for finding in lookup.catalog.findings if finding.source not in lookup.sources]
    return SourcesPage(
        rows=tuple(sorted(rows, key=lambda row: (_TROUBLE[row.state], -row.counts["error"], row.view.spec.name))),
        own=finding_views(own[:FINDINGS]),
        more_own=max(0, len(own) - FINDINGS),
    )


def source(lookup: Lookup, view: SourceView) -> SourcePage:
    """Return what the page of one source shows."""
    entries = sorted((lookup.entries[name] for name in view.capabilities if name in lookup.entries), key=entry_order)
    refs = view.harvest.refs
    return SourcePage(
        row=source_row(view),
        href=links.outward(view.spec.url),
        ask=f"git ls-remote {shlex.quote(view.spec.url)}",
        entries=tuple(entries[:ENTRIES]),
        more_entries=max(0, len(entries) - ENTRIES),
        refs=refs[:REFS],
        more_refs=max(0, len(refs) - REFS),
        findings=finding_views(view.findings[:FINDINGS]),
        more_findings=max(0, len(view.findings) - FINDINGS),
        twin=links.twin(links.source_page(view.spec.name)),
    )


def source_row(view: SourceView) -> SourceRow:
    """Return one source as a line of the list."""
    if view.outcome is Outcome.UNREAD:
        state = "unread"
    elif view.outcome is Outcome.KEPT:
        state = "kept"
    else:
        state = "read" if view.head_is_good else "broken"
    return SourceRow(view=view, state=state, counts=by_severity(view.findings))
