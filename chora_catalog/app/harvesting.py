"""Ask every registered source, a few at a time; a source that fails costs only itself."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from chora_catalog.app.reading import read_source
from chora_catalog.edge import clock, git
from chora_catalog.edge.objects import CacheBroken, ObjectUnreadable
from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.ids import file_name
from chora_catalog.model.record import to_json
from chora_catalog.model.source import Harvest, Outcome, SourceSpec
from chora_catalog.parse.kept import Previous
from chora_catalog.parse.schema import Schemas

UNREACHABLE = "source-unreachable"


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
    specs: Iterable[SourceSpec], desk: Desk, *, jobs: int, done: Callable[[Asked], None], pool: Executor | None = None
) -> dict[str, Asked]:
    """Ask every source on a bounded pool and return what became of each, by name. `done` is told of each as it ends."""
    executor = pool or ThreadPoolExecutor(max_workers=max(1, jobs))
    try:
        waiting = {executor.submit(ask, spec, desk): spec.name for spec in specs}
        found: dict[str, Asked] = {}
        for future in as_completed(waiting):
            asked = future.result()
            found[asked.name] = asked
            done(asked)
        return dict(sorted(found.items()))
    finally:
        if pool is None:
            executor.shutdown(wait=True, cancel_futures=True)


def ask(spec: SourceSpec, desk: Desk) -> Asked:
    """Ask one source and read it; a failure is an outcome, with what was known before where there is any."""
    glance = desk.previous.glances.get(spec.name)
    key = reading_key(spec, desk.tool)
    known = glance.refs if glance is not None and glance.key == key else {}
    started = clock.monotonic()
    repository = desk.cache / "git" / f"{file_name(spec.name)}-{_short(spec.url)}.git"
    try:
        address = local_address(spec.url, desk.base)
        problem = git.address_problem(spec.url, allow_local=desk.allow_local)
        if problem:
            raise git.FetchFailed(problem, "Correct the url in the registry.")
        fetched = _fetch(spec, address, repository, desk, known)
        fetch_ms = _ms(started)
        refs = dict(fetched.refs)
        if known and known == refs:
            return Asked(
                name=spec.name, outcome=Outcome.UNCHANGED, harvest=None, fetch_ms=fetch_ms, requests=fetched.requests
            )
        before = desk.previous.harvests.get(spec.name)
        started = clock.monotonic()
        harvest, fetched = _read(spec, address, repository, desk, fetched, before, key)
        return Asked(
            name=spec.name,
            outcome=Outcome.READ,
            harvest=replace(harvest, key=key),
            fetch_ms=fetch_ms,
            read_ms=_ms(started),
            requests=fetched.requests,
        )
    except git.FetchFailed as failure:
        return _failed(spec, failure, desk, _ms(started))
    except (ObjectUnreadable, CacheBroken) as error:
        unreadable = git.FetchFailed(str(error), "Look at the repository with `git fsck`.")
        return _failed(spec, unreadable, desk, _ms(started))


def _fetch(
    spec: SourceSpec, address: str, repository: Path, desk: Desk, known: Mapping[str, str], *, anew: bool = False
) -> git.Fetched:
    return git.fetch(
        spec, address, repository, allow_local=desk.allow_local, known=known, environ=desk.environ, anew=anew
    )


def _read(
    spec: SourceSpec, address: str, repository: Path, desk: Desk, fetched: git.Fetched, before: Harvest | None, key: str
) -> tuple[Harvest, git.Fetched]:
    """Read the source; a cache that turns out to be broken is fetched anew, once."""

    def read(fetched: git.Fetched) -> Harvest:
        return read_source(
            spec,
            repository,
            dict(fetched.refs),
            fetched.head,
            desk.schemas,
            before=before,
            same_reading=before is not None and before.key == key,
            environ=desk.environ,
        )

    try:
        return read(fetched), fetched
    except CacheBroken:
        fetched = _fetch(spec, address, repository, desk, {}, anew=True)
    return read(fetched), fetched


def _without_failure(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of a harvest without the one that says that its source did not answer."""
    return tuple(finding for finding in findings if finding.rule != UNREACHABLE)


def settle(asked: Asked, previous: Previous) -> Asked:
    """Return what became of a source with its harvest: an unchanged one has it from the previous publication."""
    if asked.outcome is not Outcome.UNCHANGED:
        return asked
    before = previous.harvests[asked.name]
    harvest = replace(before, error="", last_ok_at="", findings=_without_failure(before.findings))
    return replace(asked, harvest=harvest)


def _failed(spec: SourceSpec, failure: git.FetchFailed, desk: Desk, spent: int) -> Asked:
    before = desk.previous.harvests.get(spec.name)
    said = Finding(
        rule=UNREACHABLE,
        severity=Severity.WARNING,
        message=failure.reason,
        place=Place(file="catalog-sources.yaml", line=spec.line, column=1 if spec.line else 0),
        hint=failure.hint or "Try `git ls-remote` with the same address where the build runs.",
        source=spec.name,
    )
    if before is None or not (before.head or before.head_commit):
        harvest = Harvest(source=spec.name, findings=(said,), error=failure.reason)
        return Asked(name=spec.name, outcome=Outcome.UNREAD, harvest=harvest, fetch_ms=spent)
    last_ok = before.last_ok_at or (desk.previous.run.as_of if desk.previous.run else "")
    kept = _without_failure(before.findings)
    harvest = replace(before, error=failure.reason, last_ok_at=last_ok, findings=(*kept, said))
    return Asked(name=spec.name, outcome=Outcome.KEPT, harvest=harvest, fetch_ms=spent)


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
