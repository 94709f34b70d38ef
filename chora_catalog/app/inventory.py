"""What environment the registered repositories stand in, scanned and never run; what no scan can tell stays a question.

Each repository is fetched as a build fetches it and looked through in a worker that may die.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from chora_catalog.app.harvesting import READ_SECONDS, local_address, repository_of
from chora_catalog.app.history_reading import git_files
from chora_catalog.app.own_schemas import own_schemas
from chora_catalog.edge import files, git
from chora_catalog.edge.objects import CacheBroken, Objects, ObjectUnreadable
from chora_catalog.edge.workers import WorkerDied, Workers
from chora_catalog.errors import ChoraError
from chora_catalog.model.anchor import Anchor, Inventory
from chora_catalog.model.source import SourceSpec
from chora_catalog.parse.anchors import anchors_of
from chora_catalog.parse.registry import load_registry
from chora_catalog.render import report
from chora_catalog.render.anchors import answers_in, page

_LIMIT: Final = 4 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What is scanned, and what it may use: the registry, the cache, which addresses are admitted."""

    sources: Path
    cache: Path | None = None
    allow_local: bool = False
    jobs: int = 8


def take_inventory(scan: Scan) -> tuple[Inventory, ...]:
    """Return what was found in each registered source, sorted by name; raise ChoraError (exit 2) for the registry."""
    schemas = own_schemas()
    data = files.read_own(scan.sources, what="the registry", hint="Name it with --sources FILE.")
    registry, findings = load_registry(data, file=scan.sources.name, schemas=schemas)
    if registry is None:
        raise ChoraError(
            f"the registry {scan.sources} is malformed, so nothing was scanned",
            detail=report.frames(findings),
            hint="Correct the marked lines, then run the same command again.",
        )
    base = scan.sources.resolve().parent
    cache = scan.cache or base / ".chora" / "cache"
    with (
        ThreadPoolExecutor(max_workers=max(1, scan.jobs)) as pool,
        Workers(2, prepare=_ready, expected=(ObjectUnreadable, CacheBroken)) as workers,
    ):
        look = partial(_look, scan=scan, base=base, cache=cache, workers=workers)
        return tuple(sorted(pool.map(look, registry.sources), key=lambda item: item.source))


def write_page(path: Path, found: tuple[Inventory, ...]) -> bool:
    """Write the page of the inventory, keeping what people wrote into it; return whether it changed.

    Raise ChoraError (exit 2) when it cannot be read or written.
    """
    before = files.read_own(path, what="the page", hint="Name another with --output.") if path.exists() else b""
    text = page(found, answers_in(before[:_LIMIT].decode("utf-8", "replace")))
    if text.encode() == before:
        return False
    files.write_own(path, text.encode(), what="the page")
    return True


def _ready() -> None:
    """Load what every scan needs, where the workers are forked from."""
    anchors_of((), lambda _: None, url="")


def _look(spec: SourceSpec, *, scan: Scan, base: Path, cache: Path, workers: Workers) -> Inventory:
    repository = repository_of(spec, cache)
    problem = git.address_problem(spec.url, allow_local=scan.allow_local)
    if problem:
        return Inventory(source=spec.name, error=problem)
    address = local_address(spec.url, base)
    try:
        fetched = git.fetch(spec, address, repository, allow_local=scan.allow_local, known={}, environ=os.environ)
        task = partial(_scanned, repository, fetched.head, spec.url, {"PATH": os.environ.get("PATH", os.defpath)})
        anchors = workers.run(task, seconds=max(READ_SECONDS, spec.timeout))
    except git.FetchFailed as failure:
        return Inventory(source=spec.name, error=failure.reason)
    except (ObjectUnreadable, CacheBroken) as error:
        return Inventory(source=spec.name, error=str(error))
    except WorkerDied as death:
        return Inventory(source=spec.name, error=f"the scan of this source {death}")
    return Inventory(source=spec.name, anchors=anchors)


def _scanned(repository: Path, head: str, url: str, environ: Mapping[str, str]) -> tuple[Anchor, ...]:
    with Objects(repository, environ=environ) as objects:
        tree = git_files(objects, objects.tree(objects.commit(head).tree))
        names = [name for name in tree.modes if tree.is_file(name)]
        return anchors_of(names, tree.read, url=url)
