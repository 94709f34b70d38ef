"""Fields of a document, taken by type: what has the wrong type is empty here and the schema's finding there.

Every dialect maps through these, so that ids, versions, ranges, paths and times are judged alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chora_catalog.model.finding import Edit, Finding, Severity
from chora_catalog.model.ids import id_problem
from chora_catalog.model.manifest import Artifact, Behavior, Claim, Dependency, Manifest, Port, ValueScenario
from chora_catalog.model.ranges import range_problem
from chora_catalog.model.versions import version_problem
from chora_catalog.parse.instants import duration, moment, rfc3339
from chora_catalog.parse.reading import Reading, character_name, field_name, join_pointer, quoted

_DRIVE_OR_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WEB = re.compile(r"https?://[^\s/]+(?:/\S*)?")
_ESCAPED = {"%2e": ".", "%2f": "/", "%5c": "\\"}
_ESCAPE = re.compile("%2e|%2f|%5c", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class Fields:
    """The mapping at JSON pointer `at` of a reading; findings go to `found`, which all views of a file share."""

    reading: Reading
    at: str = ""
    value: Mapping[str, Any] = field(default_factory=dict)
    found: list[Finding] = field(default_factory=list)

    def pointer(self, *segments: str | int) -> str:
        """Return the JSON pointer of a value below."""
        return join_pointer(self.at, *segments)

    def line(self) -> int:
        """Return the line where the mapping begins."""
        return self.reading.line(self.at)

    def text(self, key: str) -> str:
        """Return the text under `key`, or empty text."""
        value = self.value.get(key)
        return value if isinstance(value, str) else ""

    def flag(self, key: str) -> bool:
        """Return whether `key` says true."""
        return self.value.get(key) is True

    def number(self, key: str, without: int) -> int:
        """Return the whole number under `key`, or `without`."""
        value = self.value.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else without

    def entries(self, key: str) -> Iterator[tuple[str, Any]]:
        """Yield pointer and value of each entry of the list under `key`."""
        values = self.value.get(key)
        if isinstance(values, list):
            for index, value in enumerate(values):
                yield self.pointer(key, index), value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of the list under `key`."""
        return tuple(value for _, value in self.entries(key) if isinstance(value, str) and value)

    def below(self, pointer: str, value: Any) -> Fields:
        """Return the fields of a mapping below, or none where `value` is no mapping."""
        inner = value if isinstance(value, dict) else {}
        return Fields(reading=self.reading, at=pointer, value=inner, found=self.found)

    def inner(self, key: str) -> Fields:
        """Return the fields of the mapping under `key`."""
        return self.below(self.pointer(key), self.value.get(key))

    def report(
        self,
        rule: str,
        message: str,
        pointer: str,
        *,
        hint: str = "",
        severity: Severity = Severity.ERROR,
        edit: Edit | None = None,
    ) -> None:
        """Add a finding about the value at `pointer`, with its correction where that is certain."""
        self.found.append(self.reading.finding(rule, message, pointer, severity=severity, hint=hint, edit=edit))

    def not_mapped(self, message: str, pointer: str) -> None:
        """Say that the catalog has no place for the value at `pointer`; it is kept with the original."""
        hint = "Nothing has to be done: it is kept with the original."
        self.report("dialect-not-mapped", message, pointer, hint=hint, severity=Severity.NOTICE)

    def id(self, key: str = "id") -> str:
        """Return the capability id under `key`, or empty text and an `id-grammar` error."""
        text = self.text(key)
        return text if not text or id_problem(text) is None else self.check_id(text, self.pointer(key))

    def check_id(self, text: str, pointer: str) -> str:
        """Return `text` where it is a capability id, or empty text and an `id-grammar` error."""
        problem = id_problem(text)
        if problem is None:
            return text
        foreign = next((character for character in text if character > "\x7f"), "")
        found = f" (it holds {character_name(foreign)})" if foreign else ""
        lower = text.lower().replace("/", "-").replace(" ", "-")
        hint = f"Write `{lower}`." if not foreign and id_problem(lower) is None else "Choose an id of that form."
        self.report("id-grammar", f"{quoted(text)} is no capability id{found}: {problem}", pointer, hint=hint)
        return ""

    def foreign_id(self, text: str, pointer: str) -> str:
        """Return `text` as an id by the rule of dialects with capital letters: made small, with a warning."""
        lower = text.lower()
        if lower != text and id_problem(lower) is None:
            message = f"{quoted(text)} has capital letters; it is read as {quoted(lower)}"
            hint, edit = f"Write {quoted(lower)}.", self.reading.edit(pointer, text, lower)
            self.report("id-rewritten", message, pointer, hint=hint, severity=Severity.WARNING, edit=edit)
            return lower
        return self.check_id(text, pointer)

    def version(self, key: str = "version", *, severity: Severity = Severity.ERROR) -> str:
        """Return the version under `key` as written; one that is not SemVer is a `version-semver` finding."""
        text = self.text(key)
        problem = version_problem(text) if text else None
        if problem is not None:
            message = f"{field_name(self.pointer(key))}: {problem}"
            hint = "Write a SemVer 2.0 version: three numbers, such as 1.2.3."
            bare = text[1:] if text[0] in "vV" and version_problem(text[1:]) is None else ""
            edit = self.reading.edit(self.pointer(key), text, bare) if bare else None
            self.report("version-semver", message, self.pointer(key), hint=hint, severity=severity, edit=edit)
        return text

    def range(self, key: str) -> str:
        """Return the version range under `key` as written; one that cannot be read is a `range-syntax` error."""
        text = self.text(key)
        if text and range_problem(text) is not None:
            self.check_range(text, self.pointer(key))
        return text

    def check_range(self, text: str, pointer: str, *, severity: Severity = Severity.ERROR) -> None:
        """Report a version range that cannot be read."""
        problem = range_problem(text) if text else None
        if problem is not None:
            message = f"{field_name(pointer)}: {problem}"
            hint = 'Write a range such as ">=1.2 <2" or "^1.2.0".'
            self.report("range-syntax", message, pointer, hint=hint, severity=severity)

    def instant(self, key: str) -> str:
        """Return the date as written or the time in UTC; empty text where the calendar has no such day."""
        text = self.text(key)
        return rfc3339(text) if moment(text) else ""

    def duration(self, key: str) -> str:
        """Return the duration under `key` as written, or empty text where it is none."""
        return self.text(key) if duration(self.text(key)) else ""

    def path(self, key: str) -> str:
        """Return the path under `key`, or empty text and a finding where it leaves the repository."""
        return self.check_path(self.text(key), self.pointer(key)) if self.text(key) else ""

    def paths(self, key: str, *, links: bool = False) -> tuple[str, ...]:
        """Return the paths of the list under `key`; with `links`, web addresses as well."""
        found = []
        for pointer, value in self.entries(key):
            if isinstance(value, str) and value:
                found.append(value if links and is_web_address(value) else self.check_path(value, pointer))
        return tuple(path for path in found if path)

    def check_path(self, text: str, pointer: str) -> str:
        """Return `text` as a path inside the repository with `/` between its parts, or empty text and an error."""
        path = text.replace("\\", "/")
        problem = path_problem(path)
        if problem is not None:
            message = f"{field_name(pointer)} is {quoted(text)}, which {problem}; nothing outside is read"
            self.report(
                "path-escapes", message, pointer, hint="Write a path inside this repository, such as docs/a.md."
            )
            return ""
        if path != text:
            message = f"{field_name(pointer)} is {quoted(text)}, written with backslashes; it is read as {quoted(path)}"
            hint, edit = f"Write {quoted(path)}.", self.reading.edit(pointer, text, path)
            self.report("path-backslash", message, pointer, hint=hint, severity=Severity.WARNING, edit=edit)
        return "/".join(part for part in path.split("/") if part not in ("", "."))

    def ports(self, key: str, *, schemas: bool = False) -> tuple[Port, ...]:
        """Return the inputs or outputs under `key`: names, or mappings with a name, and with a path of a schema."""
        ports = []
        for pointer, value in self.entries(key):
            port = self.below(pointer, value)
            name = value if isinstance(value, str) else port.text("name")
            if name:
                found = Port(
                    name=name,
                    type=port.text("type"),
                    optional=port.flag("optional"),
                    description=port.text("description"),
                    schema=port.path("schema") if schemas else "",
                )
                ports.append(found)
        return tuple(ports)

    def dependencies(self, key: str = "dependencies") -> tuple[Dependency, ...]:
        """Return the dependencies under `key`, each a mapping with an id."""
        found = []
        for pointer, value in self.entries(key):
            entry = self.below(pointer, value)
            identifier = entry.id()
            if identifier:
                found.append(entry.dependency(identifier))
        return tuple(found)

    def dependency(self, identifier: str, name: str = "") -> Dependency:
        """Return this mapping as a dependency on `identifier`."""
        return Dependency(
            id=identifier,
            version=self.range("version"),
            type=self.text("type"),
            scope=self.text("scope"),
            optional=self.flag("optional"),
            name=name,
            line=self.line(),
        )

    def behaviors(self, key: str = "behaviors") -> tuple[Behavior, ...]:
        """Return the behaviors under `key`: ids, or mappings with an id."""
        found = []
        for pointer, value in self.entries(key):
            entry = self.below(pointer, value)
            identifier = value if isinstance(value, str) else entry.text("id")
            if identifier:
                status = entry.text("status")
                found.append(Behavior(id=identifier, ref=entry.path("ref"), status=status, line=entry.line()))
        return tuple(found)

    def value_scenarios(self, *, capitals: bool = False) -> tuple[ValueScenario, ...]:
        """Return the value scenarios; with `capitals`, the capability they name may have capital letters."""
        found = []
        for pointer, value in self.entries("value_scenarios"):
            entry = self.below(pointer, value)
            capability = entry.text("capability")
            if capability:
                judge = entry.foreign_id if capitals else entry.check_id
                capability = judge(capability, entry.pointer("capability"))
            if entry.text("id"):
                test = entry.path("automated_test")
                scenario = ValueScenario(
                    id=entry.text("id"),
                    title=entry.text("title"),
                    guide=entry.path("guide"),
                    tests=entry.paths("tests") + ((test,) if test else ()),
                    status=entry.text("status"),
                    capability=capability,
                    line=entry.line(),
                )
                found.append(scenario)
        return tuple(found)

    def telemetry_signals(self) -> tuple[str, ...]:
        """Return the ids (or names) of the signals under `telemetry`."""
        telemetry = self.inner("telemetry")
        ids = []
        for pointer, value in telemetry.entries("signals"):
            signal = self.below(pointer, value)
            ids.append(value if isinstance(value, str) else signal.text("id") or signal.text("name"))
        return tuple(identifier for identifier in ids if identifier)

    def telemetry_documents(self) -> tuple[Artifact, ...]:
        """Return the documents that the signals under `telemetry` name."""
        telemetry = self.inner("telemetry")
        found = []
        for pointer, value in telemetry.entries("signals"):
            signal = self.below(pointer, value)
            named = [(key, signal.path(key)) for key in ("doc", "docs")]
            found += [signal.artifact(key, path, "signal document") for key, path in named if path]
        return tuple(found)

    def artifact(self, key: str, path: str, kind: str) -> Artifact:
        """Return the document of kind `kind` whose `path` stands under `key`."""
        return Artifact(path=path, type=kind, line=self.reading.line(self.pointer(key)))

    def claim(self, key: str = "validation_status") -> Claim | None:
        """Return what is claimed under `key`: a word, or a mapping with a result (or `passed`)."""
        if self.text(key):
            return Claim(result=self.text(key))
        claim = self.inner(key)
        passed = claim.value.get("passed")
        told = {True: "passing", False: "failing"}[passed] if isinstance(passed, bool) else ""
        result = claim.text("result") or told
        if not result:
            return None
        return Claim(result=result, last_run=claim.instant("last_run"), tool=claim.text("tool"))


def is_web_address(text: str) -> bool:
    """Tell whether `text` is an address of the web and no path."""
    return bool(_WEB.fullmatch(text))


def path_problem(path: str) -> str | None:
    """Say why `path` (with `/` between its parts) is none inside a repository, or return None."""
    if _DRIVE_OR_SCHEME.match(path):
        return "names a drive or an address"
    plain = _ESCAPE.sub(lambda escape: _ESCAPED[escape.group().lower()], path).replace("\\", "/")
    if plain.startswith(("/", "~")):
        return "is absolute"
    if ".." in plain.split("/"):
        return "leads out of the repository"
    return None


def exported(manifest: Manifest) -> Any:
    """Return the document that declared `manifest`, as the values of its own format: what export gives back."""
    return json.loads(manifest.original)


def original(value: object) -> str:
    """Return a document as canonical JSON text: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
