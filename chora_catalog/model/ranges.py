"""Ranges of versions (the grammar and the rules of node-semver 7.8).

Beyond node-semver a comma means AND (`>=0.3.0, <0.5.0`). Two accidents of its text rewriting are refused here: a
stray star (`1.*2.3`, read there as `1.2.3`) and build metadata behind no version (`+x`, read there as every version).

A range is two sorted unions of half-open intervals, one for released versions and one for pre-releases, because a
pre-release is admitted only by an alternative that names one of the same three numbers. Half-open is enough: every
version has a next one (after `1.2.3-a` comes `1.2.3-a.0`, after the release 1.2.3 the release 1.2.4), so `>1.2.3`
and `>=1.2.4` are the same set, equal ranges are equal values, and the algebra is exact for every version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from chora_catalog.model.versions import (
    BUILD,
    IDENTIFIERS,
    MAX_NUMBER,
    MAX_VERSION_LENGTH,
    NUMBER,
    Key,
    Version,
    foreign_character,
    identifiers,
    in_quotes,
)

MAX_RANGE_LENGTH = 1024

Numbers = tuple[int, int, int]
Interval = tuple[Key, Key]
"""From the first key, which is in, to the second, which is not."""

_LOWEST: tuple[tuple[int, int | str], ...] = ((0, 0),)
_BOTTOM: Key = (0, 0, 0, 0, _LOWEST)
_TOP: Key = (MAX_NUMBER + 1, 0, 0, 0, _LOWEST)

_PARTIAL = rf"([v= ]*)({NUMBER}|[xX*])(?:\.({NUMBER}|[xX*])(?:\.({NUMBER}|[xX*])(?:-({IDENTIFIERS}))?)?)?"
_SIMPLE = re.compile(rf"(\^|~>?|[<>]?=?){_PARTIAL}")
_HYPHEN = re.compile(rf"{_PARTIAL} - {_PARTIAL}")
_BUILD_OF_VERSION = re.compile(rf"(?<=[0-9A-Za-z*-]){BUILD}")
# An operator may stand apart from its version by one space. The version is read along, so that a `v` at its end is
# not taken for the prefix of the next.
_APART = re.compile(r"( ?+[<>]?+=?+) ?+([v= ]*+[0-9xX*][0-9A-Za-z.*-]*+)")
# The white space of JavaScript, which is not that of Python: U+FEFF counts, U+0085 and U+001C to U+001F do not.
_SPACES = re.compile(r"[\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")


class Comparator(NamedTuple):
    """One bound after desugaring. `operator` is `<`, `<=`, `>`, `>=`, or empty for exactly this version."""

    operator: str
    version: Version

    @property
    def span(self) -> Interval:
        """The versions it admits by order alone."""
        here = self.version.key
        after = _after(here)
        low = {">": after, "<": _BOTTOM, "<=": _BOTTOM}.get(self.operator, here)
        high = {"<": here, ">": _TOP, ">=": _TOP}.get(self.operator, after)
        return (low, high)

    def __str__(self) -> str:
        """Return it as node-semver prints it."""
        return f"{self.operator}{self.version}"


Alternative = tuple[Comparator, ...]
"""Comparators that must all hold; none at all admits every released version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRange:
    """A set of versions, made by `parse` or `intersect`. Ranges are equal when they admit the same versions.

    `*`, `||` and empty text admit every released version; `>=2 <1` is a range that admits none.
    """

    text: str = field(compare=False)
    alternatives: tuple[Alternative, ...] = field(compare=False)
    released: tuple[Interval, ...]
    prereleases: tuple[Interval, ...]

    @classmethod
    def parse(cls, text: str | None) -> VersionRange | None:
        """Read a range; None when it is none. Empty text, or no text at all, admits every released version."""
        found = _range_or_words(text or "")
        return found if isinstance(found, VersionRange) else None

    @property
    def canonical(self) -> str:
        """The desugared text, as node-semver prints it: `^1.2` is `>=1.2.0 <2.0.0-0`, no bound at all is `*`."""
        return _phrase(self.alternatives)

    @property
    def normal(self) -> str:
        """A text that is equal for equal ranges, whatever their spelling, and parses alike."""
        return _phrase(_alternatives_of(self.released, self.prereleases))

    @property
    def is_empty(self) -> bool:
        """Tell whether no version can fit, as with `>2 <1` and `>1.2.3 <1.2.4`."""
        return not self.released and not self.prereleases

    def contains(self, version: Version) -> bool:
        """Tell whether `version` fits. A pre-release fits only where one of the same three numbers is named."""
        key = version.key
        # One after the other: a range has one interval or two, seldom more, and this is asked a million times.
        for low, high in self.prereleases if version.prerelease else self.released:
            if key < low:
                return False
            if key < high:
                return True
        return False

    def intersect(self, other: VersionRange) -> VersionRange:
        """Return the versions that fit both: `self` or `other` where that is all, else with a text that parses alike.

        That text has one alternative for each gap, so it can outgrow what `parse` reads.
        """
        released = _common(self.released, other.released)
        prereleases = _common(self.prereleases, other.prereleases)
        for given in (self, other):
            if (given.released, given.prereleases) == (released, prereleases):
                return given
        return _range(None, _alternatives_of(released, prereleases))

    def is_subset(self, other: VersionRange) -> bool:
        """Tell whether every version that fits `self` fits `other`."""
        return (
            _common(self.released, other.released) == self.released
            and _common(self.prereleases, other.prereleases) == self.prereleases
        )

    def max_satisfying(self, versions: Iterable[Version]) -> Version | None:
        """Return the highest of `versions` that fits, whatever their order, or None."""
        return max(filter(self.contains, versions), key=lambda version: version.order, default=None)

    def why_not(self, version: Version) -> str:
        """Say in a sentence without a full stop why `version` does not fit; empty when it does."""
        if self.contains(version):
            return ""
        if self.is_empty:
            return f"no version at all fits {self.canonical}"
        floors: list[tuple[Key, str]] = []
        ceilings: list[tuple[Key, str]] = []
        for alternative in self.alternatives:
            low = max(((bound.span[0], str(bound)) for bound in alternative), default=(_BOTTOM, ""))
            high = min(((bound.span[1], str(bound)) for bound in alternative), default=(_TOP, ""))
            if low[0] <= version.key < high[0]:
                holder = "the range" if len(self.alternatives) == 1 else " ".join(map(str, alternative))
                named = ".".join(map(str, version.key[:3]))
                return f"{version} is a pre-release and {holder} names none of {named}"
            if low[0] < high[0] and version.key < low[0]:
                floors.append(low)
            elif low[0] < high[0]:
                ceilings.append(high)
        above = [f"above {max(ceilings)[1]}"] if ceilings else []
        below = [f"below {min(floors)[1]}"] if floors else []
        return f"{version} is {' and '.join(above + below)}"

    def __str__(self) -> str:
        """Return the text as written, or the canonical text of an intersection."""
        return self.text


def range_problem(text: str | None) -> str | None:
    """Say why `text` is no range, or return None when it is one."""
    found = _range_or_words(text or "")
    return found if isinstance(found, str) else None


def _range_or_words(text: str) -> VersionRange | str:
    if len(text) > MAX_RANGE_LENGTH:
        return f"a range has at most {MAX_RANGE_LENGTH} characters, this one has {len(text)}"
    return _read_range(text)


# Sized by the worst that hostile texts can fill it with: 170 KiB a range.
@lru_cache(maxsize=512)
def _read_range(text: str) -> VersionRange | str:
    try:
        found = [_read_alternative(part.strip(" ")) for part in _SPACES.sub(" ", text).split("||")]
    except _UnreadableError as problem:
        return str(problem)
    fitting = [alternative for alternative in found if alternative != _NOTHING] or [_NOTHING]
    return _range(text, [()] if () in fitting else fitting)


class _UnreadableError(Exception):
    """Why a text is no range, in words. Never leaves this module."""


def _read_alternative(text: str) -> Alternative:
    parts = [part.strip(" ") for part in text.split(",")]
    if len(parts) > 1 and "" in parts:
        raise _UnreadableError(f"{in_quotes(text)} has a comma with nothing on one side of it")
    bounds = dict.fromkeys(chain.from_iterable(map(_read_part, parts)))
    return _NOTHING if _NOTHING[0] in bounds else tuple(bounds)


def _read_part(text: str) -> list[Comparator]:
    text = _BUILD_OF_VERSION.sub("", text)
    if hyphen := _HYPHEN.fullmatch(text):
        return _read_hyphen(text, hyphen.groups())
    joined = _APART.sub(r"\1\2", text).replace("~ ", "~").replace("^ ", "^")
    return [bound for token in joined.split(" ") if token for bound in _read_simple(token)]


def _read_hyphen(text: str, groups: tuple[str | None, ...]) -> list[Comparator]:
    low, high = _Partial.of(groups[:5]), _Partial.of(groups[5:])
    # Node rewrites a full end as text, so a prefix that no full version may have spoils it.
    if (low.full and not low.plain) or (high.full and not high.plain and not high.prerelease):
        raise _UnreadableError(f"{in_quotes(text)} has more than a v before a full version")
    ends = low.at_least()
    if high.full:
        return [*ends, _bound("<=", high.numbers, high.prerelease)]
    return [*ends, _below(high.past(high.given - 1))] if high.given else ends


def _read_simple(text: str) -> list[Comparator]:
    """Desugar one comparator, caret, tilde or wildcard (https://github.com/npm/node-semver#ranges)."""
    found = _SIMPLE.fullmatch(text)
    if not found:
        raise _UnreadableError(_simple_words(text))
    operator, *groups = found.groups()
    partial = _Partial.of(tuple(groups))
    if operator == "^":
        first = next((at for at in range(partial.given) if partial.numbers[at]), partial.given - 1)
        return [*partial.at_least(), _below(partial.past(first))] if partial.given else []
    if operator.startswith("~"):
        return [*partial.at_least(), _below(partial.past(min(partial.given, 2) - 1))] if partial.given else []
    if partial.disordered:
        raise _UnreadableError(f"{in_quotes(text)} has a number after a wildcard")
    operator = operator if operator != "=" else ""
    if not partial.full:
        return _read_wildcard(operator, partial)
    if not partial.plain:
        raise _UnreadableError(f"{in_quotes(text)} has more than one sign and a v before a full version")
    return [] if text == ">=0.0.0" else [_bound(operator, partial.numbers, partial.prerelease)]


def _read_wildcard(operator: str, partial: _Partial) -> list[Comparator]:
    if not partial.given:
        return [*_NOTHING] if operator in ("<", ">") else []
    past = partial.past(partial.given - 1)
    if operator == ">":
        return [_bound(">=", past, ())]
    lower = [] if operator in ("<", "<=") else partial.at_least()
    upper = {"<": [partial.numbers], "<=": [past], "": [past]}.get(operator, [])
    return [*lower, *map(_below, upper)]


class _Partial(NamedTuple):
    """A version of which the last numbers may be missing; `given` counts those before the first missing or wild one."""

    numbers: Numbers
    given: int
    prerelease: tuple[int | str, ...]
    plain: bool
    """Nothing but one `v` stands before it."""
    disordered: bool
    """A number follows a wildcard."""

    @classmethod
    def of(cls, groups: tuple[str | None, ...]) -> _Partial:
        prefix, *written, prerelease = groups
        if sum(len(text) + 1 for text in (*written, prerelease) if text) > MAX_VERSION_LENGTH + 1:
            raise _UnreadableError(f"a version in a range has at most {MAX_VERSION_LENGTH} characters")
        given = next((at for at, text in enumerate(written) if text in (None, "x", "X", "*")), 3)
        major, minor, patch = (int(text) if text and at < given else 0 for at, text in enumerate(written))
        return cls(
            numbers=(major, minor, patch),
            given=given,
            prerelease=identifiers(prerelease) if given == 3 else (),
            plain=prefix in ("", "v"),
            disordered=any(text is not None and text.isdigit() for text in written[given:]),
        )

    @property
    def full(self) -> bool:
        return self.given == 3

    def at_least(self) -> list[Comparator]:
        """Return the lower bound, which is none where every released version reaches it."""
        return [_bound(">=", self.numbers, self.prerelease)] if any(self.numbers) or self.prerelease else []

    def past(self, at: int) -> Numbers:
        """Return the first numbers behind all that share the numbers up to `at`."""
        major, minor, patch = self.numbers
        return ((major + 1, 0, 0), (major, minor + 1, 0), (major, minor, patch + 1))[at]


def _bound(operator: str, numbers: Numbers, prerelease: tuple[int | str, ...]) -> Comparator:
    if max(numbers) > MAX_NUMBER:
        raise _UnreadableError(f"a range has a bound above {MAX_NUMBER}, the highest number of a version")
    major, minor, patch = numbers
    return Comparator(operator, Version(major=major, minor=minor, patch=patch, prerelease=prerelease))


def _below(numbers: Numbers) -> Comparator:
    """Below the numbers and their pre-releases: `<2` must not let 2.0.0-rc.1 in."""
    return _bound("<", numbers, (0,))


_NOTHING: Alternative = (_below((0, 0, 0)),)
_ZERO = Version(major=0, minor=0, patch=0)


def _simple_words(text: str) -> str:
    shown = in_quotes(text)
    if foreign := foreign_character(text):
        return f"{shown} {foreign}"
    if "|" in text:
        return f"{shown} is not known; alternatives are joined by ||"
    if "!" in text:
        return f"{shown} is not known; a range says which versions fit, not which do not"
    if text == "-":
        return '"-" stands between two versions and nothing else, such as 1.2 - 2.0'
    if re.fullmatch("[<>=~^v]+", text):
        return f"{shown} has no version after it"
    if re.match(r"[<>=~^v]*(?:[0-9]+\.){0,2}0[0-9]", text):
        return f"{shown} has a number that starts with a zero"
    if re.fullmatch(r"[<>=~^v]*[0-9]+(?:\.[0-9]+){3,}", text):
        return f"{shown} has more than three numbers"
    return f"{shown} is no version and no range, such as >=1.2 <2"


def _after(key: Key) -> Key:
    """Return the next version in precedence: the lowest pre-release of the next patch, or one more identifier."""
    major, minor, patch, release, words = key
    if not release:
        return (major, minor, patch, 0, words + _LOWEST)
    if patch < MAX_NUMBER:
        return (major, minor, patch + 1, 0, _LOWEST)
    return (major, minor + 1, 0, 0, _LOWEST) if minor < MAX_NUMBER else (major + 1, 0, 0, 0, _LOWEST)


def _release_of(key: Key) -> Key:
    """Return the first release at or after `key`."""
    return (key[0], key[1], key[2], 1, ())


def _first_of(key: Key) -> Key:
    """Return the lowest pre-release of the numbers of `key`."""
    return (key[0], key[1], key[2], 0, _LOWEST)


def _range(text: str | None, alternatives: Iterable[Alternative]) -> VersionRange:
    """Work out which versions the alternatives admit; without `text` the canonical text stands in."""
    kept = tuple(alternatives)
    released: list[Interval] = []
    prereleases: list[Interval] = []
    for bounds in kept:
        low = max((bound.span[0] for bound in bounds), default=_BOTTOM)
        high = min((bound.span[1] for bound in bounds), default=_TOP)
        released.append((_release_of(low), _release_of(high)))
        named = [bound.version.key for bound in bounds if bound.version.prerelease]
        prereleases += [(max(low, _first_of(key)), min(high, _release_of(key))) for key in named]
    return VersionRange(
        text=_phrase(kept) if text is None else text,
        alternatives=kept,
        released=_union(released),
        prereleases=_union(prereleases),
    )


def _phrase(alternatives: Iterable[Alternative]) -> str:
    return "||".join(" ".join(map(str, alternative)) for alternative in alternatives) or "*"


def _union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Sort, drop what is empty, and join what touches."""
    joined: list[Interval] = []
    for low, high in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)


def _common(left: tuple[Interval, ...], right: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Return what two unions share, again sorted and apart."""
    found: list[Interval] = []
    at, to = 0, 0
    while at < len(left) and to < len(right):
        low, high = max(left[at][0], right[to][0]), min(left[at][1], right[to][1])
        if low < high:
            found.append((low, high))
        if left[at][1] < right[to][1]:
            at += 1
        else:
            to += 1
    return tuple(found)


def _alternatives_of(released: tuple[Interval, ...], prereleases: tuple[Interval, ...]) -> tuple[Alternative, ...]:
    """Say both unions as comparators that read back as the same two."""
    rest = set(prereleases)
    ending = {high: low for low, high in prereleases}
    starting = dict(prereleases)
    stretches: list[Interval] = []
    for low, high in released:
        # Pre-releases that run up to the first release, or on from the last, are said in one go with them.
        block = _first_of(high)
        first, last = ending.get(low, low), starting.get(block, block)
        last = block if last == high else last
        rest -= {(first, low), (block, last)}
        stretches.append((first, last))
    found = [_alternative_of(*stretch) for stretch in sorted((*stretches, *rest))]
    if () in found and len(found) > 1:
        # `*` beside other alternatives would swallow the pre-releases that those name.
        found = [(Comparator("", _ZERO),), (Comparator(">", _ZERO),), *filter(None, found)]
    return tuple(found) or (_NOTHING,)


def _alternative_of(low: Key, high: Key) -> Alternative:
    if high == _after(low):
        return (Comparator("", _version_of(low)),)
    lower = () if low == _release_of(_BOTTOM) else (Comparator(">=", _version_of(low)),)
    return lower if high >= _TOP else (*lower, Comparator("<", _version_of(high)))


def _version_of(key: Key) -> Version:
    return Version(major=key[0], minor=key[1], patch=key[2], prerelease=tuple(part for _, part in key[4]))
