"""The build, from the registry to a publication; read it as the table of contents of this tool.

registry -> fetch -> read -> (resolve, check) assemble -> render -> fresh folder -> switch
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from chora_catalog.app.harvesting import Asked, Desk, ask_all
from chora_catalog.app.previous import catalog_name, find_previous
from chora_catalog.app.sharding import join_shards, shard_of
from chora_catalog.build.assemble import Gathered, assemble
from chora_catalog.build.metrics import metrics
from chora_catalog.build.weeks import fresh_for, with_run
from chora_catalog.edge import clock, files, git, mkdocs, publication
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.catalog import Catalog
from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.run import Run, RunLine, SourceRun
from chora_catalog.model.source import Outcome, Registry
from chora_catalog.parse.kept import Previous
from chora_catalog.parse.records import Added, Records, load_records
from chora_catalog.parse.registry import load_registry
from chora_catalog.parse.schema import Schemas, compile_schemas
from chora_catalog.render import api, harvest, report, search, site
from chora_catalog.render.output import Output
from chora_catalog.render.run import run_files

LEDGER_LINES = 400
MASS_LOSS_SHARE = 0.2
MASS_LOSS_LEAST = 3


def _quiet(_: Asked) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What a person asks of `build`. `docs` is the folder with mkdocs.yml; None means the registry's folder."""

    sources: Path
    output: Path
    as_of: datetime
    previous: str = ""
    first: bool = False
    allow_local: bool = False
    accept_loss: bool = False
    jobs: int = 8
    cache: Path | None = None
    docs: Path | None = None
    shard: tuple[int, int] | None = None
    """(I, N): read only every N-th source from the I-th on, and publish what was read instead of a site."""
    shards: tuple[Path, ...] = ()
    """What `--shard` runs published; together they are taken instead of asking any source."""
    trace: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    on_start: Callable[[int], None] = lambda _: None
    on_source: Callable[[Asked], None] = _quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build did: the catalog, its run record, and what was written."""

    catalog: Catalog
    run: Run
    written: publication.Written
    output: Path


def build(options: BuildOptions) -> Built:
    """Build and publish the catalog of a registry.

    Raise ChoraError: exit 2 for a registry that cannot be read; exit 3 when nothing may be published because it cannot
    be told what is true (no source answered, the previous publication cannot be read, too much was lost).
    """
    started = clock.monotonic()
    schemas = compile_schemas(files.read_folder(files.data_folder("schemas"), "*.json"))
    registry = _registry(options.sources, schemas)
    base = options.sources.resolve().parent
    cache = options.cache or base / ".chora" / "cache"
    with publication.locked(options.output):
        previous = find_previous(options.previous, options.output, first=options.first, registry=registry)
        specs = shard_of(registry.sources, options.shard)
        options.on_start(len(specs))
        desk = Desk(
            base=base,
            cache=cache,
            allow_local=options.allow_local,
            schemas=schemas,
            tool=_tool_digest(),
            previous=previous,
            environ=options.environ,
        )
        if options.shards:
            asked = join_shards(options.shards, registry)
        else:
            asked = ask_all(specs, desk, jobs=options.jobs, done=options.on_source)
        if options.shard is not None:
            return _publish_shard(options, registry, asked, previous, seconds=round(clock.monotonic() - started))
        _refuse_empty(registry, asked)
        _refuse_loss(asked, previous, accept=options.accept_loss)
        catalog = _catalog(options, registry, base, schemas, asked, previous)
        with tempfile.TemporaryDirectory(prefix="chora-docs-") as scratch:
            outputs = _outputs(options, catalog, asked, base, cache, Path(scratch))
            run = _run(options, catalog, asked, previous, seconds=round(clock.monotonic() - started))
            written = publication.publish(outputs, options.output, apart=run_files(run))
    return Built(catalog=catalog, run=run, written=written, output=options.output)


def _publish_shard(
    options: BuildOptions, registry: Registry, asked: Mapping[str, Asked], previous: Previous, *, seconds: int
) -> Built:
    """Publish the harvests of one shard; nothing is judged before all are joined."""
    catalog = Catalog(registry=registry)
    found = [item.harvest for item in asked.values() if item.harvest is not None]
    outputs = harvest.keep(found, catalog=catalog_name(registry), held={}, first={}, gone=())
    run = _run(options, catalog, asked, previous, seconds=seconds)
    written = publication.publish(outputs, options.output, apart=run_files(run))
    return Built(catalog=catalog, run=run, written=written, output=options.output)


def _registry(path: Path, schemas: Schemas) -> Registry:
    data = files.read_own(
        path, what="the registry", hint="Name it with --sources FILE, or run this where catalog-sources.yaml is."
    )
    registry, findings = load_registry(data, file=path.name, schemas=schemas)
    if registry is None:
        raise ChoraError(
            f"the registry {path} is malformed, so nothing was built",
            detail=report.frames(findings, worst=Severity.ERROR),
            hint="Correct the marked lines, then run the same command again.",
        )
    return registry


def _refuse_empty(registry: Registry, asked: Mapping[str, Asked]) -> None:
    if registry.sources and all(item.outcome is Outcome.UNREAD for item in asked.values()):
        said = "\n".join(
            f"  {name}: {item.harvest.error}" for name, item in sorted(asked.items()) if item.harvest is not None
        )
        raise ChoraError(
            f"none of the {len(asked)} registered sources could be read and no earlier build knows them, "
            "so nothing was published",
            detail=said,
            hint="Correct the addresses or the network. For local repositories add --allow-local.",
            code=Exit.CANNOT_TELL,
        )


def _refuse_loss(asked: Mapping[str, Asked], previous: Previous, *, accept: bool) -> None:
    """Stop when much vanished at once from sources that are still registered: that is seldom what anybody meant."""
    before = {key for key, source in previous.held.items() if source in asked}
    now = {
        manifest.id
        for item in asked.values()
        if item.harvest and item.harvest.head
        for manifest in item.harvest.head.manifests
    }
    lost = sorted(before - now)
    if accept or len(lost) < MASS_LOSS_LEAST or len(lost) <= MASS_LOSS_SHARE * len(before):
        return
    raise ChoraError(
        f"{len(lost)} of {len(before)} capabilities vanished from sources that are still registered, "
        "so nothing was published",
        detail="\n".join(f"  {name}" for name in lost[:20]) + ("\n  ..." if len(lost) > 20 else ""),
        hint="Look at those repositories. If the loss is meant, run the same command with --accept-loss.",
        code=Exit.CANNOT_TELL,
    )


def _catalog(
    options: BuildOptions,
    registry: Registry,
    base: Path,
    schemas: Schemas,
    asked: Mapping[str, Asked],
    previous: Previous,
) -> Catalog:
    records = _records(base, schemas)
    gathered = Gathered(
        registry=registry,
        harvests={name: item.harvest for name, item in asked.items() if item.harvest is not None},
        outcomes={name: item.outcome for name, item in asked.items()},
        held_before=previous.held,
        first_before=previous.first,
        gone_before=previous.gone,
        harvests_before=previous.harvests,
        signals=records.signals,
        decisions=records.decisions,
        waivers=records.waivers,
        findings=records.findings,
        has_docs=((options.docs or base) / "mkdocs.yml").is_file(),
    )
    return assemble(gathered, as_of=options.as_of)


def _records(base: Path, schemas: Schemas) -> Records:
    """Read `decisions/` at HEAD of the repository that holds the registry."""
    own = git.own_files(base, "decisions")
    if own is None:
        folder = base / "decisions"
        said = (
            Finding(
                rule="decisions-not-committed",
                severity=Severity.NOTICE,
                message="decisions/ is in no commit, so nothing of it was read",
                place=Place(file="decisions"),
                hint="Commit it: decisions count once they are merged.",
            ),
        )
        return Records(signals=(), decisions=(), waivers=(), findings=said if folder.is_dir() else ())
    facts = {path: Added(commit=fact.commit, at=fact.at, author=fact.author) for path, fact in own.added.items()}
    inside = {path.removeprefix("decisions/"): data for path, data in own.files.items()}
    added = {path.removeprefix("decisions/"): fact for path, fact in facts.items()}
    return load_records(inside, added=added, schemas=schemas)


def _outputs(
    options: BuildOptions,
    catalog: Catalog,
    asked: Mapping[str, Asked],
    base: Path,
    cache: Path,
    scratch: Path,
) -> Iterator[Output]:
    folder = files.data_folder("templates")
    templates = {path: data.decode() for path, data in files.read_folder(folder / "site").items()}
    yield Output(path="README.md", make=(folder / "site-readme.md").read_bytes)
    yield from site.pages(catalog, templates)
    yield from api.files(catalog)
    yield from harvest.keep(
        [item.harvest for item in asked.values() if item.harvest is not None],
        catalog=catalog_name(catalog.registry),
        held={entry.id: entry.source for entry in catalog.entries},
        first={entry.id: entry.first for entry in catalog.entries},
        gone=catalog.gone,
    )
    if catalog.has_docs:
        header, footer = site.chrome(catalog, templates, depth="../")
        docs = mkdocs.build_docs(
            options.docs or base, scratch, chrome={"header": header, "footer": footer}, cache=cache
        )
        if docs is not None:
            for path in docs.files:
                yield Output(path=f"docs/{path}", make=(scratch / path).read_bytes)
            yield from search.docs_index(docs.search)


def _run(
    options: BuildOptions, catalog: Catalog, asked: Mapping[str, Asked], previous: Previous, *, seconds: int
) -> Run:
    as_of = clock.stamp(options.as_of)
    severities = [finding.severity for finding in catalog.findings]
    specs = {spec.name: spec for spec in catalog.registry.sources}
    sources = tuple(_source_run(item, as_of, specs[name].ttl, specs[name].alert) for name, item in asked.items())
    own = [entry for entry in catalog.entries if not entry.manifest.imported]
    line = RunLine(
        as_of=as_of,
        fresh=sum(item.outcome in (Outcome.READ, Outcome.UNCHANGED) for item in sources),
        sources=len(sources),
        errors=severities.count(Severity.ERROR),
        warnings=severities.count(Severity.WARNING),
        seconds=seconds,
        notices=severities.count(Severity.NOTICE),
        valid=sum(all(said.severity is not Severity.ERROR for said in entry.findings) for entry in own),
        manifests=len(own),
        fresh_for=fresh_for(sources, as_of),
    )
    earlier = previous.run.recent if previous.run else ()
    weeks = with_run(previous.run.weeks if previous.run else (), earlier[-1] if earlier else None, line)
    run = Run(
        as_of=as_of,
        trace=options.trace or os.urandom(16).hex(),
        tool=f"chora-catalog {version('chora-catalog')}",
        published=True,
        seconds=seconds,
        sources=sources,
        capabilities=len(catalog.entries),
        errors=line.errors,
        warnings=line.warnings,
        notices=severities.count(Severity.NOTICE),
        ttl=catalog.registry.ttl,
        alert=catalog.registry.alert,
        recent=(*earlier, line)[-LEDGER_LINES:],
        weeks=weeks,
    )
    return replace(run, metrics=metrics(run, options.as_of))


def _source_run(item: Asked, as_of: str, ttl: int, alert: int) -> SourceRun:
    answered = item.outcome in (Outcome.READ, Outcome.UNCHANGED)
    return SourceRun(
        name=item.name,
        outcome=item.outcome,
        last_ok_at=as_of if answered else (item.harvest.last_ok_at if item.harvest else ""),
        error=item.harvest.error if item.harvest else "",
        fetch_ms=item.fetch_ms,
        read_ms=item.read_ms,
        requests=item.requests,
        ttl=ttl,
        alert=alert,
    )


def _tool_digest() -> str:
    """Return the digest of what of this tool a harvest depends on: its version, its schemas, how it reads."""
    digest = hashlib.sha256(version("chora-catalog").encode())
    package = Path(__file__).resolve().parent.parent
    for folder in (files.data_folder("schemas"), package / "parse", package / "check", package / "model"):
        for path, data in files.read_folder(folder, "*.*").items():
            if path.endswith((".py", ".json")):
                digest.update(path.encode() + b"\0" + data)
    for name in ("reading.py", "tree_reading.py", "history_reading.py"):
        digest.update((package / "app" / name).read_bytes())
    return digest.hexdigest()
