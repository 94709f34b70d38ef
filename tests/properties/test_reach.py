"""How far a capability reaches: the same as a walk that takes no short cut, on random graphs, chains and circles."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.model.catalog import Catalog, Edge
from chora_catalog.model.verdict import Verdict
from chora_catalog.render import site
from chora_catalog.render.pages import capability as pages
from chora_catalog.render.pages.lookup import Lookup
from chora_catalog.resolve.graph import circles, groups, shortest_ways
from chora_catalog.resolve.reach import Dependents, Reach
from tests.sample_catalog import sample, wide

NAMES = [f"n{number:02d}" for number in range(14)]
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=40)


def edge(consumer: str, provider: str) -> Edge:
    return Edge(
        consumer=consumer, consumer_version="1.0.0", provider=provider, written=provider, range="^1", optional=False,
        verdict=Verdict.COMPATIBLE, rule="in-range", reason="",
    )  # fmt: skip


def of(pairs: Iterable[tuple[str, str]]) -> Dependents:
    return Dependents.of([edge(*pair) for pair in pairs])


def walked(pairs: Iterable[tuple[str, str]], start: str) -> dict[str, int]:
    """Everybody who depends on `start`, with the number of steps: a walk from each, and nothing shared."""
    steps, waiting = {start: 0}, deque([start])
    rows = [pair for pair in pairs if pair[0] != pair[1]]
    while waiting:
        here = waiting.popleft()
        for consumer, provider in rows:
            if provider == here and consumer not in steps:
                steps[consumer] = steps[here] + 1
                waiting.append(consumer)
    del steps[start]
    return steps


@given(PAIRS)
@settings(max_examples=150, deadline=None)
def test_the_counts_and_the_circle_are_those_of_a_slow_walk(pairs: list[tuple[str, str]]) -> None:
    made = of(pairs)
    for name in NAMES:
        steps = walked(pairs, name)
        reach = made.reach.get(name, Reach())
        assert (reach.direct, reach.total) == (list(steps.values()).count(1), len(steps))
        circle = sorted(other for other in steps if name in walked(pairs, other))
        assert list(reach.circle) == (sorted([name, *circle]) if circle else [])


@given(PAIRS, st.integers(1, 16))
@settings(max_examples=150, deadline=None)
def test_who_is_further_on_is_the_beginning_of_all_in_order(pairs: list[tuple[str, str]], limit: int) -> None:
    made = of(pairs)
    for name in NAMES:
        steps = {other: count for other, count in walked(pairs, name).items() if count > 1}
        rows = made.further(name, limit)
        wanted = sorted(steps, key=lambda other: (steps[other], other))[:limit]
        assert [(row.name, row.steps) for row in rows] == [(other, steps[other]) for other in wanted]
        ways = shortest_ways(made.next_to, made.next_to.get(name, ()))
        for row in rows:
            assert len(row.by) == row.steps - 1
            assert (*row.by, row.name) == ways[row.name], "the way that `compat impact` names"


@given(PAIRS)
@settings(max_examples=100, deadline=None)
def test_groups_come_after_all_that_they_lead_to(pairs: list[tuple[str, str]]) -> None:
    needs: dict[str, list[str]] = {}
    for one, other in pairs:
        needs.setdefault(one, []).append(other)
    found = list(groups(needs))
    assert sorted(name for group in found for name in group) == sorted({name for pair in pairs for name in pair})
    place = {name: at for at, group in enumerate(found) for name in group}
    assert all(place[other] <= place[one] for one, other in pairs)
    assert list(circles(needs)) == [group for group in found if len(group) > 1]


def test_what_depends_on_itself_or_twice_counts_once() -> None:
    made = of([("a", "a"), ("b", "a"), ("b", "a")])
    assert made.reach == {"a": Reach(direct=1, total=1)}
    assert made.further("a", 5) == ()


@pytest.mark.parametrize("shape", ["chain", "circle", "hubs"])
def test_ten_thousand_are_counted_in_a_moment(shape: str) -> None:
    count = 10_000
    names = [f"c{number:05d}" for number in range(count)]
    pairs = {
        "chain": list(zip(names[1:], names, strict=False)),
        "circle": [*zip(names[1:], names, strict=False), (names[0], names[-1])],
        "hubs": [(name, names[hub]) for name in names[5:] for hub in range(5)],
    }[shape]
    rows = [edge(*pair) for pair in pairs]
    began = time.process_time()
    made = Dependents.of(rows)
    assert time.process_time() - began < 1.5, "half a second and some room for a busy machine"
    assert made.reach[names[0]].total == count - (5 if shape == "hubs" else 1)
    assert len(made.reach[names[0]].circle) == (count if shape == "circle" else 0)
    assert len(made.further(names[0], 50)) == (0 if shape == "hubs" else 50)


def html(catalog: Catalog, name: str) -> str:
    templates = {path: data.decode() for path, data in read_folder(data_folder("templates") / "site").items()}
    path = f"capabilities/{name}.html"
    return next(output for output in site.pages(catalog, templates) if output.path == path).make().decode()


def text_of(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", markup.replace("<wbr>", "")).split())


def test_the_page_says_how_far_it_reaches_and_by_which_way() -> None:
    catalog = wide(60)
    first = next(item.provider for item in catalog.edges if item.provider.endswith("part-00010"))
    page = html(catalog, first)
    assert "1 capability depends on it directly, 9 in all." in text_of(page)
    assert "8 further on, through others" in text_of(page)
    rows = page[page.index('class="fold further"') :]
    assert [int(steps) for steps in re.findall(r'data-k="steps">(\d+)<', rows)] == list(range(2, 10))
    names = re.findall(r"part-(\d+)", text_of(rows[: rows.index("</details>")]).split("part-00019")[1])
    assert names == ["00011", "00012", "00018"]
    assert " → 5 more → " in rows
    last = next(item.consumer for item in catalog.edges if item.consumer.endswith("part-00019"))
    assert 'id="reach"' not in html(catalog, last)


def test_the_page_cuts_what_is_many_and_names_the_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FURTHER", 3)
    monkeypatch.setattr(pages, "_CIRCLE", 2)
    catalog = sample()
    lookup = Lookup.of(catalog)
    entry = lookup.entries["mcp.orchestration.serve"]
    circle = of([("b", entry.id), ("c", "b"), ("d", "c"), ("e", "d"), ("f", "e"), (entry.id, "f")])
    object.__setattr__(lookup, "dependents", circle)
    blast = pages.capability(lookup, entry).blast
    assert (blast.direct, blast.total, [row.name for row in blast.rows], blast.more) == (1, 5, ["c", "d", "e"], 1)
    assert (blast.circle, blast.more_circle) == (("b", "c"), 3)
