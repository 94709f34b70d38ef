"""The registry and what was read of each registered source."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from chora_catalog.model.finding import Finding
from chora_catalog.model.manifest import Dependency, Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A former name `old` that now means `new` (`aliases: [{from, to}]`)."""

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """One registry entry with the defaults applied. Durations are seconds, sizes bytes."""

    name: str
    url: str
    ref: str = "HEAD"
    versions: str = "head"
    manifests: tuple[str, ...] = ()
    """Globs; empty means every manifest name that a dialect knows."""
    tags: tuple[str, ...] = ("v{version}", "{version}")
    owner: str = ""
    constellation: str = ""
    claims: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    audience: str = "public"
    auth_env: str = ""
    ttl: int = 3600
    alert: int = 5400
    timeout: int = 60
    max_pack: int = 256 * 2**20
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """`catalog-sources.yaml`: what this catalog is called and which sources it reads."""

    title: str = "Chora"
    url: str = ""
    repository: str = ""
    branch: str = "main"
    forge: str = "none"
    previous: str = ""
    root: str = ""
    audience: str = "public"
    notice: str = ""
    """A line shown on every page, as the demo's ribbon does."""
    ttl: int = 3600
    alert: int = 5400
    sources: tuple[SourceSpec, ...] = ()


class Outcome(StrEnum):
    """What became of a source in one build."""

    READ = "read"
    """It answered and its manifests were read."""
    UNCHANGED = "unchanged"
    """It answered and every selected ref has the id it had."""
    KEPT = "kept"
    """It did not answer; what the previous publication knew stands."""
    UNREAD = "unread"
    """It did not answer and was never read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The manifests of one commit."""

    commit: str
    committed_at: str
    """RFC 3339 UTC."""
    manifests: tuple[Manifest, ...] = ()
    digests: tuple[tuple[str, str], ...] = ()
    """The manifest files as they lie there: path and SHA-256 of the bytes, in order of paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A version tag: its version is the tag's, its time is git's creatordate (RFC 3339 UTC)."""

    tag: str
    version: str
    released_at: str
    commit: str
    manifests: tuple[Manifest, ...] = ()
    tombstone: bool = False
    """Major 900 and up means "moved elsewhere" and is no release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What one past state of a manifest declared of one capability: who it was and what it required."""

    id: str
    version: str = ""
    dependencies: tuple[Dependency, ...] = ()
    valid: bool = True
    """False when the file had an error finding and still said this much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHead:
    """Which state of a source a publication shows: its commit, empty where there is none, and its manifest files."""

    name: str
    url: str
    commit: str = ""
    digests: tuple[tuple[str, str], ...] = ()
    """SHA-256 of the bytes of each manifest file, by path in the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """One main-line state of one manifest file: what a consumer required from `at` on (RFC 3339 UTC, never falling).

    `blob` is empty where the commit removed the file; it declares nothing then.
    """

    commit: str
    at: str
    path: str
    blob: str = ""
    declares: tuple[Declared, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """All that a build needs of one source; what the previous publication keeps of it.

    `head` is the newest state that parsed: when the present head does not, `head_commit` names it, `findings` say
    why, and `head` is the last good one (`None` when there never was one). `error` says why the source did not answer,
    `last_ok_at` (RFC 3339 UTC) since when; both are empty for a source that did.
    """

    source: str
    refs: tuple[tuple[str, str], ...] = ()
    head_commit: str = ""
    head_at: str = ""
    head: State | None = None
    releases: tuple[Release, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    error: str = ""
    last_ok_at: str = ""
    key: str = ""
    """Digest of what the reading depended on besides the refs: specification, schemas, tool."""
    line: tuple[LineState, ...] = ()
    """The main line's states of each manifest, oldest first; states that do not parse are findings and not here."""
