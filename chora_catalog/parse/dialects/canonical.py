"""Our own manifest format: one capability, or several under `capabilities`.

Mapping rule: each field keeps its name and its words. Fields beside `capabilities` count for every capability of the
list that does not say otherwise, and are marked derived there.
"""

from __future__ import annotations

from chora_catalog.model.finding import Finding
from chora_catalog.model.manifest import Manifest, Origin
from chora_catalog.parse.fields import Fields, original
from chora_catalog.parse.reading import Reading, quoted

KEYS = frozenset(
    ["adr_links", "behaviors", "capabilities", "id", "lifecycle_stage", "security_tier", "value_scenarios"]
)
"""A file of another name without any of these was written for something else."""

_SHARED = (
    "version",
    "owner",
    "contact",
    "lifecycle_stage",
    "stability",
    "security_tier",
    "ttl",
    "updated_at",
)


def canonical(reading: Reading) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Return the capabilities of a canonical manifest, in the order of the file, and what is wrong with them."""
    document = Fields(reading=reading, value=reading.value)
    text = original(reading.value)
    if "capabilities" not in document.value:
        single = _manifest(document, {}, text)
        return ((single,) if single else ()), tuple(document.found)
    shared = {key: document.value[key] for key in _SHARED if key in document.value}
    if "version" in shared:
        document.version()
    manifests: dict[str, Manifest] = {}
    for pointer, value in document.entries("capabilities"):
        manifest = _manifest(document.below(pointer, value), shared, text)
        if manifest is None:
            continue
        if manifest.id in manifests:
            first = manifests[manifest.id].line
            message = f"{quoted(manifest.id)} is declared twice, first in line {first}; the first counts"
            document.report("id-duplicate", message, f"{pointer}/id", hint="Keep one of the two.")
        else:
            manifests[manifest.id] = manifest
    return tuple(manifests.values()), tuple(document.found)


def _manifest(own: Fields, shared: dict[str, object], text: str) -> Manifest | None:
    identifier = own.id()
    inherited = sorted(key for key in shared if key not in own.value)
    every = own if not inherited else Fields(reading=own.reading, at=own.at, value={**shared, **own.value})
    name = own.text("name") or own.text("title")
    origins = [(key, Origin.DERIVED) for key in inherited] + ([] if name else [("name", Origin.DERIVED)])
    manifest = Manifest(
        id=identifier,
        name=name or identifier,
        path=own.reading.file,
        dialect="canonical",
        version=every.text("version") if "version" in inherited else own.version(),
        summary=own.text("summary"),
        owner=every.text("owner"),
        contact=every.text("contact"),
        lifecycle_stage=every.text("lifecycle_stage"),
        stability=every.text("stability"),
        security_tier=every.text("security_tier"),
        inputs=own.ports("inputs", schemas=True),
        outputs=own.ports("outputs", schemas=True),
        dependencies=own.dependencies(),
        behaviors=own.behaviors(),
        value_scenarios=own.value_scenarios(),
        adr_links=own.paths("adr_links", links=True),
        telemetry_signals=own.telemetry_signals(),
        tags=own.texts("tags"),
        claim=own.claim(),
        ttl=every.duration("ttl"),
        updated_at=every.instant("updated_at"),
        deprecated_at=own.instant("deprecated_at"),
        sunset_at=own.instant("sunset_at"),
        replacement=own.id("replacement"),
        origins=tuple(sorted(origins)),
        original=text,
        line=own.line(),
        artifacts=own.telemetry_documents(),
    )
    # Without an id it is nobody's manifest, but whatever else is wrong with it has been said.
    return manifest if identifier else None
