"""Questions to a published matrix: whom a version would reach, and what depends on what."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from chora_catalog.app.compat_facts import ROOT, Facts
from chora_catalog.app.published import Published, open_published, read_whole, torn
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.catalog import Edge
from chora_catalog.model.change import Change, Effect
from chora_catalog.model.judgement import Looked
from chora_catalog.model.parties import Provider
from chora_catalog.model.versions import Version, version_problem
from chora_catalog.parse.kept import UnreadableError
from chora_catalog.parse.published import load_matrix, load_pairs
from chora_catalog.resolve.compat import World
from chora_catalog.resolve.impact import Impact, impact
from chora_catalog.resolve.waiving import active


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An answer about impact, and what was asked and looked at."""

    capability: str
    version: str
    provider: Provider
    impact: Impact
    looked: Looked


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """The dependencies of a catalog that were asked for, of how many, and what was looked at."""

    edges: tuple[Edge, ...]
    total: int
    looked: Looked


def ask_impact(capability: str, version: str, *, catalog: str, as_of: datetime, without: Iterable[str] = ()) -> Asked:
    """Return whom `version` of `capability` would reach; `without` names outputs that it would not have any more.

    Raise ChoraError: exit 2 for a version that is none or not above the newest, or an id or an output that the catalog
    does not know; exit 3 when the catalog cannot be read.
    """
    problem = version_problem(version)
    if problem:
        raise ChoraError(problem, hint="Name the version that you think of, such as 2.0.0.")
    with open_published(catalog) as published:
        facts = Facts.of(published)
        target = capability
        file = facts.dependents(capability)
        if file is None:
            target = facts.aliases().get(capability, capability)
            file = facts.dependents(target) if target != capability else None
        if file is None or file.provider is None:
            raise _unknown(published, capability)
        asked, newest = Version.parse(version), file.provider.newest
        if asked is not None and newest is not None and asked <= newest:
            raise ChoraError(
                f"{target} is at {newest} already, so whoever takes the newest would not meet {version}",
                hint=f"Name a version above {newest}.",
            )
        world = World(providers={}, alias={}, waivers=active(file.waivers, as_of), as_of=as_of)
        changes = tuple(_removals(file.provider, without))
        found = impact(file, _pairs(published), str(Version.parse(version)), changes, world)
        looked = facts.looked(as_of=as_of, max_age=None)
    return Asked(capability=target, version=version, provider=file.provider, impact=found, looked=looked)


def ask_matrix(
    *, catalog: str, as_of: datetime, consumer: str = "", provider: str = "", verdicts: Iterable[str] = ()
) -> Matrix:
    """Return the dependencies of the catalog, or those of one consumer, on one provider, with one of `verdicts`.

    Raise ChoraError: exit 2 for a consumer or a provider that the catalog does not know, exit 3 when the catalog cannot
    be read, or holds no dependency at all.
    """
    wanted = frozenset(verdicts)
    with open_published(catalog) as published:
        facts = Facts.of(published)
        every = _edges(published)
        looked = facts.looked(as_of=as_of, max_age=None)
        for name in filter(None, (consumer, provider)):
            if not any(name in (edge.consumer, edge.provider, edge.written) for edge in every):
                _refuse_unknown(published, name)
    if not every:
        raise ChoraError(
            f"the catalog {catalog} holds no dependency, so its matrix is empty: that is no pass",
            hint="Declare `dependencies`, register their sources and build it again.",
            code=Exit.CANNOT_TELL,
        )
    chosen = tuple(
        edge
        for edge in every
        if consumer in ("", edge.consumer)
        and provider in ("", edge.provider, edge.written)
        and (not wanted or edge.verdict.value in wanted)
    )
    return Matrix(edges=chosen, total=len(every), looked=looked)


def _pairs(published: Published) -> tuple[tuple[str, str], ...]:
    path = f"{ROOT}/matrix.json"
    try:
        return load_pairs(read_whole(published, path), path)
    except UnreadableError as error:
        raise torn(published, error) from error


def _edges(published: Published) -> tuple[Edge, ...]:
    path = f"{ROOT}/matrix.json"
    try:
        return load_matrix(read_whole(published, path), path)
    except UnreadableError as error:
        raise torn(published, error) from error


def _removals(provider: Provider, names: Iterable[str]) -> Iterator[Change]:
    for name in names:
        if name not in provider.outputs:
            raise ChoraError(
                f"{provider.id} has no output {name!a}",
                hint=f"Its outputs are: {', '.join(provider.outputs) or 'none'}.",
            )
        yield Change(
            rule="output-removed",
            effect=Effect.BREAKING,
            pointer=f"/outputs/{name}",
            subject=name,
            side="output",
            before="there",
            message=f"the output `{name}` would be gone",
        )


def _known(published: Published) -> list[str]:
    """Return the ids that the catalog holds."""
    path = f"{ROOT}/index.json"
    try:
        return [str(row["id"]) for row in json.loads(read_whole(published, path))["capabilities"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise torn(published, UnreadableError(f"{path} is no index: {error}")) from error


def _refuse_unknown(published: Published, capability: str) -> None:
    """Raise ChoraError where the catalog does not hold it: a wrong id would look as if nothing broke."""
    if capability not in _known(published):
        raise _unknown(published, capability)


def _unknown(published: Published, capability: str) -> ChoraError:
    """Return what to say of an id that the catalog does not hold, with those that look like it."""
    known = _known(published)
    near = difflib.get_close_matches(capability, known, n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`data/v1/index.json` of the catalog lists what it holds."
    return ChoraError(f"the catalog holds no {capability!a}", hint=hint)
