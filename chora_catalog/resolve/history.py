"""The versions of each capability, from the tags of its source.

Rules (DESIGN section 3, "Versions"): a release's version is its tag's; where the tree of a tag holds several
capabilities that declare versions of their own, each one's own counts, where it is new. Tombstones are no releases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chora_catalog.model.catalog import VersionRow
from chora_catalog.model.manifest import Manifest, Origin
from chora_catalog.model.source import Harvest, Release
from chora_catalog.model.versions import Version
from chora_catalog.resolve.port_rows import port_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    """One version before its neighbours are known."""

    version: Version
    release: Release
    manifest: Manifest | None
    declared: str


def versions_of(harvest: Harvest, manifest: Manifest, names: frozenset[str]) -> tuple[VersionRow, ...]:
    """Return the versions of the capability that `manifest` declares at the head, newest first.

    `names` are all ids it ever had. A release whose tree holds no parseable manifest counts for a capability that is
    alone in its source, with `manifest=None`: the version was released, what it promised is not known.
    """
    alone = harvest.head is not None and len(harvest.head.manifests) == 1
    found: dict[str, _Version] = {}
    for release in sorted(harvest.releases, key=lambda item: (item.released_at, item.tag)):
        if release.tombstone:
            continue
        mine = next((item for item in release.manifests if item.id in names), None)
        if mine is None and not (alone and not release.manifests):
            continue
        text = mine.version if mine and _several(release) else release.version
        version = Version.parse(text)
        if version is None or str(version) in found:
            continue
        declared = mine.version if mine and mine.version != text else ""
        found[str(version)] = _Version(version=version, release=release, manifest=mine, declared=declared)
    return _rows(found)


def _several(release: Release) -> bool:
    """Tell whether the tag's tree holds several capabilities with versions of their own."""
    own = [item for item in release.manifests if item.origin("version") is Origin.DECLARED]
    return len(own) > 1


def _rows(found: Mapping[str, _Version]) -> tuple[VersionRow, ...]:
    """Return the rows, newest first. A release is compared with the release before it, pre-releases left aside."""
    ordered = sorted(found.values(), key=lambda item: item.version.order)
    rows: list[VersionRow] = []
    for index, item in enumerate(ordered):
        earlier = [other for other in ordered[:index] if item.version.is_prerelease or not other.version.is_prerelease]
        before = earlier[-1] if earlier else None
        old = before.manifest if before else None
        rows.append(
            VersionRow(
                version=str(item.version),
                released_at=item.release.released_at,
                tag=item.release.tag,
                commit=item.release.commit,
                step=item.version.step_from(before.version) if before else "first",
                changes=port_rows(old, item.manifest) if item.manifest else (),
                manifest=item.manifest,
                declared=item.declared,
                compared=str(before.version) if before else "",
            )
        )
    return tuple(reversed(rows))
