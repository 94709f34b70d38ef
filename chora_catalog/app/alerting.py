"""Who stays away too long, and the issues that say so: opened once, kept up to date, closed when all is well.

What should be open is computed from the run record; what is open is read from the code host; the difference is done. A
run that is cut off, or runs twice, therefore does nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from chora_catalog.app.previous import PUBLISHED
from chora_catalog.app.publication_reading import is_address, published_at, read_run, record_bytes
from chora_catalog.edge import github, http
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.alert import Ages, Issue, Notice
from chora_catalog.model.instant_text import instant_text
from chora_catalog.parse.instants import duration
from chora_catalog.parse.kept import UnreadableError
from chora_catalog.parse.run_record import load_age
from chora_catalog.render import alerts
from chora_catalog.render.instants import span
from chora_catalog.render.text import visible
from chora_catalog.resolve.freshness import age_of, ages

MOST = 40
"""Writes in one run: the host slows down who writes more at once, and the next run goes on."""
CLOCK = "it was built in the future of this machine's clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """The sources by age, the issues that should be open, and the keys of those to be closed where they are open."""

    ages: Ages
    notices: tuple[Notice, ...]
    known: tuple[str, ...]
    """Keys of what still exists; an issue with another key is about nothing any more."""
    closes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a watch saw. `trouble` says why the age cannot be told; else the catalog is `old` or it is not."""

    address: str
    built_at: str = ""
    old: bool = False
    limit: int = 0
    trouble: str = ""


def find_alerts(site: str, as_of: datetime, *, sources: Path) -> Alerts:
    """Return the alerts of the publication at `site`, judged at `as_of`.

    `site` is a folder, an address, or `published` for the one that the registry `sources` names. Raise ChoraError:
    exit 3 when its run record cannot be read or lies in the future.
    """
    where = published_at(sources) if site == PUBLISHED else site
    run = read_run(where)
    found = ages(run, as_of)
    if found is None:
        raise ChoraError(
            f"the run record of {where} cannot be judged: {CLOCK} ({run.as_of})",
            hint="Correct the clock of the machine that is wrong.",
            code=Exit.CANNOT_TELL,
        )
    names = [source.name for source in run.sources]
    index = () if found.index_alert_at else (alerts.INDEX,)
    return Alerts(
        ages=found,
        notices=alerts.notices(found, where if is_address(where) else ""),
        known=(alerts.INDEX, *map(alerts.source_key, names)),
        closes=(*index, *map(alerts.source_key, found.fresh)),
    )


def apply_alerts(found: Alerts, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Bring the issues of the repository in line with `found`; `say` is told of each that was touched.

    Raise ChoraError: exit 2 where the environment names no repository or token, exit 3 where the host refuses.
    """

    def why(key: str) -> str:
        if key in found.closes:
            return f"All is well again, judged at {found.ages.as_of}."
        return "" if key in found.known else "The registry does not name this source any more."

    _apply(github.forge_of(environ), found.notices, lambda key: key.startswith(alerts.source_key("")), why, say)


def watch(address: str, as_of: datetime, *, max_age: str) -> Watched:
    """Return how the publication at `address` (or in a folder) stands at `as_of`.

    `max_age` is a duration such as `90min`; empty means what the publication itself calls its alert age. Raise
    ChoraError (usage) for one that is none, and when no publication is named.
    """
    limit = duration(max_age) if max_age else timedelta()
    if limit is None:
        raise ChoraError(f"{max_age!a} is not a duration", hint="Write a number and a unit: 90min, 6h, 2d or 1w.")
    if not address:
        raise ChoraError("no catalog is named", hint="Name its address: chora watch https://example.org/catalog/")
    try:
        told = load_age(record_bytes(address))
    except UnreadableError as error:
        return Watched(address=address, trouble=f"the run record is none: {error}")
    except ChoraError as error:
        return Watched(address=address, trouble=error.what)
    age = age_of(told.as_of, as_of)
    if age is None:
        return Watched(address=address, trouble=f"{CLOCK} ({told.as_of})")
    seconds = round(limit.total_seconds()) or told.alert
    return Watched(address=address, built_at=told.as_of, old=age.total_seconds() > seconds, limit=seconds)


def words(seen: Watched) -> str:
    """Return what a watch saw, as one line."""
    if seen.trouble:
        return f"Cannot tell how old {visible(seen.address)} is: {visible(seen.trouble)}."
    state = "too old" if seen.old else "well"
    return f"{visible(seen.address)} is {state}: built at {seen.built_at}, too old after {span(seen.limit)}."


def apply_watch(seen: Watched, as_of: datetime, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Open, change or close the one issue about a watched catalog; tell and raise as `apply_alerts` does."""
    key = alerts.watch_key(seen.address)
    notice = alerts.watch_notice(seen.address, built_at=seen.built_at, limit=seen.limit, trouble=seen.trouble)
    wanted = (notice,) if seen.old or seen.trouble else ()
    well = f"All is well again, judged at {instant_text(as_of)}."
    _apply(github.forge_of(environ), wanted, lambda other: other == key, lambda _: well, say)


def _apply(
    forge: github.Forge,
    wanted: tuple[Notice, ...],
    ours: Callable[[str], bool],
    why: Callable[[str], str],
    say: Callable[[str], None],
) -> None:
    try:
        standing: dict[str, list[Issue]] = {}
        for issue in github.open_issues(forge):
            key = alerts.key_in(issue.body)
            if key and ours(key):
                standing.setdefault(key, []).append(issue)
        steps = list(_steps(forge, wanted, standing, why))
        for step in steps[:MOST]:
            say(step())
    except http.HttpFailed as failed:
        raise ChoraError(
            f"the issues of {forge.repository} could not be brought in line: {failed}",
            hint="Does the job have `issues: write`? Run it again then; what was done is not done twice.",
            code=Exit.CANNOT_TELL,
        ) from None
    if len(steps) > MOST:
        say(f"{len(steps) - MOST} more are left for the next run.")


def _steps(
    forge: github.Forge,
    wanted: tuple[Notice, ...],
    standing: Mapping[str, list[Issue]],
    why: Callable[[str], str],
) -> Iterator[Callable[[], str]]:
    """Yield what has to be done, each as a function that does it and returns what it did; nothing where all agrees."""
    keys = {notice.key for notice in wanted}
    for notice in wanted:
        first, *more = standing.get(notice.key, [None])
        if first is None:
            yield partial(_open, forge, notice)
        elif (first.title, _text(first.body)) != (notice.title, _text(notice.body)):
            yield partial(_change, forge, first, notice)
        for issue in more:
            if issue and first:
                yield partial(_close, forge, issue, f"Issue {first.number} says the same.")
    for key, issues in sorted(standing.items()):
        reason = "" if key in keys else why(key)
        for issue in issues if reason else ():
            yield partial(_close, forge, issue, reason)


def _open(forge: github.Forge, notice: Notice) -> str:
    github.ensure_label(forge)
    return f"Opened issue {github.open_issue(forge, notice.title, notice.body)}: {notice.title}"


def _change(forge: github.Forge, issue: Issue, notice: Notice) -> str:
    github.change_issue(forge, issue.number, notice.title, notice.body)
    return f"Updated issue {issue.number}: {notice.title}"


def _close(forge: github.Forge, issue: Issue, comment: str) -> str:
    github.close_issue(forge, issue.number, comment)
    return f"Closed issue {issue.number}: {comment}"


def _text(body: str) -> str:
    """Return a body as it is compared: the host may end lines its own way."""
    return body.replace("\r\n", "\n").strip()
