"""What a publication remembers from the ones before it: when an id came to be known, and which ids are gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chora_catalog.model.catalog import First, Gone
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.source import Harvest
from chora_catalog.resolve.holding import Holding


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The publication before, as far as it dates what is new: its as-of (empty without one) and its sources."""

    as_of: str = ""
    sources: frozenset[str] = frozenset()


def first_of(
    harvest: Harvest, names: frozenset[str], before: First | None, as_of: datetime, last: Before, *, is_in: bool
) -> First:
    """Return when the capability with the ids `names` was first seen, valid, published and onboarded.

    The first two are read off the main line; where it was not read (`versions: head`) nobody can say. `is_in` tells
    whether it has all now that onboarding asks for; `last` is the publication before.
    """
    now = instant_text(as_of)
    states = [(state.at, item.valid) for state in harvest.line for item in state.declares if item.id in names]
    return First(
        seen=min((at for at, _ in states), default=""),
        valid=min((at for at, good in states if good), default=""),
        published=before.published if before else now,
        onboarded=(before.onboarded if before else "") or (now if is_in else ""),
        registered=before.registered if before else "" if harvest.source in last.sources else last.as_of,
        from_start=before.from_start if before else not last.as_of,
    )


def gone_now(
    held_before: Mapping[str, str],
    gone_before: tuple[Gone, ...],
    harvests_before: Mapping[str, Harvest],
    harvests: Mapping[str, Harvest],
    holding: Holding,
) -> tuple[Gone, ...]:
    """Return the tombstones: earlier ones that are not back, and ids held before that nobody declares now.

    A former name of a present capability is an alias and no tombstone.
    """
    here = {*holding.holder, *holding.contested, *holding.alias}
    found = {item.manifest.id: item for item in gone_before if item.manifest.id not in here}
    for capability, source in sorted(held_before.items()):
        before = harvests_before.get(source)
        if capability in here or capability in found or before is None or before.head is None:
            continue
        manifest = next((item for item in before.head.manifests if item.id == capability), None)
        if manifest is None:
            continue
        now = harvests.get(source)
        found[capability] = Gone(
            manifest=manifest,
            source=source,
            why="removed" if now is not None else "unregistered",
            since=now.head_at if now is not None else "",
            version=manifest.version,
        )
    return tuple(found[key] for key in sorted(found))
