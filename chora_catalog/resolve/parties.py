"""The two sides of a dependency, made from manifests and releases."""

from __future__ import annotations

from collections.abc import Iterable

from chora_catalog.model.catalog import VersionRow
from chora_catalog.model.change import Change, Effect
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.parties import Consumer, ProvidedVersion, Provider
from chora_catalog.model.versions import Version
from chora_catalog.resolve.contract.compare import compare


def consumer_of(manifest: Manifest, *, source: str, owner: str, is_readable: bool = True) -> Consumer:
    """Return the capability of `manifest` as a consumer; `owner` is whoever answers for it today."""
    return Consumer(
        id=manifest.id,
        version=manifest.version,
        source=source,
        owner=owner,
        contact=manifest.contact,
        needs=manifest.dependencies,
        inputs=tuple([port.name for port in manifest.inputs]),
        outputs=tuple([port.name for port in manifest.outputs]),
        is_readable=is_readable,
    )


def provider_of(
    manifest: Manifest, rows: Iterable[VersionRow], *, source: str, owner: str, repair_days: tuple[int, ...] = ()
) -> Provider:
    """Return the capability of `manifest` as a provider, with its versions `rows` (the newest first)."""
    return Provider(
        id=manifest.id,
        source=source,
        owner=owner,
        contact=manifest.contact,
        version=manifest.version,
        stability=manifest.stability,
        is_deprecated=is_deprecated(manifest),
        sunset_at=manifest.sunset_at,
        replacement=manifest.replacement,
        inputs=tuple([port.name for port in manifest.inputs]),
        outputs=tuple([port.name for port in manifest.outputs]),
        releases=_releases(tuple(rows)[::-1]),
        repair_days=repair_days,
    )


def is_deprecated(manifest: Manifest) -> bool:
    """Tell whether a manifest says that it is on its way out, in any of the ways to say so."""
    said = manifest.sunset_at or manifest.deprecated_at
    return bool(said) or "deprecated" in (manifest.stability, manifest.lifecycle_stage)


def _releases(rows: Iterable[VersionRow]) -> tuple[ProvidedVersion, ...]:
    """Return the releases, each against the last before it whose manifest parses and that is no pre-release."""
    found: list[ProvidedVersion] = []
    before: Manifest | None = None
    for row in rows:
        changes: tuple[Change, ...] = ()
        if row.manifest is not None:
            if before is not None:
                changes = tuple(item for item in compare(before, row.manifest) if item.effect is not Effect.NEUTRAL)
            version = Version.parse(row.version)
            if version is None or not version.is_prerelease:
                before = row.manifest
        found.append(ProvidedVersion(version=row.version, released_at=row.released_at, changes=changes, tag=row.tag))
    return tuple(found)
