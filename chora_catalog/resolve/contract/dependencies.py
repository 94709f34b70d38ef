"""What a capability needs: a change of it reaches everyone who uses the capability, through what they have installed.

SemVer says that new dependencies are no break of an interface by themselves (its questions and answers); which versions
of a dependency are still admitted decides, together with what else stands beside it, and that no contract knows alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chora_catalog.model.change import Change
from chora_catalog.model.manifest import Dependency, Manifest
from chora_catalog.model.ranges import VersionRange, range_problem
from chora_catalog.parse.reading import join_pointer, quoted
from chora_catalog.resolve.contract.rule import ADDITION, NEUTRAL, UNDECIDED, ContractRule

_BESIDE: Final = "Whoever already uses a version of the dependency that is admitted no more; nobody else."
_WIDEN: Final = "Admit the new versions beside the old ones (`>=1 <3`), and drop the old ones with the next major."
RULES: Final = (
    ContractRule(
        id="dependency-added",
        effect=ADDITION,
        summary="Something more is needed.",
        breaks="Nobody by the interface; where the capability is installed, the dependency has to be there as well.",
        instead="Where not everyone can install it, make it `optional: true`.",
        mirror="dependency-removed",
    ),
    ContractRule(
        id="dependency-removed",
        effect=NEUTRAL,
        summary="Something is needed no more.",
        breaks="Nobody: whoever uses it for themselves should say so in their own manifest.",
        instead="Nothing is to be done: a patch carries it.",
        mirror="dependency-added",
    ),
    ContractRule(
        id="dependency-became-required",
        effect=ADDITION,
        summary="A dependency that could be absent is needed.",
        breaks="Nobody by the interface; where the capability is installed, the dependency has to be there as well.",
        instead="Where not everyone can install it, keep `optional: true`.",
        mirror="dependency-became-optional",
    ),
    ContractRule(
        id="dependency-became-optional",
        effect=NEUTRAL,
        summary="A dependency can be absent.",
        breaks="Nobody: whoever has it may keep it.",
        instead="Nothing is to be done: a patch carries it.",
        mirror="dependency-became-required",
    ),
    ContractRule(
        id="dependency-range-narrowed",
        effect=UNDECIDED,
        summary="Fewer versions of a dependency fit.",
        breaks=_BESIDE,
        instead=_WIDEN,
        mirror="dependency-range-widened",
    ),
    ContractRule(
        id="dependency-range-widened",
        effect=ADDITION,
        summary="More versions of a dependency fit, and all that fitted still do.",
        breaks="Nobody.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="dependency-range-narrowed",
    ),
    ContractRule(
        id="dependency-range-changed",
        effect=UNDECIDED,
        summary="Other versions of a dependency fit: some that fitted do not any more.",
        breaks=_BESIDE,
        instead=_WIDEN,
        mirror="dependency-range-changed",
    ),
    ContractRule(
        id="dependency-range-unreadable",
        effect=UNDECIDED,
        summary="The range of a dependency changed, and one of the two cannot be read.",
        breaks="Nobody can tell.",
        instead="Write the range in npm's grammar, such as `>=1 <2`.",
        mirror="dependency-range-unreadable",
    ),
    ContractRule(
        id="dependency-role-changed",
        effect=ADDITION,
        summary="The type or the scope of a dependency changed.",
        breaks="Nobody by the interface; it is needed at another moment than before.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="dependency-role-changed",
    ),
    ContractRule(
        id="dependency-ambiguous",
        effect=UNDECIDED,
        summary="A dependency stands twice, and something about it changed.",
        breaks="Nobody can tell which of the entries is meant.",
        instead="Keep one entry for each dependency, with the range that holds.",
        mirror="dependency-ambiguous",
    ),
)
_BY_ID: Final = {rule.id: rule for rule in RULES}


def compare_dependencies(old: Manifest, new: Manifest) -> Iterator[Change]:
    """Yield what changed among the dependencies of two manifests, in no order that counts."""
    before, after = _by_id(old), _by_id(new)
    for identifier in sorted({*before, *after}):
        was, now = before.get(identifier, ()), after.get(identifier, ())
        # Most stay as they are, and where they stand in the file says nothing.
        if [_said(item) for item in was] != [_said(item) for item in now]:
            yield from _compare(identifier, was, now)


def _by_id(manifest: Manifest) -> dict[str, tuple[Dependency, ...]]:
    found: dict[str, tuple[Dependency, ...]] = {}
    for dependency in manifest.dependencies:
        found[dependency.id] = (*found.get(dependency.id, ()), dependency)
    return found


def _compare(identifier: str, old: tuple[Dependency, ...], new: tuple[Dependency, ...]) -> Iterator[Change]:
    before, after = ", and ".join(sorted(map(_words, old))), ", and ".join(sorted(map(_words, new)))
    what = f"the dependency on {quoted(identifier)}"

    def change(rule: str, message: str, was: str = before, now: str = after) -> Change:
        pointer = join_pointer("/dependencies", identifier)
        return _BY_ID[rule].change(pointer, message, subject=identifier, before=was, after=now)

    if len(old) > 1 or len(new) > 1:
        if before != after:
            yield change("dependency-ambiguous", f"{what} stands more than once, and is not what it was")
    elif not old:
        yield change("dependency-added", f"{what} is new: {quoted(after)}")
    elif not new:
        yield change("dependency-removed", f"{what} is gone")
    else:
        was, now = old[0], new[0]
        if was.optional != now.optional:
            word = "optional" if now.optional else "required"
            message = f"{what} {'can be absent' if now.optional else 'is needed'} now"
            yield change(f"dependency-became-{word}", message, _need(was), _need(now))
        if (was.type, was.scope) != (now.type, now.scope):
            roles = [" ".join(filter(None, (side.type, side.scope))) or "no role" for side in (was, now)]
            yield change("dependency-role-changed", f"{what} is {quoted(roles[1])} and was {quoted(roles[0])}", *roles)
        rule, message = _range_rule(was.version, now.version)
        if rule:
            yield change(rule, f"{what} {message}", range_words(was.version), range_words(now.version))


def _range_rule(old: str, new: str) -> tuple[str, str]:
    before, after = VersionRange.parse(old), VersionRange.parse(new)
    if before is None or after is None:
        unread = old if before is None else new
        return (
            ("dependency-range-unreadable", f"cannot be compared: {range_problem(unread)}") if old != new else ("", "")
        )
    if before == after:
        return ("", "")
    said = f"{quoted(range_words(new))} in the place of {quoted(range_words(old))}"
    if after.is_subset(before):
        return ("dependency-range-narrowed", f"admits less: {said}")
    if before.is_subset(after):
        return ("dependency-range-widened", f"admits more: {said}")
    return ("dependency-range-changed", f"admits other versions: {said}")


def range_words(text: str) -> str:
    """Return the canonical text of a range: desugared, `*` for none; as written where it cannot be read."""
    read = VersionRange.parse(text)
    return read.canonical if read else text


def _said(dependency: Dependency) -> tuple[str, str, str, bool]:
    return (dependency.version, dependency.type, dependency.scope, dependency.optional)


def _words(dependency: Dependency) -> str:
    parts = (range_words(dependency.version), dependency.type, dependency.scope)
    return " ".join(filter(None, parts)) + (", optional" if dependency.optional else "")


def _need(dependency: Dependency) -> str:
    return "optional" if dependency.optional else "required"
