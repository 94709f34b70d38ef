"""The ledger as a page of the documents (`docs/reference/baseline-metrics.md`) and as JSON."""

from __future__ import annotations

from datetime import datetime

from chora_catalog.build.metrics import fresh_at, metrics, standing, weeks_of
from chora_catalog.build.weeks import is_complete
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.metric import Metric, Standing, Unit
from chora_catalog.model.record import to_json
from chora_catalog.model.run import Run, RunLine, WeekLine
from chora_catalog.render.instants import minute
from chora_catalog.render.json_out import json_bytes

RUNS = 20
WEEKS = 26
SCHEMA = "chora.baseline/v1"
_WORDS = {
    Standing.MET: "met",
    Standing.BELOW: "below target",
    Standing.ALERT: "below the alert",
    Standing.UNTARGETED: "no target set",
    Standing.NOT_EVALUATED: "not evaluated",
}


def as_json(run: Run, as_of: datetime) -> str:
    """Return the metrics, weeks and runs of a ledger, judged at `as_of`, as the JSON text `chora.baseline/v1`."""
    return json_bytes(
        {
            "schema": SCHEMA,
            "as_of": instant_text(as_of),
            "metrics": [to_json(metric) for metric in metrics(run, as_of)],
            "weeks": [to_json(week) for week in weeks_of(run, as_of)],
            "runs": [to_json(line) for line in run.recent],
        }
    ).decode()


def page(run: Run, as_of: datetime) -> str:
    """Return the page about a ledger, judged at `as_of`, as Markdown: the same ledger and instant, the same bytes."""
    found = metrics(run, as_of)
    weeks = weeks_of(run, as_of)
    lines = [
        "# Baseline metrics",
        "",
        "<!-- Written by `chora metrics`. Do not edit, run the command again. -->",
        "",
        "What the ledger says that the builds of this catalog have written. Each figure stands with what it was",
        "counted of and since when. What no run measures is *not evaluated*: neither good nor bad.",
        "",
        f"Judged at {instant_text(as_of)}; the last run was at {run.as_of}.",
        "",
        "## Measured",
        "",
        "| Metric | Target | Measured | n | Since | So |",
        "|---|---|---|---|---|---|",
        *(_row(metric) for metric in found if metric.since),
        "",
        *(f"- {metric.title}: {_lower(metric.note)}" for metric in found if metric.since and metric.note),
        "",
        "The week's figure is time, not runs: each source counts for as long as it was within its TTL, and the time",
        "after a run that never came counts as past it. It is judged once a week has been watched from Monday 00:00",
        "UTC to the next.",
        "",
        "## Not evaluated",
        "",
        "| Metric | Target | n | Why |",
        "|---|---|---|---|",
        *(
            f"| {metric.title} | {metric.target or 'none set'} | none | {metric.note} |"
            for metric in found
            if not metric.since
        ),
        "",
        "## By week",
        "",
        *_weeks(weeks),
        "",
        "## By run",
        "",
        *_runs(run.recent),
        "",
        "## Write this page again",
        "",
        "The page does not change by itself; once a week is what the plan asks for. From the folder of the registry:",
        "",
        "```console",
        "$ chora metrics --ledger site/run.json --output docs/reference/baseline-metrics.md",
        "```",
        "",
        "`chora metrics --format json` prints the same for programs, and the record of each run holds it as `metrics`.",
    ]
    return _once_blank(lines)


def _row(metric: Metric) -> str:
    n = "none" if metric.n is None else f"{metric.n} {_counted(metric.n, metric.counted)}"
    since = f"not collected before {metric.since[:10]}"
    cells = (metric.title, metric.target or "none set", _value(metric), n, since, _WORDS[metric.standing])
    return f"| {' | '.join(cells)} |"


def _value(metric: Metric) -> str:
    if metric.unit is Unit.SHARE:
        return share(metric.part, metric.whole) + (f" in {metric.period}" if metric.counted == "runs" else "")
    if metric.unit is Unit.SECONDS:
        return _mean(metric.part or 0, metric.whole or 0)
    return "none" if metric.part is None else str(metric.part)


def share(part: int | None, whole: int | None) -> str:
    """Return a share in percent with one digit, cut and not rounded, so that 94.96 never reads as 95."""
    if part is None or not whole:
        return "not evaluated"
    tenths = 1000 * part // whole
    return f"{tenths // 10}.{tenths % 10} %"


def _mean(total: int, count: int) -> str:
    if not count:
        return "none"
    return f"{10 * total // count / 10:.1f} s" if total else "under 1 s"


def _weeks(weeks: tuple[WeekLine, ...]) -> list[str]:
    if not weeks:
        return ["Not collected yet: no run has recorded how long its sources stay fresh."]
    return [
        f"Not collected before {weeks[0].since[:10]}. The newest {WEEKS} weeks, the newest first."
        if len(weeks) > WEEKS
        else f"Not collected before {weeks[0].since[:10]}.",
        "",
        "| Week | Runs | Within TTL | So | Valid manifests | Errors, warnings, notices | Build, mean and longest |",
        "|---|---:|---|---|---|---|---|",
        *(_week(week) for week in reversed(weeks[-WEEKS:])),
    ]


def _week(week: WeekLine) -> str:
    judged = _WORDS[standing(week.within, week.watched)] if is_complete(week) else "not complete"
    counts = (week.errors, week.warnings, week.notices)
    longest = f", {week.longest} s" if week.longest else ""
    return (
        f"| {week.week} | {week.runs} | {share(week.within, week.watched)} | {judged} | "
        f"{_of(week.valid, week.manifests)} | {_counts(counts)} | "
        f"{_mean(week.seconds, week.runs)}{longest} |"
    )


def _runs(lines: tuple[RunLine, ...]) -> list[str]:
    if not lines:
        return ["The record holds no ledger."]
    shown = list(reversed(lines[-RUNS:]))
    return [
        f"{len(lines)} in the ledger, the newest {len(shown)} shown.",
        "",
        "| Run | Within TTL | So | Answered | Valid manifests | Errors, warnings, notices | Build |",
        "|---|---|---|---|---|---|---:|",
        *(_run(line) for line in shown),
    ]


def _run(line: RunLine) -> str:
    fresh = fresh_at(line)
    return (
        f"| {minute(line.as_of)} | {_of(fresh, line.sources)} | {_WORDS[standing(fresh, line.sources)]} | "
        f"{_of(line.fresh, line.sources)} | {_of(line.valid, line.manifests)} | "
        f"{_counts((line.errors, line.warnings, line.notices))} | {line.seconds} s |"
    )


def _of(part: int | None, whole: int | None) -> str:
    return "not collected" if part is None or whole is None else f"{part} of {whole}"


def _counts(counts: tuple[int | None, ...]) -> str:
    return ", ".join("not collected" if count is None else str(count) for count in counts)


def _counted(n: int, words: str) -> str:
    return words.removesuffix("s") if n == 1 else words


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _once_blank(lines: list[str]) -> str:
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return "\n".join(kept) + "\n"
