"""The past of one source: its version tags, and every main-line state of its manifests.

Releases come from tags; what a consumer required at a moment comes from its main line (DESIGN section 3, "Versions").
What the previous publication read of an unchanged tag or blob is taken over: the ids of git vouch for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from chora_catalog.app.contract_reading import ContractReader
from chora_catalog.app.tree_reading import (
    MAX_BYTES,
    MAX_FILES,
    MAX_MANIFEST,
    Files,
    manifest_bytes,
    manifest_paths,
    own_and_foreign,
)
from chora_catalog.edge.main_line import LineCommit, Touched, leads_to, main_line
from chora_catalog.edge.objects import Objects, ObjectUnreadable
from chora_catalog.edge.objects import Tree as Listing
from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.source import Declared, Harvest, LineState, Release, SourceSpec
from chora_catalog.model.versions import Version
from chora_catalog.parse.load import MANIFEST_NAMES, load_manifests
from chora_catalog.parse.schema import Schemas

TOMBSTONE_MAJOR: Final = 900
REWRITTEN: Final = ("history-rewritten", "history-replaced")


def git_files(objects: Objects, listing: Listing) -> Files:
    """Return the files of a listed tree."""

    def read(path: str) -> bytes | None:
        return objects.blob(listing[path].id, limit=MAX_MANIFEST).data

    return Files(modes={path: entry.mode for path, entry in listing.items()}, read=read, truncated=listing.truncated)


def _blob_at(listing: Listing, path: str) -> str:
    """Return what tells the content of `path` from any other: the id of its blob, the path where there is none."""
    return listing[path].id if path in listing else path


@dataclass(slots=True, kw_only=True)
class History:
    """The past of one source while it is read; each distinct blob is parsed once.

    `before` is what the previous publication read in the same way (None: nothing, or in another way); `findings` fill
    while `releases` and `line` are called. Of the past only what makes it unreadable is worth saying: it stays.
    """

    spec: SourceSpec
    objects: Objects
    schemas: Schemas
    before: Harvest | None = None
    findings: list[Finding] = field(default_factory=list)
    _parsed: dict[tuple[str, str], tuple[Manifest, ...] | tuple[Finding, ...]] = field(default_factory=dict)
    _faulty: set[tuple[str, str]] = field(default_factory=set)
    _contracts: ContractReader = field(
        default_factory=lambda: ContractReader(files_left=MAX_FILES, bytes_left=MAX_BYTES)
    )

    def releases(self, refs: Mapping[str, str]) -> tuple[Release, ...]:
        """Return the releases, oldest first.

        The same version tagged twice counts once, at the earlier time. A tag that was moved since the previous
        publication is an error, and what it named first stays.
        """
        known = {(item.tag, item.commit): item for item in self.before.releases} if self.before else {}
        marked = {item.subject for item in self.before.findings} if self.before else set()
        found: dict[str, Release] = {}
        for ref, target in sorted(refs.items()):
            name = ref.removeprefix("refs/tags/")
            version = None if name == ref or name.endswith("^{}") else tag_version(name, self.spec.tags)
            if version is None:
                continue
            commit = refs.get(f"{ref}^{{}}", target)
            same = known.get((name, commit)) if name not in marked else None
            try:
                release = same or self._release(name, version, target, commit)
            except ObjectUnreadable as error:
                self.findings.append(_odd_tag(name, str(error)))
                continue
            earlier = found.get(release.version)
            if earlier is None or (release.released_at, release.tag) < (earlier.released_at, earlier.tag):
                found[release.version] = release
        self._hold_moved(found)
        return tuple(sorted(found.values(), key=lambda item: (item.released_at, item.tag)))

    def line(self, repository: Path, head: str, environ: Mapping[str, str]) -> tuple[LineState, ...]:
        """Return the main-line states of every manifest, oldest first; a state that changes nothing is left out.

        While a manifest of ours declares something, the other tools' files declare nothing, as at the head.
        """
        line = _Line(self)
        for commit in main_line(repository, head, self.spec.manifests or MANIFEST_NAMES, environ=environ):
            line.take(commit, head)
        return tuple(line.states)

    def note_rewriting(self, repository: Path, head: str, environ: Mapping[str, str]) -> None:
        """Say so when the head that was published did not lead to `head`; the present one counts all the same.

        It is said until the head moves on.
        """
        before = self.before
        if before is None or not before.head_commit:
            return
        if before.head_commit == head:
            self.findings += [finding for finding in before.findings if finding.rule in REWRITTEN]
        elif not leads_to(repository, before.head_commit, head, environ=environ):
            oldest = before.line[0].commit if before.line else head
            replaced = not leads_to(repository, oldest, head, environ=environ)
            self.findings.append(_rewritten(self.spec, before.head_commit, head, replaced=replaced))

    def declared(self, commit: LineCommit, file: Touched, head: str) -> tuple[Declared, ...] | None:
        """Return what a state declared; None, and a finding, where it does not parse. The head speaks for itself."""
        files = Files(modes={file.path: file.mode}, read=lambda _: self._blob(file.blob))
        parsed = self._parse(files, file.path, file.blob)
        if all(isinstance(item, Manifest) for item in parsed):
            valid = (file.path, file.blob) not in self._faulty
            return tuple(_declare(item, valid=valid) for item in parsed if isinstance(item, Manifest))
        if commit.id != head:
            self._say(parsed, f"at commit {commit.id[:12]} of {commit.at[:10]}", commit.id)
        return None

    def _blob(self, blob: str) -> bytes | None:
        try:
            return self.objects.blob(blob, limit=MAX_MANIFEST).data
        except ObjectUnreadable:
            return None

    def _release(self, name: str, version: Version, target: str, commit: str) -> Release:
        listing = self.objects.tree(self.objects.commit(commit).tree)
        files = git_files(self.objects, listing)
        manifests: list[Manifest] = []
        for paths in own_and_foreign(manifest_paths(self.spec.manifests, files), self.spec.manifests):
            every = [self._parse(files, path, listing[path].id) for path in paths]
            for parsed in every:
                manifests += [item for item in parsed if isinstance(item, Manifest)]
                self._say(parsed, f"at tag {name}", name)
            if any(every):
                break
        return Release(
            tag=name,
            version=str(version),
            released_at=self.objects.tag_time(target),
            commit=commit,
            manifests=self._contracts.attach(manifests, files.regular, name=lambda path: _blob_at(listing, path)),
            tombstone=version.major >= TOMBSTONE_MAJOR,
        )

    def _parse(self, files: Files, path: str, blob: str) -> tuple[Manifest, ...] | tuple[Finding, ...]:
        """Return the manifests of one file, or the findings that say why it has none."""
        if (path, blob) not in self._parsed:
            self._parsed[path, blob] = self._parse_anew(files, path, blob)
        return self._parsed[path, blob]

    def _parse_anew(self, files: Files, path: str, blob: str) -> tuple[Manifest, ...] | tuple[Finding, ...]:
        data = manifest_bytes(files, path)
        if isinstance(data, Finding):
            return (data,)
        loaded = load_manifests(data, path=path, schemas=self.schemas)
        errors = tuple(finding for finding in loaded.findings if finding.severity is Severity.ERROR)
        if loaded.parsed and errors:
            self._faulty.add((path, blob))
        return loaded.manifests if loaded.parsed else errors

    def _say(self, parsed: Iterable[Manifest | Finding], when: str, subject: str) -> None:
        self.findings += [
            replace(item, message=f"{when}: {item.message}", subject=subject, severity=Severity.WARNING)
            for item in parsed
            if isinstance(item, Finding)
        ]

    def _hold_moved(self, found: dict[str, Release]) -> None:
        for first in self.before.releases if self.before else ():
            now = found.get(first.version)
            if now is not None and now.tag == first.tag and now.commit != first.commit:
                found[first.version] = first
                self.findings.append(_moved(first, now))


class _Line:
    """The states of one main line in the making: what each manifest declared last, and which files are held back."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.states: list[LineState] = []
        before = history.before
        self.known = {(item.path, item.blob): item.declares for item in before.line} if before else {}
        self.last: dict[str, tuple[Declared, ...]] = {}
        self.foreign: dict[str, Touched] = {}
        self.covered = False

    def take(self, commit: LineCommit, head: str) -> None:
        """Add what the next commit changed."""
        files = {file.path: file for file in commit.files}
        own, foreign = own_and_foreign(sorted(files), self.history.spec.manifests)
        for path in own:
            self.read(commit, files[path], head)
        self.foreign |= {path: files[path] for path in foreign}
        covered = any(declares for path, declares in self.last.items() if path not in self.foreign)
        for path, file in sorted(self.foreign.items()):
            if covered and self.last.get(path):
                self.add(commit, path, "", ())
            elif not covered and (path in files or self.covered):
                self.read(commit, file, head)
        self.covered = covered

    def read(self, commit: LineCommit, file: Touched, head: str) -> None:
        declares = self.known.get((file.path, file.blob)) if file.blob else ()
        if declares is None:
            declares = self.history.declared(commit, file, head)
        if declares is not None:
            self.add(commit, file.path, file.blob, declares)

    def add(self, commit: LineCommit, path: str, blob: str, declares: tuple[Declared, ...]) -> None:
        if self.last.get(path) != declares:
            self.last[path] = declares
            self.states.append(LineState(commit=commit.id, at=commit.at, path=path, blob=blob, declares=declares))


def _declare(manifest: Manifest, *, valid: bool) -> Declared:
    return Declared(
        id=manifest.id,
        version=manifest.version,
        dependencies=tuple(replace(item, line=0) for item in manifest.dependencies),
        valid=valid,
    )


def _moved(first: Release, now: Release) -> Finding:
    return Finding(
        rule="tag-moved",
        severity=Severity.ERROR,
        message=f"tag {first.tag} was moved from {first.commit[:12]} to {now.commit[:12]}; the first stays",
        place=Place(file=f"refs/tags/{first.tag}"),
        hint="Move the tag back, and release the change under a new version.",
        subject=first.tag,
    )


def _rewritten(spec: SourceSpec, first: str, now: str, *, replaced: bool) -> Finding:
    what = f"the head {first[:12]} that was published did not lead to the present one, {now[:12]}"
    if replaced:
        what += ", and no commit that ever touched a manifest is left; this may be another repository"
    return Finding(
        rule=REWRITTEN[replaced],
        severity=Severity.WARNING,
        message=f"{what}; the present one counts",
        place=Place(file=spec.ref),
        hint="Ask the owners whether they meant to: what was built on the old commits cannot be found there any more.",
    )


def _odd_tag(name: str, why: str) -> Finding:
    return Finding(
        rule="tag-unreadable",
        severity=Severity.WARNING,
        message=f"tag {name} is no release: {why}",
        place=Place(file=f"refs/tags/{name}"),
        hint="A version tag has to name a commit.",
        subject=name,
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
