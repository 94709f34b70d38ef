"""The algebra of versions and ranges keeps its laws, its refusals read well, and no text makes it slow or raise.

Keeps two promises of the catalog: a range never admits a version by accident, and every refusal is a sentence.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chora_catalog.model import ranges, versions
from chora_catalog.model.ranges import VersionRange, range_problem
from chora_catalog.model.versions import MAX_NUMBER, Version, version_problem

STEADY = settings(
    derandomize=True, max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)

# Few numbers and words, so that versions and bounds meet, touch and just miss each other.
NUMBERS = st.sampled_from([0, 0, 1, 1, 2, 3, 10, MAX_NUMBER - 1, MAX_NUMBER])
SMALL = st.sampled_from([0, 0, 1, 1, 2, 3, 10])
TAGS = st.lists(st.sampled_from(["0", "1", "10", "alpha", "beta", "a-b", "-", "rc1", "v", "x"]), min_size=1, max_size=3)
BUILDS = st.sampled_from(["", "", "", "+a", "+001", "+b.2"])


def text_of(numbers: tuple[int, ...], tags: list[str], build: str) -> str:
    return ".".join(map(str, numbers)) + ("-" + ".".join(tags) if tags else "") + build


VERSION_TEXTS = st.builds(text_of, st.tuples(SMALL, SMALL, SMALL), st.one_of(st.just([]), TAGS), BUILDS)
RELEASE_TEXTS = st.builds(text_of, st.tuples(SMALL, SMALL, SMALL), st.just([]), st.just(""))
HIGH_TEXTS = st.builds(text_of, st.tuples(NUMBERS, NUMBERS, NUMBERS), st.one_of(st.just([]), TAGS), BUILDS)
PARTIALS = st.one_of(
    VERSION_TEXTS,
    st.sampled_from(["0", "1", "2", "0.0", "0.1", "1.0", "1.2", "2.x", "1.2.*", "X", "*", "v1.2.3", "v1"]),
)
SIMPLES = st.builds(
    "".join, st.tuples(st.sampled_from(["", "", "^", "~", "~>", ">=", "<", "<=", ">", "=", ">= "]), PARTIALS)
)
PARTS = st.one_of(
    st.lists(SIMPLES, min_size=1, max_size=3).map(" ".join),
    st.lists(SIMPLES, min_size=2, max_size=3).map(", ".join),
    st.builds("{} - {}".format, PARTIALS, PARTIALS),
)
RANGE_TEXTS = st.one_of(st.just(""), st.lists(PARTS, min_size=1, max_size=3).map(" || ".join))


def version(text: str) -> Version:
    found = Version.parse(text)
    assert found is not None, version_problem(text)
    return found


def wanted(text: str) -> VersionRange:
    found = VersionRange.parse(text)
    assert found is not None, range_problem(text)
    return found


def edges(*ranges: VersionRange) -> list[Version]:
    """Return the versions at and just beside every bound: where two sets differ, they differ at one of these."""
    found = {version("0.0.0"), version("0.0.0-0"), version("99.0.0"), version("99.0.0-a")}
    for item in ranges:
        for bound in (bound for alternative in item.alternatives for bound in alternative):
            major, minor, patch = bound.version.key[:3]
            for last in {patch, max(patch - 1, 0), min(patch + 1, MAX_NUMBER)}:
                found |= {version(f"{major}.{minor}.{last}{tail}") for tail in ("", "-0", "-alpha", "-zz")}
            found |= {bound.version}
            if bound.version.is_prerelease:
                found |= {version(f"{bound.version}.0"), version(f"{bound.version}.0.0")}
    return sorted(found, key=lambda item: item.order)


@STEADY
@given(st.one_of(VERSION_TEXTS, HIGH_TEXTS))
def test_a_version_reads_back_as_itself(text: str) -> None:
    found = version(text)
    assert str(found) == text
    assert Version.parse(str(found)) == found
    assert version_problem(text) is None
    assert found.is_prerelease == ("-" in text.split("+")[0])


@STEADY
@given(VERSION_TEXTS, VERSION_TEXTS, VERSION_TEXTS)
def test_order_is_total(first: str, second: str, third: str) -> None:
    a, b, c = version(first), version(second), version(third)
    assert [a < b, a == b, a > b].count(True) == 1
    assert (a <= b) == (a < b or a == b)
    assert (a < b) == (b > a)
    if a <= b and b <= c:
        assert a <= c
    if a == b:
        assert hash(a) == hash(b)
        assert (str(a) == str(b)) == (a.order == b.order)
    assert (b.step_from(a) == "none") == (b <= a)


def test_order_is_the_one_of_the_specification() -> None:
    # https://semver.org/#spec-item-11, and a number beyond what floating point holds.
    texts = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
             "1.0.0-rc.1", "1.0.0", "1.0.1-9007199254740992", "1.0.1-9007199254740993", "1.0.1-Z", "1.0.1-a",
             "2.0.0", "2.1.0", "2.1.1", "10.0.0"]  # fmt: skip
    versions = [version(text) for text in texts]
    backwards = versions[::-1]
    assert sorted(backwards) == versions
    assert len(set(versions)) == len(versions)


def test_build_metadata_is_kept_and_not_compared() -> None:
    one, two = version("1.0.0+one.1"), version("1.0.0+two")
    assert one == two
    assert {one, two} == {one}
    assert (str(one), one.build) == ("1.0.0+one.1", ("one", "1"))
    assert one.step_from(two) == two.step_from(one) == "none"
    assert str(wanted("*").max_satisfying([one, two])) == str(wanted("*").max_satisfying([two, one])) == "1.0.0+two"


@pytest.mark.parametrize(
    ("newer", "older", "step"),
    [
        ("2.0.0", "1.9.9", "major"),
        ("2.0.0-rc.1", "1.0.0", "major"),
        ("1.1.0", "1.0.9", "minor"),
        ("1.0.1", "1.0.0", "patch"),
        ("1.0.1-a", "1.0.0", "patch"),
        ("1.0.0", "1.0.0-rc.1", "prerelease"),
        ("1.0.0-rc.2", "1.0.0-rc.1", "prerelease"),
        ("1.0.0+b", "1.0.0+a", "none"),
        ("1.0.0", "2.0.0", "none"),
        ("1.0.0-rc.1", "1.0.0", "none"),
    ],
)
def test_steps(newer: str, older: str, step: str) -> None:
    assert version(newer).step_from(version(older)) == step


@STEADY
@given(RANGE_TEXTS, RANGE_TEXTS)
def test_intersection_is_and(left: str, right: str) -> None:
    one, two = wanted(left), wanted(right)
    both = one.intersect(two)
    for item in edges(one, two, both):
        assert both.contains(item) == (one.contains(item) and two.contains(item)), str(item)
    assert both == two.intersect(one)
    assert both.is_subset(one)
    assert both.is_subset(two)
    # What it prints is what it means: somebody may copy it into a manifest.
    assert VersionRange.parse(both.canonical) == both


@STEADY
@given(RANGE_TEXTS, RANGE_TEXTS)
def test_subset_is_containment(left: str, right: str) -> None:
    one, two = wanted(left), wanted(right)
    outside = [item for item in edges(one, two) if one.contains(item) and not two.contains(item)]
    assert one.is_subset(two) == (not outside), [str(item) for item in outside]
    assert one.is_subset(one)
    assert (one == two) == (one.is_subset(two) and two.is_subset(one))


def admits(item: VersionRange, one: Version) -> bool:
    """Answer by the rule as node-semver states it, bound by bound."""
    for bounds in item.alternatives:
        named = any(bound.version.is_prerelease and bound.version.key[:3] == one.key[:3] for bound in bounds)
        holds = all(
            {"": one == at, "<": one < at, "<=": one <= at, ">": one > at, ">=": one >= at}[operator]
            for operator, at in bounds
        )
        if holds and (named or not one.is_prerelease):
            return True
    return False


@STEADY
@given(RANGE_TEXTS, VERSION_TEXTS)
def test_a_set_of_intervals_answers_as_its_bounds_do(text: str, number: str) -> None:
    item = wanted(text)
    for one in [version(number), *edges(item)]:
        assert item.contains(one) == admits(item, one), str(one)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (">1.2.3", ">=1.2.4"),
        (f">1.2.{MAX_NUMBER}", ">=1.3.0"),
        (f"<=1.{MAX_NUMBER}.{MAX_NUMBER}", "<2"),
        (f">{MAX_NUMBER}.{MAX_NUMBER}.{MAX_NUMBER}", "<0"),
        ("<5 || 1.x", "<5"),
        ("<1.2.3 || >=1.2.3", "*"),
        (">1.0.0-a <=1.0.0-b", ">=1.0.0-a.0 <1.0.0-b.0"),
    ],
)
def test_the_same_set_is_the_same_range(left: str, right: str) -> None:
    assert wanted(left) == wanted(right)
    assert hash(wanted(left)) == hash(wanted(right))


@STEADY
@given(RANGE_TEXTS)
def test_a_range_keeps_its_text_and_its_meaning(text: str) -> None:
    item = wanted(text)
    assert str(item) == text
    again = wanted(item.canonical)
    assert (again, again.canonical, hash(again)) == (item, item.canonical, hash(item))
    assert item.is_empty == (not any(map(item.contains, edges(item))))


@STEADY
@given(RANGE_TEXTS, VERSION_TEXTS)
def test_why_not_is_empty_exactly_when_it_fits(text: str, number: str) -> None:
    item = wanted(text)
    for one in [version(number), *edges(item)]:
        words = item.why_not(one)
        assert (words == "") == item.contains(one), (str(one), words)


@STEADY
@given(RANGE_TEXTS, st.lists(VERSION_TEXTS, max_size=6))
def test_max_satisfying_is_the_highest_that_fits(text: str, numbers: list[str]) -> None:
    item, versions = wanted(text), [version(number) for number in numbers]
    fitting = [one for one in versions if item.contains(one)]
    best = item.max_satisfying(iter(versions))
    assert best == (max(fitting) if fitting else None)
    assert str(best) == str(item.max_satisfying(reversed(versions)))


@STEADY
@given(RANGE_TEXTS.filter(lambda text: "," not in text), RELEASE_TEXTS)
def test_a_comma_is_and(text: str, number: str) -> None:
    item = version(number)
    assert wanted(">=1,<3").contains(item) == wanted(">=1 <3").contains(item)
    if "||" not in text and text:
        assert wanted(f"{text}, <2") == wanted(f"<2,{text}")
        assert wanted(f"{text}, <2").contains(item) == (wanted(text).contains(item) and wanted("<2").contains(item))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", "*"),
        ("||", "*"),
        (" \t", "*"),
        (">=1 <2", ">=1.0.0 <2.0.0-0"),
        (">=0.3.0, <0.5.0", ">=0.3.0 <0.5.0"),
        ("1.2 - 2.0 , <1.5 || ~> 3", ">=1.2.0 <2.1.0-0 <1.5.0-0||>=3.0.0 <4.0.0-0"),
        ("^1.2.3 || ^0.2.3 || ^0.0.3", ">=1.2.3 <2.0.0-0||>=0.2.3 <0.3.0-0||>=0.0.3 <0.0.4-0"),
        ("= v1.2.3+build", "1.2.3"),
        (">=2 <1", ">=2.0.0 <1.0.0-0"),
        (">=0.0.0", "*"),
        ("~ 1.2 || ~2 || ^ 3.X", ">=1.2.0 <1.3.0-0||>=2.0.0 <3.0.0-0||>=3.0.0 <4.0.0-0"),
        ("~1.2.3 ~0", ">=1.2.3 <1.3.0-0 <1.0.0-0"),
        ("> 1 <=2", ">=2.0.0 <3.0.0-0"),
        ("1.0.0 - 2.0.0", ">=1.0.0 <=2.0.0"),
        ("1 - =2.0.0-a", ">=1.0.0 <=2.0.0-a"),
        ("1.2.3-v = 1.2.3-v", "1.2.3-v"),
        ("1.x <x", "<0.0.0-0"),
        ("<x || 1.x", ">=1.0.0 <2.0.0-0"),
    ],
)
def test_desugared(text: str, canonical: str) -> None:
    assert wanted(text).canonical == canonical
    assert str(wanted(text)) == text


def test_a_missing_range_admits_every_released_version() -> None:
    missing = VersionRange.parse(None)
    assert missing == wanted("*")
    assert range_problem(None) is None
    assert wanted("").contains(version("0.0.0"))
    assert not wanted("").contains(version("1.0.0-rc.1"))


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        ("^1", ">=1.2", ">=1.2.0 <2.0.0-0"),
        (">=1", ">=1.5.0", ">=1.5.0"),
        ("<2", "<3 >1.2.3", ">=1.2.4 <2.0.0-0"),
        ("1.x || 3.x", ">=1.5 <3.5", ">=1.5.0 <2.0.0-0||>=3.0.0 <3.5.0-0"),
        ("^1", "^2", "<0.0.0-0"),
        ("<=1.2.3", ">=1.2.3", "1.2.3"),
        (">=1.0.0-alpha <2", "<1.5", ">=1.0.0 <1.5.0-0"),
        (">=1.0.0-alpha <2", ">=1.0.0-beta <3", ">=1.0.0-beta <2.0.0-0"),
        ("<=1.0.0-rc.1", ">=0.9 <=1.0.0-rc.2 >0.8.0", ">=0.9.0 <1.0.0-rc.1.0"),
        (">=1.0.0-a <1.0.0-c", ">=1.0.0-b", ">=1.0.0-b <1.0.0-c"),
        # `*` in the text would swallow the pre-release, so every release is said in two alternatives.
        ("<2 || >=1 || 1.0.0-a || 3.0.0-a", "<4 || >=3 || 1.0.0-a || 2.0.0-a", "0.0.0||>0.0.0||1.0.0-a"),
        ("^1 || >=2.0.0-0 <2.0.0", ">=1.2 <3 || >=2.0.0-0 <2.0.0", ">=1.2.0 <2.0.0-0||>=2.0.0-0 <2.0.0"),
        ("^1 || <2.0.0-b >=1.9", ">=1.2 <2.0.0-c", ">=1.2.0 <2.0.0-b"),
        ("<2 || 4.0.0", "<3 || 5.0.0", "<2.0.0-0"),
    ],
)
def test_the_words_of_an_intersection(left: str, right: str, both: str) -> None:
    found = wanted(left).intersect(wanted(right))
    assert str(found) == both
    assert found == wanted(both)
    assert found.is_empty == (both == "<0.0.0-0")


@pytest.mark.parametrize(
    ("text", "number", "words"),
    [
        (">=1 <2", "1.4.0", ""),
        (">=1 <2", "2.0.0", "2.0.0 is above <2.0.0-0"),
        (">=1 <2", "0.9.0", "0.9.0 is below >=1.0.0"),
        (">=1 <2", "1.4.0-beta", "1.4.0-beta is a pre-release and the range names none of 1.4.0"),
        (">=1 <2", "2.0.0-rc.1", "2.0.0-rc.1 is above <2.0.0-0"),
        ("1.2.3", "1.2.4", "1.2.4 is above 1.2.3"),
        ("<1.2 || >=3 || 0.1.x || 2.x", "1.5.0", "1.5.0 is above <1.2.0-0 and below >=2.0.0"),
        (">=5 <4 || 1.x", "2.0.0", "2.0.0 is above <2.0.0-0"),
        ("^1.2 || 1.4.0-rc.1", "1.4.0-beta", "1.4.0-beta is a pre-release and >=1.2.0 <2.0.0-0 names none of 1.4.0"),
        ("", "1.0.0-a", "1.0.0-a is a pre-release and the range names none of 1.0.0"),
        (">=1.0.0-beta", "1.0.0-alpha", "1.0.0-alpha is below >=1.0.0-beta"),
        (">=2 <1", "1.5.0", "no version at all fits >=2.0.0 <1.0.0-0"),
        (">1.2.3 <1.2.4", "1.2.4-a", "no version at all fits >1.2.3 <1.2.4"),
    ],
)
def test_why_not_in_words(text: str, number: str, words: str) -> None:
    assert wanted(text).why_not(version(number)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a version is empty; it needs three numbers, such as 1.4.0"),
        ("1.0", '"1.0" needs three numbers; write "1.0.0"'),
        ("1", '"1" needs three numbers; write "1.0.0"'),
        ("1.0-rc.1", '"1.0-rc.1" needs three numbers; write "1.0.0-rc.1"'),
        ("1.2.3.4", '"1.2.3.4" has 4 numbers; a version has three'),
        ("v1.2.3", '"v1.2.3" starts with v; write "1.2.3"'),
        ("=1.2.3", '"=1.2.3" starts with =; write "1.2.3"'),
        ("01.2.3", '"01.2.3" has a major number that starts with a zero; write "1"'),
        ("1.2.03", '"1.2.03" has a patch number that starts with a zero; write "3"'),
        ("9007199254740992.0.0", '"9007199254740992.0.0" has a major number above 9007199254740991'),
        ("1" * 400 + ".0.0", "a version has at most 256 characters, this one has 404"),
        ("1" * 252 + ".0.0", f'"{"1" * 39}…" has a major number above 9007199254740991'),
        (
            "\u0661.\u0662.\u0663",
            '"\u0661.\u0662.\u0663" holds the character U+0661; only ASCII digits and letters count',
        ),
        ("1.2.3\n", '"1.2.3\\u000a" has a space or a line break around it'),
        (" 1.2.3", '" 1.2.3" has a space or a line break around it'),
        ("1.2.3 beta", '"1.2.3 beta" has a space or a line break inside'),
        ("latest", '"latest" is no version; it needs three numbers, such as 1.4.0'),
        ("1.x", '"1.x" is a range; a version is a single one, such as 1.4.0'),
        (">=1 <2", '">=1 <2" is a range; a version is a single one, such as 1.4.0'),
        ("1.2.3 - 2.0", '"1.2.3 - 2.0" is a range; a version is a single one, such as 1.4.0'),
        ("1.2.3 || 2", '"1.2.3 || 2" is a range; a version is a single one, such as 1.4.0'),
        ("v 1.2.3", '"v 1.2.3" has a space or a line break inside'),
        ("1.2.3-", '"1.2.3-" has an empty part in its pre-release'),
        ("1.2.3-a..b", '"1.2.3-a..b" has an empty part in its pre-release'),
        ("1.2.3-a+", '"1.2.3-a+" has an empty part in its build metadata'),
        ("1.2.3-rc_1", '"1.2.3-rc_1" has "rc_1" in its pre-release; only 0-9, A-Z, a-z and - are allowed'),
        ("1.2.3+a+b", '"1.2.3+a+b" has "a+b" in its build metadata; only 0-9, A-Z, a-z and - are allowed'),
        ("1.2.3-01", '"1.2.3-01" has "01" in its pre-release; a number has no leading zero'),
        ("1.2.3\u202e", '"1.2.3\\u202e" holds the character U+202E; only ASCII digits and letters count'),
    ],
)
def test_why_a_text_is_no_version(text: str, words: str) -> None:
    assert version_problem(text) == words
    assert Version.parse(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("latest", '"latest" is no version and no range, such as >=1.2 <2'),
        ("1.x.5", '"1.x.5" has a number after a wildcard'),
        (">01.02.03", '">01.02.03" has a number that starts with a zero'),
        (">=", '">=" has no version after it'),
        (">=1,", '">=1," has a comma with nothing on one side of it'),
        (">=1,,<2", '">=1,,<2" has a comma with nothing on one side of it'),
        (",", '"," has a comma with nothing on one side of it'),
        ("1 | 2", '"|" is not known; alternatives are joined by ||'),
        ("!=1.2.3", '"!=1.2.3" is not known; a range says which versions fit, not which do not'),
        ("1 - 2 <3", '"-" stands between two versions and nothing else, such as 1.2 - 2.0'),
        ("==1.2.3", '"==1.2.3" has more than one sign and a v before a full version'),
        ("=1.2.3 - 2", '"=1.2.3 - 2" has more than a v before a full version'),
        ("1.2.3.4", '"1.2.3.4" has more than three numbers'),
        ("1.*2.3", '"1.*2.3" is no version and no range, such as >=1.2 <2'),
        ("+x", '"+x" is no version and no range, such as >=1.2 <2'),
        ("^9007199254740991.0.0", "a range has a bound above 9007199254740991, the highest number of a version"),
        (">=\u0661", '">=\u0661" holds the character U+0661; only ASCII digits and letters count'),
        ("\x1b[31m", '"\\u001b[31m" is no version and no range, such as >=1.2 <2'),
        ("1" * 1025, "a range has at most 1024 characters, this one has 1025"),
        ("~1.2.3-" + "a" * 300, "a version in a range has at most 256 characters"),
    ],
)
def test_why_a_text_is_no_range(text: str, words: str) -> None:
    assert range_problem(text) == words
    assert VersionRange.parse(text) is None


HOSTILE = {
    "4,000 bounds": " ".join([">=1"] * 4000),
    "4,000 bounds by comma": ",".join([">=1"] * 4000),
    "100 KB of pipes": "|" * 100_000,
    "100 KB of digits": "1" * 100_000,
    "bounds": " ".join([">=1"] * 256),
    "pipes": "|" * 1024,
    "alternatives": "||".join(map(str, range(220))),
    "pre-releases": "||".join(f"<1.0.{at}-{at}" for at in range(80)),
    "digits": "1" * 1000,
    "digits and dots": "1." * 512,
    "prefixes": "v" * 1024,
    "prefixes before a version": "v" * 1023 + "1",
    "spaced signs": "= " * 512,
    "signs and prefixes": "v=" * 512,
    "tildes": "~ " * 512,
    "stars": "* " * 512,
    "wildcards": "x." * 512,
    "hyphens": "1 - " * 256,
    "identifiers": "1.2.3-" + "a." * 500,
    "zeros": "1.2.3-" + "0" * 1000,
    "dashes": "1.2.3-" + "-" * 1000,
    "almost a number": "1.2.3-" + "1" * 1000 + "!",
    "pluses": "1" + "+a" * 500,
    "wide spaces": "\u3000 " * 512,
    "version of dashes": "1.2.3-" + "-" * 250,
    "version of parts": "1.2.3-" + "0." * 124 + "_",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_take_no_time(name: str) -> None:
    text = HOSTILE[name]
    spent = []
    # The least of three: the rest of the suite shares this process, and its garbage is collected at any moment.
    for _ in range(3):
        ranges._read_range.cache_clear()
        versions._read_version.cache_clear()
        started = time.process_time()
        item = VersionRange.parse(text)
        problem = range_problem(text)
        if item is not None:
            assert item.why_not(version("900.0.0-a"))
            assert item.intersect(wanted(">=1 <2 || 1.0.5-2")).is_subset(item)
        assert (Version.parse(text) is None) == (version_problem(text) is not None)
        spent.append(time.process_time() - started)
    assert min(spent) < 0.05
    assert (item is None) == (problem is not None)
    assert problem is None or len(problem) < 160


@STEADY
@given(st.one_of(st.text(max_size=40), st.text(alphabet="0123456789.-+ vVxX*<>=~^|,!ab\n\u0661", max_size=20)))
def test_every_text_has_an_answer(text: str) -> None:
    item, problem = VersionRange.parse(text), range_problem(text)
    assert (item is None) == (problem is not None)
    assert (Version.parse(text) is None) == (version_problem(text) is not None)
    for words in (problem, version_problem(text)):
        assert words is None or words.isprintable()
    if Version.parse(text):
        # Every version is also a range: of itself.
        assert item is not None
        assert item.contains(version(text))
