"""What a verdict of compatibility stands on: a provider's releases and a consumer's needs, whoever told of them.

A build makes these from harvests, `chora compat check` from a published catalog and the manifest at hand; the rules
(`resolve/compat.py`) cannot tell the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chora_catalog.model.catalog import Edge
from chora_catalog.model.change import Change
from chora_catalog.model.manifest import Dependency
from chora_catalog.model.verdict import Verdict
from chora_catalog.model.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidedVersion:
    """One release of a provider; `changes` are what is not neutral against the release before it."""

    version: str
    released_at: str = ""
    changes: tuple[Change, ...] = ()
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One capability as somebody's provider; `releases` are in order of precedence, the oldest first.

    `version` is what its head declares: it counts where there is no release. `inputs` and `outputs` are the names of
    its head's.
    """

    id: str
    source: str = ""
    owner: str = ""
    contact: str = ""
    version: str = ""
    stability: str = ""
    is_deprecated: bool = False
    sunset_at: str = ""
    replacement: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    releases: tuple[ProvidedVersion, ...] = ()

    @property
    def newest(self) -> Version | None:
        """The newest release (a pre-release only where there is nothing else), else the head's version."""
        versions = [version for item in self.releases if (version := Version.parse(item.version))]
        full = [version for version in versions if not version.is_prerelease]
        if not versions:
            return Version.parse(self.version)
        return max(full or versions, key=lambda version: version.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """One capability as somebody's consumer: what it needs, and the names of its own inputs and outputs.

    It reads an output of a provider where one of its inputs has that name, and feeds an input where one of its outputs
    has. `is_readable` is False where the head of its source does not parse and this is the last good state.
    """

    id: str
    version: str = ""
    source: str = ""
    owner: str = ""
    contact: str = ""
    needs: tuple[Dependency, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    is_readable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRun:
    """Neighbouring releases of a provider with one verdict, by precedence; `count` are how many."""

    first: str
    last: str
    count: int
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeRun:
    """A time in which a consumer required one range (RFC 3339 UTC; `until` is empty while it still does)."""

    since: str
    range: str
    until: str = ""
    releases: tuple[ReleaseRun, ...] = ()


class Layer(StrEnum):
    """What a verdict stands on, from what is said to what was seen."""

    DECLARED_RANGE = "declared-range"
    STRUCTURE = "structure"
    VERIFIED_RUN = "verified-run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one layer says of a dependency, since when that is known, and which source told it.

    `verdict` is None where the layer was not evaluated; `words` say why, or what was compared.
    """

    layer: Layer
    words: str
    verdict: Verdict | None = None
    at: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One dependency as it is published, with the side that the file is not about.

    `consumer` is None in the file of a consumer; `provider` is None in the file of a provider, and where nobody
    provides it.
    """

    edge: Edge
    provider: Provider | None = None
    consumer: Consumer | None = None
    runs: tuple[RangeRun, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsFile:
    """`data/v1/matrix/<consumer>.json`: a consumer, and all that it depends on."""

    consumer: Consumer
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DependentsFile:
    """`data/v1/dependents/<provider>.json`: a provider, and all that depend on it.

    `provider` is None where nobody provides `id`, or where several sources claim it (`is_contested`). `manifest` is the
    object (SHA-256) of what the newest release declares, else of the head.
    """

    id: str
    provider: Provider | None = None
    is_contested: bool = False
    manifest: str = ""
    cells: tuple[Cell, ...] = ()
