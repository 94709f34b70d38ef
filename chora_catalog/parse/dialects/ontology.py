"""A capability of the Chora ontology: Dublin Core metadata, typed relations, and the documents that describe it.

Mapping rule: `dc_identifier` is the id (capital letters become small ones, each with a warning), `dc_title` the name,
`dc_description` the summary, `dc_hasVersion` (else `chora_version`) the version, `dc_subject` (else `chora_tags`) the
tags, `maintainer.contact` the contact. Marked derived: the owner, which is the first `dc_creator`; the stage, which is
`chora_status`; the stability, which is `chora_maturity`. What `dc_relation` lists under `requires` is needed; what it
lists under `optional`, `extends`, `recommends` and `supports` is optional; what `conflicts` is no dependency. The
relation is the dependency's type, `relationship` its scope. The documents under `chora_pattern.artifacts`, `artifacts`
and `dc_source` have to be in the tree. Former identifiers (`dc_identifier_legacy`) stay in the original.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.model.finding import Finding
from chora_catalog.model.manifest import Artifact, Dependency, Manifest, Origin
from chora_catalog.parse.fields import Fields, is_web_address, original
from chora_catalog.parse.reading import Reading

ENVELOPE = frozenset(["apiVersion", "kind"])
"""What a document of many tools begins with; ours are `chora.dev/v1`, `Capability`."""
API = "chora.dev/"
KIND = "Capability"
NEEDED = "requires"
OPTIONAL = ("optional", "extends", "recommends", "supports")


def is_ontology(value: dict[str, object]) -> bool:
    """Tell whether a document is one: by its envelope, or where that is missing by `metadata.dc_identifier`."""
    if value.keys() >= ENVELOPE:
        return str(value.get("apiVersion")).startswith(API) and value.get("kind") == KIND
    metadata = value.get("metadata")
    return isinstance(metadata, dict) and "dc_identifier" in metadata


def ontology(reading: Reading) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Return the capability, and what is wrong with it."""
    document = Fields(reading=reading, value=reading.value)
    metadata = document.inner("metadata")
    name = metadata.text("dc_identifier")
    identifier = metadata.foreign_id(name, metadata.pointer("dc_identifier")) if name else ""
    title = metadata.text("dc_title")
    owner = metadata.text("dc_creator") or next(iter(metadata.texts("dc_creator")), "")
    stage = metadata.text("chora_status") or document.text("chora_status")
    stability = metadata.text("chora_maturity") or document.text("chora_maturity")
    derived = {
        "id": identifier != name,
        "lifecycle_stage": bool(stage),
        "name": not title,
        "owner": bool(owner),
        "stability": bool(stability),
    }
    manifest = Manifest(
        id=identifier,
        name=title or name,
        path=reading.file,
        dialect="ontology",
        version=_version(document, metadata),
        summary=metadata.text("dc_description").strip(),
        owner=owner,
        contact=document.inner("maintainer").text("contact"),
        lifecycle_stage=stage,
        stability=stability,
        dependencies=_dependencies(document, metadata),
        tags=metadata.texts("dc_subject") or metadata.texts("chora_tags"),
        origins=tuple((field, Origin.DERIVED) for field, so in derived.items() if so),
        original=original(reading.value),
        line=document.line(),
        artifacts=_artifacts(document),
    )
    # Without an id it is nobody's manifest, but whatever else is wrong with it has been said.
    return ((manifest,) if identifier else ()), tuple(document.found)


def _version(document: Fields, metadata: Fields) -> str:
    places = ((metadata, "dc_hasVersion"), (metadata, "chora_version"), (document, "chora_version"))
    for fields, key in places:
        if key in fields.value:
            return fields.version(key)
    if metadata.value:
        hint = "Add `dc_hasVersion:` (the version of the capability, SemVer 2.0.0)."
        message = "`dc_hasVersion` is missing in `metadata`"
        document.found.append(document.reading.finding("schema-required", message, metadata.at, hint=hint, key=True))
    return ""


def _dependencies(*places: Fields) -> tuple[Dependency, ...]:
    every = [fields.inner("dc_relation") for fields in places]
    needed = [entry for relations in every for entry in _related(relations, NEEDED)]
    ids = {entry.id for entry in needed}
    rest = [entry for relation in OPTIONAL for relations in every for entry in _related(relations, relation)]
    # What is needed stays needed, whatever else relates the two.
    return (*needed, *(entry for entry in rest if entry.id not in ids))


def _related(relations: Fields, relation: str) -> Iterator[Dependency]:
    for pointer, value in relations.entries(relation):
        entry = relations.below(pointer, value)
        name = entry.text("capability")
        identifier = entry.foreign_id(name, entry.pointer("capability")) if name else ""
        wanted = entry.range("version")
        if identifier:
            yield Dependency(
                id=identifier,
                version=wanted,
                type=relation,
                scope=entry.text("relationship"),
                optional=relation != NEEDED,
                name=name,
                line=entry.line(),
            )


def _artifacts(document: Fields) -> tuple[Artifact, ...]:
    """Return the documents: those of a list of type and path, then those of mappings from type to path."""
    pattern, named, source = (document.inner(key) for key in ("chora_pattern", "artifacts", "dc_source"))
    listed = [pattern.below(pointer, value) for pointer, value in pattern.entries("artifacts")]
    found = [
        *(_artifact(entry, "path", entry.text("type")) for entry in listed),
        *(_artifact(named.inner(kind), "path", kind) for kind in named.value),
        *(_artifact(source, kind, kind) for kind in source.value),
    ]
    return tuple(item for item in found if item)


def _artifact(fields: Fields, key: str, kind: str) -> Artifact | None:
    if is_web_address(fields.text(key)):
        return None
    path = fields.path(key)
    return fields.artifact(key, path, kind) if path else None
