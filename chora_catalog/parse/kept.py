"""What the previous publication kept, read back strictly (the other half of render/harvest)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from chora_catalog.model.catalog import First, Gone
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.record import from_json, to_json
from chora_catalog.model.run import Run
from chora_catalog.model.source import Alias, Harvest, SourceHead, SourceSpec

SCHEMA = "chora.harvest/v1"
Result = TypeVar("Result")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class UnreadableError(ValueError):
    """A previous publication that cannot be what this tool wrote; the message says which file and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What of a harvest says whether its source has to be read again."""

    refs: Mapping[str, str]
    key: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The previous publication as an input: harvests by source, its run record, and what it remembers by id.

    A harvest is decoded when it is first asked for; UnreadableError is raised then where its records do not hold.
    """

    catalog: str = ""
    harvests: Mapping[str, Harvest] = field(default_factory=dict)
    glances: Mapping[str, Glance] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, First] = field(default_factory=dict)
    gone: tuple[Gone, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    """The bytes of each file of its content, as its own list says; empty where there is none."""
    run: Run | None = None
    index: bytes | None = None
    """Its `data/v1/index.json`."""
    changes: Mapping[str, bytes] = field(default_factory=dict)
    """Its notes of changes by digest, oldest first."""


def load_previous(files: Mapping[str, bytes]) -> Previous:
    """Return the previous publication from its files, by path in the publication.

    Needed are `data/v1/harvest.json`, what it lists, and `run.json`; `files` may read each when it is asked for. Raise
    UnreadableError when one is missing, torn, changed (an object's name is the SHA-256 of its bytes), or of another
    schema.
    """
    listing = _json(files, "data/v1/harvest.json")
    if listing.get("schema") != SCHEMA:
        raise UnreadableError(f"data/v1/harvest.json: schema {listing.get('schema')!r} is not {SCHEMA!r}")
    return _guarded(partial(_load, files, listing))


def _load(files: Mapping[str, bytes], listing: dict[str, Any]) -> Previous:
    missing = next((digest for digest in listing["objects"] if _object_path(digest) not in files), None)
    if missing is not None:
        raise UnreadableError(f"{_object_path(missing)} is missing")
    records = {name: _json(files, f"data/v1/harvest/{name}.json") for name in listing["sources"]}
    record = _json(files, "run.json")
    record.pop("schema", None)
    return Previous(
        catalog=str(listing["catalog"]),
        harvests=_Harvests(records, files),
        glances={name: _glance(item) for name, item in records.items()},
        held={str(key): str(value) for key, value in listing["held"].items()},
        first={str(key): from_json(First, value, at="first") for key, value in listing["first"].items()},
        gone=tuple(_gone(item, files) for item in listing["gone"]),
        sizes=_sizes(files),
        run=from_json(Run, record, at="run.json"),
        index=_index(files),
        changes=_changes(files),
    )


def load_specs(files: Mapping[str, bytes]) -> tuple[SourceSpec, ...]:
    """Return the registered sources of a publication as far as it says who they are: name, address, claims, aliases.

    Raise UnreadableError as `load_previous` does.
    """
    return _guarded(partial(_specs, files))


def _specs(files: Mapping[str, bytes]) -> tuple[SourceSpec, ...]:
    found = []
    for name in _json(files, "data/v1/harvest.json")["sources"]:
        said = _json(files, f"data/v1/sources/{name}.json")
        aliases = tuple(Alias(old=str(item["from"]), new=str(item["to"])) for item in said.get("aliases", ()))
        claims = tuple(str(claim) for claim in said.get("claims", ()))
        found.append(SourceSpec(name=str(said["name"]), url=str(said["url"]), claims=claims, aliases=aliases))
    return tuple(found)


def load_heads(files: Mapping[str, bytes]) -> tuple[str, tuple[SourceHead, ...]]:
    """Return the name of the catalog of a publication, and which state of each source it shows.

    Only what is listed of each source is read, none of its objects. Raise UnreadableError as `load_previous` does.
    """
    return _guarded(partial(_heads, files))


def _heads(files: Mapping[str, bytes]) -> tuple[str, tuple[SourceHead, ...]]:
    listing = _json(files, "data/v1/harvest.json")
    found = []
    for name in listing["sources"]:
        head = _json(files, f"data/v1/harvest/{name}.json").get("head") or {}
        listed = tuple((str(path), str(digest)) for path, digest in head.get("digests", ()))
        url = str(_json(files, f"data/v1/sources/{name}.json")["url"])
        found.append(SourceHead(name=str(name), url=url, commit=str(head.get("commit", "")), digests=listed))
    return str(listing["catalog"]), tuple(found)


def load_contract(files: Mapping[str, bytes], source: str, capability: str, version: str) -> Manifest | None:
    """Return what `source` declares of `capability` in its release `version`, else at its head where it has no release.

    None where it is not known: the release's manifest did not parse. Only its record and the manifests of that state
    are read. Raise UnreadableError as `load_previous` does.
    """
    return _guarded(partial(_contract, files, source, capability, version))


def _contract(files: Mapping[str, bytes], source: str, capability: str, version: str) -> Manifest | None:
    record = _json(files, f"data/v1/harvest/{source}.json")
    states = [item for item in record.get("releases", ()) if item["version"] == version]
    if not states and not record.get("releases") and record.get("head"):
        states = [record["head"]]
    declared = [_object(files, digest) for state in states for digest in state.get("manifests", ())]
    return next((manifest for manifest in declared if manifest.id == capability), None)


class _Harvests(Mapping[str, Harvest]):
    """The harvests of a publication, each decoded when it is first asked for."""

    def __init__(self, records: Mapping[str, dict[str, Any]], files: Mapping[str, bytes]) -> None:
        self._records, self._files = records, files
        self._read: dict[str, Harvest] = {}

    def __getitem__(self, name: str) -> Harvest:
        if name not in self._read:
            self._read[name] = _guarded(partial(_harvest, self._records[name], self._files))
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._records

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


def _guarded(read: Callable[[], Result]) -> Result:
    """Call `read`; whatever shape of record it stumbles over is one kind of error."""
    try:
        return read()
    except UnreadableError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        raise UnreadableError(f"its records do not hold together: {error}") from error


def _bytes(files: Mapping[str, bytes], path: str) -> bytes:
    try:
        return files[path]
    except KeyError:
        raise UnreadableError(f"{path} is missing") from None


def _json(files: Mapping[str, bytes], path: str) -> dict[str, Any]:
    return _json_of(_bytes(files, path), path)


def _json_of(data: bytes, path: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{path} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise UnreadableError(f"{path} is no object")
    return value


def _object_path(digest: object) -> str:
    return f"data/v1/objects/{digest}.json"


def _object(files: Mapping[str, bytes], digest: object) -> Manifest:
    path = _object_path(digest)
    data = _bytes(files, path)
    record = _json_of(data, path)
    if hashlib.sha256(data).hexdigest() != digest:
        raise UnreadableError(f"{path} was changed: its bytes have another digest")
    manifest: Manifest = from_json(Manifest, record, at=path)
    return manifest


def _glance(record: dict[str, Any]) -> Glance:
    refs = {str(name): str(target) for name, target in record.get("refs", ())}
    return Glance(refs=refs, key=str(record.get("key", "")), error=str(record.get("error", "")))


def _index(files: Mapping[str, bytes]) -> bytes | None:
    """Return the index, None where there is none (a shard); raise where it is none of ours."""
    path = "data/v1/index.json"
    if path not in files:
        return None
    for row in _json(files, path)["capabilities"]:
        str(row["id"])
    return files[path]


def _changes(files: Mapping[str, bytes]) -> dict[str, bytes]:
    listing = "data/v1/changes/index.json"
    names = _json(files, listing)["changes"] if listing in files else []
    found = {}
    for name in names:
        path = f"data/v1/changes/{name}.json"
        if not _DIGEST.fullmatch(str(name)) or _json(files, path).get("after") != name:
            raise UnreadableError(f"{path} is not what its name says")
        found[str(name)] = files[path]
    return found


def _sizes(files: Mapping[str, bytes]) -> dict[str, int]:
    path = "data/v1/contents.json"
    listed = _json(files, path)["files"] if path in files else {}
    return {str(name): int(item["size"]) for name, item in listed.items()}


def _harvest(record: dict[str, Any], files: Mapping[str, bytes]) -> Harvest:
    known: list[list[Manifest]] = []

    def bare(state: dict[str, Any]) -> dict[str, Any]:
        known.append([_object(files, digest) for digest in state.get("manifests", [])])
        return {name: value for name, value in state.items() if name != "manifests"}

    said = {name: value for name, value in record.items() if name != "schema"}
    if said.get("head"):
        said["head"] = bare(said["head"])
    if "releases" in said:
        said["releases"] = [bare(state) for state in said["releases"]]
    harvest: Harvest = from_json(Harvest, said, at=f"harvest {record.get('source')}")
    return _with_manifests(harvest, known)


def _gone(record: dict[str, Any], files: Mapping[str, bytes]) -> Gone:
    manifest = _object(files, record["manifest"])
    gone: Gone = from_json(Gone, {**record, "manifest": to_json(manifest)}, at="gone")
    return gone


def _with_manifests(harvest: Harvest, manifests: list[list[Manifest]]) -> Harvest:
    rest = iter(manifests)
    head = replace(harvest.head, manifests=tuple(next(rest))) if harvest.head else None
    return replace(
        harvest,
        head=head,
        releases=tuple(replace(release, manifests=tuple(next(rest))) for release in harvest.releases),
    )
