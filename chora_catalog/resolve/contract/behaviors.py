"""Behaviors are what a capability promises to do, each proven by scenarios; a draft or retired one promises nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chora_catalog.model.change import Change
from chora_catalog.model.manifest import Behavior, Manifest
from chora_catalog.parse.reading import join_pointer, quoted
from chora_catalog.resolve.contract.rule import ADDITION, BREAKING, NEUTRAL, UNDECIDED, ContractRule

ACTIVE: Final = "active"
DEPRECATED: Final = "deprecated"
_NO_PROMISE: Final = frozenset(["draft", "retired"])

RULES: Final = (
    ContractRule(
        id="behavior-removed",
        effect=BREAKING,
        summary="A behavior is promised no more.",
        breaks="Everyone who relies on what it describes: nothing says or proves any longer that it works.",
        instead="Set its status to deprecated, keep its scenarios, and remove it with the next major.",
        mirror="behavior-added",
    ),
    ContractRule(
        id="behavior-added",
        effect=ADDITION,
        summary="There is a new behavior.",
        breaks="Nobody: what was promised before still is.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="behavior-removed",
    ),
    ContractRule(
        id="behavior-draft-removed",
        effect=NEUTRAL,
        summary="A behavior is gone that was a draft or retired.",
        breaks="Nobody: it promised nothing.",
        instead="Nothing is to be done: a patch carries it.",
        mirror="behavior-draft-added",
    ),
    ContractRule(
        id="behavior-draft-added",
        effect=NEUTRAL,
        summary="There is a new behavior that is a draft or retired.",
        breaks="Nobody: it promises nothing yet.",
        instead="Nothing is to be done: a patch carries it.",
        mirror="behavior-draft-removed",
    ),
    ContractRule(
        id="behavior-failing",
        effect=BREAKING,
        summary="A behavior that was active is not any more.",
        breaks="Everyone who relies on what it describes: it is known or feared not to work.",
        instead="Repair it before the release, or set its status to deprecated and keep its scenarios passing until "
        "the next major.",
        mirror="behavior-activated",
    ),
    ContractRule(
        id="behavior-activated",
        effect=ADDITION,
        summary="A behavior is active now.",
        breaks="Nobody: more is promised than before.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="behavior-failing",
    ),
    ContractRule(
        id="behavior-deprecated",
        effect=ADDITION,
        summary="A behavior that holds is announced to end.",
        breaks="Nobody yet: it still holds. SemVer 7 asks for a minor step, so that everyone can see it.",
        instead="Say what takes its place, and keep its scenarios passing until the next major.",
        mirror="behavior-activated",
    ),
    ContractRule(
        id="behavior-status-moved",
        effect=NEUTRAL,
        summary="A behavior that promised nothing goes on promising nothing.",
        breaks="Nobody.",
        instead="Nothing is to be done: a patch carries it.",
        mirror="behavior-status-moved",
    ),
    ContractRule(
        id="behavior-status-unclear",
        effect=UNDECIDED,
        summary="The status of a behavior changed, and whether it holds is not said before or after.",
        breaks="Everyone who relies on what it describes, if it does not hold; nobody can tell.",
        instead="Say `status: active` where it holds.",
        mirror="behavior-status-unclear",
    ),
)
_BY_ID: Final = {rule.id: rule for rule in RULES}


def compare_behaviors(old: Manifest, new: Manifest) -> Iterator[Change]:
    """Yield what changed among the declared behaviors of two manifests, in no order that counts.

    Of a behavior that stands twice the first counts.
    """
    if old.behaviors == new.behaviors:
        return
    before, after = _by_id(old), _by_id(new)
    for identifier in sorted({*before, *after}):
        was, now = before.get(identifier), after.get(identifier)
        rule, message = _judge(was, now)
        if rule:
            yield _BY_ID[rule].change(
                join_pointer("/behaviors", identifier),
                f"the behavior {quoted(identifier)} {message}",
                subject=identifier,
                before=_words(was),
                after=_words(now),
            )


def _by_id(manifest: Manifest) -> dict[str, Behavior]:
    return {behavior.id: behavior for behavior in reversed(manifest.behaviors)}


def _words(behavior: Behavior | None) -> str:
    return (behavior.status or "no status") if behavior else ""


def _judge(old: Behavior | None, new: Behavior | None) -> tuple[str, str]:
    """Return the rule that speaks and the end of its sentence; nothing where nothing changed."""
    if old is None or new is None:
        status = (old or new or Behavior(id="")).status
        kind = "behavior-draft" if status in _NO_PROMISE else "behavior"
        draft = f" with the status {status}" if status in _NO_PROMISE else ""
        return (f"{kind}-added", f"is new{draft}") if old is None else (f"{kind}-removed", f"is gone{draft}")
    if old.status == new.status:
        return ("", "")
    message = f"is {quoted(_words(new))} and was {quoted(_words(old))}"
    return (_status_rule(old.status, new.status), message)


def _status_rule(old: str, new: str) -> str:
    if new == ACTIVE:
        return "behavior-activated"
    if old == ACTIVE and new:
        return "behavior-deprecated" if new == DEPRECATED else "behavior-failing"
    if old in _NO_PROMISE and new in _NO_PROMISE:
        return "behavior-status-moved"
    return "behavior-status-unclear"
