"""Versions and ranges: two texts as ranges and one as a version, apart from each other by a NUL.

Judges: the pattern that semver.org publishes, and the rule of node-semver applied bound by bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from chora_catalog.model.ranges import MAX_RANGE_LENGTH, VersionRange, range_problem
from chora_catalog.model.versions import MAX_NUMBER, MAX_VERSION_LENGTH, Version, version_problem
from tests.fuzz.promises import in_time, texts_of
from tests.properties.test_versions import admits

LONGEST = 1500
WORDS = (
    *("||", " - ", ">=", "<=", "~>", "^", "~", "<", ">", "=", ",", " ", "x", "X", "*", "v", "-alpha.1", "-0", "+b.1"),
    *(
        "1.2.3",
        "0.0.0",
        "1.x",
        "1.2",
        "9007199254740991",
        "9007199254740992",
        "01",
        "\u00a0",
        "\ufeff",
        "\u0661",
        "\x00",
    ),
)
_SEMVER = re.compile(
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(?:-((?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
    r"(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?"
)
_MOST = 60
"""Versions looked at beside the bounds of one input: the judge is slower than what it judges."""


def seeds() -> Iterator[bytes]:
    texts = list(texts_of("tests/properties/test_versions.py", 200))
    for at, text in enumerate(texts):
        yield b"\0".join((text, texts[at - 1], texts[at - 2]))


def check(data: bytes) -> None:
    # Half surrogates may come: no caller sends them, and "never raises" knows no exception.
    left, right, number = [*data.decode("utf-8", "surrogateescape").split("\0", 2), "", ""][:3]
    version = _version(number)
    one, two = _range(left), _range(right)
    if one is None or two is None:
        return
    looked_at = [*([version] if version else []), *islice(_beside(one), _MOST), *islice(_beside(two), _MOST)]
    both = in_time(one.intersect, two)
    assert both == two.intersect(one)
    assert both.is_subset(one)
    assert both.is_subset(two)
    assert one.is_subset(two) == (both == one)
    for item in looked_at:
        for judged in (one, two):
            assert judged.contains(item) == admits(judged, item), (str(judged), str(item))
        assert both.contains(item) == (one.contains(item) and two.contains(item)), str(item)
        if one.is_subset(two):
            assert two.contains(item) or not one.contains(item), str(item)
    for judged in (one, two, both):
        _reads_back(judged, looked_at)
        fitting = [item for item in looked_at if judged.contains(item)]
        assert judged.max_satisfying(looked_at) == (max(fitting) if fitting else None)
        assert not (judged.is_empty and fitting)


def _version(text: str) -> Version | None:
    found = in_time(Version.parse, text)
    problem = in_time(version_problem, text)
    assert (found is None) == (problem is not None)
    _sentence(problem)
    fits = _SEMVER.fullmatch(text)
    strict = fits and len(text) <= MAX_VERSION_LENGTH and max(map(int, fits.groups()[:3])) <= MAX_NUMBER
    assert (found is not None) == bool(strict)
    if found is not None:
        assert str(found) == text
        assert Version.parse(str(found)) == found
        assert found.is_prerelease == bool(fits and fits[4])
        assert found.step_from(found) == "none"
    return found


def _range(text: str) -> VersionRange | None:
    found = in_time(VersionRange.parse, text)
    problem = in_time(range_problem, text)
    assert (found is None) == (problem is not None)
    _sentence(problem)
    if found is None:
        return None
    assert len(text) <= MAX_RANGE_LENGTH
    assert str(found) == text
    for intervals in (found.released, found.prereleases):
        edges = [key for interval in intervals for key in interval]
        assert edges == sorted(set(edges)), "apart, sorted and not empty"
    return found


def _sentence(problem: str | None) -> None:
    if problem is not None:
        assert problem.isprintable(), ascii(problem)
        assert problem.encode("utf-8")
        # It may quote two texts of 40 characters, each written out as an escape.
        assert 0 < len(problem) <= 800, len(problem)
        assert not problem.endswith(".")


def _reads_back(judged: VersionRange, looked_at: list[Version]) -> None:
    """Hold that what a range prints is what it means, as far as it is not longer than what is read."""
    printed = judged.canonical
    again = in_time(VersionRange.parse, printed)
    if again is None:
        assert len(printed) > MAX_RANGE_LENGTH
        return
    assert again == judged
    assert again.canonical == printed
    for item in looked_at:
        assert again.contains(item) == judged.contains(item), str(item)
        assert (judged.why_not(item) == "") == judged.contains(item), str(item)


def _beside(judged: VersionRange) -> Iterator[Version]:
    """Yield the versions at and just beside every bound: where two sets differ, they differ at one of these."""
    for bounds in judged.alternatives:
        for bound in bounds:
            at = bound.version
            yield at
            yield Version(major=at.major, minor=at.minor, patch=at.patch, prerelease=(*at.prerelease, 0))
            for patch in {at.patch, max(at.patch - 1, 0), min(at.patch + 1, MAX_NUMBER)}:
                yield Version(major=at.major, minor=at.minor, patch=patch)
                yield Version(major=at.major, minor=at.minor, patch=patch, prerelease=(0,))
                yield Version(major=at.major, minor=at.minor, patch=patch, prerelease=("zz",))
