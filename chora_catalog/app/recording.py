"""The run record of a build, and the ledger that goes on in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version

from chora_catalog.app.harvesting import Asked
from chora_catalog.build.horizon import next_instant
from chora_catalog.build.metrics import metrics
from chora_catalog.build.weeks import fresh_for, with_run
from chora_catalog.model.catalog import Catalog
from chora_catalog.model.finding import Severity
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.run import Run, RunLine, SourceRun
from chora_catalog.model.source import Outcome, Registry, SourceSpec
from chora_catalog.model.verdict import Verdict

LEDGER_LINES = 400


def new_run(
    catalog: Catalog,
    asked: Mapping[str, Asked],
    before: Run | None,
    *,
    as_of: datetime,
    trace: str,
    seconds: int,
    inputs: str,
) -> Run:
    """Return the record of a build that judged `catalog`; `before` is the previous publication's record.

    `trace` is a W3C trace id (empty: a new one), `inputs` the digest of all inputs but the sources.
    """
    stamp = instant_text(as_of)
    specs = {spec.name: spec for spec in catalog.registry.sources}
    views = {view.spec.name: view for view in catalog.sources}
    sources = []
    for name, item in asked.items():
        severities = [finding.severity for finding in views[name].findings] if name in views else []
        sources.append(
            replace(
                _source_run(item, stamp, specs[name]),
                capabilities=len(views[name].capabilities) if name in views else 0,
                errors=severities.count(Severity.ERROR),
                warnings=severities.count(Severity.WARNING),
            )
        )
    own = [entry for entry in catalog.entries if not entry.manifest.imported]
    severities = [finding.severity for finding in catalog.findings]
    line = RunLine(
        as_of=stamp,
        fresh=_fresh(sources),
        sources=len(sources),
        errors=severities.count(Severity.ERROR),
        warnings=severities.count(Severity.WARNING),
        seconds=seconds,
        notices=severities.count(Severity.NOTICE),
        valid=sum(all(said.severity is not Severity.ERROR for said in entry.findings) for entry in own),
        manifests=len(own),
        fresh_for=fresh_for(sources, stamp),
    )
    run = Run(
        as_of=stamp,
        trace=trace or os.urandom(16).hex(),
        tool=f"chora-catalog {version('chora-catalog')}",
        published=True,
        seconds=seconds,
        sources=tuple(sources),
        capabilities=len(catalog.entries),
        errors=line.errors,
        warnings=line.warnings,
        notices=severities.count(Severity.NOTICE),
        ttl=catalog.registry.ttl,
        alert=catalog.registry.alert,
        inputs=inputs,
        next_instant=next_instant(catalog, as_of),
        breaking=sum(edge.verdict is Verdict.BREAKING for edge in catalog.edges),
        waiting=sum(signal.is_open for signal in catalog.signals),
    )
    return _with_ledger(run, line, before, as_of)


def same_run(
    standing: Run, registry: Registry, asked: Mapping[str, Asked], *, as_of: datetime, trace: str, seconds: int
) -> Run:
    """Return the record of a build that found nothing to do: what it saw beside what `standing` counted."""
    stamp = instant_text(as_of)
    specs = {spec.name: spec for spec in registry.sources}
    counted = {source.name: source for source in standing.sources}
    sources = [
        replace(
            _source_run(item, stamp, specs[name]),
            last_ok_at=stamp if _answered(item) else counted[name].last_ok_at,
            capabilities=counted[name].capabilities,
            errors=counted[name].errors,
            warnings=counted[name].warnings,
        )
        for name, item in asked.items()
    ]
    line = replace(
        standing.recent[-1],
        as_of=stamp,
        fresh=_fresh(sources),
        sources=len(sources),
        seconds=seconds,
        fresh_for=fresh_for(sources, stamp),
    )
    run = replace(standing, as_of=stamp, trace=trace or os.urandom(16).hex(), seconds=seconds, sources=tuple(sources))
    return _with_ledger(run, line, standing, as_of)


def _with_ledger(run: Run, line: RunLine, before: Run | None, as_of: datetime) -> Run:
    earlier = before.recent if before else ()
    weeks = with_run(before.weeks if before else (), earlier[-1] if earlier else None, line)
    run = replace(run, recent=(*earlier, line)[-LEDGER_LINES:], weeks=weeks)
    return replace(run, metrics=metrics(run, as_of))


def _answered(item: Asked) -> bool:
    return item.outcome in (Outcome.READ, Outcome.UNCHANGED)


def _fresh(sources: list[SourceRun]) -> int:
    return sum(item.outcome in (Outcome.READ, Outcome.UNCHANGED) for item in sources)


def _source_run(item: Asked, stamp: str, spec: SourceSpec) -> SourceRun:
    kept = item.harvest
    return SourceRun(
        name=item.name,
        outcome=item.outcome,
        last_ok_at=stamp if _answered(item) else (kept.last_ok_at if kept else ""),
        error=kept.error if kept else "",
        fetch_ms=item.fetch_ms,
        read_ms=item.read_ms,
        requests=item.requests,
        ttl=spec.ttl,
        alert=spec.alert,
    )
