"""The step between two versions, and whether it carries what changed (SemVer 2.0.0, 4 to 9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from chora_catalog.model.change import Bump, Change, Effect
from chora_catalog.model.contract import Step
from chora_catalog.model.versions import Version, version_problem
from chora_catalog.resolve.contract.rule import ADDITION, BREAKING, NEUTRAL, UNDECIDED, ContractRule

_REFUSED: Final = "Everyone whose range admits the new version and who relied on what changed: they get it unasked."
_ALONE: Final = "It judges the step between two versions, not a difference that could be turned round."
RULES: Final = (
    ContractRule(
        id="version-not-bumped",
        effect=BREAKING,
        summary="The contract changed and the version did not.",
        breaks="Everyone: one version means two things, and what was published is not what is there.",
        instead="Raise the version by the smallest legal step.",
        alone=_ALONE,
    ),
    ContractRule(
        id="version-decreased",
        effect=BREAKING,
        summary="The new version is below the old one.",
        breaks="Everyone who asks for at least the old version: the new state is not what they get.",
        instead="Give the new state a version above the old one.",
        alone=_ALONE,
    ),
    ContractRule(
        id="major-not-bumped",
        effect=BREAKING,
        summary="Something breaks, and the step says that nothing does.",
        breaks=_REFUSED,
        instead="Raise the major version (before 1.0 the minor one, SemVer 4), or take back what breaks.",
        alone=_ALONE,
    ),
    ContractRule(
        id="major-perhaps-due",
        effect=UNDECIDED,
        summary="Whether something breaks nobody can tell, and the step says that nothing does.",
        breaks=f"If it does break: {_REFUSED[0].lower()}{_REFUSED[1:]}",
        instead="Find out and say so where the change is reviewed, or raise the major version.",
        alone=_ALONE,
    ),
    ContractRule(
        id="minor-not-bumped",
        effect=ADDITION,
        summary="There is more than before, and the step is that of a correction.",
        breaks="Nobody; whoever needs what is new cannot ask for it by a range (SemVer 7).",
        instead="Raise the minor version.",
        alone=_ALONE,
    ),
    ContractRule(
        id="version-unreadable",
        effect=UNDECIDED,
        summary="The step cannot be judged, because a version is missing or is none.",
        breaks="Nobody can tell.",
        instead="Give both states a version of three numbers, such as 1.4.0.",
        alone=_ALONE,
    ),
)
_BY_ID: Final = {rule.id: rule for rule in RULES}
STEP_RULES: Final = frozenset(_BY_ID)
"""The ids of the rules about the step itself."""


def smallest_bump(changes: Iterable[Change]) -> Bump:
    """Return the smallest step that may carry all of `changes`: none where there are none, major where one breaks.

    What is undecided needs what a break needs, because it may be one.
    """
    bumps = (change.effect.bump for change in changes if change.rule not in STEP_RULES)
    return max(bumps, key=lambda bump: bump.rank, default=Bump.NONE)


def declared_bump(old: str, new: str) -> Bump | None:
    """Return what the step from version `old` to `new` announces; None where one is none, or where it goes down.

    Before 1.0 everything may change (SemVer 4); as ranges read it (`^0.2.3` is `>=0.2.3 <0.3.0`, and `^0.0.3` that
    version alone), a step of the first number that is not 0 is a major one and the step below it a minor one. After a
    pre-release anything may come (SemVer 9). Build metadata is no step (SemVer 10).
    """
    before, after = Version.parse(old), Version.parse(new)
    if before is None or after is None or after < before:
        return None
    if after == before:
        return Bump.NONE
    if before.is_prerelease:
        return Bump.MAJOR
    numbers = [(before.major, after.major), (before.minor, after.minor), (before.patch, after.patch)]
    moved = next(place for place, (was, now) in enumerate(numbers) if was != now)
    first = next((place for place, (was, _) in enumerate(numbers) if was), 2)
    return (Bump.MAJOR, Bump.MINOR, Bump.PATCH)[max(moved - first, 0)]


def judge_step(old: str, new: str, changes: Iterable[Change]) -> Step:
    """Judge the step from version `old` to `new` (texts as written) that carries `changes`."""
    rows = tuple(changes)
    smallest, declared = smallest_bump(rows), declared_bump(old, new)
    if declared is None:
        problem = _not_a_step(old, new)
        if problem.rule == "version-decreased":
            return Step(smallest=smallest, declared=None, suffices=False, problems=(problem,))
        return Step(
            smallest=smallest, declared=None, suffices=None if rows else True, problems=(problem,) if rows else ()
        )
    if declared.rank >= smallest.rank:
        return Step(smallest=smallest, declared=declared, suffices=True)
    certain = smallest_bump(change for change in rows if change.effect is not Effect.UNDECIDED)
    rule = _under_bumped(declared, smallest, certain)
    said = f"the step from {old} to {new} is {_WORDS[declared]}; the smallest legal one is {smallest.value}"
    problem = _BY_ID[rule].change("/version", said, before=old, after=new)
    if rule == "version-not-bumped":
        problem = _with_effect(problem, rows)
    return Step(
        smallest=smallest,
        declared=declared,
        suffices=False if declared.rank < certain.rank else None,
        problems=(problem,),
    )


def next_version(old: str, bump: Bump) -> str:
    """Return the lowest release above `old` whose step is at least `bump`; empty where `old` is no version."""
    version = Version.parse(old)
    if version is None or bump is Bump.NONE:
        return old if version else ""
    if version.is_prerelease:
        return f"{version.major}.{version.minor}.{version.patch}"
    numbers = [version.major, version.minor, version.patch]
    first = next((place for place, number in enumerate(numbers) if number), 2)
    place = min(first + {Bump.MAJOR: 0, Bump.MINOR: 1}.get(bump, 2), 2)
    raised = [*numbers[:place], numbers[place] + 1, 0, 0][:3]
    return ".".join(map(str, raised))


_WORDS: Final = {Bump.NONE: "none", Bump.PATCH: "a patch", Bump.MINOR: "a minor one", Bump.MAJOR: "a major one"}


def _under_bumped(declared: Bump, smallest: Bump, certain: Bump) -> str:
    if declared is Bump.NONE:
        return "version-not-bumped"
    if certain is Bump.MAJOR:
        return "major-not-bumped"
    return "major-perhaps-due" if smallest is Bump.MAJOR else "minor-not-bumped"


def _with_effect(problem: Change, changes: tuple[Change, ...]) -> Change:
    """Return `problem` no worse than the worst of `changes`: one version with two owners breaks nobody."""
    worst = min((change.effect for change in changes), key=list(Effect).index, default=NEUTRAL)
    return replace(problem, effect=worst)


def _not_a_step(old: str, new: str) -> Change:
    if Version.parse(old) and Version.parse(new):
        message = f"the version is {new} and was {old}; a version only goes up"
        return _BY_ID["version-decreased"].change("/version", message, before=old, after=new)
    which, text = ("old", old) if not Version.parse(old) else ("new", new)
    why = version_problem(text) if text else "it is not said"
    message = f"the {which} state has no version that can be compared: {why}"
    return _BY_ID["version-unreadable"].change("/version", message, before=old, after=new)
