"""Ask every registered source, a few at a time; a source that fails costs only itself.

Fetching waits for git, in threads; reading works on hostile bytes, in workers that may die (`edge/workers`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from chora_catalog.app.reading import load_reader, read_source
from chora_catalog.edge import clock, git
from chora_catalog.edge.objects import CacheBroken, ObjectUnreadable
from chora_catalog.edge.workers import WorkerDied, Workers
from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.ids import file_name
from chora_catalog.model.record import to_json
from chora_catalog.model.source import Harvest, Outcome, SourceSpec
from chora_catalog.parse.kept import Previous
from chora_catalog.parse.schema import Schemas

UNREACHABLE: Final = "source-unreachable"
CRASHED: Final = "source-crashed-reader"
READ_SECONDS: Final = 10
"""Processor time that reading one source may always take; more where the source's `timeout` is more."""
# All that a git command without a network needs: no token of another source is in reach of what is read.
_READER_ENVIRON = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")


class Reader(Protocol):
    """What makes a harvest of a fetched source: `read_source`, or what a test puts in its place."""

    def __call__(
        self,
        spec: SourceSpec,
        repository: Path,
        refs: Mapping[str, str],
        head: str,
        schemas: Schemas,
        *,
        before: Harvest | None,
        same_reading: bool,
        environ: Mapping[str, str],
    ) -> Harvest:
        """Return the harvest of the source; see `read_source`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What asking a source needs besides the source: where caches lie, what is allowed, what was known before.

    `base` is the folder that local addresses are relative to, `tool` the digest of everything of ours that a harvest
    depends on.
    """

    base: Path
    cache: Path
    allow_local: bool
    schemas: Schemas
    tool: str
    previous: Previous
    environ: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of one source: its harvest (None while it is unchanged and not settled), and the time it took."""

    name: str
    outcome: Outcome
    harvest: Harvest | None
    fetch_ms: int = 0
    read_ms: int = 0
    requests: int = 0


def ask_all(
    specs: Iterable[SourceSpec],
    desk: Desk,
    *,
    jobs: int,
    done: Callable[[Asked], None],
    meanwhile: Callable[[], None] = lambda: None,
    pool: Executor | None = None,
    reader: Reader = read_source,
) -> dict[str, Asked]:
    """Ask every source on a bounded pool and return what became of each, by name. `done` is told of each as it ends.

    `meanwhile` is called once, here, when the first source was read: the others are still asked while it works. At most
    `jobs` are fetched at once, and as many of them read as there are processors. A `pool` of the caller's reads each
    source where it asks it.
    """
    if pool is not None:
        return _gather({pool.submit(ask, spec, desk, reader): spec.name for spec in specs}, done, meanwhile)
    count = min(jobs, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    prepare = partial(load_reader, desk.schemas)
    with (
        ThreadPoolExecutor(max_workers=max(1, jobs)) as executor,
        Workers(count, prepare=prepare, shared=desk.schemas, expected=(ObjectUnreadable, CacheBroken)) as workers,
    ):
        waiting = {executor.submit(ask, spec, desk, reader, workers): spec.name for spec in specs}
        try:
            return _gather(waiting, done, meanwhile)
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise


def _gather(
    waiting: Mapping[Future[Asked], str], done: Callable[[Asked], None], meanwhile: Callable[[], None]
) -> dict[str, Asked]:
    found: dict[str, Asked] = {}
    is_begun = False
    for future in as_completed(waiting):
        asked = future.result()
        found[asked.name] = asked
        done(asked)
        if asked.outcome is Outcome.READ and not is_begun:
            is_begun = True
            meanwhile()
    return dict(sorted(found.items()))


def ask(spec: SourceSpec, desk: Desk, reader: Reader = read_source, workers: Workers | None = None) -> Asked:
    """Ask one source and read it, in one of `workers` (None: here).

    A failure is an outcome, with what was known before where there is any.
    """
    glance = desk.previous.glances.get(spec.name)
    key = reading_key(spec, desk.tool)
    visit = _Visit(
        spec=spec,
        desk=desk,
        repository=repository_of(spec, desk.cache),
        key=key,
        known=glance.refs if glance is not None and glance.key == key else {},
    )
    started = clock.monotonic()
    try:
        if workers is not None and glance is None:
            # It will have to be read: what reading needs is loaded while git works.
            workers.start()
        fetched = visit.fetch()
        fetch_ms = _ms(started)
        if visit.known and visit.known == dict(fetched.refs):
            return Asked(
                name=spec.name, outcome=Outcome.UNCHANGED, harvest=None, fetch_ms=fetch_ms, requests=fetched.requests
            )
        started = clock.monotonic()
        harvest, fetched = visit.read(fetched, reader, workers)
        return Asked(
            name=spec.name,
            outcome=Outcome.READ,
            harvest=replace(harvest, key=key),
            fetch_ms=fetch_ms,
            read_ms=_ms(started),
            requests=fetched.requests,
        )
    except git.FetchFailed as failure:
        hint = failure.hint or "Try `git ls-remote` with the same address where the build runs."
        return visit.failed(UNREACHABLE, Severity.WARNING, failure.reason, hint, _ms(started))
    except (ObjectUnreadable, CacheBroken) as error:
        hint = "Look at the repository with `git fsck`."
        return visit.failed(UNREACHABLE, Severity.WARNING, str(error), hint, _ms(started))
    except WorkerDied as death:
        hint = "Look at what was committed last: no honest file does this. Nothing of it was taken over."
        return visit.failed(CRASHED, Severity.ERROR, f"the reader of this source {death}", hint, _ms(started))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """One source while it is asked."""

    spec: SourceSpec
    desk: Desk
    repository: Path
    key: str
    known: Mapping[str, str]
    """The refs that need not be read again."""

    @property
    def before(self) -> Harvest | None:
        """What the previous publication knew; it is decoded only where it is needed."""
        return self.desk.previous.harvests.get(self.spec.name)

    def fetch(self, *, anew: bool = False) -> git.Fetched:
        problem = git.address_problem(self.spec.url, allow_local=self.desk.allow_local)
        if problem:
            raise git.FetchFailed(problem, "Correct the url in the registry.")
        return git.fetch(
            self.spec,
            local_address(self.spec.url, self.desk.base),
            self.repository,
            allow_local=self.desk.allow_local,
            known={} if anew else self.known,
            environ=self.desk.environ,
            anew=anew,
        )

    def read(self, fetched: git.Fetched, reader: Reader, workers: Workers | None) -> tuple[Harvest, git.Fetched]:
        """Read the source; a cache that turns out to be broken is fetched anew, once."""
        try:
            return self._read(fetched, reader, workers), fetched
        except CacheBroken:
            fetched = self.fetch(anew=True)
        return self._read(fetched, reader, workers), fetched

    def _read(self, fetched: git.Fetched, reader: Reader, workers: Workers | None) -> Harvest:
        before = self.before
        task = partial(
            reader,
            self.spec,
            self.repository,
            dict(fetched.refs),
            fetched.head,
            self.desk.schemas,
            before=before,
            same_reading=before is not None and before.key == self.key,
            environ={name: self.desk.environ[name] for name in _READER_ENVIRON if name in self.desk.environ},
        )
        return task() if workers is None else workers.run(task, seconds=max(READ_SECONDS, self.spec.timeout))

    def failed(self, rule: str, severity: Severity, reason: str, hint: str, spent: int) -> Asked:
        """Return what stands when the source could not be read: what the previous publication knew, or nothing."""
        spec, before = self.spec, self.before
        said = Finding(
            rule=rule,
            severity=severity,
            message=reason,
            place=Place(file="catalog-sources.yaml", line=spec.line, column=1 if spec.line else 0),
            hint=hint,
            source=spec.name,
        )
        if before is None or not (before.head or before.head_commit):
            harvest = Harvest(source=spec.name, findings=(said,), error=reason)
            return Asked(name=spec.name, outcome=Outcome.UNREAD, harvest=harvest, fetch_ms=spent)
        run = self.desk.previous.run
        last_ok = before.last_ok_at or (run.as_of if run else "")
        findings = (*_without_failure(before.findings), said)
        harvest = replace(before, error=reason, last_ok_at=last_ok, findings=findings)
        return Asked(name=spec.name, outcome=Outcome.KEPT, harvest=harvest, fetch_ms=spent)


def _without_failure(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of a harvest without the one that says why its source could not be read."""
    return tuple(finding for finding in findings if finding.rule not in (UNREACHABLE, CRASHED))


def settle(asked: Asked, previous: Previous) -> Asked:
    """Return what became of a source with its harvest: an unchanged one has it from the previous publication."""
    if asked.outcome is not Outcome.UNCHANGED:
        return asked
    before = previous.harvests[asked.name]
    harvest = replace(before, error="", last_ok_at="", findings=_without_failure(before.findings))
    return replace(asked, harvest=harvest)


def repository_of(spec: SourceSpec, cache: Path) -> Path:
    """Return where below `cache` the objects of a source are: another address is another place."""
    return cache / "git" / f"{file_name(spec.name)}-{_short(spec.url)}.git"


def local_address(url: str, base: Path) -> str:
    """Return the address git is given: a path is taken relative to the folder of the registry."""
    if "://" in url or url.startswith("-"):
        return url
    return os.path.normpath(base / url)


def reading_key(spec: SourceSpec, tool: str) -> str:
    """Return the digest of what a reading depends on besides the refs: what is asked for, and this tool."""
    asked = {
        name: value for name, value in to_json(spec).items() if name in ("url", "ref", "versions", "manifests", "tags")
    }
    return hashlib.sha256(json.dumps([asked, tool], sort_keys=True).encode()).hexdigest()


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _ms(started: float) -> int:
    return round((clock.monotonic() - started) * 1000)
