"""The build, from the registry to a publication; read it as the table of contents of this tool.

registry -> fetch -> read -> (resolve, check) assemble -> render -> fresh folder -> switch
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from importlib.metadata import version
from itertools import chain, zip_longest
from pathlib import Path

from chora_catalog.app.carrying import carried
from chora_catalog.app.governing import govern
from chora_catalog.app.harvesting import Asked, Desk, ask_all, settle
from chora_catalog.app.making import Made, Memory, make_all, make_each
from chora_catalog.app.own_schemas import own_schemas
from chora_catalog.app.previous import catalog_name, find_previous, readable
from chora_catalog.app.recording import new_run, same_run
from chora_catalog.app.sharding import join_shards, shard_of
from chora_catalog.app.unchanged import inputs_digest, nothing_changed
from chora_catalog.build.assemble import Gathered, assemble
from chora_catalog.build.memory import Before
from chora_catalog.edge import clock, compiled, files, git, mkdocs, publication
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.catalog import Catalog
from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.run import Run
from chora_catalog.model.source import Outcome, Registry
from chora_catalog.parse.kept import Previous
from chora_catalog.parse.records import Added, Records, load_records
from chora_catalog.parse.registry import load_registry
from chora_catalog.parse.schema import Schemas
from chora_catalog.render import api, changes, contents, harvest, report, search, site
from chora_catalog.render.output import Output
from chora_catalog.render.run import run_files
from chora_catalog.render.templating import Compiled
from chora_catalog.resolve.holding import hold

MASS_LOSS_SHARE = 0.2
MASS_LOSS_LEAST = 3


def _quiet(_: Asked) -> None:
    return None


def _nothing() -> None:
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
    """What a build did: its run record, and what was written."""

    run: Run
    written: publication.Written
    output: Path


def build(options: BuildOptions) -> Built:
    """Build and publish the catalog of a registry.

    Raise ChoraError: exit 2 for a registry that cannot be read; exit 3 when nothing may be published because it cannot
    be told what is true (no source answered, the previous publication cannot be read, too much was lost).
    """
    started = clock.monotonic()
    schemas = own_schemas()
    registry, registry_bytes = _registry(options.sources, schemas)
    base = options.sources.resolve().parent
    cache = options.cache or base / ".chora" / "cache"
    with (
        publication.locked(options.output),
        publication.Draft(options.output) as draft,
        readable(options.previous or str(options.output)),
    ):
        found = find_previous(
            options.previous, options.output, first=options.first, registry=registry, base=base, as_of=options.as_of
        )
        previous = found.previous
        Memory.sweep(cache)
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
        kept: dict[str, harvest.Kept] = {}
        with ThreadPoolExecutor(max_workers=1) as beside:
            # Our own history is read while sources are asked, which is mostly waiting.
            history = beside.submit(git.own_files, base, "decisions")
            if options.shards:
                asked = join_shards(options.shards, registry)
            else:
                asked = ask_all(
                    specs,
                    desk,
                    jobs=options.jobs,
                    done=partial(_keep, kept, draft, options.on_source),
                    meanwhile=partial(_prepare, registry, desk.tool) if options.shard is None else _nothing,
                )
        if options.shard is not None:
            return _publish_shard(options, registry, asked, kept, previous, draft, seconds=_since(started))
        _refuse_empty(registry, asked)
        own = history.result()
        inputs = inputs_digest(registry_bytes, desk.tool, own, _docs(options, base))
        standing = None
        if not options.previous:
            standing = nothing_changed(previous, asked, inputs, options.as_of, options.output)
        if standing is not None:
            run = same_run(standing, registry, asked, as_of=options.as_of, trace=options.trace, seconds=_since(started))
            publication.rewrite(options.output, apart=run_files(run), draft=draft)
            return Built(run=run, written=publication.Written(changed=0, unchanged=0, removed=0), output=options.output)
        asked = {name: settle(item, previous) for name, item in asked.items()}
        _refuse_loss(registry, asked, previous, accept=options.accept_loss)
        catalog = _catalog(options, registry, _docs(options, base), _records(base, own, schemas), asked, previous)
        with tempfile.TemporaryDirectory(prefix="chora-docs-") as scratch:
            memory = Memory.load(cache)
            outputs = _made(
                make_all(_pages(catalog, desk.tool), memory, options.output),
                make_each(_rest(catalog, _all_kept(asked, kept), previous, _docs(options, base), cache, Path(scratch))),
            )
            run = new_run(
                catalog,
                asked,
                previous.run,
                as_of=options.as_of,
                trace=options.trace,
                seconds=_since(started),
                inputs=inputs,
            )
            written = publication.publish(
                chain(outputs, carried(found, options.output)), options.output, apart=run_files(run), draft=draft
            )
            memory.save(cache)
    return Built(run=run, written=written, output=options.output)


def _since(started: float) -> int:
    return round(clock.monotonic() - started)


def _docs(options: BuildOptions, base: Path) -> Path | None:
    """Return the folder whose documents are built, None where there are none."""
    folder = options.docs or base
    return folder if (folder / "mkdocs.yml").is_file() else None


def _publish_shard(
    options: BuildOptions,
    registry: Registry,
    asked: Mapping[str, Asked],
    kept: Mapping[str, harvest.Kept],
    previous: Previous,
    draft: publication.Draft,
    *,
    seconds: int,
) -> Built:
    """Publish the harvests of one shard; nothing is judged before all are joined."""
    catalog = Catalog(registry=registry)
    records = _all_kept(asked, kept)
    outputs = make_each(harvest.keep(records, catalog=catalog_name(registry), held={}, first={}, gone=()))
    run = new_run(catalog, asked, previous.run, as_of=options.as_of, trace=options.trace, seconds=seconds, inputs="")
    written = publication.publish(outputs, options.output, apart=run_files(run), draft=draft)
    return Built(run=run, written=written, output=options.output)


def _registry(path: Path, schemas: Schemas) -> tuple[Registry, bytes]:
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
    return registry, data


def _keep(kept: dict[str, harvest.Kept], draft: publication.Draft, told: Callable[[Asked], None], item: Asked) -> None:
    """Make and write what is kept of a source that was just read, while others are still asked."""
    told(item)
    if item.outcome is Outcome.READ and item.harvest is not None:
        made = kept[item.name] = harvest.kept(item.harvest)
        for path, data in harvest.files_of(item.name, made):
            draft.write(path, data)


def _all_kept(asked: Mapping[str, Asked], kept: Mapping[str, harvest.Kept]) -> dict[str, harvest.Kept]:
    """Return what is kept of every source: what was made when it was read, else made now."""
    return {
        name: kept.get(name) or harvest.kept(item.harvest) for name, item in asked.items() if item.harvest is not None
    }


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


def _refuse_loss(registry: Registry, asked: Mapping[str, Asked], previous: Previous, *, accept: bool) -> None:
    """Stop when much vanished at once from sources that are still registered: that is seldom what anybody meant.

    An id that leads on to the present id of the same thing has not vanished.
    """
    before = {key for key, source in previous.held.items() if source in asked}
    now = {
        manifest.id
        for item in asked.values()
        if item.harvest and item.harvest.head
        for manifest in item.harvest.head.manifests
    }
    if accept or not _is_much(len(before - now), len(before)):
        return
    harvests = {name: item.harvest for name, item in asked.items() if item.harvest is not None}
    lost = sorted(before - now - hold(registry.sources, harvests, previous.held).alias.keys())
    if not _is_much(len(lost), len(before)):
        return
    raise ChoraError(
        f"{len(lost)} of {len(before)} capabilities vanished from sources that are still registered, "
        "so nothing was published",
        detail="\n".join(f"  {name}" for name in lost[:20]) + ("\n  ..." if len(lost) > 20 else ""),
        hint="Look at those repositories. If the loss is meant, run the same command with --accept-loss.",
        code=Exit.CANNOT_TELL,
    )


def _is_much(lost: int, before: int) -> bool:
    return lost >= MASS_LOSS_LEAST and lost > MASS_LOSS_SHARE * before


def _catalog(
    options: BuildOptions,
    registry: Registry,
    docs: Path | None,
    records: Records,
    asked: Mapping[str, Asked],
    previous: Previous,
) -> Catalog:
    gathered = Gathered(
        registry=registry,
        harvests={name: item.harvest for name, item in asked.items() if item.harvest is not None},
        outcomes={name: item.outcome for name, item in asked.items()},
        held_before=previous.held,
        first_before=previous.first,
        before=_before(previous),
        gone_before=previous.gone,
        harvests_before=previous.harvests,
        signals=records.signals,
        decisions=records.decisions,
        waivers=records.waivers,
        findings=records.findings,
        stewards=records.stewards,
        has_docs=docs is not None,
    )
    return assemble(gathered, as_of=options.as_of)


def _before(previous: Previous) -> Before:
    run = previous.run
    return Before(as_of=run.as_of, sources=frozenset(item.name for item in run.sources)) if run else Before()


def _records(base: Path, own: git.OwnHistory | None, schemas: Schemas) -> Records:
    """Read `decisions/` as it is at HEAD of the repository that holds the registry."""
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
    return govern(load_records(inside, added=added, schemas=schemas))


def _made(*parts: Iterable[Made]) -> Iterator[Made]:
    """Yield every file that is made, and after them the list of what they turned out to be.

    The parts take turns: what is made here is made while other processes make the rest.
    """
    listed: dict[str, tuple[str, int]] = {}
    for turn in zip_longest(*parts):
        for made in turn:
            if made is not None:
                listed[made.path] = (made.sha256, made.size)
                yield made
    yield from make_each([Output(path=contents.PATH, make=partial(contents.contents, listed))])


def _prepare(registry: Registry, tool: str) -> None:
    """Have the templates compiled for this process: by an earlier one, or now."""
    before = compiled.read(tool)
    Compiled.recall(before)
    site.prepare(registry, _templates())
    made = Compiled.kept()
    if made.keys() - before.keys():
        compiled.write(tool, made)


def _templates() -> dict[str, str]:
    folder = files.data_folder("templates") / "site"
    return {path: data.decode() for path, data in files.read_folder(folder).items()}


def _pages(catalog: Catalog, tool: str) -> list[Output]:
    """Return what grows with the catalog, none of it made yet."""
    return [*site.pages(catalog, _templates(), tool=tool), *api.files(catalog)]


def _rest(
    catalog: Catalog,
    records: Mapping[str, harvest.Kept],
    previous: Previous,
    docs: Path | None,
    cache: Path,
    scratch: Path,
) -> Iterator[Output]:
    yield Output(path="README.md", make=(files.data_folder("templates") / "site-readme.md").read_bytes)
    yield from changes.changes(previous.index, api.index(catalog), previous.changes)
    yield from harvest.keep(
        records,
        catalog=catalog_name(catalog.registry),
        held={entry.id: entry.source for entry in catalog.entries if not entry.contested_by},
        first={entry.id: entry.first for entry in catalog.entries if not entry.contested_by},
        gone=catalog.gone,
    )
    if docs is not None:
        header, footer = site.chrome(catalog, _templates(), depth="../")
        built = mkdocs.build_docs(docs, scratch, chrome={"header": header, "footer": footer}, cache=cache)
        if built is not None:
            for path in built.files:
                yield Output(path=f"docs/{path}", make=(scratch / path).read_bytes)
            yield from search.docs_index(built.search)


@cache
def _tool_digest() -> str:
    """Return the digest of this tool: of its code, schemas and templates. What another version made is made anew.

    It is that of what this process has loaded: once read, it stays.
    """
    digest = hashlib.sha256(version("chora-catalog").encode())
    package = Path(__file__).resolve().parent.parent
    for folder, pattern in (
        (package, "*.py"),
        (files.data_folder("schemas"), "*"),
        (files.data_folder("templates"), "*"),
    ):
        for path, data in files.read_folder(folder, pattern).items():
            digest.update(path.encode() + b"\0" + len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
