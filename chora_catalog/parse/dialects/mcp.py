"""server.json of a Model Context Protocol server, in both generations of the format.

Mapping rule: the id is the name in small letters with its `/` read as `.` and blanks read as `-` (the first generation
had no form for names); the spelling stays in `name`. `version` (first generation: `version_detail.version`) and
`description` are taken as declared. Marked derived: the id; the stability, where `status` is `deprecated`; the inputs,
which are the environment variables of the packages and the headers of the remotes, required where every package and
every remote asks for them; the outputs, which are the addresses of the remotes with their transport. Packages are how
the server is distributed, and no dependencies. Owner, stage, tier and behaviors have no counterpart: the owner of the
repository is no owner of the catalog.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chora_catalog.model.finding import Finding, Severity
from chora_catalog.model.manifest import Manifest, Origin, Port
from chora_catalog.parse.fields import Fields, original
from chora_catalog.parse.reading import Reading, quoted

NAME = "server.json"
_SCHEMA = "modelcontextprotocol"
_NAME = re.compile(r"[A-Za-z0-9.-]+/[A-Za-z0-9._-]+")
_RANGE = re.compile(r"[\^~<>=*|]|\.[xX]\b|\s")


def is_mcp(value: dict[str, object], *, named: bool) -> bool:
    """Tell whether a document is one: by its `$schema` or what only it has; `named` server.json, by what it must have.

    Many tools have a file of that name.
    """
    if _SCHEMA in str(value.get("$schema")) or "version_detail" in value:
        return True
    if any(isinstance(value.get(key), list) for key in ("packages", "remotes")):
        return True
    return named and "description" in value and ("name" in value or "version" in value)


def mcp(reading: Reading) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Return the server as a capability, and what is wrong with it."""
    document = Fields(reading=reading, value=reading.value)
    first = "version_detail" in document.value
    name = document.text("name")
    # What is no name of the second generation is the schema's finding.
    known = bool(name) and (first or _NAME.fullmatch(name) is not None)
    identifier = document.check_id(server_id(name), "/name") if known else ""
    versioned = document.inner("version_detail") if first else document
    version = versioned.version(severity=Severity.WARNING)
    inputs, outputs, stability = _inputs(document), _outputs(document), _stability(document)
    if not first:
        _refuse_floating(document)
    derived = {"id": True, "inputs": bool(inputs), "outputs": bool(outputs), "stability": bool(stability)}
    manifest = Manifest(
        id=identifier,
        name=name,
        path=reading.file,
        dialect="mcp",
        version=version,
        summary=document.text("description").strip(),
        stability=stability,
        inputs=inputs,
        outputs=outputs,
        origins=tuple((field, Origin.DERIVED) for field, so in derived.items() if so),
        original=original(reading.value),
        line=document.line(),
    )
    # Without an id it is nobody's manifest, but whatever else is wrong with it has been said.
    return ((manifest,) if identifier else ()), tuple(document.found)


def server_id(name: str) -> str:
    """Return the id of the server `name`: `io.github.user/weather` is `io.github.user.weather`."""
    return "-".join(name.lower().replace("/", ".").split())


def _stability(document: Fields) -> str:
    status = document.text("status")
    if status not in ("", "active", "deprecated"):
        document.not_mapped(f"the status {quoted(status)} has no counterpart", "/status")
    return status if status == "deprecated" else ""


def _listed(document: Fields, key: str) -> list[Fields]:
    return [document.below(pointer, value) for pointer, value in document.entries(key)]


def _inputs(document: Fields) -> tuple[Port, ...]:
    ways = [
        *(list(_variables(package)) for package in _listed(document, "packages")),
        *(list(_headers(remote)) for remote in _listed(document, "remotes")),
    ]
    ports: dict[tuple[str, str], Port] = {}
    for port in (port for way in ways for port in way):
        ports.setdefault((port.type, port.name), port)
    needed = [{(port.type, port.name) for port in way if not port.optional} for way in ways]
    return tuple(
        Port(
            name=port.name, type=port.type, description=port.description, optional=not all(key in way for way in needed)
        )
        for key, port in ports.items()
    )


def _variables(package: Fields) -> Iterator[Port]:
    for key in ("environmentVariables", "environment_variables"):
        yield from _ports(package, key, "environment variable")


def _headers(remote: Fields) -> Iterator[Port]:
    return _ports(remote, "headers", "header")


def _ports(fields: Fields, key: str, kind: str) -> Iterator[Port]:
    for entry in _listed(fields, key):
        if entry.text("name"):
            required = entry.flag("isRequired") or entry.flag("is_required")
            words = entry.text("description")
            yield Port(name=entry.text("name"), type=kind, description=words, optional=not required)


def _outputs(document: Fields) -> tuple[Port, ...]:
    remotes = [(remote.text("url"), remote) for remote in _listed(document, "remotes")]
    return tuple(
        Port(name=url, type=remote.text("type") or remote.text("transport_type")) for url, remote in remotes if url
    )


def _refuse_floating(document: Fields) -> None:
    """Report packages that name no exact version: what is installed would change under the same version of a server."""
    for package in _listed(document, "packages"):
        version = package.text("version")
        if version == "latest" or _RANGE.search(version):
            message = f"the package version {quoted(version)} is no exact version"
            package.report("version-not-exact", message, package.pointer("version"), hint="Name one version.")
