"""Bytes of a manifest -> the capabilities it declares, in whatever dialect it was written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from chora_catalog.model.finding import Finding, Severity, sort_findings
from chora_catalog.model.manifest import Manifest
from chora_catalog.parse.dialects.canonical import KEYS as CANONICAL_KEYS
from chora_catalog.parse.dialects.canonical import canonical
from chora_catalog.parse.dialects.ontology import ENVELOPE, is_ontology, ontology
from chora_catalog.parse.dialects.puppet import KEYS as PUPPET_KEYS
from chora_catalog.parse.dialects.puppet import puppet
from chora_catalog.parse.dialects.star import star
from chora_catalog.parse.reading import Reading
from chora_catalog.parse.schema import Schemas
from chora_catalog.parse.spans import read

MANIFEST_NAMES: tuple[str, ...] = ("chora.yaml", "chora.yml", "manifests/star.yaml", "star.yaml", "metadata.json")
"""Where manifests are looked for when the registry names none; globs relative to the repository."""

CANONICAL_NAMES = frozenset(["chora.yaml", "chora.yml"])

Mapping = Callable[[Reading], tuple[tuple[Manifest, ...], tuple[Finding, ...]]]
_DIALECTS: dict[str, tuple[str, Mapping]] = {
    "canonical": ("capability", canonical),
    "star": ("star", star),
    "ontology": ("ontology", ontology),
    "puppet": ("puppet", puppet),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What one manifest file declares.

    `parsed` is False when it declares nothing that could be read: such a state changes nothing (the last good one
    stands). A file that was written for another tool is parsed, with no manifests.
    """

    manifests: tuple[Manifest, ...]
    findings: tuple[Finding, ...]
    parsed: bool
    dialect: str = ""


def load_manifests(data: bytes, *, path: str, schemas: Schemas) -> Loaded:
    """Read the manifest `path` (its place in the repository) and map it to capabilities.

    Findings come from the reader, the schema and the dialect; a file with errors still yields what could be read of
    it, unless the reader refused it. Never raises for any bytes.
    """
    reading = read(data, file=path)
    dialect = dialect_of(path, reading.value if reading.ok else reading.partial)
    if dialect is None:
        message = f"{path} was not written for a dialect the catalog knows; nothing is read from it"
        hint = "Name the manifests of this source in the registry (`manifests:`)."
        unknown = reading.finding("dialect-unknown", message, "", severity=Severity.WARNING, hint=hint)
        return Loaded(manifests=(), findings=(*reading.findings, unknown), parsed=True)
    schema, mapped = _DIALECTS[dialect]
    findings = list(schemas.check(reading, schema))
    manifests: tuple[Manifest, ...] = ()
    if isinstance(reading.value, dict):
        manifests, more = mapped(reading)
        findings.extend(more)
    elif isinstance(reading.partial, dict):
        findings.extend(mapped(replace(reading, value=reading.partial))[1])
    return Loaded(
        manifests=manifests,
        findings=sort_findings([*reading.findings, *reading.but_refused(findings)]),
        parsed=bool(manifests),
        dialect=dialect,
    )


def dialect_of(path: str, value: object) -> str | None:
    """Return the dialect of a manifest by its file name, then by its shape; None for another tool's file."""
    name = path.rpartition("/")[2]
    if name in ("star.yaml", "star.yml"):
        return "star"
    if not isinstance(value, dict):
        return "puppet" if name == "metadata.json" else "canonical"
    keys = set(value)
    if name == "metadata.json":
        return "puppet" if keys & PUPPET_KEYS else None
    if name.endswith(".json") and "name" in keys and "id" not in keys:
        return "puppet"
    if is_ontology(value):
        return "ontology"
    # A file of ours need not be good to be ours: its name says so, or one telling key.
    ours = name in CANONICAL_NAMES and not keys >= ENVELOPE
    if not ours and not keys & CANONICAL_KEYS:
        return None
    return "star" if {"id", "capabilities"} <= keys else "canonical"
