"""Chart.yaml of a Helm chart.

Mapping rule: the id is `helm.<name>` in small letters, also for each dependency; the spelling stays in `name`. The
repository that serves a chart is not in the chart's own file, so it cannot be in the id: two charts of one name are one
id, contested until the registry says who holds it. `version`, `description`, `keywords` and the versions of the
dependencies are taken as declared; a dependency with a `condition` or with `tags` can be switched off and is optional.
Marked derived: the id, and the stability where the chart says `deprecated`. `appVersion` is the version of what the
chart installs and not the chart's. Maintainers are persons and no owner; stage, tier and behaviors have no counterpart.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.model.finding import Finding
from chora_catalog.model.manifest import Dependency, Manifest, Origin
from chora_catalog.parse.fields import Fields, original
from chora_catalog.parse.reading import Reading

NAME = "Chart.yaml"
KEYS = frozenset(["apiVersion", "name", "version", "appVersion"])
"""A Chart.yaml without any of these was written for something else."""
_MUST = frozenset(["apiVersion", "name", "version"])
_NOT = frozenset(["id", "kind"])


def is_chart(value: dict[str, object], *, named: bool) -> bool:
    """Tell whether a document is a chart; one that is not `named` Chart.yaml needs all that a chart must have."""
    if value.keys() & _NOT:
        return False
    return bool(value.keys() & KEYS) if named else value.keys() >= _MUST and value["apiVersion"] in ("v1", "v2")


def helm(reading: Reading) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Return the chart as a capability, and what is wrong with it."""
    document = Fields(reading=reading, value=reading.value)
    name = document.text("name")
    identifier = document.check_id(chart_id(name), "/name") if name else ""
    stability = "deprecated" if document.flag("deprecated") else ""
    manifest = Manifest(
        id=identifier,
        name=name,
        path=reading.file,
        dialect="helm",
        version=document.version(),
        summary=document.text("description").strip(),
        stability=stability,
        dependencies=tuple(_dependencies(document)),
        tags=document.texts("keywords"),
        origins=(("id", Origin.DERIVED), *((("stability", Origin.DERIVED),) if stability else ())),
        original=original(reading.value),
        line=document.line(),
    )
    # Without an id it is nobody's manifest, but whatever else is wrong with it has been said.
    return ((manifest,) if identifier else ()), tuple(document.found)


def chart_id(name: str) -> str:
    """Return the id of the chart `name`."""
    return f"helm.{name.lower()}"


def _dependencies(document: Fields) -> Iterator[Dependency]:
    for pointer, value in document.entries("dependencies"):
        entry = document.below(pointer, value)
        name = entry.text("name")
        identifier = entry.check_id(chart_id(name), entry.pointer("name")) if name else ""
        wanted = entry.range("version")
        if identifier:
            optional = bool(entry.text("condition") or entry.texts("tags"))
            yield Dependency(
                id=identifier, version=wanted, type="chart", optional=optional, name=name, line=entry.line()
            )
