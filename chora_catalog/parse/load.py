"""Bytes of a manifest -> the capabilities it declares, in whatever dialect it was written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from chora_catalog.model.finding import Finding, Severity, sort_findings
from chora_catalog.model.manifest import Manifest
from chora_catalog.parse.dialects import backstage as entities
from chora_catalog.parse.dialects import helm as charts
from chora_catalog.parse.dialects import mcp as servers
from chora_catalog.parse.dialects import publiccode as software
from chora_catalog.parse.dialects.canonical import KEYS as CANONICAL_KEYS
from chora_catalog.parse.dialects.canonical import canonical
from chora_catalog.parse.dialects.ontology import ENVELOPE, is_ontology, ontology
from chora_catalog.parse.dialects.puppet import KEYS as PUPPET_KEYS
from chora_catalog.parse.dialects.puppet import puppet
from chora_catalog.parse.dialects.star import star
from chora_catalog.parse.reading import MAX_FINDINGS, Reading, too_many
from chora_catalog.parse.schema import Schemas
from chora_catalog.parse.spans import read, read_stream

OWN_NAMES: tuple[str, ...] = ("chora.yaml", "chora.yml", "manifests/star.yaml", "star.yaml")
"""The names of our own formats. What such a file declares counts alone: the other tools' files are then not read."""
FOREIGN_NAMES: tuple[str, ...] = ("metadata.json", "catalog-info.yaml", "server.json", "Chart.yaml", "publiccode.yml")
MANIFEST_NAMES: tuple[str, ...] = OWN_NAMES + FOREIGN_NAMES
"""Where manifests are looked for when the registry names none; globs relative to the repository."""

CANONICAL_NAMES = frozenset(["chora.yaml", "chora.yml"])

Mapping = Callable[[Reading], tuple[tuple[Manifest, ...], tuple[Finding, ...]]]
_DIALECTS: dict[str, tuple[str, Mapping]] = {
    "canonical": ("capability", canonical),
    "star": ("star", star),
    "ontology": ("ontology", ontology),
    "puppet": ("puppet", puppet),
    "mcp": ("mcp", servers.mcp),
    "helm": ("helm", charts.helm),
    "publiccode": ("publiccode", software.publiccode),
}
_BY_NAME = {
    "metadata.json": "puppet",
    servers.NAME: "mcp",
    charts.NAME: "helm",
    **dict.fromkeys(software.NAMES, "publiccode"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What one manifest file declares.

    `parsed` is False when it declares nothing that could be read: such a state changes nothing (the last good one
    stands). A file that was written for another tool is parsed, with no manifests. `others` are the originals of the
    documents of a stream that gave no capability, in the order of the file.
    """

    manifests: tuple[Manifest, ...]
    findings: tuple[Finding, ...]
    parsed: bool
    dialect: str = ""
    others: tuple[str, ...] = ()


def load_manifests(data: bytes, *, path: str, schemas: Schemas) -> Loaded:
    """Read the manifest `path` (its place in the repository) and map it to capabilities.

    Findings come from the reader, the schema and the dialect; a file with errors still yields what could be read of
    it, unless the reader refused it. Never raises for any bytes.
    """
    if may_be_stream(data, path):
        readings = read_stream(data, file=path)
        if is_backstage(path, readings):
            return _load_stream(readings, schemas)
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


def may_be_stream(data: bytes, path: str) -> bool:
    """Tell whether a file may be a stream of Backstage's entities, by its name or by their mark in its bytes."""
    name = path.rpartition("/")[2]
    if name in CANONICAL_NAMES or name.endswith(".json"):
        return False
    return name in entities.NAMES or entities.API.encode() in data


def is_backstage(path: str, readings: tuple[Reading, ...]) -> bool:
    """Tell whether what was read as a stream is one of Backstage: only its files may hold several documents."""
    values = [reading.value if reading.ok else reading.partial for reading in readings]
    if path.rpartition("/")[2] not in entities.NAMES:
        return any(map(entities.is_entity, values))
    mappings = [value for value in values if isinstance(value, dict)]
    if any(map(is_ontology, mappings)):
        return False
    return not mappings or any(value.keys() & entities.KEYS for value in mappings)


def _load_stream(readings: tuple[Reading, ...], schemas: Schemas) -> Loaded:
    """Map a stream of Backstage; where the reader refused anything, nothing is taken from it."""
    first = readings[0]
    manifests, said, others = entities.backstage(readings, lambda reading: schemas.check(reading, "backstage"))
    findings = sort_findings([*first.findings, *first.but_refused(said)])
    if len(findings) > MAX_FINDINGS:
        findings = sort_findings([*findings[:MAX_FINDINGS], too_many(findings[MAX_FINDINGS - 1].place)])
    wrong = any(finding.severity is Severity.ERROR for finding in findings)
    return Loaded(
        manifests=manifests if first.ok else (),
        findings=findings,
        parsed=(first.ok and bool(manifests)) or not wrong,
        dialect="backstage",
        others=others,
    )


def dialect_of(path: str, value: object) -> str | None:
    """Return the dialect of a manifest by its file name, then by its shape; None for another tool's file."""
    name = path.rpartition("/")[2]
    if name in ("star.yaml", "star.yml"):
        return "star"
    if not isinstance(value, dict):
        return _BY_NAME.get(name, "canonical")
    keys = set(value)
    if name == "metadata.json":
        return "puppet" if keys & PUPPET_KEYS else None
    if name not in CANONICAL_NAMES:
        foreign = _foreign(name, value)
        if foreign is not None:
            return foreign
    if is_ontology(value):
        return "ontology"
    # A file of ours need not be good to be ours: its name says so, or one telling key.
    ours = name in CANONICAL_NAMES and not keys >= ENVELOPE
    if not ours and not keys & CANONICAL_KEYS:
        return None
    return "star" if {"id", "capabilities"} <= keys else "canonical"


def _foreign(name: str, value: dict[str, object]) -> str | None:
    """Return the dialect of another tool's file whose form is that of one document."""
    if name.endswith(".json"):
        if servers.is_mcp(value, named=name == servers.NAME):
            return "mcp"
        module = name != servers.NAME and "name" in value and "id" not in value
        return "puppet" if module else None
    if software.KEY in value or (name in software.NAMES and value.keys() & software.KEYS):
        return "publiccode"
    return "helm" if charts.is_chart(value, named=name == charts.NAME) else None
