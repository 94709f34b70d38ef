"""Which waivers count at an instant, and what each covers.

At most five count for a capability at any instant, and one that goes on with another says so. A waiver beyond a limit
is a finding and counts for nothing: an exception that nobody agreed to is none. That none lasts longer than 30 days is
seen where its file is read (`parse/deadlines.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from chora_catalog.model.catalog import Edge
from chora_catalog.model.decision import Waiver
from chora_catalog.model.ranges import VersionRange
from chora_catalog.model.versions import Version
from chora_catalog.resolve.clock import instant, passed

MOST: Final = 5
_Span = tuple[datetime, datetime]


def active(waivers: Iterable[Waiver], as_of: datetime) -> tuple[Waiver, ...]:
    """Return the waivers that count at `as_of`: granted, their last day not over, and within the limits."""
    return tuple(
        waiver
        for waiver in within_limits(waivers)
        if passed(waiver.granted_at, as_of) and waiver.expires_at and not passed(waiver.expires_at, as_of, end=True)
    )


def within_limits(waivers: Iterable[Waiver]) -> tuple[Waiver, ...]:
    """Return the waivers that count at their time: not the sixth at once, and no silent renewal."""
    every = tuple(waivers)
    beyond = {item.id for item in [*too_many(every), *renewed_silently(every)]}
    return tuple(waiver for waiver in every if waiver.id not in beyond)


def covers(waiver: Waiver, edge: Edge) -> bool:
    """Tell whether `waiver` excuses `edge`: the pair, and each of rule, fingerprint and versions that it names."""
    if waiver.capability_id != edge.provider or waiver.consumer not in ("*", edge.consumer):
        return False
    if waiver.fingerprints and edge.fingerprint not in waiver.fingerprints:
        return False
    if waiver.rule and waiver.rule != edge.rule:
        return False
    if not waiver.range or not edge.provider_version:
        return not waiver.range
    covered, version = VersionRange.parse(waiver.range), Version.parse(edge.provider_version)
    return covered is not None and version is not None and covered.contains(version)


def too_many(waivers: Iterable[Waiver]) -> tuple[Waiver, ...]:
    """Return the waivers that would be the sixth, or a later one, to count for a capability at any instant.

    Those granted first count; of several granted at once, those with the lower ids.
    """
    found: list[Waiver] = []
    kept: dict[str, list[_Span]] = {}
    for waiver, span in _in_order(waivers):
        others = kept.setdefault(waiver.capability_id, [])
        # How many count only rises where one begins.
        begins = [start for start, _ in [span, *others] if span[0] <= start < span[1]]
        if any(sum(start <= moment < end for start, end in others) >= MOST for moment in begins):
            found.append(waiver)
        else:
            others.append(span)
    return tuple(found)


def renewed_silently(waivers: Iterable[Waiver]) -> tuple[Waiver, ...]:
    """Return the waivers that go on with an earlier one of the same scope and do not say so (`renews`)."""
    found: list[Waiver] = []
    earlier: dict[tuple[str, ...], list[Waiver]] = {}
    for waiver, _ in _in_order(waivers):
        before = earlier.setdefault(_scope(waiver), [])
        if before and waiver.renews not in {item.id for item in before}:
            found.append(waiver)
        before.append(waiver)
    return tuple(found)


def _scope(waiver: Waiver) -> tuple[str, ...]:
    return (waiver.capability_id, waiver.consumer, waiver.rule, waiver.range, *sorted(waiver.fingerprints))


def _in_order(waivers: Iterable[Waiver]) -> list[tuple[Waiver, _Span]]:
    """Return the waivers that say when they count, with the span of each, in order of their beginnings."""
    spans = [
        (waiver, (start, end))
        for waiver in waivers
        if (start := instant(waiver.granted_at)) and (end := instant(waiver.expires_at, end=True)) and start < end
    ]
    return sorted(spans, key=lambda item: (item[1][0], item[0].id))
