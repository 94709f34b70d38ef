"""Which releases broke whom, since when, and when that was repaired: from releases and main lines, never from a clock.

The rule:

1. A *release* is a version of a provider without a pre-release part; a tombstone is none. Its time is its tag's.
2. What a consumer requires at a moment is what its newest main-line state at or before that moment declares. A state
   that does not parse changes nothing, and neither does a range that cannot be read; a manifest that is gone requires
   nothing. Several states of one instant count as the last of them.
3. Where two dependencies of one consumer mean the same provider, the one that is written with its present name counts,
   of equals the last.
4. A *break* is a release that the range in force at its time does not admit.
5. It is *repaired* at the first later moment at which the range admits that very version, or the dependency is gone.
6. A *window* is a span during which the provider's newest release is not admitted.

Releases of one provider are the bits of a whole number, in the order of their times, so that "which of these did that
range refuse" is one operation however many there are. A release is looked at one by one only where it breaks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import accumulate, pairwise
from operator import or_
from typing import Final, NamedTuple

from chora_catalog.model.breaks import Break, BreakHistory, Required, Shipped, Window
from chora_catalog.model.catalog import VersionRow
from chora_catalog.model.manifest import Dependency
from chora_catalog.model.ranges import VersionRange
from chora_catalog.model.source import Declared, Harvest
from chora_catalog.model.versions import Key, Version
from chora_catalog.resolve.holding import Holding

_STRIDE: Final = 64
"""A mask of the lower versions is kept for every so many: one for each would be the square of a number of tags."""


def break_history(
    harvests: Mapping[str, Harvest], holding: Holding, versions: Mapping[str, tuple[VersionRow, ...]]
) -> BreakHistory:
    """Return every break and window between held capabilities.

    `harvests` are by source name, `versions` the versions of each held capability by id. A source whose history was not
    read has no main line and no releases: it contributes nothing, which is not the same as no break.
    """
    known = _Known(holding=holding, versions=versions)
    breaks: list[Break] = []
    windows: list[Window] = []
    required: list[Required] = []
    for harvest in harvests.values():
        for consumer, states in _states(harvest, holding).items():
            for provider, spans in _spans(states, known).items():
                releases = known.releases(provider)
                breaks += _breaks(consumer, provider, spans, releases)
                windows += _windows(consumer, provider, spans, releases)
                said = tuple((span.at, span.text) for span in spans)
                required.append(Required(consumer=consumer, provider=provider, spans=said))
    shipped = [item for consumer, rows in versions.items() for item in _shipped(consumer, rows, known)]
    return BreakHistory(
        breaks=tuple(sorted(breaks, key=lambda item: (item.released_at, item.provider, item.version, item.consumer))),
        windows=tuple(sorted(windows, key=lambda item: (item.start, item.provider, item.consumer))),
        shipped=tuple(sorted(shipped, key=lambda item: (item.consumer, item.provider))),
        required=tuple(sorted(required, key=lambda item: (item.consumer, item.provider))),
    )


@dataclass(slots=True, kw_only=True)
class _Releases:
    """The releases of one provider, oldest first; release number n is bit n of every mask."""

    names: tuple[str, ...]
    times: tuple[str, ...]
    records: int
    """Those that were the newest by version at the instant they came."""
    newest: tuple[int, ...]
    """The number of the newest by version among the first n, for each n from 1 on."""
    _ascending: tuple[int, ...]
    """Their numbers by version, ascending; `_keys` is the precedence of each of these."""
    _keys: tuple[Key, ...]
    _below: tuple[int, ...]
    """The mask of the first n times _STRIDE of `_ascending`, for each n from 0 on."""
    _refused: dict[str, int | None] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[VersionRow]) -> _Releases:
        """Return the releases among `rows`, which are in any order."""
        read = [(row, version) for row in rows if (version := Version.parse(row.version)) and not version.is_prerelease]
        read.sort(key=lambda pair: (pair[0].released_at, pair[1].order))
        times = tuple(row.released_at for row, _ in read)
        newest: list[int] = []
        for number, (_, version) in enumerate(read):
            newest.append(number if not newest or version > read[newest[-1]][1] else newest[-1])
        # Of several of one instant the newest is known when all have come.
        settled = {newest[number] for number, (now, after) in enumerate(pairwise((*times, ""))) if now != after}
        ascending = sorted(range(len(read)), key=lambda number: read[number][1].order)
        return cls(
            names=tuple(row.version for row, _ in read),
            times=times,
            records=_mask(settled),
            newest=tuple(newest),
            _ascending=tuple(ascending),
            _keys=tuple(read[number][1].key for number in ascending),
            _below=tuple(
                accumulate(
                    (_mask(ascending[at : at + _STRIDE]) for at in range(0, len(ascending), _STRIDE)), or_, initial=0
                )
            ),
        )

    def refused(self, text: str) -> int | None:
        """Return the mask of the releases that the range `text` does not admit, None when it cannot be read."""
        if text not in self._refused:
            wanted = VersionRange.parse(text)
            self._refused[text] = None if wanted is None else self._below[-1] ^ self._admitted(wanted)
        return self._refused[text]

    def refused_by(self, span: _Span) -> int:
        """Return the mask of the releases that are not admitted during `span`, whose range can be read."""
        return 0 if span.text is None else self.refused(span.text) or 0

    def _admitted(self, wanted: VersionRange) -> int:
        mask = 0
        for low, high in wanted.released:
            mask |= self._before(high) ^ self._before(low)
        return mask

    def _before(self, key: Key) -> int:
        count = bisect_left(self._keys, key)
        whole = count // _STRIDE
        return self._below[whole] | _mask(self._ascending[whole * _STRIDE : count])


@dataclass(slots=True, kw_only=True)
class _Known:
    """Who holds what, and the versions of each capability by id."""

    holding: Holding
    versions: Mapping[str, tuple[VersionRow, ...]]
    _releases: dict[str, _Releases] = field(default_factory=dict)

    def releases(self, provider: str) -> _Releases:
        """Return the releases of a provider, prepared when they are first asked for: most capabilities are none."""
        if provider not in self._releases:
            self._releases[provider] = _Releases.of(self.versions.get(provider, ()))
        return self._releases[provider]

    def required(self, dependencies: Iterable[Dependency]) -> dict[str, str]:
        """Return the range as written of each provider with releases that `dependencies` mean."""
        found: dict[str, Dependency] = {}
        for needed in dependencies:
            provider = self.holding.resolve(needed.id)
            if not self.versions.get(provider) or not self.releases(provider).times:
                continue
            before = found.get(provider)
            if before is None or needed.id == provider or before.id != provider:
                found[provider] = needed
        return {provider: needed.version for provider, needed in found.items()}


class _State(NamedTuple):
    """What a capability's main line declares from `at` on."""

    at: str
    commit: str
    dependencies: tuple[Dependency, ...]


class _Span(NamedTuple):
    """From `at` on the consumer requires `text` of the provider; None: it depends on it no more."""

    at: str
    commit: str
    text: str | None


def _states(harvest: Harvest, holding: Holding) -> dict[str, list[_State]]:
    """Return the main-line states of each capability that the source holds, oldest first, one for each instant."""
    found: dict[str, list[_State]] = {}
    declared: dict[str, dict[str, Declared]] = {}
    now: dict[str, tuple[str, ...]] = {}
    for state in harvest.line:
        ids: dict[str, Declared] = {}
        for item in state.declares:
            ids.setdefault(holding.resolve(item.id), item)
        touched = dict.fromkeys((*now.get(state.path, ()), *ids))
        now[state.path] = tuple(ids)
        for capability in touched:
            if holding.holder.get(capability) != harvest.source:
                continue
            places = declared.setdefault(capability, {})
            if capability in ids:
                places[state.path] = ids[capability]
            else:
                places.pop(state.path, None)
            needs = places[min(places)].dependencies if places else ()
            states = found.setdefault(capability, [])
            if states and states[-1].at == state.at:
                states.pop()
            states.append(_State(at=state.at, commit=state.commit, dependencies=needs))
    return found


def _spans(states: Iterable[_State], known: _Known) -> dict[str, list[_Span]]:
    """Return, for each provider ever required, from when on which range was in force."""
    spans: dict[str, list[_Span]] = {}
    before: dict[str, str] = {}
    for state in states:
        now: dict[str, str] = {}
        for provider, text in known.required(state.dependencies).items():
            if known.releases(provider).refused(text) is not None:
                now[provider] = text
            elif provider in before:
                now[provider] = before[provider]
        for provider, text in now.items():
            if before.get(provider) != text:
                spans.setdefault(provider, []).append(_Span(at=state.at, commit=state.commit, text=text))
        for provider in before:
            if provider not in now:
                spans[provider].append(_Span(at=state.at, commit=state.commit, text=None))
        before = now
    return spans


def _breaks(consumer: str, provider: str, spans: Sequence[_Span], releases: _Releases) -> Iterator[Break]:
    """Yield what a dependency broke on while its range and the provider's releases moved on."""

    def broken(number: int, repaired: _Span | None) -> Break:
        since = opened.pop(number)
        return Break(
            provider=provider,
            version=releases.names[number],
            released_at=releases.times[number],
            consumer=consumer,
            range=since.text or "",
            commit=since.commit,
            newest_then=bool(releases.records >> number & 1),
            repaired_at=repaired.at if repaired else "",
            repair="" if repaired is None else "dependency-gone" if repaired.text is None else "range",
            repaired_commit=repaired.commit if repaired else "",
        )

    opened: dict[int, _Span] = {}
    still = 0
    for span, after in zip(spans, (*spans[1:], None), strict=True):
        refused = releases.refused_by(span)
        for number in _bits(still & ~refused):
            yield broken(number, span)
        # A state counts for a release of the same instant.
        first = bisect_left(releases.times, span.at)
        end = bisect_left(releases.times, after.at) if after else len(releases.times)
        new = refused & _between(first, end)
        opened |= dict.fromkeys(_bits(new), span)
        still = still & refused | new
    for number in _bits(still):
        yield broken(number, None)


def _windows(consumer: str, provider: str, spans: Sequence[_Span], releases: _Releases) -> Iterator[Window]:
    """Yield the spans of time during which a dependency did not admit the provider's newest release."""
    opened: tuple[str, int, str, str] | None = None
    for span, after in zip(spans, (*spans[1:], None), strict=True):
        end = bisect_left(releases.times, after.at) if after else len(releases.times)
        for at, number, by in _turns(releases, releases.refused_by(span), span.at, end, is_open=opened is not None):
            if opened is None:
                opened = (at, number, by, span.text or "")
            else:
                yield _window(consumer, provider, releases, opened, at)
                opened = None
    if opened is not None:
        yield _window(consumer, provider, releases, opened, "")


def _window(consumer: str, provider: str, releases: _Releases, opened: tuple[str, int, str, str], end: str) -> Window:
    start, number, by, text = opened
    return Window(
        provider=provider,
        consumer=consumer,
        version=releases.names[number],
        range=text,
        opened_by=by,
        start=start,
        end=end,
    )


def _turns(releases: _Releases, refused: int, at: str, end: int, *, is_open: bool) -> Iterator[tuple[str, int, str]]:
    """Yield when, from `at` until release number `end`, the newest release begins or ceases to be refused.

    Each with the number of the release that is the newest then, and who brought it about.
    """
    known = bisect_right(releases.times, at)
    if known:
        newest = releases.newest[known - 1]
        if bool(refused >> newest & 1) != is_open:
            yield at, newest, "consumer"
            is_open = not is_open
    elif is_open:
        raise AssertionError("nothing can be refused before the first release")
    ahead = releases.records & _between(known, end)
    while (number := next(_bits(ahead & (~refused if is_open else refused)), None)) is not None:
        yield releases.times[number], number, "release"
        is_open = not is_open
        ahead &= -1 << (number + 1)


def _between(first: int, end: int) -> int:
    return (1 << end) - (1 << first) if first < end else 0


def _mask(numbers: Iterable[int]) -> int:
    return reduce(or_, (1 << number for number in numbers), 0)


def _bits(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits of `mask`, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _shipped(consumer: str, rows: Iterable[VersionRow], known: _Known) -> Iterator[Shipped]:
    """Yield what the newest release of `consumer` requires and the newest release of the provider does not meet."""
    released = [(version, row) for row in rows if (version := Version.parse(row.version)) and not version.is_prerelease]
    newest = max(released, key=lambda pair: pair[0].order, default=None)
    if newest is None or newest[1].manifest is None:
        return
    for provider, text in known.required(newest[1].manifest.dependencies).items():
        releases = known.releases(provider)
        refused, last = releases.refused(text), releases.newest[-1]
        if refused is not None and refused >> last & 1:
            yield Shipped(
                consumer=consumer,
                version=newest[1].version,
                provider=provider,
                newest=releases.names[last],
                range=text,
            )
