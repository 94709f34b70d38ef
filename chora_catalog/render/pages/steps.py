"""What a release changed by rule, and whether its version says so: on the page of a version and in the list of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chora_catalog.model.catalog import VersionRow
from chora_catalog.model.change import Bump, Change, Effect
from chora_catalog.model.parties import ProvidedVersion
from chora_catalog.model.versions import Version
from chora_catalog.render.text import cut, some
from chora_catalog.resolve.contract.every import RULES
from chora_catalog.resolve.contract.step import judge_step, next_version

CHANGES: Final = 50
"""How many changes the page of a version shows; of more, it says how many the data file holds."""
_RULES: Final = {rule.id: rule for rule in RULES}
_STEPS: Final = {
    Bump.NONE: "no step",
    Bump.PATCH: "a patch step",
    Bump.MINOR: "a minor step",
    Bump.MAJOR: "a major step",
}
_ICONS: Final = {Effect.BREAKING: "breaking", Effect.UNDECIDED: "unknown", Effect.ADDITION: "warning"}
_MARKS: Final = {
    Effect.BREAKING: "under-bumped",
    Effect.UNDECIDED: "perhaps under-bumped",
    Effect.ADDITION: "under-bumped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderBumped:
    """A release whose version announces less than it changes.

    `icon` and `mark` are the shape and the words in a list, `needs` the lowest version that would have done, `words`
    the whole sentence; `breaks` says whom it hurts and `instead` what to do.
    """

    icon: str
    mark: str
    needs: str
    words: str
    breaks: str
    instead: str
    is_break: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change, and what its rule means in words."""

    change: Change
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A release against the one before it: `base` is the version it is compared with, empty where there is none.

    `smallest` and `declared` are steps in a word, empty where nothing changed that others can notice, and where the
    versions cannot be compared.
    """

    base: str
    rows: tuple[ChangeRow, ...]
    more: int
    smallest: str
    declared: str
    under: UnderBumped | None


def base_of(rows: Sequence[VersionRow], index: int) -> str:
    """Return the version whose contract the changes of `rows[index]` (newest first) stand against, empty for none.

    It is the last release before it whose manifest parses and that is no pre-release (`resolve/parties`).
    """
    for row in rows[index + 1 :]:
        version = Version.parse(row.version) if row.manifest is not None else None
        if version is not None and not version.is_prerelease:
            return row.version
    return ""


def step_view(rows: Sequence[VersionRow], index: int, release: ProvidedVersion | None) -> StepView | None:
    """Return what `rows[index]` (newest first) changed, as `release` says; None where its contract is not known."""
    if release is None or rows[index].manifest is None:
        return None
    base = base_of(rows, index)
    changes = release.changes if base else ()
    step = judge_step(base, release.version, changes) if changes else None
    return StepView(
        base=base,
        rows=tuple(ChangeRow(change=item, meaning=_meaning(item)) for item in changes[:CHANGES]),
        more=max(0, len(changes) - CHANGES),
        smallest=step.smallest.value if step else "",
        declared=step.declared.value if step and step.declared else "",
        under=under_bumped(rows, index, release),
    )


def under_bumped(rows: Sequence[VersionRow], index: int, release: ProvidedVersion | None) -> UnderBumped | None:
    """Return in words that `rows[index]` (newest first) announces less than it changes; None where it does not.

    A step that carries what nobody can judge is perhaps too small, and said to be no more than that.
    """
    changes = release.changes if release else ()
    base = base_of(rows, index) if changes else ""
    if release is None or not base:
        return None
    step = judge_step(base, release.version, changes)
    if step.suffices or step.declared is None:
        return None
    effect, rule = step.problems[0].effect, _RULES[step.problems[0].rule]
    needs = next_version(base, step.smallest)
    # The words of the step are those of ranges: below 1.0 the first number that is not 0 counts as the major one.
    counts = "counts as" if base.startswith("0.") else "is"
    said = f"{release.version} {counts} {_STEPS[step.declared]} after {base}"
    what = cut(changes[0].message, 200)
    others = [item for item in changes[1:] if item.effect is changes[0].effect]
    more = f", with {some(len(others), 'more change')} of that kind" if others else ""
    if effect is Effect.UNDECIDED:
        words = f"{said}, and whether this breaks anybody cannot be told: {what}{more}. If it does, it needs {needs}."
    else:
        words = f"{said}, and {what}{more}: it needs {needs}."
    return UnderBumped(
        icon=_ICONS.get(effect, "warning"),
        mark=_MARKS.get(effect, "under-bumped"),
        needs=needs,
        words=words,
        breaks=rule.breaks,
        instead=rule.instead,
        is_break=effect is Effect.BREAKING,
    )


def _meaning(change: Change) -> str:
    rule = _RULES.get(change.rule)
    return f"{rule.summary} {rule.breaks}" if rule else ""
