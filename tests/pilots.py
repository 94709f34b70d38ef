"""The pilots of the plan, clause by clause, and what shows how each stands: `make pilots` writes them as a page.

A clause is met when tests show it, and only then; what nothing measures is not evaluated, with the reason. There is no
clock here: the page is written as of the newest date among the values, or of a later one that is named.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/pilots/pilot-plan.md"
OWNER = "chora-maintainers"


class Result(StrEnum):
    """How a clause stands."""

    MET = "met"
    NOT_MET = "not met"
    NOT_EVALUATED = "not evaluated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One acceptance clause in the words of the plan.

    `command` measures it, where there is one; `tests` are the names that pytest knows them by; `value` is what was seen
    last, on the day `measured`. What is not evaluated has a `reason` instead.
    """

    text: str
    result: Result
    command: str = ""
    tests: tuple[str, ...] = ()
    value: str = ""
    measured: str = ""
    reason: str = ""
    owner: str = OWNER


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """One pilot: what it is to show, when, and its clauses."""

    title: str
    goal: str
    when: str
    clauses: tuple[Clause, ...]


def _open(text: str, reason: str, *, command: str = "", tests: tuple[str, ...] = ()) -> Clause:
    return Clause(text=text, result=Result.NOT_EVALUATED, reason=reason, command=command, tests=tests)


_NO_BREAK = "no dependent of the pilot has had a break in its pipeline yet"
_CHECK = "tests/journeys/test_compat_check.py::test_the_record_of_a_break_is_whole"
_NO_NEWCOMER = "each build measures it, on the health page; no project of the pilot has been taken in yet"
_NO_TELEMETRY = "there is no telemetry yet"
_NO_RUNTIME = "there is nothing yet that a client could negotiate with"

PILOTS = (
    Pilot(
        title="Contract break detection across repositories",
        goal="The CI of a dependent repository fails on an incompatible change and routes to its owner.",
        when="part of release B; no date is set yet",
        clauses=(
            _open("failure includes `capability_id`", _NO_BREAK, command="chora compat", tests=(_CHECK,)),
            _open("failure includes versions", _NO_BREAK, command="chora compat", tests=(_CHECK,)),
            _open(
                "failure includes suggested deprecation window",
                _NO_BREAK,
                command="chora compat",
                tests=(_CHECK,),
            ),
            _open(
                "waiver flow with expiry recorded in decision log",
                "waivers with an end are read, and count until then; no flow files one or records it in the log yet",
                command="chora build",
                tests=("tests/properties/test_records.py::test_a_waiver_counts_when_it_is_whole_and_short_enough",),
            ),
            _open(
                "detection latency ≤ 30 minutes from push",
                "no push has been timed; the scheduled job alone could not promise it",
            ),
            _open(
                "SLA compliance ≥ 95% weekly",
                "deadlines of signals are read, and nobody counts yet how many were kept",
            ),
        ),
    ),
    Pilot(
        title="New project onboarding",
        goal="A new project creates a manifest, passes the contract suite, and is found with owner and contact.",
        when="phase 1, days 0 to 30, with two projects, then phase 2 with three to five; no day 0 is set yet",
        clauses=(
            _open(
                "≤ 24h wall-clock from repo init to discoverable and validated",
                _NO_NEWCOMER,
                command="chora build",
                tests=(
                    "tests/journeys/test_onboarding.py::test_onboarding_begins_with_the_registration_and_ends_with_a_publication",
                ),
            ),
            _open(
                "P95 onboarding ≤ 8 business hours",
                _NO_NEWCOMER,
                command="chora build",
                tests=("tests/properties/test_onboarding.py::test_business_hours",),
            ),
            _open("telemetry emits usage and validation events with trace IDs", _NO_TELEMETRY),
        ),
    ),
    Pilot(
        title="Runtime service consumption",
        goal="A client resolves a service by its metadata in the catalog and enforces compatibility while it runs.",
        when="phase 3, days 61 to 90, part of release C; no day 0 is set yet",
        clauses=(
            _open("deterministic negotiation success/failure with trace IDs", _NO_RUNTIME),
            _open("≥ 99% of requests carry correlation context", _NO_RUNTIME),
            _open("100% of configured chaos scenarios pass", "no scenario is configured: " + _NO_RUNTIME),
            _open("P95 latency impact ≤ 5% under degradation", _NO_RUNTIME),
            _open("scenario uses the pilot MCP capability as reference implementation", _NO_RUNTIME),
        ),
    ),
    Pilot(
        title="Offline sync and telemetry backfill",
        goal="A mirror at the edge serves manifests; telemetry is buffered and replayed when there is a connection.",
        when="part of release B; no date is set yet",
        clauses=(
            _open(
                "manifest TTL ≤ 60 minutes",
                "a source is late after 60 minutes, which a test holds; no mirror has been watched yet",
                command="chora alerts",
                tests=("tests/journeys/test_alerts.py::test_a_source_is_fresh_late_or_overdue",),
            ),
            Clause(
                text="alert at 90 minutes staleness",
                result=Result.MET,
                command="chora watch",
                tests=("tests/journeys/test_alerts.py::test_a_watch_tells_well_from_old_from_unknown",),
                value="the watch of a copy says no from one second past 90 minutes on",
                measured="2026-11-26",
            ),
            _open("telemetry replay deduplication ≥ 99%", _NO_TELEMETRY, command="chora metrics"),
            _open("delivery within 24h of reconnect", _NO_TELEMETRY, command="chora metrics"),
            Clause(
                text="signed bundles verified on import",
                result=Result.MET,
                command="chora mirror import",
                tests=(
                    "tests/attacks/test_bundle.py::test_any_byte_that_is_flipped_is_refused",
                    "tests/journeys/test_mirror.py::test_a_site_is_exported_verified_imported_and_asked_for_its_age",
                ),
                value="every byte of a bundle that is flipped is refused, and nothing is placed",
                measured="2026-11-26",
            ),
            _open("0 unresolved conflicts after reconciliation", "nothing is written on two sides yet"),
        ),
    ),
)


def newest() -> date:
    """Return the newest day on which a value was seen."""
    return max(date.fromisoformat(clause.measured) for clause in clauses() if clause.measured)


def clauses() -> tuple[Clause, ...]:
    """Return the clauses of every pilot."""
    return tuple(clause for pilot in PILOTS for clause in pilot.clauses)


def page(as_of: date) -> str:
    """Return the plan as Markdown, as of a day: the same rows and day, the same bytes.

    Raise ValueError for a day before the newest value.
    """
    if as_of < newest():
        raise ValueError(f"{as_of} is before the newest value, of {newest()}")
    counts = {result: sum(clause.result is result for clause in clauses()) for result in Result}
    lines = [
        "# Pilot plan",
        "",
        "<!-- Written by `make pilots` from tests/pilots.py. Do not edit, run the command again. -->",
        "",
        "The four pilots of the plan, with one row for each clause of their acceptance. A clause is met when a test",
        "shows it. What nothing measures yet is *not evaluated*, with the reason: neither good nor bad.",
        "",
        f"As of {as_of}: {', '.join(f'{count} {result.value}' for result, count in counts.items())}.",
    ]
    for pilot in PILOTS:
        lines += [
            "",
            f"## {pilot.title}",
            "",
            f"{pilot.goal} When: {pilot.when}.",
            "",
            "| Acceptance | Owner | Measured by | Test | Last value | So |",
            "|---|---|---|---|---|---|",
            *(_row(clause) for clause in pilot.clauses),
        ]
    lines += [
        "",
        "## Write this page again",
        "",
        "The rows are in `tests/pilots.py`. The command runs the tests that a met clause rests on, and writes nothing",
        "when one of them fails. The day is that of the newest value, or the one that is named:",
        "",
        "```console",
        "$ make pilots AS_OF=2026-12-31",
        "```",
    ]
    return "\n".join(lines) + "\n"


def _row(clause: Clause) -> str:
    command = f"`{clause.command}`" if clause.command else "nothing yet"
    tests = "<br>".join(f"`{name}`" for name in clause.tests) or "none"
    value = f"{clause.value} ({clause.measured})" if clause.value else f"none: {clause.reason}"
    return f"| {clause.text} | {clause.owner} | {command} | {tests} | {value} | {clause.result.value} |"


def main(words: Sequence[str] | None = None) -> int:
    """Run the tests that met clauses rest on; write the page when they pass."""
    asked = argparse.ArgumentParser(prog="python -m tests.pilots", description=__doc__)
    asked.add_argument("--as-of", type=date.fromisoformat, default=newest(), metavar="DAY")
    try:
        text = page(asked.parse_args(words).as_of)
    except ValueError as error:
        asked.error(str(error))
    shown = sorted({name for clause in clauses() if clause.result is Result.MET for name in clause.tests})
    ran = subprocess.run([sys.executable, "-m", "pytest", "-q", *shown], cwd=ROOT, check=False)
    if ran.returncode:
        print("A test that a met clause rests on did not pass; the page stays as it was.", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
