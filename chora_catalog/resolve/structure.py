"""What changed in a provider's contract within the versions that a consumer admits, and whether it touches them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chora_catalog.model.change import Change, Effect
from chora_catalog.model.parties import Consumer, ProvidedVersion, Provider

BAD = (Effect.BREAKING, Effect.UNDECIDED)
"""Effects of which somebody may be hurt."""
_ASKS_MORE = frozenset({"input-required-added", "input-became-required"})
"""Rules of changes that concern everybody who feeds the provider anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A change that still stands in the newest release, and the release that made it."""

    change: Change
    release: ProvidedVersion


def standing(releases: Iterable[ProvidedVersion]) -> tuple[Standing, ...]:
    """Return what `releases` (the oldest first, each against the one before) broke and none of them mended.

    A change is mended where a later one brings back what stood at that place before. Breaking ones come first, then
    those that nobody can judge; each kind by place.
    """
    before: dict[tuple[str, str], str] = {}
    found: dict[tuple[str, str], Standing] = {}
    for release in releases:
        for change in release.changes:
            what = (change.pointer, _aspect(change.rule))
            # What is new may be relied on from then on, although the oldest did not have it.
            is_new = not change.before and change.effect not in BAD
            original = before.setdefault(what, change.after if is_new else change.before)
            if change.after == original:
                found.pop(what, None)
                del before[what]
            elif change.effect in BAD:
                found[what] = Standing(change=change, release=release)
    return tuple(sorted(found.values(), key=lambda item: (BAD.index(item.change.effect), item.change.pointer)))


def _aspect(rule: str) -> str:
    """Return what a rule of change looks at: its id without the last word, which says what became of it."""
    aspect = rule.rpartition("-")[0]
    return "input" if aspect in ("input-required", "input-optional") else aspect


def touches(change: Change, consumer: Consumer, provider: Provider) -> bool:
    """Tell whether `consumer` is known to use what `change` of `provider` is about.

    A new required input concerns everybody who feeds the provider anything.
    """
    if change.side == "output":
        return change.subject in consumer.inputs
    if change.side != "input":
        return False
    feeds = {*provider.inputs} & {*consumer.outputs}
    return change.subject in consumer.outputs or (change.rule in _ASKS_MORE and bool(feeds))


def says_its_use(consumer: Consumer) -> bool:
    """Tell whether `consumer` declares any input or output, so that it can be told what it uses."""
    return bool(consumer.inputs or consumer.outputs)
