"""One source, from its objects to its harvest: the head, and every version tag; nothing checked out, nothing run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from chora_catalog.app.tree_reading import MAX_MANIFEST, Files, manifest_bytes, manifest_paths, read_tree
from chora_catalog.check.engine import check_tree
from chora_catalog.edge.objects import Objects, ObjectUnreadable
from chora_catalog.edge.objects import Tree as Listing
from chora_catalog.model.finding import Finding, Place, Severity, sort_findings
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.source import Harvest, Release, SourceSpec, State
from chora_catalog.model.versions import Version
from chora_catalog.parse.load import load_manifests
from chora_catalog.parse.schema import Schemas

TOMBSTONE_MAJOR: Final = 900


def read_source(
    spec: SourceSpec, objects: Objects, refs: Mapping[str, str], head: str, schemas: Schemas, before: Harvest | None
) -> Harvest:
    """Return the harvest of a source whose objects are at hand.

    `refs` are the fetched refs with their ids (annotated tags also peeled, as `refs/tags/x^{}`), `head` the commit to
    read, `before` what the previous publication knew: its last good state stands where the present head does not
    parse. Raise ObjectUnreadable when the head is no commit, CacheBroken when objects are missing.
    """
    commit = objects.commit(head)
    reading = read_tree(git_files(objects, objects.tree(commit.tree)), spec.manifests, schemas)
    tags = _Tags(spec=spec, objects=objects, schemas=schemas)
    releases = tags.read(refs) if spec.versions == "tags" else ()
    if not reading.parsed:
        kept = before.head if before else None
        state_shown = kept or _newest_readable(releases)
    else:
        state_shown = State(commit=head, committed_at=commit.committed_at, manifests=reading.manifests)
    said = check_tree(reading.tree(releases)) if reading.good else ()
    return Harvest(
        source=spec.name,
        refs=tuple(sorted(refs.items())),
        head_commit=head,
        head_at=commit.committed_at,
        head=state_shown,
        releases=releases,
        findings=sort_findings(finding.of(spec.name) for finding in (*reading.findings, *tags.findings, *said)),
    )


def git_files(objects: Objects, listing: Listing) -> Files:
    """Return the files of a listed tree."""

    def read(path: str) -> bytes | None:
        return objects.blob(listing[path].id, limit=MAX_MANIFEST).data

    return Files(modes={path: entry.mode for path, entry in listing.items()}, read=read, truncated=listing.truncated)


def _newest_readable(releases: tuple[Release, ...]) -> State | None:
    """Return the state of the newest release that parses: a first build may meet a head that does not."""
    readable = [
        (version, release)
        for release in releases
        if release.manifests and not release.tombstone and (version := Version.parse(release.version))
    ]
    if not readable:
        return None
    _, release = max(readable, key=lambda pair: pair[0].order)
    return State(commit=release.commit, committed_at=release.released_at, manifests=release.manifests)


@dataclass(slots=True, kw_only=True)
class _Tags:
    """The version tags of one source while they are read; each distinct blob is parsed once."""

    spec: SourceSpec
    objects: Objects
    schemas: Schemas
    findings: list[Finding] = field(default_factory=list)
    parsed: dict[tuple[str, str], tuple[Manifest, ...]] = field(default_factory=dict)

    def read(self, refs: Mapping[str, str]) -> tuple[Release, ...]:
        """Return the releases, oldest first. The same version tagged twice counts once, at the earlier time."""
        found: dict[str, Release] = {}
        for ref, target in sorted(refs.items()):
            name = ref.removeprefix("refs/tags/")
            version = None if name == ref or name.endswith("^{}") else tag_version(name, self.spec.tags)
            if version is None:
                continue
            try:
                release = self._release(name, version, target, refs.get(f"{ref}^{{}}", target))
            except ObjectUnreadable as error:
                self.findings.append(_odd_tag(name, str(error)))
                continue
            known = found.get(release.version)
            if known is None or (release.released_at, release.tag) < (known.released_at, known.tag):
                found[release.version] = release
        return tuple(sorted(found.values(), key=lambda item: (item.released_at, item.tag)))

    def _release(self, name: str, version: Version, target: str, commit: str) -> Release:
        tree = self.objects.commit(commit).tree
        listing = self.objects.tree(tree)
        files = git_files(self.objects, listing)
        manifests: list[Manifest] = []
        for path in manifest_paths(self.spec.manifests, files):
            key = (path, listing[path].id)
            if key not in self.parsed:
                self.parsed[key] = self._parse(files, path, name)
            manifests += self.parsed[key]
        return Release(
            tag=name,
            version=str(version),
            released_at=self.objects.tag_time(target),
            commit=commit,
            manifests=tuple(manifests),
            tombstone=version.major >= TOMBSTONE_MAJOR,
        )

    def _parse(self, files: Files, path: str, tag: str) -> tuple[Manifest, ...]:
        """Parse one tagged manifest. Of a past release only what makes it unreadable is worth saying: tags stay."""
        data = manifest_bytes(files, path)
        if isinstance(data, Finding):
            self.findings.append(replace(data, message=f"at tag {tag}: {data.message}", subject=tag))
            return ()
        loaded = load_manifests(data, path=path, schemas=self.schemas)
        if not loaded.parsed:
            wrong = (finding for finding in loaded.findings if finding.severity is Severity.ERROR)
            self.findings += [replace(item, message=f"at tag {tag}: {item.message}", subject=tag) for item in wrong]
        return loaded.manifests if loaded.parsed else ()


def _odd_tag(name: str, why: str) -> Finding:
    return Finding(
        rule="tag-unreadable",
        severity=Severity.WARNING,
        message=f"tag {name} is no release: {why}",
        place=Place(file=f"refs/tags/{name}"),
        hint="A version tag has to name a commit.",
    )


def tag_version(name: str, patterns: tuple[str, ...]) -> Version | None:
    """Return the version that the tag `name` stands for under the first of `patterns` that fits, else None."""
    for pattern in patterns:
        before, slot, after = pattern.partition("{version}")
        if not slot or not name.startswith(before) or not name.endswith(after):
            continue
        version = Version.parse(name[len(before) : len(name) - len(after)])
        if version is not None:
            return version
    return None
