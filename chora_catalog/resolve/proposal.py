"""A manifest at hand as the next release of what a catalog knows: what its dependents would meet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chora_catalog.model.change import Bump, Change, Effect
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.parties import ProvidedVersion, Provider
from chora_catalog.model.versions import Version
from chora_catalog.resolve.contract.step import judge_step, next_version, smallest_bump
from chora_catalog.resolve.parties import provider_of


def release_version(newest: str, declared: str, changes: Iterable[Change]) -> str:
    """Return the version under which `changes` against `newest` would reach dependents.

    It is what the manifest declares, where that step may carry them. Else it is the lowest version that may carry what
    is certain: many raise a version only when they release.
    """
    rows = tuple(changes)
    step = judge_step(newest, declared, rows)
    if not rows or (step.declared not in (None, Bump.NONE) and step.suffices is not False):
        return declared
    certain = smallest_bump(change for change in rows if change.effect is not Effect.UNDECIDED)
    raised = next_version(newest, certain if certain is not Bump.NONE else Bump.PATCH)
    return raised or declared


def with_release(now: Provider | None, manifest: Manifest, version: str, changes: Iterable[Change]) -> Provider:
    """Return `now`, None for one that nobody provides yet, with `manifest` released as `version`.

    `changes` are those against its newest release. A provider without releases has one contract so far, its head's.
    """
    owner = manifest.owner or (now.owner if now else "")
    made = provider_of(manifest, (), source=now.source if now else "", owner=owner)
    told = tuple(change for change in changes if change.effect is not Effect.NEUTRAL)
    known = replace(made, releases=now.releases, version=now.version, repair_days=now.repair_days) if now else made
    released = with_version(known, version, told)
    return replace(released, version=manifest.version, contact=made.contact or (now.contact if now else ""))


def with_version(now: Provider, version: str, changes: tuple[Change, ...]) -> Provider:
    """Return `now` with `version` released as well, which changed `changes` against the newest before it."""
    before = now.releases or ((ProvidedVersion(version=str(now.newest)),) if now.newest else ())
    known = {item.version: item for item in before}
    if version not in known:
        known[version] = ProvidedVersion(version=version, changes=changes)
    rows = [(parsed, item) for item in known.values() if (parsed := Version.parse(item.version))]
    return replace(now, releases=tuple(item for _, item in sorted(rows, key=lambda pair: pair[0].order)))
