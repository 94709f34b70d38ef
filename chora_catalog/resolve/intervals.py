"""The whole matrix of a pair, folded: runs of what a consumer required by runs of what a provider released."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from chora_catalog.model.compat import RangeRun, ReleaseRun
from chora_catalog.model.ranges import VersionRange
from chora_catalog.model.verdict import Verdict
from chora_catalog.model.versions import Version


def range_runs(required: Iterable[tuple[str, str | None]], releases: Sequence[str]) -> tuple[RangeRun, ...]:
    """Return the runs of a pair; `required` are (since, range) in order of time, `releases` versions by precedence.

    A range of None means that nothing was required from then on. Neighbouring states with one range are one run.
    """
    found: list[RangeRun] = []
    known = tuple(releases)
    for since, text in required:
        if found and not found[-1].until:
            if found[-1].range == text:
                continue
            found[-1] = replace(found[-1], until=since)
        if text is not None:
            found.append(RangeRun(since=since, range=text, releases=release_runs(text, known)))
    return tuple(found)


@lru_cache(maxsize=4096)
def release_runs(text: str, releases: tuple[str, ...]) -> tuple[ReleaseRun, ...]:
    """Return the runs of `releases` (by precedence) that the range `text` admits, or does not."""
    wanted = VersionRange.parse(text)

    def verdict(name: str) -> Verdict:
        version = Version.parse(name)
        if wanted is None:
            return Verdict.INVALID
        if version is None:
            return Verdict.UNKNOWN
        return Verdict.COMPATIBLE if wanted.contains(version) else Verdict.BREAKING

    runs = []
    for said, names in groupby(releases, key=verdict):
        run = list(names)
        runs.append(ReleaseRun(first=run[0], last=run[-1], count=len(run), verdict=said))
    return tuple(runs)
