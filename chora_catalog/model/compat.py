"""The matrix as it is published: one file for what a consumer needs, one for who depends on a provider."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chora_catalog.model.catalog import Edge
from chora_catalog.model.decision import Waiver
from chora_catalog.model.parties import Consumer, Provider
from chora_catalog.model.verdict import Verdict


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
    """`data/v1/matrix/<consumer>.json`: a consumer, and all that it depends on.

    `waivers` are those that count in their time and are about any of it.
    """

    consumer: Consumer
    cells: tuple[Cell, ...] = ()
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DependentsFile:
    """`data/v1/dependents/<provider>.json`: a provider, and all that depend on it.

    `provider` is None where nobody provides `id`, and where several sources claim it (`is_contested`). `waivers` are
    those that count in their time and are about it.
    """

    id: str
    provider: Provider | None = None
    is_contested: bool = False
    cells: tuple[Cell, ...] = ()
    waivers: tuple[Waiver, ...] = ()
