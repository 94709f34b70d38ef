"""metadata.json of Puppet modules.

Mapping rule: the id is the module's name in small letters with `/` read as `-`; the spelling stays in `name`, also for
each dependency. `version`, `summary`, `tags` and the dependencies' `version_requirement` are taken as declared.
Nothing else has a counterpart: owner, stage, stability, tier and behaviors stay unknown, and the author is no owner.
"""

from __future__ import annotations

from chora_catalog.model.finding import Finding
from chora_catalog.model.manifest import Dependency, Manifest, Origin
from chora_catalog.parse.fields import Fields, original
from chora_catalog.parse.reading import Reading

KEYS = frozenset(["name", "version", "dependencies", "requirements", "operatingsystem_support"])
"""A metadata.json without any of these was written for something else."""


def puppet(reading: Reading) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Return the module as a capability, and what is wrong with it."""
    document = Fields(reading=reading, value=reading.value)
    name = document.text("name")
    identifier = document.check_id(module_id(name), "/name") if name else ""
    if not identifier:
        return (), tuple(document.found)
    manifest = Manifest(
        id=identifier,
        name=name,
        path=reading.file,
        dialect="puppet",
        version=document.version(),
        summary=document.text("summary"),
        dependencies=_dependencies(document),
        tags=document.texts("tags"),
        origins=(("id", Origin.DERIVED),),
        original=original(reading.value),
        line=document.line(),
    )
    return (manifest,), tuple(document.found)


def module_id(name: str) -> str:
    """Return the id of the module `name` (`puppetlabs/stdlib` and `puppetlabs-stdlib` are one)."""
    return name.lower().replace("/", "-")


def _dependencies(document: Fields) -> tuple[Dependency, ...]:
    found = []
    for pointer, value in document.entries("dependencies"):
        entry = document.below(pointer, value)
        name = entry.text("name")
        identifier = entry.check_id(module_id(name), f"{pointer}/name") if name else ""
        if identifier:
            wanted = entry.range("version_requirement")
            found.append(Dependency(id=identifier, version=wanted, name=name, line=entry.line()))
    return tuple(found)
