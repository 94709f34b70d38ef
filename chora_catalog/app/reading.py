"""One source, from its objects to its harvest: two rounds of a bounded read set, nothing checked out, nothing run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final

from chora_catalog.check.engine import check_tree
from chora_catalog.check.rule import Tree
from chora_catalog.edge.objects import Objects, TreeEntry
from chora_catalog.model.finding import Finding, Place, Severity, sort_findings
from chora_catalog.model.manifest import Behavior, Manifest
from chora_catalog.model.source import Harvest, Release, SourceSpec, State
from chora_catalog.model.versions import Version
from chora_catalog.parse.gherkin import read_features
from chora_catalog.parse.load import MANIFEST_NAMES, load_manifests
from chora_catalog.parse.schema import Schemas

MAX_FILES: Final = 200
MAX_BYTES: Final = 4 * 2**20
MAX_MANIFEST: Final = 256 * 2**10
_REGULAR: Final = ("100644", "100755")
TOMBSTONE_MAJOR: Final = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one commit holds. `parsed` is False when a manifest of it could not be read as a document."""

    state: State
    findings: tuple[Finding, ...]
    parsed: bool
    paths: frozenset[str]
    behaviors: tuple[Behavior, ...]
    lines: Mapping[str, tuple[str, ...]]


def read_source(
    spec: SourceSpec, objects: Objects, refs: Mapping[str, str], head: str, schemas: Schemas, before: Harvest | None
) -> Harvest:
    """Return the harvest of a source whose objects are at hand.

    `refs` are the fetched refs with their ids (annotated tags also peeled, as `refs/tags/x^{}`), `head` the commit to
    read, `before` what the previous publication knew: its last good state stands where the present head does not parse.
    """
    reading = _read_head(spec, objects, head, schemas)
    releases, tag_findings = _read_releases(spec, objects, refs, schemas) if spec.versions == "tags" else ((), ())
    good = reading.parsed and bool(reading.state.manifests)
    tree = Tree(
        manifests=reading.state.manifests,
        paths=reading.paths,
        behaviors=reading.behaviors,
        releases=releases,
        lines=reading.lines,
    )
    last_good = before.head if before else None
    if not good and last_good is None and not reading.parsed:
        last_good = _newest_release(releases)
    return Harvest(
        source=spec.name,
        refs=tuple(sorted(refs.items())),
        head_commit=head,
        head_at=reading.state.committed_at,
        head=reading.state if reading.parsed else last_good,
        releases=releases,
        findings=sort_findings(
            finding.of(spec.name) for finding in (*reading.findings, *tag_findings, *(check_tree(tree) if good else ()))
        ),
    )


def _newest_release(releases: tuple[Release, ...]) -> State | None:
    """Return the state of the newest release that parses: a first build may meet a head that does not."""
    readable = [
        (version, release)
        for release in releases
        if release.manifests and not release.tombstone and (version := Version.parse(release.version))
    ]
    if not readable:
        return None
    _, release = max(readable, key=lambda pair: pair[0])
    return State(commit=release.commit, committed_at=release.released_at, manifests=release.manifests)


def _read_head(spec: SourceSpec, objects: Objects, head: str, schemas: Schemas) -> Reading:
    commit = objects.commit(head)
    files = objects.tree(commit.tree)
    names = _manifest_paths(spec, files)
    findings: list[Finding] = []
    manifests: list[Manifest] = []
    lines: dict[str, tuple[str, ...]] = {}
    parsed = True
    if not names:
        findings.append(_nothing_found(spec, files))
    for path in names:
        data = _blob(objects, path, files[path])
        if isinstance(data, Finding):
            findings.append(data)
            parsed = False
            continue
        lines[path] = tuple(data.decode("utf-8", "replace").splitlines())
        loaded = load_manifests(data, path=path, schemas=schemas)
        findings += loaded.findings
        manifests += loaded.manifests
        parsed = parsed and loaded.parsed
    behaviors, said = _read_features(objects, files, lines)
    observed = {behavior.id.casefold(): behavior for behavior in reversed(behaviors)}
    state = State(
        commit=head,
        committed_at=commit.committed_at,
        manifests=tuple(_observe(manifest, observed) for manifest in manifests),
    )
    return Reading(
        state=state,
        findings=(*findings, *said),
        parsed=parsed,
        paths=frozenset(files),
        behaviors=behaviors,
        lines=lines,
    )


def _observe(manifest: Manifest, observed: Mapping[str, Behavior]) -> Manifest:
    mine = [observed[item.id.casefold()] for item in manifest.behaviors if item.id.casefold() in observed]
    return replace(manifest, observed_behaviors=tuple(sorted(mine, key=lambda item: item.id)))


def _manifest_paths(spec: SourceSpec, files: Mapping[str, TreeEntry]) -> list[str]:
    globs = spec.manifests or MANIFEST_NAMES
    return [path for path in sorted(files) if any(fnmatchcase(path, glob) for glob in globs)][:MAX_FILES]


def _nothing_found(spec: SourceSpec, files: Mapping[str, TreeEntry]) -> Finding:
    looked = ", ".join(spec.manifests or MANIFEST_NAMES)
    near = next((path for path in sorted(files) if path.lower() in {name.lower() for name in MANIFEST_NAMES}), "")
    return Finding(
        rule="manifest-missing",
        severity=Severity.WARNING,
        message=f"the tree holds no manifest (looked for {looked})" + (f"; there is {near}" if near else ""),
        place=Place(file=near or (spec.manifests or MANIFEST_NAMES)[0]),
        hint="Add a chora.yaml to the repository's root, or say `manifests:` in the registry entry.",
    )


def _blob(objects: Objects, path: str, entry: TreeEntry) -> bytes | Finding:
    """Return the bytes of a manifest, or the finding that says why it is not read."""
    if entry.mode not in _REGULAR:
        kind = {"120000": "a symbolic link", "160000": "a submodule"}.get(entry.mode, f"an entry of mode {entry.mode}")
        return _unread(path, "manifest-unreadable", f"the manifest is {kind}", "Commit the manifest as a regular file.")
    blob = objects.blob(entry.id, limit=MAX_MANIFEST)
    if blob.data is not None:
        return blob.data
    hint = "Split it, or move long texts to files that it names."
    return _unread(path, "file-too-large", "the manifest is larger than 256 KiB and was not read", hint)


def _unread(path: str, rule: str, message: str, hint: str) -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, message=message, place=Place(file=path), hint=hint)


def _read_features(
    objects: Objects, files: Mapping[str, TreeEntry], lines: dict[str, tuple[str, ...]]
) -> tuple[tuple[Behavior, ...], tuple[Finding, ...]]:
    """Read the `.feature` files of the tree, at most 200 and 4 MiB; the rest is said to be unread."""
    behaviors: list[Behavior] = []
    findings: list[Finding] = []
    budget = MAX_BYTES
    names = [path for path, entry in sorted(files.items()) if path.endswith(".feature") and entry.mode in _REGULAR]
    for number, path in enumerate(names):
        blob = objects.blob(files[path].id, limit=MAX_MANIFEST)
        if blob.data is None or number >= MAX_FILES or len(blob.data) > budget:
            findings.append(
                Finding(
                    rule="file-not-read",
                    severity=Severity.NOTICE,
                    message="the feature file was not read: at most 200 files of 256 KiB and 4 MiB in all are",
                    place=Place(file=path),
                    hint="Its behaviors count as not observed.",
                )
            )
            continue
        budget -= len(blob.data)
        lines[path] = tuple(blob.data.decode("utf-8", "replace").splitlines())
        read = read_features(blob.data, file=path)
        behaviors += read.behaviors
        findings += read.findings
    return tuple(behaviors), tuple(findings)


def _read_releases(
    spec: SourceSpec, objects: Objects, refs: Mapping[str, str], schemas: Schemas
) -> tuple[tuple[Release, ...], tuple[Finding, ...]]:
    """Read the manifests of every version tag; each distinct blob is parsed once."""
    parsed: dict[tuple[str, str], tuple[tuple[Manifest, ...], tuple[Finding, ...]]] = {}
    found: dict[str, Release] = {}
    findings: list[Finding] = []
    for ref, target in sorted(refs.items()):
        name = ref.removeprefix("refs/tags/")
        if name == ref or name.endswith("^{}"):
            continue
        version = tag_version(name, spec.tags)
        if version is None:
            continue
        commit = refs.get(f"{ref}^{{}}", target)
        manifests: list[Manifest] = []
        try:
            files = objects.tree(objects.commit(commit).tree)
            released_at = objects.tag_time(target)
        except ValueError:
            findings.append(_odd_tag(name))
            continue
        for path in _manifest_paths(spec, files):
            key = (path, files[path].id)
            if key not in parsed:
                parsed[key] = _parse_tagged(objects, path, files[path], schemas, name)
                findings += parsed[key][1]
            manifests += parsed[key][0]
        release = Release(
            tag=name,
            version=str(version),
            released_at=released_at,
            commit=commit,
            manifests=tuple(manifests),
            tombstone=version.major >= TOMBSTONE_MAJOR,
        )
        # The same version tagged twice counts once, at the earlier time.
        known = found.get(release.version)
        if known is None or (release.released_at, release.tag) < (known.released_at, known.tag):
            found[release.version] = release
    return tuple(sorted(found.values(), key=lambda item: (item.released_at, item.tag))), tuple(findings)


def _parse_tagged(
    objects: Objects, path: str, entry: TreeEntry, schemas: Schemas, tag: str
) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Parse one tagged manifest. Of a past release only what makes it unreadable is worth saying: tags stay."""
    data = _blob(objects, path, entry)
    if isinstance(data, Finding):
        return (), (replace(data, subject=tag),)
    loaded = load_manifests(data, path=path, schemas=schemas)
    if loaded.parsed:
        return loaded.manifests, ()
    said = [
        replace(finding, message=f"at tag {tag}: {finding.message}", subject=tag)
        for finding in loaded.findings
        if finding.severity is Severity.ERROR
    ]
    return (), tuple(said)


def _odd_tag(name: str) -> Finding:
    return Finding(
        rule="tag-not-a-commit",
        severity=Severity.WARNING,
        message=f"tag {name} does not lead to a commit that was fetched",
        place=Place(file=name),
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
