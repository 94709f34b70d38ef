"""star.yaml, the repository manifest of the first Chora releases.

Mapping rule: the repository itself is one capability with all that the file says; each entry of `capabilities` is
another one, with its own behaviors and value scenarios, and with the version, owner, contact, stage, tier and
stability of the repository, marked derived. Capital letters in ids become small ones, each with a warning. A
dependency written `id@range` is split at its last `@`.
"""

from __future__ import annotations

from typing import Any

from chora_catalog.model.finding import Finding
from chora_catalog.model.manifest import Behavior, Dependency, Manifest, Origin, ValueScenario
from chora_catalog.parse.fields import Fields, original
from chora_catalog.parse.reading import Reading, quoted

_SHARED = ("contact", "lifecycle_stage", "owner", "security_tier", "stability", "version")


def star(reading: Reading) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Return the repository and the capabilities it lists, in the order of the file, and what is wrong with them."""
    document = Fields(reading=reading, value=reading.value)
    name = document.text("id")
    identifier = document.foreign_id(name, "/id") if name else ""
    if not identifier:
        return (), tuple(document.found)
    version = document.version()
    scenarios = document.value_scenarios(capitals=True)
    text = original(reading.value)
    listed: dict[str, Manifest] = {}
    behaviors = list(document.behaviors())
    for pointer, value in document.entries("capabilities"):
        capability = _listed(document, pointer, value, scenarios, text)
        if capability is None:
            continue
        if capability.id in listed or capability.id == identifier:
            message = f"{quoted(capability.id)} is declared twice in this file; the first counts"
            document.report("id-duplicate", message, pointer, hint="Keep one of the two.")
            continue
        listed[capability.id] = capability
        behaviors.extend(capability.behaviors)
    repository = _repository(document, identifier, version, tuple(behaviors), scenarios, text)
    return (repository, *listed.values()), tuple(document.found)


def _repository(
    document: Fields,
    identifier: str,
    version: str,
    behaviors: tuple[Behavior, ...],
    scenarios: tuple[ValueScenario, ...],
    text: str,
) -> Manifest:
    name = document.text("name") or document.text("title") or document.text("id")
    replacement = document.text("replacement")
    return Manifest(
        id=identifier,
        name=name,
        path=document.reading.file,
        dialect="star",
        version=version,
        summary=document.text("summary"),
        owner=document.text("owner"),
        contact=document.text("contact"),
        lifecycle_stage=document.text("lifecycle_stage"),
        stability=document.text("stability"),
        security_tier=document.text("security_tier"),
        inputs=document.ports("inputs"),
        outputs=document.ports("outputs"),
        dependencies=tuple(_dependencies(document)),
        behaviors=behaviors,
        value_scenarios=scenarios,
        adr_links=document.paths("adr_links", links=True),
        telemetry_signals=document.telemetry_signals(),
        tags=document.texts("tags"),
        claim=document.claim(),
        ttl=_ttl(document),
        updated_at=document.instant("updated_at"),
        deprecated_at=document.instant("deprecated_at"),
        sunset_at=document.instant("sunset_at"),
        replacement=document.foreign_id(replacement, "/replacement") if replacement else "",
        origins=_derived(document, identifier),
        original=text,
        line=document.line(),
        artifacts=document.telemetry_documents(),
    )


def _derived(document: Fields, identifier: str) -> tuple[tuple[str, Origin], ...]:
    names = [] if document.text("id") == identifier else ["id"]
    if _ttl(document) and not document.text("ttl"):
        names.append("ttl")
    return tuple((name, Origin.DERIVED) for name in names)


def _ttl(document: Fields) -> str:
    # A whole number counts seconds; durations have no unit below the minute.
    seconds = document.value.get("ttl")
    if isinstance(seconds, int) and not isinstance(seconds, bool) and seconds > 0:
        return f"{max(1, seconds // 60)}min"
    return document.duration("ttl")


def _listed(
    document: Fields, pointer: str, value: Any, scenarios: tuple[ValueScenario, ...], text: str
) -> Manifest | None:
    entry = document.below(pointer, value)
    name = value if isinstance(value, str) else entry.text("id")
    identifier = document.foreign_id(name, pointer if isinstance(value, str) else f"{pointer}/id") if name else ""
    if not identifier:
        return None
    origins = [(field, Origin.DERIVED) for field in _SHARED if document.text(field)]
    if identifier != name:
        origins.append(("id", Origin.DERIVED))
    return Manifest(
        id=identifier,
        name=entry.text("title") or name,
        path=document.reading.file,
        dialect="star",
        version=document.text("version"),
        summary=entry.text("summary"),
        owner=document.text("owner"),
        contact=document.text("contact"),
        lifecycle_stage=document.text("lifecycle_stage"),
        stability=document.text("stability"),
        security_tier=document.text("security_tier"),
        behaviors=entry.behaviors(),
        value_scenarios=tuple(scenario for scenario in scenarios if scenario.capability == identifier),
        origins=tuple(sorted(origins)),
        original=text,
        line=entry.line(),
    )


def _dependencies(document: Fields) -> list[Dependency]:
    found = []
    for pointer, value in document.entries("dependencies"):
        entry = document.below(pointer, value)
        if isinstance(value, str):
            name, _, wanted = value.rpartition("@") if "@" in value else (value, "", "")
            identifier = document.foreign_id(name, pointer) if name else ""
            document.check_range(wanted, pointer)
            dependency = Dependency(id=identifier, version=wanted, name=name, line=entry.line())
        else:
            name = entry.text("id")
            identifier = document.foreign_id(name, f"{pointer}/id") if name else ""
            dependency = entry.dependency(identifier, name)
        if identifier:
            found.append(dependency)
    return found
