"""The end of a capability: deprecated, until when, by what replaced, retired.

A capability is on its way out when its stage or its stability says deprecated, or when it has a date of deprecation or
of sunset. How long it has to stay then follows from how stable it was (`resolve/deprecation.py`). No clock is read: two
manifests are compared, and an instant that has passed is not known to be so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from chora_catalog.model.change import Change
from chora_catalog.model.manifest import Manifest
from chora_catalog.parse.instants import moment
from chora_catalog.parse.reading import quoted
from chora_catalog.resolve.contract.rule import ADDITION, BREAKING, NEUTRAL, UNDECIDED, ContractRule
from chora_catalog.resolve.deprecation import suggested_window

RETIRED: Final = "retired"
_DEPRECATED: Final = "deprecated"

RULES: Final = (
    ContractRule(
        id="lifecycle-deprecated",
        effect=ADDITION,
        summary="The capability is announced to end.",
        breaks="Nobody yet: all of it still holds. SemVer 7 asks for a minor step, so that everyone can see it.",
        instead="Say until when it stays (`sunset_at`) and what takes its place (`replacement`).",
        mirror="lifecycle-undeprecated",
    ),
    ContractRule(
        id="lifecycle-undeprecated",
        effect=NEUTRAL,
        summary="The end that was announced is called off.",
        breaks="Nobody; whoever left in time did so for nothing.",
        instead="Nothing is to be done: a patch carries it. A later deprecation begins its window anew.",
        mirror="lifecycle-deprecated",
    ),
    ContractRule(
        id="lifecycle-retired",
        effect=BREAKING,
        summary="The capability was deprecated and is retired.",
        breaks="Everyone who still depends on it.",
        instead="Wait until the announced sunset has passed and the catalog shows no dependents.",
        mirror="lifecycle-revived",
    ),
    ContractRule(
        id="lifecycle-retired-at-once",
        effect=BREAKING,
        summary="The capability is retired and was not deprecated before.",
        breaks="Everyone who depends on it, without a warning.",
        instead="Deprecate it first, with `sunset_at` and `replacement`; retire it after the sunset.",
        mirror="lifecycle-revived",
    ),
    ContractRule(
        id="lifecycle-revived",
        effect=ADDITION,
        summary="The capability was retired and is there again.",
        breaks="Nobody.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="lifecycle-retired",
    ),
    ContractRule(
        id="lifecycle-moved",
        effect=NEUTRAL,
        summary="The capability is in another stage of its life.",
        breaks="Nobody: the stage says where the work stands, not what is promised.",
        instead="Nothing is to be done: a patch carries it.",
        mirror="lifecycle-moved",
    ),
    ContractRule(
        id="deprecation-without-sunset",
        effect=UNDECIDED,
        summary="The capability is announced to end, and it is not said when.",
        breaks="Everyone who depends on it: whether there is time enough nobody can tell.",
        instead="Add `sunset_at`, a date at least as far away as its stability asks for: 90 days for a stable "
        "capability, 30 for a beta.",
        alone="The other way round nothing is announced, so there is no date to miss.",
    ),
    ContractRule(
        id="deprecation-undated",
        effect=UNDECIDED,
        summary="The capability is announced to end at a date, and it is not said since when that is announced.",
        breaks="Everyone who depends on it: whether there is time enough nobody can tell.",
        instead="Add `deprecated_at`, the day from which the deprecation is published.",
        alone="The other way round nothing is announced, so there is no window to judge.",
    ),
    ContractRule(
        id="deprecation-window-too-short",
        effect=BREAKING,
        summary="Between deprecation and sunset is less time than the stability promised.",
        breaks="Everyone who depends on it and plans with the time that is usual here.",
        instead="Move `sunset_at`: 90 days after `deprecated_at` for a stable capability, 30 for a beta.",
        alone="The other way round the window is long enough, which needs no rule.",
    ),
    ContractRule(
        id="sunset-moved-earlier",
        effect=BREAKING,
        summary="The capability ends earlier than was announced.",
        breaks="Everyone who planned with the date.",
        instead="Keep the announced date.",
        mirror="sunset-moved-later",
    ),
    ContractRule(
        id="sunset-moved-later",
        effect=ADDITION,
        summary="The capability stays longer than was announced.",
        breaks="Nobody.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="sunset-moved-earlier",
    ),
    ContractRule(
        id="sunset-deleted",
        effect=BREAKING,
        summary="The capability still ends, and the announced date is gone.",
        breaks="Everyone who planned with the date: it may be tomorrow.",
        instead="Keep the date, or move it later.",
        mirror="sunset-added",
    ),
    ContractRule(
        id="sunset-added",
        effect=ADDITION,
        summary="It is said now when a deprecated capability ends.",
        breaks="Nobody: that it ends was known.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="sunset-deleted",
    ),
    ContractRule(
        id="replacement-named",
        effect=NEUTRAL,
        summary="It is said what takes the place of the capability.",
        breaks="Nobody.",
        instead="Nothing is to be done: a patch carries it.",
        mirror="replacement-withdrawn",
    ),
    ContractRule(
        id="replacement-changed",
        effect=NEUTRAL,
        summary="Something else takes the place of the capability.",
        breaks="Nobody by the interface; whoever began to move should look again.",
        instead="Nothing is to be done: a patch carries it.",
        mirror="replacement-changed",
    ),
    ContractRule(
        id="replacement-withdrawn",
        effect=NEUTRAL,
        summary="It is not said any more what takes the place of the capability.",
        breaks="Nobody by the interface; whoever leaves does not know where to.",
        instead="Name what to use, or say in the summary that there is nothing.",
        mirror="replacement-named",
    ),
)
_BY_ID: Final = {rule.id: rule for rule in RULES}


def compare_life(old: Manifest, new: Manifest) -> Iterator[Change]:
    """Yield what changed about the end of a capability between two manifests, in no order that counts."""
    if _about_the_end(old) == _about_the_end(new):
        return
    yield from _stage(old, new)
    if ends(old) and ends(new):
        yield from _sunset(old, new)
    yield from _window(old, new)
    if old.replacement != new.replacement:
        kind = "changed" if old.replacement and new.replacement else "named" if new.replacement else "withdrawn"
        words = [quoted(text) if text else "not said" for text in (old.replacement, new.replacement)]
        message = f"the replacement is {words[1]} and was {words[0]}"
        yield _change(f"replacement-{kind}", "/replacement", message, old.replacement, new.replacement)


def _about_the_end(manifest: Manifest) -> tuple[str, ...]:
    return (
        manifest.lifecycle_stage,
        manifest.stability,
        manifest.deprecated_at,
        manifest.sunset_at,
        manifest.replacement,
    )


def ends(manifest: Manifest) -> bool:
    """Tell whether a manifest says that its capability is on its way out, or gone."""
    words = (manifest.stability, manifest.lifecycle_stage)
    return bool(_DEPRECATED in words or RETIRED in words or manifest.deprecated_at or manifest.sunset_at)


def _change(rule: str, pointer: str, message: str, before: str, after: str) -> Change:
    return _BY_ID[rule].change(pointer, message, before=before, after=after)


def _standing(manifest: Manifest) -> str:
    if manifest.lifecycle_stage == RETIRED:
        return RETIRED
    return _DEPRECATED if ends(manifest) else manifest.lifecycle_stage


def _stage(old: Manifest, new: Manifest) -> Iterator[Change]:
    was, now = _standing(old), _standing(new)
    if was == now:
        return
    if now == RETIRED:
        rule = "lifecycle-retired" if was == _DEPRECATED else "lifecycle-retired-at-once"
    elif was == RETIRED:
        rule = "lifecycle-revived"
    elif _DEPRECATED in (was, now):
        rule = "lifecycle-deprecated" if now == _DEPRECATED else "lifecycle-undeprecated"
    else:
        rule = "lifecycle-moved"
    words = [quoted(text) if text else "not said" for text in (was, now)]
    yield _change(rule, "/lifecycle_stage", f"the stage is {words[1]} and was {words[0]}", was, now)


def _sunset(old: Manifest, new: Manifest) -> Iterator[Change]:
    was, now = moment(old.sunset_at), moment(new.sunset_at)
    if was == now:
        return
    if was is None:
        rule, message = "sunset-added", f"the sunset is {new.sunset_at} and was not said"
    elif now is None:
        rule, message = "sunset-deleted", f"the sunset is not said any more; it was {old.sunset_at}"
    else:
        rule = "sunset-moved-earlier" if now < was else "sunset-moved-later"
        message = f"the sunset is {new.sunset_at} and was {old.sunset_at}"
    yield _change(rule, "/sunset_at", message, old.sunset_at, new.sunset_at)


def _window(old: Manifest, new: Manifest) -> Iterator[Change]:
    """Judge the window of a deprecation that is new, or whose window became shorter."""
    if not ends(new) or new.lifecycle_stage == RETIRED:
        return
    promised = suggested_window(old.stability if not ends(old) else _before_the_end(old, new))
    if not promised:
        return
    since, until = moment(new.deprecated_at), moment(new.sunset_at)
    if until is None:
        if not ends(old):
            message = "the capability is deprecated, and until when it stays is not said"
            yield _change("deprecation-without-sunset", "/sunset_at", message, "", "no sunset")
        return
    before = _dates(old) if ends(old) else ""
    if before == _dates(new):
        return
    if since is None:
        if not ends(old):
            message = "the capability is deprecated, and since when is not said"
            yield _change("deprecation-undated", "/deprecated_at", message, "", "no date")
        return
    if until - since < timedelta(days=promised):
        message = f"from the deprecation to the sunset are {(until - since).days} days; {promised} are promised"
        yield _change("deprecation-window-too-short", "/deprecated_at", message, before, _dates(new))


def _before_the_end(old: Manifest, new: Manifest) -> str:
    """Return the stability that counts of a capability that ends already: what it says besides, if anything."""
    return next((word for word in (old.stability, new.stability) if word and word != _DEPRECATED), "")


def _dates(manifest: Manifest) -> str:
    return f"{manifest.deprecated_at}/{manifest.sunset_at}"
