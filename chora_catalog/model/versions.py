"""Versions (SemVer 2.0.0), compared by its precedence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

MAX_VERSION_LENGTH = 256
MAX_NUMBER = 2**53 - 1
"""The limits of node-semver for a version and its numbers."""

Step = Literal["major", "minor", "patch", "prerelease", "none"]
Key = tuple[int, int, int, int, tuple[tuple[int, int | str], ...]]
"""The three numbers, 0 for a pre-release or 1 for a release, and the identifiers: (0, number) before (1, word)."""

NUMBER = r"0|[1-9][0-9]*"
IDENTIFIERS = r"(?:{0})(?:\.(?:{0}))*".format(rf"{NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*")
BUILD = r"\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)"
"""Patterns of the grammar of SemVer: one number, a pre-release's identifiers, build metadata with its sign."""

_PARTS = ("major", "minor", "patch")
_VERSION = re.compile(rf"({NUMBER})\.({NUMBER})\.({NUMBER})(?:-({IDENTIFIERS}))?(?:{BUILD})?")
# An operator or a wildcard where a version begins, a second bound, or alternatives: no version has them, a range does.
_RANGE = re.compile(
    r"[<>=~^]+ ?v?[0-9xX*]|v?(?:[0-9]+\.){0,2}[xX*](?:[. ]|\Z)|v?[0-9][^ |]* (?:- )?[<>=~^0-9]|[^|]+\|\|"
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Version:
    """One version. Made by `parse`; equality, order and hash are SemVer precedence, in which build metadata is nothing.

    `1.0.0+a == 1.0.0+b`, yet `str` keeps each; where output must not depend on the order of input, sort by `order`.
    Pre-release numbers compare exactly, also beyond 2**53, where node-semver's floating point takes some for equal.
    """

    major: int = field(compare=False)
    minor: int = field(compare=False)
    patch: int = field(compare=False)
    prerelease: tuple[int | str, ...] = field(default=(), compare=False)
    build: tuple[str, ...] = field(default=(), compare=False)
    key: Key = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compute the precedence once: versions are compared far more often than made."""
        words = tuple((0, part) if isinstance(part, int) else (1, part) for part in self.prerelease)
        object.__setattr__(self, "key", (self.major, self.minor, self.patch, 0 if words else 1, words))

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Read `text` as strict SemVer 2.0.0 (https://semver.org): no `v`, no spaces; None when it is no version."""
        found = _version_or_words(text)
        return found if isinstance(found, Version) else None

    @property
    def is_prerelease(self) -> bool:
        """Tell whether it carries a pre-release tag."""
        return bool(self.prerelease)

    @property
    def order(self) -> tuple[Key, str]:
        """Precedence, then build metadata: tells apart all that `str` tells apart."""
        return (self.key, ".".join(self.build))

    def step_from(self, older: Version) -> Step:
        """Return the highest part that rose since `older`; `none` when this one is not above it."""
        if self <= older:
            return "none"
        if self.major != older.major:
            return "major"
        if self.minor != older.minor:
            return "minor"
        return "patch" if self.patch != older.patch else "prerelease"

    def __str__(self) -> str:
        """Return the canonical text."""
        text = f"{self.major}.{self.minor}.{self.patch}"
        if self.prerelease:
            text += "-" + ".".join(map(str, self.prerelease))
        return text + ("+" + ".".join(self.build) if self.build else "")


def version_problem(text: str) -> str | None:
    """Say why `text` is no version, or return None when it is one."""
    found = _version_or_words(text)
    return found if isinstance(found, str) else None


def _version_or_words(text: str) -> Version | str:
    if len(text) > MAX_VERSION_LENGTH:
        return f"a version has at most {MAX_VERSION_LENGTH} characters, this one has {len(text)}"
    return _read_version(text)


# Sized by the worst that hostile texts can fill it with: 10 KiB a version.
@lru_cache(maxsize=4096)
def _read_version(text: str) -> Version | str:
    found = _VERSION.fullmatch(text)
    if not found or max(map(int, found.groups()[:3])) > MAX_NUMBER:
        return _version_words(text)
    major, minor, patch, prerelease, build = found.groups()
    numbers = {"major": int(major), "minor": int(minor), "patch": int(patch)}
    return Version(**numbers, prerelease=identifiers(prerelease), build=tuple(build.split(".")) if build else ())


def identifiers(text: str | None) -> tuple[int | str, ...]:
    """Return the parts of a pre-release tag: numbers as numbers, words as words; none where there is no tag."""
    return tuple(int(part) if part.isdigit() else part for part in text.split(".")) if text else ()


def in_quotes(text: str) -> str:
    """Quote what somebody else wrote: short, and nothing in it acts on a terminal or reorders a line."""
    short = text if len(text) <= 40 else text[:39] + "…"
    return '"' + "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in short) + '"'


def foreign_character(text: str) -> str:
    """Say which character of `text` is not ASCII, as the end of a sentence; empty where there is none."""
    odd = next((char for char in text if not char.isascii()), "")
    return f"holds the character U+{ord(odd):04X}; only ASCII digits and letters count" if odd else ""


def _version_words(text: str) -> str:
    shown = in_quotes(text)
    if not text:
        return "a version is empty; it needs three numbers, such as 1.4.0"
    if text[0] in "vV=" and _VERSION.fullmatch(text[1:]):
        return f"{shown} starts with {text[0]}; write {in_quotes(text[1:])}"
    if text != text.strip() and _VERSION.fullmatch(text.strip()):
        return f"{shown} has a space or a line break around it"
    if foreign := foreign_character(text):
        return f"{shown} {foreign}"
    core, *tail = re.split(r"[-+]", text, maxsplit=1)
    numbers = core.split(".")
    if all(number.isdigit() for number in numbers):
        return f"{shown} {_core_words(numbers, text[len(core) :]) or _tail_words(tail[0], text[len(core)])}"
    if _RANGE.match(text):
        return f"{shown} is a range; a version is a single one, such as 1.4.0"
    if text != "".join(text.split()):
        return f"{shown} has a space or a line break inside"
    return f"{shown} is no version; it needs three numbers, such as 1.4.0"


def _core_words(numbers: list[str], tail: str) -> str:
    if len(numbers) > 3:
        return f"has {len(numbers)} numbers; a version has three"
    if len(numbers) < 3:
        whole = ".".join([*numbers, "0", "0"][:3]) + tail
        return f"needs three numbers; write {in_quotes(whole if _VERSION.fullmatch(whole) else '1.4.0')}"
    for name, number in zip(_PARTS, numbers, strict=True):
        if number.startswith("0") and number != "0":
            return f"has a {name} number that starts with a zero; write {in_quotes(str(int(number)))}"
        if int(number) > MAX_NUMBER:
            return f"has a {name} number above {MAX_NUMBER}"
    return ""


def _tail_words(tail: str, sign: str) -> str:
    prerelease, *build = tail.split("+", 1) if sign == "-" else ("0", tail)
    for name, words in (("pre-release", prerelease), *(("build metadata", text) for text in build)):
        for word in words.split("."):
            if not word:
                return f"has an empty part in its {name}"
            if not re.fullmatch("[0-9A-Za-z-]+", word):
                return f"has {in_quotes(word)} in its {name}; only 0-9, A-Z, a-z and - are allowed"
    zero = next(word for word in prerelease.split(".") if word.isdigit() and word.startswith("0") and word != "0")
    return f"has {in_quotes(zero)} in its pre-release; a number has no leading zero"
