"""The project files of an ecosystem -> what they show of a capability; nothing of them is run.

What is read of which file, and how sure that is, stands in docs/how-to/adopt-a-repository.md. An author or maintainer
is no owner, a package that is needed is no capability that is needed, and a word with no counterpart stays a question.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chora_catalog.model.adoption import SCALARS, Confidence, Shown, Sighting, Unused, Value
from chora_catalog.model.finding import Severity
from chora_catalog.model.ids import id_problem
from chora_catalog.model.manifest import Origin
from chora_catalog.model.ranges import range_problem
from chora_catalog.model.versions import version_problem
from chora_catalog.parse.code_owners import PLACES, read_code_owners
from chora_catalog.parse.fields import is_web_address
from chora_catalog.parse.gherkin import read_features
from chora_catalog.parse.load import load_manifests
from chora_catalog.parse.reading import decode, forbidden_in, quoted
from chora_catalog.parse.schema import Schemas
from chora_catalog.parse.spans import read

HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
MAX_ENTRIES: Final = 500
MAX_DOTS: Final = 100
_WAYS = {
    ("catalog-info.yaml", "id"): ("metadata", "name"),
    ("catalog-info.yaml", "owner"): ("spec", "owner"),
    ("catalog-info.yaml", "lifecycle_stage"): ("spec", "lifecycle"),
    ("catalog-info.yaml", "stability"): ("spec", "lifecycle"),
    ("publiccode.yml", "stability"): ("developmentStatus",),
    ("server.json", "stability"): ("status",),
    ("Chart.yaml", "stability"): ("deprecated",),
}
"""Where a field stands whose words the dialect changes; the others are found by their words."""
_CLASSIFIERS = {
    "Development Status :: 3 - Alpha": "alpha",
    "Development Status :: 4 - Beta": "beta",
    "Development Status :: 5 - Production/Stable": "stable",
}
_ISSUE_LABELS = frozenset(["issues", "bugtracker", "issuetracker", "bugreports", "tracker"])
_TABLE = re.compile(r"\[([A-Za-z0-9_.\-]{1,200})\][ \t]*(?:#.*)?")
_KEY = re.compile(r"\"?([A-Za-z0-9_\- ]{1,100})\"?[ \t]*=")
_MAJOR = re.compile(r"v[0-9]{1,9}")
_MODULE = re.compile(r"module[ \t]+\"?([^\s\"]{1,500})\"?[ \t]*(?://.*)?")


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What one file shows, in the making."""

    file: str
    shown: list[Shown] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)

    def add(self, name: str, value: object, line: int, confidence: Confidence, why: str = "") -> None:
        """Take a text for a field, on one line; what no manifest may hold is named and not used."""
        if not isinstance(value, str) or not (text := " ".join(value.split())):
            return
        if problem := self._problem(name, text):
            self.refuse(name, problem, line)
            return
        self.shown.append(Shown(field=name, value=text, file=self.file, line=line, confidence=confidence, why=why))

    def add_entry(self, name: str, value: Value, line: int, confidence: Confidence, why: str = "") -> None:
        """Take an entry of a list."""
        texts = [value] if isinstance(value, str) else [text for _, text in value]
        if any(forbidden_in(text) for text in texts):
            self.refuse(name, "an entry holds a character that no manifest may hold", line)
            return
        entry = Shown(field=name, value=value, file=self.file, line=line, confidence=confidence, why=why)
        self.shown.append(entry)

    def refuse(self, name: str, why: str, line: int = 0) -> None:
        """Say that something was seen and is not used."""
        self.unused.append(Unused(file=self.file, field=name, line=line, why=why))

    def _problem(self, name: str, text: str) -> str:
        if odd := forbidden_in(text):
            return f"the value holds {odd}"
        if name == "id":
            return id_problem(text) or ""
        if name == "version":
            return version_problem(text) or ""
        if name == "contact" and not is_web_address(text):
            return f"{quoted(text)} is no https address"
        return ""

    def done(self) -> Sighting:
        """Return all of it."""
        return Sighting(shown=tuple(self.shown), unused=tuple(self.unused))


class _Document:
    """A JSON, YAML or TOML document: a value at a way of keys, and the line it stands in."""

    def __init__(self, value: Any, line: Callable[[tuple[str, ...]], int]) -> None:
        self._value = value
        self.line = line

    def get(self, *way: str) -> Any:
        """Return the value there, None where there is none."""
        value = self._value
        for key in way:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def entries(self, *way: str) -> Iterator[tuple[int, Any]]:
        """Yield (line, value) of each entry of the list there, at most five hundred."""
        value = self.get(*way)
        for number, entry in enumerate(value[:MAX_ENTRIES] if isinstance(value, list) else ()):
            yield self.line((*way, str(number))), entry


def read_project_file(path: str, data: bytes) -> Sighting:
    """Return what the project file `path` (one of `PROJECT_FILES`) shows. Never raises for any bytes."""
    seen = _Seen(file=path)
    if path in TEXTS:
        text, found = decode(data, path)
        if found.any:
            seen.refuse("", f"it is not read: {found.sorted()[0].message}")
        else:
            TEXTS[path](text, seen)
        return seen.done()
    document = _toml(data, seen) if path.endswith(".toml") else _strict(data, seen)
    if document is not None:
        DOCUMENTS[path](document, seen)
    return seen.done()


def read_feature_file(path: str, data: bytes) -> Sighting:
    """Return the behaviors that the scenarios of a `.feature` file carry."""
    seen = _Seen(file=path)
    features = read_features(data, file=path)
    for behavior in features.behaviors:
        seen.add_entry("behaviors", (("id", behavior.id), ("ref", path)), behavior.line, HIGH, "a tag of its scenarios")
    for finding in features.findings:
        seen.refuse("behaviors", finding.message, finding.place.line)
    return seen.done()


def decision_record(path: str) -> Sighting:
    """Return a decision record as a link, by its path alone."""
    seen = _Seen(file=path)
    seen.add_entry("adr_links", path, 0, HIGH, "a file of that folder")
    return seen.done()


def _strict(data: bytes, seen: _Seen) -> _Document | None:
    reading = read(data, file=seen.file)
    if not reading.ok or not isinstance(reading.value, dict):
        first = reading.findings[0] if reading.findings else None
        why = first.message if first else "it holds no mapping"
        seen.refuse("", f"it is not read: {why}", first.place.line if first else 0)
        return None
    escape = str.maketrans({"~": "~0", "/": "~1"})
    return _Document(reading.value, lambda way: reading.line("".join(f"/{key.translate(escape)}" for key in way)))


def _toml(data: bytes, seen: _Seen) -> _Document | None:
    text, found = decode(data, seen.file)
    if found.any:
        seen.refuse("", f"it is not read: {found.sorted()[0].message}")
        return None
    # The reader of the standard library takes memory with the square of a key's length in dots: 256 KiB are too many.
    if any(line.count(".") > MAX_DOTS for line in text.split("\n")):
        seen.refuse("", f"it is not read: a line has more than {MAX_DOTS} dots")
        return None
    try:
        value = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        seen.refuse("", f"it is not read: this is not TOML: {' '.join(str(error).split())[:200]}")
        return None
    lines = _toml_lines(text)
    return _Document(value, lambda way: lines.get(way) or lines.get(way[:-1], 0))


def _toml_lines(text: str) -> Mapping[tuple[str, ...], int]:
    """Return the line of each key that stands in a table of its own; a text of several lines may hide one."""
    table: tuple[str, ...] = ()
    lines: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if found := _TABLE.match(line):
            table = tuple(found[1].split("."))
        elif line.startswith("["):
            table = ("[",)
        elif found := _KEY.match(line):
            lines.setdefault((*table, found[1].rstrip()), number)
    return lines


def _name(seen: _Seen, document: _Document, *way: str, why: str) -> None:
    name = document.get(*way)
    if isinstance(name, str):
        identifier = name.lower().removeprefix("@").replace("/", ".")
        seen.add("id", identifier, document.line(way), MEDIUM, why)


def _tags(seen: _Seen, document: _Document, *way: str) -> None:
    for line, word in document.entries(*way):
        if isinstance(word, str) and 0 < len(word) <= 64:
            seen.add_entry("tags", word, line, HIGH)


def _plain(document: _Document, seen: _Seen, *table: str) -> None:
    """Take version, description and keywords, which mean the same in most ecosystems."""
    seen.add("version", document.get(*table, "version"), document.line((*table, "version")), HIGH)
    seen.add("summary", document.get(*table, "description"), document.line((*table, "description")), HIGH)
    _tags(seen, document, *table, "keywords")


def _package_json(document: _Document, seen: _Seen) -> None:
    _name(seen, document, "name", why="the package's name")
    _plain(document, seen)
    bugs = ("bugs", "url") if isinstance(document.get("bugs"), dict) else ("bugs",)
    seen.add("contact", document.get(*bugs), document.line(bugs), MEDIUM, "where its bugs are filed")


def _pyproject(document: _Document, seen: _Seen) -> None:
    table = ("project",) if document.get("project") is not None else ("tool", "poetry")
    _name(seen, document, *table, "name", why="the distribution's name")
    _plain(document, seen, *table)
    words = {
        _CLASSIFIERS[word]: line
        for line, word in document.entries(*table, "classifiers")
        if isinstance(word, str) and word in _CLASSIFIERS
    }
    for word, line in words.items():
        seen.add("stability", word, line, MEDIUM, "its development status")
    urls = document.get(*table, "urls")
    for label in urls if isinstance(urls, dict) else ():
        if re.sub(r"[^a-z]", "", label.lower()) in _ISSUE_LABELS:
            way = (*table, "urls", label)
            seen.add("contact", document.get(*way), document.line(way), MEDIUM, "where its issues are filed")


def _cargo(document: _Document, seen: _Seen) -> None:
    _name(seen, document, "package", "name", why="the crate's name")
    _plain(document, seen, "package")


def read_foreign_manifest(path: str, data: bytes, schemas: Schemas) -> Sighting:
    """Return what another tool's manifest shows, by the written rule of its dialect: the id is the one a catalog knows.

    Never raises for any bytes. A file that declares several capabilities shows none of them.
    """
    seen = _Seen(file=path)
    loaded = load_manifests(data, path=path, schemas=schemas)
    if len(loaded.manifests) != 1:
        first = next((item for item in loaded.findings if item.severity is Severity.ERROR), None)
        several = f"it declares {len(loaded.manifests)} capabilities; a manifest is adopted from one"
        why = several if loaded.manifests else f"it is not read: {first.message if first else 'it declares nothing'}"
        seen.refuse("", why, first.place.line if first and not loaded.manifests else 0)
        return seen.done()
    (manifest,) = loaded.manifests
    reading = read(data, file=path)
    document = _Document(reading.value, lambda way: reading.line("".join(f"/{key}" for key in way)))
    for name in SCALARS:
        text = getattr(manifest, name)
        derived = name != "id" and manifest.origin(name) is Origin.DERIVED
        why = "the id by which a catalog knows it" if name == "id" else "by the rule of its format" if derived else ""
        way = _way(reading.value, manifest.name if name == "id" else text, _WAYS.get((path, name), ()))
        seen.add(name, text, document.line(way) if way else 0, MEDIUM if derived else HIGH, why)
    for word in manifest.tags:
        way = _way(reading.value, word)
        seen.add_entry("tags", word, document.line(way) if way else 0, HIGH)
    for need in manifest.dependencies:
        if problem := range_problem(need.version) if need.version else "":
            seen.refuse("dependencies", problem, need.line)
        else:
            pairs = (("id", need.id), *((("version", need.version),) if need.version else ()))
            seen.add_entry("dependencies", pairs, need.line, HIGH)
    if path == "metadata.json" and not manifest.contact:
        line = document.line(("issues_url",))
        seen.add("contact", document.get("issues_url"), line, MEDIUM, "where its issues are filed")
    return seen.done()


def _way(value: object, text: str, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return where `text` stands in a document: at the `known` way, else where it is found first; empty if nowhere."""
    if known or not text:
        return known
    waiting: list[tuple[tuple[str, ...], object]] = [((), value)]
    while waiting:
        way, found = waiting.pop()
        if isinstance(found, str) and " ".join(found.split()) == " ".join(text.split()):
            return way
        inner = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
        waiting += reversed([((*way, str(key)), item) for key, item in inner])
    return ()


def _go_mod(text: str, seen: _Seen) -> None:
    for number, line in enumerate(text.split("\n"), 1):
        if found := _MODULE.fullmatch(line.strip()):
            segments = [part for part in found[1].lower().split("/") if not _MAJOR.fullmatch(part)]
            seen.add("id", segments[-1] if segments else "", number, LOW, "the end of the module's path")
            return


def _codeowners(text: str, seen: _Seen) -> None:
    """Take the one owner of everything: the last line for `*` counts, as the code hosts read it."""
    read = read_code_owners(text.encode(), file="CODEOWNERS")
    everything = [entry for entry in read.entries if entry.pattern in ("*", "**", "/**")] if read else []
    if not everything:
        return
    number, owners = everything[-1].line, everything[-1].owners
    people = [word for word in owners if word.startswith("@")]
    if len(owners) == 1 and people:
        seen.add("owner", people[0], number, MEDIUM, "owns every file")
    elif len(owners) > 1:
        seen.refuse("owner", f"it names several: {', '.join(owners[:5])}", number)
    elif owners:
        seen.refuse("owner", "it names an e-mail address, which is no team", number)


DOCUMENTS: Final[Mapping[str, Callable[[_Document, _Seen], None]]] = {
    "pyproject.toml": _pyproject,
    "Cargo.toml": _cargo,
    "package.json": _package_json,
}
TEXTS: Final[Mapping[str, Callable[[str, _Seen], None]]] = {
    "go.mod": _go_mod,
    **dict.fromkeys(PLACES, _codeowners),
}
PROJECT_FILES: Final = (*DOCUMENTS, *TEXTS)
"""The files that are looked at after the manifests of other tools, the most telling first: where two differ, the first
counts and is said to be unsure."""
