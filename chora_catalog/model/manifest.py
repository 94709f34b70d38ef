"""A capability as its manifest declares it, whatever dialect the manifest was written in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Origin(StrEnum):
    """Who says so: the manifest itself, a written rule of its dialect, or nobody."""

    DECLARED = "declared"
    DERIVED = "derived"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One input or output. `type` is free text (`oci-image`, `json-schema: session.v1`), empty when not said.

    `schema` is the path of a JSON Schema of it in the same tree, and `contract` that document as canonical JSON text,
    empty where it was not read.
    """

    name: str
    type: str = ""
    optional: bool = False
    description: str = ""
    schema: str = ""
    contract: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A capability or contract this one needs; `version` is a range as written, empty admits every version."""

    id: str
    version: str = ""
    type: str = ""
    scope: str = ""
    optional: bool = False
    name: str = ""
    """The name as written, where the dialect maps it to another id."""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Behavior:
    """A behavior a manifest declares, or (with `scenarios`) one that a `.feature` file carries."""

    id: str
    ref: str = ""
    status: str = ""
    scenarios: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueScenario:
    """A user-testable piece of value: its guide and its tests are paths in the same tree."""

    id: str
    title: str = ""
    guide: str = ""
    tests: tuple[str, ...] = ()
    status: str = ""
    capability: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A document that a manifest names as belonging to the capability: a path in the same tree, and what it is."""

    path: str
    type: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a manifest says of its own validation. It is shown as claimed and proves nothing."""

    result: str
    """`passing`, `failing`, `pending`, or the word as written."""
    last_run: str = ""
    tool: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One capability at one commit. Empty text means the manifest does not say.

    `origins` names, for each field that has a value not declared as such, how it came to be; `rewrites` are the
    words the dialect changed (`medium` to `moderate`), each also a finding. `original` is the declaring document as
    canonical JSON text, whole, so that nothing a source wrote is lost.
    """

    id: str
    name: str
    path: str
    dialect: str
    version: str = ""
    summary: str = ""
    owner: str = ""
    contact: str = ""
    lifecycle_stage: str = ""
    stability: str = ""
    security_tier: str = ""
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    behaviors: tuple[Behavior, ...] = ()
    value_scenarios: tuple[ValueScenario, ...] = ()
    observed_behaviors: tuple[Behavior, ...] = ()
    """What the `.feature` files named by the manifest carry."""
    adr_links: tuple[str, ...] = ()
    telemetry_signals: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    claim: Claim | None = None
    ttl: str = ""
    updated_at: str = ""
    deprecated_at: str = ""
    sunset_at: str = ""
    replacement: str = ""
    origins: tuple[tuple[str, Origin], ...] = ()
    original: str = field(default="", repr=False)
    line: int = 0
    artifacts: tuple[Artifact, ...] = ()
    """Documents beside those that behaviors, scenarios and decisions name: what the catalog asks of them is that they
    exist."""

    def origin(self, name: str) -> Origin:
        """Return how field `name` came to be: declared unless something else is recorded; unknown when empty."""
        recorded = dict(self.origins).get(name)
        if recorded is not None:
            return recorded
        return Origin.DECLARED if getattr(self, name) else Origin.UNKNOWN

    @property
    def imported(self) -> bool:
        """Tell whether it was written for a tool that is not of Chora; such an entry never counts as validated."""
        return self.dialect not in ("canonical", "star", "ontology")
