"""The manifests of a working tree, judged by the rules that one tree can answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chora_catalog.app.fixing import Fix, fixes
from chora_catalog.app.tree_reading import MAX_MANIFEST, Files, TreeReading, read_tree
from chora_catalog.check.engine import CATALOG_RULES, check_tree, check_without_catalog
from chora_catalog.edge import files
from chora_catalog.errors import ChoraError
from chora_catalog.model.finding import Finding, sort_findings
from chora_catalog.parse.schema import compile_schemas


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """What was found in one folder; `not_evaluated` are the rules that need what was not there to be seen."""

    manifests: int
    capabilities: int
    findings: tuple[Finding, ...]
    not_evaluated: tuple[str, ...]


def validate(path: Path) -> Validated:
    """Validate the manifests below the folder `path`, or the one file it names, offline.

    Raise ChoraError (usage) when there is no such path, or no manifest in it: nothing to judge is no pass.
    """
    _, reading = _read(path)
    said = (*check_tree(reading.tree()), *check_without_catalog(reading.tree())) if reading.good else ()
    return Validated(
        manifests=len(reading.lines.keys() & {manifest.path for manifest in reading.manifests}),
        capabilities=len(reading.manifests),
        findings=sort_findings([*reading.findings, *said]),
        not_evaluated=tuple(sorted([*(module.RULE.id for module in CATALOG_RULES), "version-behind-tag"])),
    )


def corrections(path: Path) -> tuple[Fix, ...]:
    """Return what is certain to be corrected in the manifests that `validate` would read; nothing is written.

    Raise what `validate` raises.
    """
    folder, reading = _read(path)
    return fixes(folder, reading.findings)


def _read(path: Path) -> tuple[Path, TreeReading]:
    if not path.exists():
        raise ChoraError(f"there is no {path}", hint="Name a folder or a manifest: chora validate PATH")
    schemas = compile_schemas(files.read_folder(files.data_folder("schemas"), "*.json"))
    folder, globs = (path, ()) if path.is_dir() else (path.parent, (path.name,))
    modes, truncated = files.list_folder(folder)
    tree = Files(modes=modes, read=lambda name: files.read_bounded(folder / name, MAX_MANIFEST), truncated=truncated)
    reading = read_tree(tree, globs, schemas)
    if any(finding.rule == "manifest-missing" for finding in reading.findings):
        raise ChoraError(
            f"{path} holds no manifest, so there is nothing to validate",
            hint="Add a chora.yaml to its root, or name the manifest: chora validate FILE",
        )
    return folder, reading
