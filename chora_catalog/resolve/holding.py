"""Which source holds which capability id, and what former names mean.

Rules (DESIGN section 3, "Ids"): the holder is the one in the previous publication; else the source whose registry
entry claims the id; else, with one claimant, that one; with several, nobody: all are contested. List order means
nothing. An alias is a registry entry, or a name that the same source once declared where its head declares another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chora_catalog.model.manifest import Manifest
from chora_catalog.model.source import Harvest, SourceSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Who holds what.

    `holder`: id to source. `contested`: id to the sources that claim it, where the registry does not say which.
    `refused`: (id, source) pairs of claimants that are not the holder. `alias`: former id to present id.
    """

    holder: Mapping[str, str]
    contested: Mapping[str, tuple[str, ...]]
    refused: tuple[tuple[str, str], ...]
    alias: Mapping[str, str]

    def resolve(self, name: str) -> str:
        """Return the id that `name` means today; a held id always means itself."""
        return name if name in self.holder else self.alias.get(name, name)


def hold(
    specs: Iterable[SourceSpec], harvests: Mapping[str, Harvest], previous: Mapping[str, str] | None = None
) -> Holding:
    """Return who holds each id declared at a head, given the previous publication's holders (id to source)."""
    by_name = {spec.name: spec for spec in specs}
    claimants: dict[str, set[str]] = {}
    for name in by_name:
        harvest = harvests.get(name)
        for manifest in harvest.head.manifests if harvest and harvest.head else ():
            claimants.setdefault(manifest.id, set()).add(name)
    holder: dict[str, str] = {}
    contested: dict[str, tuple[str, ...]] = {}
    refused: list[tuple[str, str]] = []
    for capability, names in sorted(claimants.items()):
        chosen = _holder(capability, names, by_name, (previous or {}).get(capability))
        if chosen is None:
            contested[capability] = tuple(sorted(names))
            continue
        holder[capability] = chosen
        refused += [(capability, name) for name in sorted(names - {chosen})]
    return Holding(
        holder=holder, contested=contested, refused=tuple(refused), alias=_aliases(by_name, harvests, holder)
    )


def _holder(capability: str, names: set[str], specs: Mapping[str, SourceSpec], before: str | None) -> str | None:
    if before in names:
        return before
    claiming = {name for name in names if any(_claims(claim, capability) for claim in specs[name].claims)}
    if len(claiming) == 1:
        return next(iter(claiming))
    return next(iter(names)) if len(names) == 1 else None


def _claims(claim: str, capability: str) -> bool:
    if claim.endswith(".*"):
        return capability.startswith(claim[:-1])
    return claim == capability


def _aliases(
    specs: Mapping[str, SourceSpec], harvests: Mapping[str, Harvest], holder: Mapping[str, str]
) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for name in specs:
        harvest = harvests.get(name)
        if harvest is None or harvest.head is None:
            continue
        now = {manifest.path: manifest.id for manifest in _one_per_path(harvest.head.manifests)}
        past = [(item.path, item.id) for release in harvest.releases for item in _one_per_path(release.manifests)]
        past += [(state.path, state.declares[0].id) for state in harvest.line if len(state.declares) == 1]
        for path, former in past:
            present = now.get(path)
            if present and present != former and former not in holder:
                found.setdefault(former, set()).add(present)
    # Two sources that once had the same name: nobody can say which is meant, so it is no alias.
    alias = {old: next(iter(new)) for old, new in sorted(found.items()) if len(new) == 1}
    for _, spec in sorted(specs.items()):
        alias |= {item.old: item.new for item in spec.aliases if item.old not in holder}
    return alias


def _one_per_path(manifests: Iterable[Manifest]) -> list[Manifest]:
    """Return the manifests that are alone in their file: only there does the file say who is who."""
    by_path: dict[str, list[Manifest]] = {}
    for manifest in manifests:
        by_path.setdefault(manifest.path, []).append(manifest)
    return [found[0] for found in by_path.values() if len(found) == 1]
