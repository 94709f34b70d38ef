"""A manifest from what a repository shows, or begun from nothing; nothing of the repository is run."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chora_catalog.app.history_reading import TOMBSTONE_MAJOR, tag_version
from chora_catalog.app.own_schemas import own_schemas
from chora_catalog.app.tree_reading import MAX_BYTES as MAX_TREE_BYTES
from chora_catalog.app.tree_reading import MAX_FILES
from chora_catalog.app.typed import typed
from chora_catalog.edge import files, worktree
from chora_catalog.edge.own_tags import own_tags
from chora_catalog.edge.workspace import Workspace
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.adoption import REQUIRED, SCALARS, Adoption, Sighting, Unused
from chora_catalog.model.finding import Severity
from chora_catalog.model.ids import id_problem
from chora_catalog.model.source import SourceSpec
from chora_catalog.model.versions import Version
from chora_catalog.parse.code_owners import PLACES
from chora_catalog.parse.load import CANONICAL_NAMES, FOREIGN_NAMES, load_manifests
from chora_catalog.parse.project_files import (
    PROJECT_FILES,
    decision_record,
    read_feature_file,
    read_foreign_manifest,
    read_project_file,
)
from chora_catalog.parse.reading import MAX_BYTES, forbidden_in
from chora_catalog.parse.schema import Schemas
from chora_catalog.parse.spans import read
from chora_catalog.render.adopted import SCHEMA_FILE, begun_text, manifest_text, values
from chora_catalog.resolve.adoption import join, without

MANIFEST = "chora.yaml"
FIRST_VERSION = "0.1.0"
_TOO_MUCH = "it is not read: it is no regular file of at most 256 KiB"
# What others wrote and a build put there shows nothing of this repository.
_FOREIGN = re.compile(r"(?:^|/)(?:node_modules|vendor|third_party|\.venv|venv|\.tox|dist|build|target)/")
_RECORD = re.compile(r"(?:docs?/|decisions/)?(?:adrs?|decisions)/[^/]+\.md")
_INDEX = re.compile(r"(?:readme|index|template|0000-template|adr-template)\.md", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What came of it: the manifest's text, what stays open, and what was done with the file.

    `state` is `written`, `would-write`, `unchanged`, `differs` (there is one already, `diff` says how) or `incomplete`
    (the repository does not show what a manifest cannot do without).
    """

    state: str
    text: str
    open: tuple[str, ...]
    diff: str = ""
    tags_read: bool = True
    beside: tuple[str, ...] = ()
    """Manifests of other tools in the same tree, which a catalog no longer reads beside one of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The files that were written, in order."""

    written: tuple[str, ...]


def begin(path: Path, identifier: str = "") -> Begun:
    """Write the least valid manifest into the folder `path`; its id is `identifier`, else the folder's name.

    Raise ChoraError (usage) when there is a manifest, or the name of the folder is no id.
    """
    place = Workspace(path)
    for name in sorted(CANONICAL_NAMES):
        if place.holds(name):
            raise ChoraError(
                f"there is a {name} already; nothing was written",
                hint=f"See whether it is valid: {typed('validate', path)}",
            )
    chosen = identifier or re.sub(r"[^a-z0-9]+", "-", path.resolve().name.lower()).strip("-")
    if problem := id_problem(chosen):
        named = "the id" if identifier else "an id made of the folder's name"
        raise ChoraError(
            f"{named}, {chosen!a}, is none: {problem}",
            hint=f"Say the id: {typed('init', path)} --id domain.capability.action",
        )
    text = begun_text(chosen, FIRST_VERSION)
    _hold(text, {"id": chosen, "version": FIRST_VERSION})
    return Begun(written=(*_write_schema(place), *_write(place, text)))


def adopt(path: Path, answers: Sequence[str] = (), *, dry_run: bool = False) -> Adopted:
    """Make a manifest of what the folder `path` shows, and write it where there is none.

    `answers` are `FIELD=VALUE`. Raise ChoraError (usage) for an answer that no manifest can hold.
    """
    given = _answers(answers)
    place = Workspace(path)
    modes, _ = files.list_folder(path, names=worktree.files_of(path))
    releases = _releases(path)
    schemas = own_schemas()
    sightings = _sightings(place, modes, schemas)
    adoption = _valid(join(sightings, releases or {}, given), schemas)
    text = manifest_text(adoption)
    beside = tuple(name for name in FOREIGN_NAMES if name in modes)
    result = Adopted(state="", text=text, open=adoption.open, tags_read=releases is not None, beside=beside)
    there = [name for name in sorted(CANONICAL_NAMES) if place.holds(name)]
    if there:
        return _compared(result, place, there[0])
    if any(field in adoption.open for field in REQUIRED):
        return _as(result, "incomplete")
    _hold(text, values(adoption))
    if dry_run:
        return _as(result, "would-write")
    _write_schema(place)
    _write(place, text)
    return _as(result, "written")


def _as(result: Adopted, state: str, diff: str = "") -> Adopted:
    return replace(result, state=state, diff=diff)


def _compared(result: Adopted, place: Workspace, name: str) -> Adopted:
    """Say how the manifest that is there differs; it is never overwritten."""
    data = place.read(name, MAX_BYTES)
    if data is None:
        raise ChoraError(
            f"{name} is no regular file of at most 256 KiB; nothing was written",
            hint="Make it a regular file, or remove it.",
        )
    was = data.decode("utf-8", "replace")
    if was == result.text:
        return _as(result, "unchanged")
    difference = difflib.unified_diff(
        was.splitlines(), result.text.splitlines(), name, f"{name} as adopted today", lineterm=""
    )
    return _as(result, "differs", "\n".join(difference))


def _answers(answers: Sequence[str]) -> Mapping[str, str]:
    given: dict[str, str] = {}
    for answer in answers:
        field, sign, value = answer.partition("=")
        if not sign or field not in SCALARS or not value.strip():
            near = difflib.get_close_matches(field, SCALARS, n=1)
            hint = f"Did you mean --answer {near[0]}=...?" if near and field != near[0] else ""
            raise ChoraError(
                f"--answer {answer!a} is no answer: it takes FIELD=VALUE",
                hint=hint or f"The fields are {', '.join(SCALARS)}; write lists into the file.",
            )
        if odd := forbidden_in(value):
            raise ChoraError(f"the answer to {field} holds {odd}", hint="Remove the character.")
        given[field] = value.strip()
    return given


def _releases(path: Path) -> dict[str, Version] | None:
    names = own_tags(path)
    if names is None:
        return None
    found = ((name, tag_version(name, SourceSpec(name="", url="").tags)) for name in names)
    return {name: version for name, version in found if version is not None and version.major < TOMBSTONE_MAJOR}


def _sightings(place: Workspace, modes: Mapping[str, str], schemas: Schemas) -> Iterator[Sighting]:
    # The first of the places where a code host looks for it is the one that counts.
    owners = next((name for name in PLACES if name in modes), "")
    for name in FOREIGN_NAMES:
        if name in modes:
            data = place.read(name, MAX_BYTES)
            yield _unread(name, "", _TOO_MUCH) if data is None else read_foreign_manifest(name, data, schemas)
    for name in PROJECT_FILES:
        if name not in modes or (name in PLACES and name != owners):
            continue
        data = place.read(name, MAX_BYTES)
        yield _unread(name, "", _TOO_MUCH) if data is None else read_project_file(name, data)
    own = [name for name, mode in sorted(modes.items()) if mode == "100644" and not _FOREIGN.search(name)]
    yield from _features(place, [name for name in own if name.endswith(".feature")])
    records = [name for name in own if _RECORD.fullmatch(name) and not _INDEX.fullmatch(name.rpartition("/")[2])]
    yield from map(decision_record, records)


def _features(place: Workspace, names: Sequence[str]) -> Iterator[Sighting]:
    left = MAX_TREE_BYTES
    for number, name in enumerate(names):
        data = place.read(name, min(MAX_BYTES, left)) if number < MAX_FILES else None
        if data is None:
            yield _unread(name, "behaviors", f"at most {MAX_FILES} files of 256 KiB and 4 MiB in all are read")
            return
        left -= len(data)
        yield read_feature_file(name, data)


def _unread(name: str, field: str, why: str) -> Sighting:
    return Sighting(unused=(Unused(file=name, field=field, why=why),))


def _valid(adoption: Adoption, schemas: Schemas) -> Adoption:
    """Return the adoption without what the manifest's own rules refuse; an answer they refuse is the caller's."""
    for _ in range(len(SCALARS) + 8):
        data = manifest_text(adoption).encode()
        found = load_manifests(data, path=MANIFEST, schemas=schemas).findings
        wrong = next((item for item in found if item.severity is Severity.ERROR and _field(item.place.pointer)), None)
        if wrong is None or _field(wrong.place.pointer) in adoption.open:
            return adoption
        field = _field(wrong.place.pointer)
        if field in dict(adoption.answers):
            raise ChoraError(f"the answer to {field} cannot stand in a manifest: {wrong.message}", hint=wrong.hint)
        adoption = without(adoption, field, wrong.message)
    return adoption


def _field(pointer: str) -> str:
    return pointer.partition("/")[2].partition("/")[0]


def _hold(text: str, expected: Mapping[str, object]) -> None:
    """Raise ChoraError (cannot tell) unless the strict reader reads out of `text` what was put in, without an error."""
    reading = read(text.encode(), file=MANIFEST)
    schemas = own_schemas()
    errors = [item for item in load_manifests(text.encode(), path=MANIFEST, schemas=schemas).findings
              if item.severity is Severity.ERROR]  # fmt: skip
    if reading.value != expected or errors:
        said = errors[0].message if errors else "other values were read than were written"
        raise ChoraError(
            f"the manifest would not be valid, so it was not written: {said}",
            hint="Write it by hand, as docs/reference/manifest.md says.",
            code=Exit.CANNOT_TELL,
        )


def _write(place: Workspace, text: str) -> tuple[str, ...]:
    place.write(MANIFEST, text.encode())
    return (MANIFEST,)


def _write_schema(place: Workspace) -> tuple[str, ...]:
    """Put the schema beside the manifest, so that an editor completes fields without a network; a present one stays."""
    if place.holds(SCHEMA_FILE):
        return ()
    place.write(SCHEMA_FILE, (files.data_folder("schemas") / "capability.schema.json").read_bytes())
    return (SCHEMA_FILE,)
