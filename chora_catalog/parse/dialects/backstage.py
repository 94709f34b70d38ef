"""catalog-info.yaml of Backstage: a stream of entities, each a document of its own.

Mapping rule: entities of kind Component, API, Resource, System and Domain are capabilities; the id is
`<namespace>.<kind>.<name>` in small letters, the namespace being `default` where none is named. `metadata.title` (else
`metadata.name`), `description` and `tags` are taken as declared. `dependsOn` and `consumesApis` are dependencies that
admit every version; their references are completed as Backstage does it: the namespace is that of the entity, the kind
of `consumesApis` is `api`, and `dependsOn` has to name one. Marked derived: the id; the owner where its reference was
shortened (`group:default/team-a` to `team-a`); the contact, which is the e-mail address in the profile of the owning
Group, where the same file holds it; the stability, which is `lifecycle` (`production` is read as `stable`); the
outputs, which are `providesApis`; the version, which the format has not, and which is taken from an annotation named
`<prefix>/version` or `<prefix>/latest-release-tag` where exactly one version is told that way. Entities of other kinds
are no capabilities: a notice says so. Documents that give no capability are kept beside those that do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from chora_catalog.model.finding import Finding
from chora_catalog.model.ids import id_problem
from chora_catalog.model.manifest import Dependency, Manifest, Origin, Port
from chora_catalog.model.versions import version_problem
from chora_catalog.parse.fields import Fields, original
from chora_catalog.parse.reading import Reading, quoted

NAMES = frozenset(["catalog-info.yaml", "catalog-info.yml"])
KEYS = frozenset(["apiVersion", "kind", "metadata", "spec"])
"""A catalog-info.yaml without any of these was written for something else."""
API = "backstage.io/"
CAPABILITIES = frozenset(["API", "Component", "Domain", "Resource", "System"])
GROUP = "Group"

_NAMESPACE = "default"
_NAME = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_.-]*)?[A-Za-z0-9]")
_LONGEST_NAME = 63
_STABILITY = {"experimental": "experimental", "production": "stable", "deprecated": "deprecated"}
_VERSION_ANNOTATIONS = ("/version", "/latest-release-tag")

Check = Callable[[Reading], Sequence[Finding]]


def is_entity(value: object) -> bool:
    """Tell whether a document is an entity of Backstage's own kinds."""
    return isinstance(value, dict) and "kind" in value and str(value.get("apiVersion")).startswith(API)


def backstage(
    readings: Sequence[Reading], check: Check
) -> tuple[tuple[Manifest, ...], tuple[Finding, ...], tuple[str, ...]]:
    """Return the capabilities of a stream, what is wrong with it, and the originals of its other documents.

    `check` says what the schema finds in one document.
    """
    found: list[Finding] = []
    others: list[str] = []
    manifests: dict[str, Manifest] = {}
    contacts = dict(_contacts(readings))
    told: set[str] = set()
    for reading in readings:
        value = reading.value if reading.ok else reading.partial
        entity = Fields(reading=reading, value=value if isinstance(value, dict) else {}, found=found)
        kind = entity.text("kind")
        if kind and kind != GROUP and kind not in CAPABILITIES:
            _say_once(entity, kind, told)
        else:
            found.extend(check(reading))
        manifest = _capability(entity, kind, contacts) if kind in CAPABILITIES else None
        if manifest is None or _is_second(entity, manifest, manifests):
            others.append(original(value))
        else:
            manifests[manifest.id] = manifest
    return tuple(manifests.values()), tuple(found), tuple(others)


def _say_once(entity: Fields, kind: str, told: set[str]) -> None:
    if kind not in told:
        told.add(kind)
        entity.not_mapped(f"an entity of kind {quoted(kind)} is no capability", "/kind")


def _is_second(entity: Fields, manifest: Manifest, manifests: Mapping[str, Manifest]) -> bool:
    first = manifests.get(manifest.id)
    if first is not None:
        message = f"{quoted(manifest.id)} is declared twice, first in line {first.line}; the first counts"
        entity.report("id-duplicate", message, "/metadata/name", hint="Keep one of the two.")
    return first is not None


def _contacts(readings: Sequence[Reading]) -> Iterator[tuple[str, str]]:
    """Yield the e-mail address of each Group of the file, by the id its reference gets."""
    for reading in readings:
        value = reading.value if isinstance(reading.value, dict) else {}
        group = Fields(reading=reading, value=value)
        email = group.inner("spec").inner("profile").text("email")
        if group.text("kind") == GROUP and email:
            metadata = group.inner("metadata")
            yield f"{_namespace(metadata)}.group.{metadata.text('name')}".lower(), email


def _namespace(metadata: Fields) -> str:
    return metadata.text("namespace") or _NAMESPACE


def _capability(entity: Fields, kind: str, contacts: Mapping[str, str]) -> Manifest | None:
    metadata, spec = entity.inner("metadata"), entity.inner("spec")
    name, namespace = metadata.text("name"), _namespace(metadata)
    dependencies = tuple(_dependencies(spec, namespace))
    outputs = tuple(_outputs(spec, namespace))
    stability = _stability(spec)
    # What is no name of Backstage is the schema's finding.
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        return None
    identifier = metadata.check_id(f"{namespace}.{kind}.{name}".lower(), "/metadata/name")
    owner, group = _owner(spec.text("owner"), namespace)
    contact = contacts.get(group, "")
    version = _version(metadata)
    derived = {
        "contact": bool(contact),
        "id": True,
        "outputs": bool(outputs),
        "owner": owner != spec.text("owner"),
        "stability": bool(stability),
        "version": bool(version),
    }
    manifest = Manifest(
        id=identifier,
        name=metadata.text("title") or name,
        path=entity.reading.file,
        dialect="backstage",
        version=version,
        summary=metadata.text("description").strip(),
        owner=owner,
        contact=contact,
        stability=stability,
        outputs=outputs,
        dependencies=dependencies,
        tags=metadata.texts("tags"),
        origins=tuple((field, Origin.DERIVED) for field, so in derived.items() if so),
        original=original(entity.value),
        line=entity.line(),
    )
    return manifest if identifier else None


def _stability(spec: Fields) -> str:
    word = spec.text("lifecycle")
    if word and word not in _STABILITY:
        spec.not_mapped(
            f"the lifecycle {quoted(word)} is none that Backstage knows by itself", spec.pointer("lifecycle")
        )
    return _STABILITY.get(word, "")


def _owner(reference: str, namespace: str) -> tuple[str, str]:
    """Return the owner in the shortest form that names it, and the id of the Group it may be."""
    kind, place, name = _parts(reference, "group", namespace)
    short = name if place.lower() == _NAMESPACE else f"{place}/{name}"
    if kind.lower() != "group":
        return f"{kind.lower()}:{short}", ""
    return short, f"{place}.group.{name}".lower()


def _parts(reference: str, kind: str, namespace: str) -> tuple[str, str, str]:
    """Return kind, namespace and name of `[kind:][namespace/]name`."""
    before, colon, rest = reference.partition(":")
    place, slash, name = (rest if colon else before).partition("/")
    return before if colon else kind, place if slash else namespace, name if slash else place


def _dependencies(spec: Fields, namespace: str) -> Iterator[Dependency]:
    for relation, kind in (("dependsOn", ""), ("consumesApis", "api")):
        seen: set[str] = set()
        for pointer, value in spec.entries(relation):
            identifier = _target(spec, pointer, value, kind, namespace)
            if identifier and identifier not in seen:
                seen.add(identifier)
                yield Dependency(id=identifier, type=relation, name=value, line=spec.reading.line(pointer))


def _outputs(spec: Fields, namespace: str) -> Iterator[Port]:
    for pointer, value in spec.entries("providesApis"):
        identifier = _target(spec, pointer, value, "api", namespace)
        if identifier:
            yield Port(name=identifier, type="api")


def _target(spec: Fields, pointer: str, value: Any, kind: str, namespace: str) -> str:
    """Return the id of the entity that a reference names, or empty text and a finding."""
    if not isinstance(value, str) or not value:
        return ""
    found, place, name = _parts(value, kind, namespace)
    identifier = f"{place}.{found}.{name}".lower()
    if found and name and id_problem(identifier) is None:
        return identifier
    missing = "names no kind" if not found else "is none of the form kind:namespace/name"
    message = f"the reference {quoted(value)} {missing}"
    spec.report("entity-reference", message, pointer, hint="Write a reference such as `component:default/name`.")
    return ""


def _version(metadata: Fields) -> str:
    annotations = metadata.inner("annotations")
    told = {annotations.text(key).removeprefix("v") for key in annotations.value if key.endswith(_VERSION_ANNOTATIONS)}
    versions = {version for version in told if version and version_problem(version) is None}
    return versions.pop() if len(versions) == 1 else ""
