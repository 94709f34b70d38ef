"""One tree of a repository, wherever its files lie: manifests first, then the feature files; nothing is run."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from chora_catalog.app.contract_reading import ContractReader
from chora_catalog.check.rule import Tree
from chora_catalog.model.code_owners import CodeOwners
from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.manifest import Behavior, Manifest
from chora_catalog.parse.code_owners import PLACES, read_code_owners
from chora_catalog.parse.gherkin import read_features
from chora_catalog.parse.load import FOREIGN_NAMES, MANIFEST_NAMES, load_manifests
from chora_catalog.parse.reading import lines_of
from chora_catalog.parse.schema import Schemas

if TYPE_CHECKING:
    from chora_catalog.model.source import Release

MAX_FILES: Final = 200
MAX_BYTES: Final = 4 * 2**20
MAX_MANIFEST: Final = 256 * 2**10
_WILD: Final = re.compile(r"[*?\[]")
_KINDS: Final = {"120000": "a symbolic link", "160000": "a submodule"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files of one tree: git's mode of each path, and how to read one (None: larger than 256 KiB)."""

    modes: Mapping[str, str]
    read: Callable[[str], bytes | None]
    truncated: bool = False

    def is_file(self, path: str) -> bool:
        """Tell whether `path` is a regular file."""
        return self.modes[path] in ("100644", "100755")

    def regular(self, path: str) -> bytes | None:
        """Return the bytes of a regular file; None where there is none, or it is larger than 256 KiB."""
        return self.read(path) if path in self.modes and self.is_file(path) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeReading:
    """What one tree holds. `parsed` is False when a manifest of it could not be read as a document."""

    manifests: tuple[Manifest, ...]
    files: tuple[str, ...]
    """The manifest files that were read."""
    findings: tuple[Finding, ...]
    parsed: bool
    paths: frozenset[str]
    behaviors: tuple[Behavior, ...]
    lines: Mapping[str, tuple[str, ...]]
    digests: tuple[tuple[str, str], ...] = ()
    """SHA-256 of the bytes of each manifest file that was read, by path."""
    unread: frozenset[str] = frozenset()
    """The feature files that could not be read."""
    code_owners: CodeOwners | None = None

    @property
    def good(self) -> bool:
        """Tell whether the tree can be shown: everything parsed, and there is something."""
        return self.parsed and bool(self.manifests)

    def tree(self, releases: tuple[Release, ...] = ()) -> Tree:
        """Return the view that tree rules get."""
        return Tree(
            manifests=self.manifests,
            paths=self.paths,
            behaviors=self.behaviors,
            releases=releases,
            lines=self.lines,
            unread=self.unread,
            code_owners=self.code_owners,
        )


def read_tree(files: Files, globs: tuple[str, ...], schemas: Schemas, *, limit: int = MAX_FILES) -> TreeReading:
    """Read the manifests of a tree that `globs` name (none: every known name), then its `.feature` files.

    At most `limit` manifests are read; that there are more is a finding.
    """
    names = manifest_paths(globs, files, limit=limit)
    findings: list[Finding] = _left_out(globs, files, names)
    manifests: list[Manifest] = []
    lines: dict[str, tuple[str, ...]] = {}
    digests: dict[str, str] = {}
    parsed = True
    if not names:
        findings.append(_nothing_found(globs, files))
    if files.truncated:
        findings.append(_truncated())
    own, foreign = own_and_foreign(names, globs)
    covering = ""
    left: set[str] = set()
    for path in (*own, *foreign):
        if covering in own and path in foreign:
            findings.append(_covered(path, covering))
            left.add(path)
            continue
        data = manifest_bytes(files, path)
        if isinstance(data, Finding):
            findings.append(data)
            parsed = False
            covering = covering or path
            continue
        lines[path] = lines_of(data, path)
        digests[path] = hashlib.sha256(data).hexdigest()
        loaded = load_manifests(data, path=path, schemas=schemas)
        findings += loaded.findings
        manifests += loaded.manifests
        parsed = parsed and loaded.parsed
        if loaded.manifests or not loaded.parsed:
            covering = covering or path
    contracts = ContractReader(files_left=MAX_FILES, bytes_left=MAX_BYTES, paths=files.modes)
    held = contracts.attach(manifests, files.regular)
    behaviors, said = _read_features(files, feature_paths(files, manifests), lines, contracts)
    owners = _code_owners(files, lines)
    observed = {behavior.id.casefold(): behavior for behavior in reversed(behaviors)}
    return TreeReading(
        manifests=tuple(_observe(manifest, observed) for manifest in held),
        files=tuple(path for path in names if path not in left),
        findings=(*findings, *contracts.findings, *said, *((owners,) if isinstance(owners, Finding) else ())),
        parsed=parsed,
        paths=frozenset(files.modes),
        behaviors=behaviors,
        lines=lines,
        digests=tuple(sorted(digests.items())),
        unread=frozenset(finding.place.file for finding in said),
        code_owners=owners if isinstance(owners, CodeOwners) else None,
    )


def manifest_paths(globs: tuple[str, ...], files: Files, *, limit: int = MAX_FILES) -> list[str]:
    """Return the paths that fit one of `globs` (none: every known manifest name), sorted, at most `limit`."""
    return sorted(_fitting(globs, files))[:limit]


def _fitting(globs: tuple[str, ...], files: Files) -> Iterator[str]:
    wanted = globs or MANIFEST_NAMES
    named = {glob for glob in wanted if not _WILD.search(glob)}
    wild = [glob for glob in wanted if glob not in named]
    return (path for path in files.modes if path in named or any(fnmatchcase(path, glob) for glob in wild))


def _left_out(globs: tuple[str, ...], files: Files, names: list[str]) -> list[Finding]:
    more = sum(1 for _ in _fitting(globs, files)) - len(names)
    if not more:
        return []
    message = f"{more:,} more manifests fit and were not read: at most {len(names):,} of a tree are"
    hint = "Name fewer in the registry entry (`manifests:`), or split the repository into several sources."
    return [_unread(names[-1], "too-many-manifests", message, hint)]


def own_and_foreign(names: Iterable[str], globs: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the manifests `names` in two lists: those that count, and those that count where none of the first does.

    Where a repository has a manifest of ours, what it has for other tools is not read: the same thing would stand in
    the catalog under two ids. Whoever wants both names them in the registry (`globs`).
    """
    listed = list(names)
    foreign = [] if globs else [path for path in listed if path in FOREIGN_NAMES]
    return [path for path in listed if path not in foreign], foreign


def manifest_bytes(files: Files, path: str) -> bytes | Finding:
    """Return the bytes of a manifest, or the finding that says why it is not read."""
    if not files.is_file(path):
        kind = _KINDS.get(files.modes[path], f"an entry of mode {files.modes[path]}")
        return _unread(path, "manifest-unreadable", f"the manifest is {kind}", "Commit the manifest as a regular file.")
    data = files.read(path)
    if data is not None:
        return data
    hint = "Split it, or move long texts to files that it names."
    return _unread(path, "file-too-large", "the manifest is larger than 256 KiB and was not read", hint)


def _unread(path: str, rule: str, message: str, hint: str) -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, message=message, place=Place(file=path), hint=hint)


def _covered(path: str, own: str) -> Finding:
    return Finding(
        rule="manifest-covered",
        severity=Severity.NOTICE,
        message=f"{path} is not read: {own} is this repository's manifest",
        place=Place(file=path),
        hint=f"To read both, say `manifests: [{own}, {path}]` in the registry entry.",
    )


def _observe(manifest: Manifest, observed: Mapping[str, Behavior]) -> Manifest:
    mine = [observed[item.id.casefold()] for item in manifest.behaviors if item.id.casefold() in observed]
    return replace(manifest, observed_behaviors=tuple(sorted(mine, key=lambda item: item.id))) if mine else manifest


def _nothing_found(globs: tuple[str, ...], files: Files) -> Finding:
    wanted = globs or MANIFEST_NAMES
    lowered = {name.lower() for name in wanted}
    near = next((path for path in sorted(files.modes) if path.lower() in lowered), "")
    return Finding(
        rule="manifest-missing",
        severity=Severity.WARNING,
        message=f"the tree holds no manifest (looked for {', '.join(wanted)})" + (f"; there is {near}" if near else ""),
        place=Place(file=near or wanted[0]),
        hint="Add a chora.yaml to the repository's root, or say `manifests:` in the registry entry.",
    )


def _truncated() -> Finding:
    return Finding(
        rule="tree-truncated",
        severity=Severity.NOTICE,
        message="the tree has more than 100,000 entries or is deeper than 32 folders; the rest was not looked at",
        place=Place(file="."),
        hint="Name the manifests in the registry entry, near the root.",
    )


def feature_paths(files: Files, manifests: Iterable[Manifest]) -> list[str]:
    """Return the `.feature` files of a tree that belong to its manifests, sorted.

    They are those in the folders (and below them) that hold a feature file named by a manifest, so that a behavior
    that nobody declared is seen beside those that somebody did; where none is named, all of the tree.
    """
    found = sorted(path for path in files.modes if path.endswith(".feature") and files.is_file(path))
    named = {path.split("#")[0] for manifest in manifests for path in _named(manifest)}
    folders = tuple({path.rpartition("/")[0] + "/" for path in found if path in named and "/" in path})
    if not any(path in named for path in found):
        return found
    return [path for path in found if path in named or path.startswith(folders)]


def _named(manifest: Manifest) -> list[str]:
    tests = [test for scenario in manifest.value_scenarios for test in scenario.tests]
    return [behavior.ref for behavior in manifest.behaviors] + tests


def _read_features(
    files: Files, names: list[str], lines: dict[str, tuple[str, ...]], beside: ContractReader
) -> tuple[tuple[Behavior, ...], tuple[Finding, ...]]:
    """Read the `.feature` files `names`, at most 200 and 4 MiB with what was read `beside` them.

    The rest is said to be unread.
    """
    behaviors: list[Behavior] = []
    findings: list[Finding] = []
    left = beside.bytes_left
    for number, path in enumerate(names):
        data = files.read(path) if number < beside.files_left else None
        if data is None or len(data) > left:
            findings.append(_feature_unread(path))
            continue
        left -= len(data)
        lines[path] = lines_of(data, path)
        read = read_features(data, file=path)
        behaviors += read.behaviors
        findings += read.findings
    return tuple(behaviors), tuple(findings)


def _code_owners(files: Files, lines: dict[str, tuple[str, ...]]) -> CodeOwners | Finding | None:
    """Return what the CODEOWNERS of the tree says, or that it could not be read; None where there is none."""
    path = next((place for place in PLACES if place in files.modes and files.is_file(place)), None)
    if path is None:
        return None
    data = files.read(path)
    owners = read_code_owners(data, file=path) if data is not None and len(data) <= MAX_MANIFEST else None
    if data is None or owners is None:
        return Finding(
            rule="file-not-read",
            severity=Severity.NOTICE,
            message=f"{path} was not read: it is no text of at most 256 KiB",
            place=Place(file=path),
            hint="Whether it agrees with the owner of a manifest counts as not judged.",
        )
    lines[path] = lines_of(data, path)
    return owners


def _feature_unread(path: str) -> Finding:
    return Finding(
        rule="file-not-read",
        severity=Severity.NOTICE,
        message="the feature file was not read: at most 200 files of 256 KiB and 4 MiB in all are",
        place=Place(file=path),
        hint="Its behaviors count as not observed.",
    )
