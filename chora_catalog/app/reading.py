"""One source, from its objects to its harvest: the head, and with `versions: tags` its past; nothing is run."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chora_catalog.app.history_reading import History, git_files
from chora_catalog.app.tree_reading import read_tree
from chora_catalog.check.engine import check_tree
from chora_catalog.edge.objects import Objects
from chora_catalog.model.finding import sort_findings
from chora_catalog.model.source import Harvest, Release, SourceSpec, State
from chora_catalog.model.versions import Version
from chora_catalog.parse.gherkin import read_features
from chora_catalog.parse.load import load_manifests
from chora_catalog.parse.schema import Schemas

_LOOKED_THROUGH: Final = 50_000
"""Values that hold others, made and still there, after which the collector of cycles looks through the newest."""


def read_source(
    spec: SourceSpec,
    repository: Path,
    refs: Mapping[str, str],
    head: str,
    schemas: Schemas,
    *,
    before: Harvest | None,
    same_reading: bool,
    environ: Mapping[str, str],
) -> Harvest:
    """Return the harvest of a source whose objects are in the bare `repository`.

    `refs` are the fetched refs with their ids (annotated tags also peeled, as `refs/tags/x^{}`), `head` the commit to
    read, `before` what the previous publication knew: its last good state stands where the present head does not
    parse, and with `same_reading` what it read of unchanged tags and blobs is taken over. Raise ObjectUnreadable when
    the head is no commit, CacheBroken when objects are missing.
    """
    with Objects(repository, environ=environ) as objects:
        commit = objects.commit(head)
        reading = read_tree(git_files(objects, objects.tree(commit.tree)), spec.manifests, schemas)
        past = History(spec=spec, objects=objects, schemas=schemas, before=before if same_reading else None)
        tagged = spec.versions == "tags"
        releases = past.releases(refs) if tagged else ()
        line = past.line(repository, head, environ) if tagged else ()
        if tagged:
            past.note_rewriting(repository, head, environ)
    if reading.parsed:
        shown: State | None = State(
            commit=head, committed_at=commit.committed_at, manifests=reading.manifests, digests=reading.digests
        )
    else:
        shown = (before.head if before else None) or _newest_readable(releases)
    said = check_tree(reading.tree(releases)) if reading.good else ()
    return Harvest(
        source=spec.name,
        refs=tuple(sorted(refs.items())),
        head_commit=head,
        head_at=commit.committed_at,
        head=shown,
        releases=releases,
        line=line,
        findings=sort_findings(finding.of(spec.name) for finding in (*reading.findings, *past.findings, *said)),
    )


def load_reader(schemas: Schemas) -> None:
    """Load what reading needs, so that the workers forked from this process find it there.

    The collector of cycles is told to look less often: what reading makes holds no cycles, and looking through it took
    a third of the time.
    """
    gc.set_threshold(_LOOKED_THROUGH)
    load_manifests(b"id: a.b.c\nversion: 1.0.0\n", path="chora.yaml", schemas=schemas)
    read_features(b"Feature: a\n", file="a.feature")


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
