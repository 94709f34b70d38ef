"""What each layer of evidence says of a dependency: the declared range, the structure of contracts, a verified run."""

from __future__ import annotations

from typing import Final

from chora_catalog.model.catalog import Edge
from chora_catalog.model.compat import Evidence, Layer
from chora_catalog.model.parties import Consumer, Provider
from chora_catalog.model.verdict import Verdict

_NO_RUN: Final = "not evaluated: no run of the two together is known"
_RANGE: Final = {
    "outside-range": Verdict.BREAKING,
    "range-invalid": Verdict.INVALID,
    "provider-missing": Verdict.MISSING,
}
_NOT_READ: Final = frozenset(
    {
        "consumer-unreadable",
        "optional-absent",
        "provider-contested",
        "provider-sunset",
        "provider-unread",
        "provider-unversioned",
    }
)
"""Rules that were decided before the range was looked at."""
_IN_RANGE: Final = frozenset({"in-range", "provider-deprecated"})


def evidence_of(edge: Edge, provider: Provider | None, consumer: Consumer) -> tuple[Evidence, ...]:
    """Return what each layer says of `edge`, from what is said to what was seen; a layer that is silent says so.

    No run of two capabilities together is read from anywhere yet: that layer is never evaluated.
    """
    return (_declared(edge, consumer), _structure(edge, provider), Evidence(layer=Layer.VERIFIED_RUN, words=_NO_RUN))


def _declared(edge: Edge, consumer: Consumer) -> Evidence:
    layer = Layer.DECLARED_RANGE
    if edge.rule in _NOT_READ:
        return Evidence(layer=layer, words=f"not evaluated: {edge.rule}", source=consumer.source)
    verdict = _RANGE.get(edge.rule, Verdict.COMPATIBLE)
    newest = f" against {edge.provider_version}" if edge.provider_version else ""
    return Evidence(layer=layer, words=f"{edge.range or '*'}{newest}", verdict=verdict, source=consumer.source)


def _structure(edge: Edge, provider: Provider | None) -> Evidence:
    layer = Layer.STRUCTURE
    if provider is None or edge.rule in _NOT_READ or edge.rule in _RANGE:
        return Evidence(layer=layer, words="not evaluated: no version in range is the newest")
    at = next((item.released_at for item in provider.releases if item.version == edge.provider_version), "")
    if edge.rule not in _IN_RANGE:
        said = Verdict.UNKNOWN if edge.verdict is Verdict.UNKNOWN else Verdict.BREAKING
        words = f"{edge.rule} at {edge.pointer}"
        return Evidence(layer=layer, words=words, verdict=said, at=edge.since or at, source=provider.source)
    if len(provider.releases) < 2:
        return Evidence(layer=layer, words="not evaluated: one contract alone is known", source=provider.source)
    words = "nothing that it is known to use broke within its range"
    return Evidence(layer=layer, words=words, verdict=Verdict.COMPATIBLE, at=at, source=provider.source)
