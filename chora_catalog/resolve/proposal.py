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
    before = now.releases if now else ()
    if now is not None and not before and now.newest is not None:
        before = (ProvidedVersion(version=str(now.newest)),)
    told = tuple(change for change in changes if change.effect is not Effect.NEUTRAL)
    known = {item.version: item for item in before}
    if told or version not in known:
        known[version] = ProvidedVersion(version=version, changes=told)
    ordered = sorted(
        ((parsed, item) for item in known.values() if (parsed := Version.parse(item.version))),
        key=lambda pair: pair[0].order,
    )
    return replace(
        made, releases=tuple(item for _, item in ordered), contact=made.contact or (now.contact if now else "")
    )
