"""What the ledger says about the catalog, each figure with what it was counted of and since when.

The list and the targets are those of the plan (solution-approach report, "Baseline Metrics" and "Pre-Prod SLOs"); the
band between target and alert is ours. A metric that no run measures is not evaluated: neither green nor red.
"""

from __future__ import annotations

from datetime import datetime

from chora_catalog.build.weeks import is_complete, until
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.metric import Metric, Standing, Unit
from chora_catalog.model.run import Run, RunLine, WeekLine
from chora_catalog.model.source import Outcome
from chora_catalog.resolve.clock import instant

TARGET, ALERT = 95, 90
"""Percent of sources within their TTL: met from the first on, an alert under the second."""
FRESHNESS = f"{TARGET} %, alert under {ALERT} %"


def standing(part: int | None, whole: int | None) -> Standing:
    """Return how a share stands against the freshness target; nothing of nothing is not evaluated."""
    if part is None or not whole:
        return Standing.NOT_EVALUATED
    if 100 * part >= TARGET * whole:
        return Standing.MET
    return Standing.BELOW if 100 * part >= ALERT * whole else Standing.ALERT


def fresh_at(line: RunLine, as_of: datetime | None = None) -> int | None:
    """Return how many sources are within their TTL at `as_of`, or at the run; None where the line does not say."""
    began = instant(line.as_of)
    if line.fresh_for is None or began is None:
        return None
    age = round((as_of - began).total_seconds()) if as_of else 0
    return sum(count for seconds, count in line.fresh_for if age <= seconds)


def weeks_of(run: Run, as_of: datetime) -> tuple[WeekLine, ...]:
    """Return the run's weeks watched on to `as_of`: the time since the last run is part of the answer."""
    return until(run.weeks, run.recent[-1] if run.recent else None, as_of)


def metrics(run: Run, as_of: datetime) -> tuple[Metric, ...]:
    """Return every metric of the plan and of the ledger, in the order in which they are shown.

    `as_of` is the instant at which the ledger is judged; the week it lies in is not complete and is not judged.
    """
    weeks = weeks_of(run, as_of)
    line = _last(run)
    since = _since(run, weeks)
    return (
        _fresh_week(weeks),
        _fresh_now(line, weeks, as_of),
        _valid(line, weeks),
        *_findings(line, since),
        _seconds(run.recent or (line,), since),
        *NEVER,
    )


def _last(run: Run) -> RunLine:
    """Return the ledger's last line; a record without a ledger is one run."""
    if run.recent:
        return run.recent[-1]
    return RunLine(
        as_of=run.as_of,
        fresh=sum(source.outcome in (Outcome.READ, Outcome.UNCHANGED) for source in run.sources),
        sources=len(run.sources),
        errors=run.errors,
        warnings=run.warnings,
        notices=run.notices,
        seconds=run.seconds,
    )


def _fresh_week(weeks: tuple[WeekLine, ...]) -> Metric:
    complete = [week for week in weeks if is_complete(week)]
    week = complete[-1] if complete else weeks[-1] if weeks else None
    judged = standing(week.within, week.watched) if week and complete else Standing.NOT_EVALUATED
    if week is None:
        note = "No run has recorded how long its sources stay fresh."
    elif not week.watched:
        note = "No time has passed between two runs, or no source is registered."
    else:
        note = "" if complete else "No week has been watched from its beginning to its end; this is the one so far."
    return Metric(
        id="metadata-freshness",
        title="Metadata freshness, by week",
        standing=judged,
        unit=Unit.SHARE if week and week.watched else Unit.NONE,
        part=week.within if week and week.watched else None,
        whole=week.watched if week and week.watched else None,
        n=week.runs if week else None,
        counted="runs",
        period=week.week if week else "",
        since=weeks[0].since if weeks else "",
        target=FRESHNESS,
        note=note,
    )


def _fresh_now(line: RunLine, weeks: tuple[WeekLine, ...], as_of: datetime) -> Metric:
    fresh = fresh_at(line, as_of)
    return Metric(
        id="sources-fresh",
        title="Sources within their TTL, when judged",
        standing=standing(fresh, line.sources),
        unit=Unit.SHARE if fresh is not None and line.sources else Unit.NONE,
        part=fresh if line.sources else None,
        whole=line.sources if fresh is not None and line.sources else None,
        n=line.sources if fresh is not None else None,
        counted="sources",
        period=instant_text(as_of),
        since=weeks[0].since if weeks else "",
        target=FRESHNESS,
        note="" if fresh is not None and line.sources else _unsaid(fresh is None, "no source is registered"),
    )


def _valid(line: RunLine, weeks: tuple[WeekLine, ...]) -> Metric:
    counted = line.valid is not None and bool(line.manifests)
    return Metric(
        id="manifests-valid",
        title="Own manifests without an error, at the last run",
        standing=Standing.UNTARGETED if counted else Standing.NOT_EVALUATED,
        unit=Unit.SHARE if counted else Unit.NONE,
        part=line.valid if counted else None,
        whole=line.manifests if counted else None,
        n=line.manifests,
        counted="manifests",
        period=line.as_of,
        since=weeks[0].since if weeks else "",
        note="" if counted else _unsaid(line.manifests is None, "no manifest of ours is in the catalog"),
    )


def _unsaid(silent: bool, nothing: str) -> str:
    return "The last run was written by an older tool, which did not count it." if silent else f"There {nothing}."


def _findings(line: RunLine, since: str) -> tuple[Metric, ...]:
    counts = (("errors", line.errors), ("warnings", line.warnings), ("notices", line.notices))
    return tuple(
        Metric(
            id=f"findings-{name}",
            title=f"Findings: {name}, at the last run",
            standing=Standing.NOT_EVALUATED if count is None else Standing.UNTARGETED,
            unit=Unit.NONE if count is None else Unit.COUNT,
            part=count,
            n=None if count is None else line.sources,
            counted="sources",
            period=line.as_of,
            since="" if count is None else since,
            note=_unsaid(True, "") if count is None else "",
        )
        for name, count in counts
    )


def _seconds(lines: tuple[RunLine, ...], since: str) -> Metric:
    return Metric(
        id="build-seconds",
        title="Seconds a build takes, on average",
        standing=Standing.UNTARGETED,
        unit=Unit.SECONDS,
        part=sum(line.seconds for line in lines),
        whole=len(lines),
        n=len(lines),
        counted="runs",
        period=f"{lines[0].as_of}/{lines[-1].as_of}",
        since=since,
    )


def _since(run: Run, weeks: tuple[WeekLine, ...]) -> str:
    """Return when the ledger begins; its first lines may be gone while their weeks are still there."""
    known = (*(line.as_of for line in run.recent[:1]), *(week.since for week in weeks[:1]), run.as_of)
    return min(text for text in known if instant(text))


def _never(name: str, title: str, target: str, note: str) -> Metric:
    return Metric(id=name, title=title, standing=Standing.NOT_EVALUATED, target=target, note=note)


NEVER = (
    _never(
        "routing-latency",
        "Routing latency: from a change request to its owner",
        "half of the baseline within two release cycles",
        "No build measures when a request found its owner.",
    ),
    _never(
        "contract-coverage",
        "Contract coverage: behaviors with fresh metadata and passing tests",
        "90 %",
        "Results of behaviors are not read yet; what a manifest claims counts as nothing.",
    ),
    _never(
        "incident-rate",
        "Incidents from incompatible versions, by quarter",
        "falling, under one major a quarter",
        "No record of incidents is read.",
    ),
    _never(
        "offline-replay",
        "Offline replay: deduplicated and delivered within 24 hours",
        "99 %",
        "There is no telemetry to replay yet.",
    ),
    _never("toil", "Upkeep by people", "4 hours a week at most", "Nobody's hours are recorded."),
    _never(
        "index-availability",
        "The index can be read",
        "99.0 % a month",
        "The files are served by a host that no run observes. How current they are is metadata freshness.",
    ),
    _never(
        "bus-availability",
        "Signals can be published and read",
        "99.0 % a month",
        "Publishing is a merge at the code host, which no run observes.",
    ),
    _never(
        "degradation",
        "Critical paths that fail while the index is out",
        "0",
        "No outage has been rehearsed.",
    ),
)
