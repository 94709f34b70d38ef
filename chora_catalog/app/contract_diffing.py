"""Two states of a contract, files or releases of a catalog: what changed, and whether the version says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NoReturn

from chora_catalog.app.compat_facts import Facts
from chora_catalog.app.contract_reading import ContractReader
from chora_catalog.app.own_schemas import own_schemas
from chora_catalog.app.published import open_published
from chora_catalog.app.tree_reading import MAX_BYTES as MAX_BYTES_OF_TREE
from chora_catalog.app.tree_reading import MAX_FILES, MAX_MANIFEST
from chora_catalog.edge.files import read_bounded
from chora_catalog.edge.workspace import Workspace
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.change import Change
from chora_catalog.model.contract import ContractDiff, ContractKind
from chora_catalog.model.finding import Finding, Severity
from chora_catalog.model.manifest import Manifest
from chora_catalog.parse.load import load_manifests
from chora_catalog.parse.reading import MAX_BYTES
from chora_catalog.parse.spans import Reading, read
from chora_catalog.resolve.contract.compare import compare_files
from chora_catalog.resolve.contract.documents import compare_documents, kind_of, version_of
from chora_catalog.resolve.contract.servers import is_tool_list
from chora_catalog.resolve.contract.step import judge_step, next_version, smallest_bump

_SERVER: Final = "server.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One of the two files: what it is, its manifests or its value, and how many errors were found in it."""

    path: Path
    kind: ContractKind
    value: object = None
    manifests: tuple[Manifest, ...] = ()
    errors: int = 0

    @property
    def doubt(self) -> str:
        """Say that what was read cannot be trusted, empty where it can."""
        if not self.errors:
            return ""
        what = "an error" if self.errors == 1 else f"{self.errors} errors"
        return f"{self.path} has {what}: chora validate {self.path}"


def diff(old: str, new: str, *, kind: str = "", side: str = "", catalog: str = "") -> tuple[ContractDiff, ...]:
    """Return what changed from `old` to `new`, one entry for each capability of a manifest, else one.

    Each is a file, or with a published `catalog` a release in it: `ID@VERSION`. `kind` is that of both files, told by
    their shape where none is given; `side` is `input` or `output` for a schema that is only given or only read. Raise
    ChoraError: exit 2 for a file that cannot be read, for two of different kinds, for what is no contract, and for a
    release that the catalog does not know; exit 3 where the catalog cannot be read.
    """
    files = [Path(old), Path(new)]
    # Beside two states in one folder stands one state of what they name, and which one it is nobody can tell.
    apart = files[0].parent.resolve() != files[1].parent.resolve() or files[0].name == files[1].name
    before = _release(old, catalog) if _is_release(old, catalog) else _look(files[0], kind, with_schemas=apart)
    after = _release(new, catalog) if _is_release(new, catalog) else _look(files[1], kind)
    if before.kind is not after.kind:
        raise ChoraError(
            f"{old} is of the kind {before.kind.value} and {new} of the kind {after.kind.value}",
            hint="Name two of one kind, or say which it is with --kind.",
        )
    doubts = tuple(filter(None, (before.doubt, after.doubt)))
    if before.kind is ContractKind.MANIFEST:
        rows = compare_files(before.manifests, after.manifests)
        return tuple(_of_manifests(was, now, changes, doubts) for was, now, changes in rows)
    changes = compare_documents(before.value, after.value, kind=before.kind, side=side)
    versions = version_of(before.value, before.kind), version_of(after.value, after.kind)
    return (_diff(files[1].name, before.kind, changes, versions, doubts),)


def answer(diffs: Sequence[ContractDiff]) -> Exit:
    """Return the exit code of all of them: no where one does not fit, cannot tell where of one nobody can."""
    fits = [diff.fits for diff in diffs]
    return Exit.NO if False in fits else Exit.CANNOT_TELL if None in fits else Exit.YES


def _of_manifests(
    old: Manifest | None, new: Manifest | None, changes: tuple[Change, ...], doubts: tuple[str, ...]
) -> ContractDiff:
    known = new or old
    name = known.id if known else ""
    if old is None or new is None:
        return _diff(name, ContractKind.MANIFEST, changes, ("", ""), doubts)
    return _diff(name, ContractKind.MANIFEST, changes, (old.version, new.version), doubts, versioned=True)


def _diff(
    name: str,
    kind: ContractKind,
    changes: tuple[Change, ...],
    versions: tuple[str, str],
    doubts: tuple[str, ...],
    *,
    versioned: bool = False,
) -> ContractDiff:
    old, new = versions
    smallest = smallest_bump(changes)
    return ContractDiff(
        name=name,
        kind=kind,
        changes=changes,
        smallest=smallest,
        old_version=old,
        new_version=new,
        step=judge_step(old, new, changes) if versioned or old or new else None,
        next_version=next_version(old, smallest),
        doubts=doubts,
    )


def _is_release(text: str, catalog: str) -> bool:
    return bool(catalog) and "@" in text and not Path(text).exists()


def _release(text: str, catalog: str) -> _Side:
    """Read one release of a published catalog, named as `ID@VERSION`; its version is that of its tag."""
    capability, _, version = text.rpartition("@")
    with open_published(catalog) as published:
        facts = Facts.of(published)
        file = facts.dependents(capability)
        provider = file.provider if file else None
        if provider is None:
            raise ChoraError(f"the catalog {catalog} holds no {capability!a}", hint="Name the id of a capability.")
        known = [item.version for item in provider.releases] or [provider.version]
        if version not in known:
            there = ", ".join(known[-5:])
            raise ChoraError(f"{capability} has no release {version!a} in {catalog}", hint=f"The newest are: {there}.")
        manifest = facts.declared(provider, version)
    if manifest is None:
        raise ChoraError(
            f"what {text} declares is not known: its manifest could not be read",
            hint="Name a release whose manifest can be read.",
            code=Exit.CANNOT_TELL,
        )
    return _Side(path=Path(text), kind=ContractKind.MANIFEST, manifests=(replace(manifest, version=version),))


def _look(path: Path, kind: str, *, with_schemas: bool = True) -> _Side:
    data = read_bounded(path, MAX_BYTES)
    if data is None:
        raise ChoraError(_unread(path), hint="Name two files: chora compat diff OLD NEW")
    reading = read(data, file=path.name)
    if not reading.ok:
        _refuse(path, reading.findings)
    known = ContractKind(kind) if kind else kind_of(reading.value) or ContractKind.MANIFEST
    if known is ContractKind.MANIFEST:
        return _look_at_manifest(path, data, path.name, with_schemas=with_schemas)
    if known is ContractKind.MCP and not is_tool_list(reading.value):
        return _look_at_manifest(path, data, _SERVER, with_schemas=with_schemas)
    if not isinstance(reading.value, dict):
        raise ChoraError(f"{path} holds no document of the kind {known.value}", hint="Name the file that does.")
    return _Side(path=path, kind=known, value=reading.value, errors=_errors(reading))


def _look_at_manifest(path: Path, data: bytes, name: str, *, with_schemas: bool) -> _Side:
    """Read a manifest as if the file were called `name`, which says what it is where its shape does not."""
    loaded = load_manifests(data, path=name, schemas=own_schemas())
    if not loaded.manifests:
        if loaded.findings:
            _refuse(path, loaded.findings)
        raise ChoraError(f"{path} declares no capability", hint="Say what it is with --kind, if it is no manifest.")
    errors = sum(finding.severity is Severity.ERROR for finding in loaded.findings)
    manifests = loaded.manifests
    if with_schemas:
        beside = Workspace(path.parent)
        reader = ContractReader(files_left=MAX_FILES, bytes_left=MAX_BYTES_OF_TREE)
        manifests = reader.attach(manifests, lambda name: beside.read(name, MAX_MANIFEST))
    return _Side(path=path, kind=ContractKind.MANIFEST, manifests=manifests, errors=errors)


def _errors(reading: Reading) -> int:
    return sum(finding.severity is Severity.ERROR for finding in reading.findings)


def _unread(path: Path) -> str:
    if not path.exists():
        return f"there is no {path}"
    if path.is_dir():
        return f"{path} is a folder"
    return f"{path} is no regular file, or has more than {MAX_BYTES // 1024} KiB"


def _refuse(path: Path, findings: Sequence[Finding]) -> NoReturn:
    worst = min(findings, key=lambda finding: finding.severity.rank)
    raise ChoraError(
        f"{path} cannot be compared: {worst.message}",
        hint=worst.hint or f"See all that is wrong with it: chora validate {path}",
    )
