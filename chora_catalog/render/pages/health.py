"""How the catalog itself is doing: what answered, what was found, what nobody could judge."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from chora_catalog.build.metrics import NEVER
from chora_catalog.build.onboarding import BUSINESS_TARGET, WALL_TARGET, Onboarded, onboarding
from chora_catalog.model.finding import Severity
from chora_catalog.model.metric import Metric
from chora_catalog.model.source import Outcome
from chora_catalog.model.verdict import Verdict
from chora_catalog.render.pages.frames import by_severity
from chora_catalog.render.pages.lookup import EdgeView, Lookup, tally

RULES = 100
EDGES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """How often one rule was met, and in how many sources."""

    rule: str
    severity: str
    count: int
    sources: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPage:
    """The catalog's own figures, each of what was counted and of how many."""

    sources: int
    answered: int
    kept: int
    unread: int
    broken: int
    """Sources whose present head does not parse."""
    capabilities: int
    valid: int
    """Own manifests without an error; imported ones never count as validated."""
    imported: int
    owned: int
    counts: dict[str, int]
    """Findings by severity."""
    rules: tuple[RuleCount, ...]
    onboarding: Onboarded
    wall_met: bool
    business_met: bool
    uncollected: tuple[Metric, ...]
    """What nobody measures yet, with its target."""
    unjudged: tuple[EdgeView, ...]
    more_unjudged: int
    edges: int
    verdicts: dict[str, int]


def health(lookup: Lookup) -> HealthPage:
    """Return what the page about the catalog's health shows."""
    catalog = lookup.catalog
    came_in = onboarding(catalog.entries)
    outcomes = Counter(view.outcome for view in catalog.sources)
    own = [entry for entry in catalog.entries if not entry.manifest.imported]
    unknown = [edge for edge in catalog.edges if edge.verdict is Verdict.UNKNOWN]
    return HealthPage(
        sources=len(catalog.sources),
        answered=len(catalog.sources) - outcomes[Outcome.KEPT] - outcomes[Outcome.UNREAD],
        kept=outcomes[Outcome.KEPT],
        unread=outcomes[Outcome.UNREAD],
        broken=sum(not view.head_is_good for view in catalog.sources),
        capabilities=len(catalog.entries),
        valid=sum(all(f.severity is not Severity.ERROR for f in entry.findings) for entry in own),
        imported=len(catalog.entries) - len(own),
        owned=sum(bool(entry.owner) for entry in catalog.entries),
        counts=by_severity(catalog.findings),
        rules=_rules(lookup),
        onboarding=came_in,
        wall_met=came_in.p95 is not None and came_in.p95 <= WALL_TARGET,
        business_met=came_in.business_p95 is not None and came_in.business_p95 <= BUSINESS_TARGET,
        uncollected=NEVER,
        unjudged=lookup.edges(unknown[:EDGES]),
        more_unjudged=max(0, len(unknown) - EDGES),
        edges=len(catalog.edges),
        verdicts=tally(catalog.edges),
    )


def _rules(lookup: Lookup) -> tuple[RuleCount, ...]:
    met: dict[tuple[int, str, str], list[str]] = {}
    for finding in lookup.catalog.findings:
        met.setdefault((finding.severity.rank, finding.severity.value, finding.rule), []).append(finding.source)
    rows = [
        RuleCount(rule=rule, severity=severity, count=len(sources), sources=len(set(sources)))
        for (_, severity, rule), sources in sorted(
            met.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][2])
        )
    ]
    return tuple(rows[:RULES])
