"""One build spread over several machines: each reads a share of the sources, one joins what they read.

The share of a source depends on its name alone, so that order and additions elsewhere in the registry move little.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from chora_catalog.app.harvesting import Asked
from chora_catalog.app.previous import catalog_name, read_folder
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.source import Registry, SourceSpec
from chora_catalog.parse.kept import UnreadableError, load_previous


def shard_of(specs: Iterable[SourceSpec], shard: tuple[int, int] | None) -> tuple[SourceSpec, ...]:
    """Return the sources of shard (I, N), counted from 1 over the sorted names; all of them without a shard."""
    ordered = sorted(specs, key=lambda spec: spec.name)
    return tuple(ordered if shard is None else ordered[shard[0] - 1 :: shard[1]])


def join_shards(folders: Iterable[Path], registry: Registry) -> dict[str, Asked]:
    """Return what became of each source, from what the shards published; by name.

    Raise ChoraError (exit 3) when a shard cannot be read, belongs to another catalog, or a source is in none or two.
    """
    found: dict[str, Asked] = {}
    for folder in folders:
        try:
            shard = load_previous(read_folder(folder))
        except (UnreadableError, OSError) as error:
            raise _refused(f"the shard {folder} cannot be read: {error}") from error
        if shard.catalog != catalog_name(registry) or shard.run is None:
            raise _refused(f"the shard {folder} belongs to another catalog ({shard.catalog})")
        for source in shard.run.sources:
            if source.name in found:
                raise _refused(f"source {source.name} is in two shards, the second is {folder}")
            found[source.name] = Asked(
                name=source.name,
                outcome=source.outcome,
                harvest=shard.harvests.get(source.name),
                fetch_ms=source.fetch_ms,
                read_ms=source.read_ms,
                requests=source.requests,
            )
    wanted = {spec.name for spec in registry.sources}
    if found.keys() != wanted:
        missing, more = sorted(wanted - found.keys()), sorted(found.keys() - wanted)
        said = f"missing: {', '.join(missing)}" if missing else f"not registered: {', '.join(more)}"
        raise _refused(f"the shards do not make up the registry ({said})")
    return dict(sorted(found.items()))


def _refused(what: str) -> ChoraError:
    return ChoraError(
        f"{what}; nothing was published",
        hint="Run every shard anew with the same registry, then join them again.",
        code=Exit.CANNOT_TELL,
    )
