"""What the page of a version says it changed: what the rules say, and in words where the step is too small."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import pytest

from chora_catalog.build.assemble import Gathered, assemble
from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.model.catalog import Catalog
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.source import Outcome, SourceSpec
from chora_catalog.render import site
from chora_catalog.render.pages.capability import VersionPage, broken_inside, capability, version
from chora_catalog.render.pages.lookup import Lookup
from chora_catalog.render.pages.steps import CHANGES
from chora_catalog.render.templating import _said
from tests.sample_catalog import INSTANT, REGISTRY, harvest, manifest, ports, release, sample

ID = "shop.order.place"


def state(number: str, *outputs: str, **more: object) -> Manifest:
    return manifest(ID, number, outputs=ports(*outputs), **more)


def catalog(*states: Manifest, unread: Sequence[str] = (), kept: Mapping[str, str] | None = None) -> Catalog:
    """A catalog of one capability with a release for each of `states`; those in `unread` do not parse."""
    releases = tuple(
        release(item.version, f"2026-01-{day:02d}T00:00:00Z", *(() if item.version in unread else (item,)))
        for day, item in enumerate(states, 1)
    )
    spec = SourceSpec(name="shop", url="https://git.example.org/shop.git", versions="tags")
    return assemble(
        Gathered(
            registry=replace(REGISTRY, sources=(spec,)),
            harvests={"shop": harvest("shop", "2026-02-01T00:00:00Z", states[-1], releases=releases)},
            outcomes={"shop": Outcome.READ},
            held_before=kept or {},
        ),
        as_of=INSTANT,
    )


def page_of(made: Catalog, number: str) -> VersionPage:
    lookup = Lookup.of(made)
    entry = lookup.entries[ID]
    return version(lookup, entry, [row.version for row in entry.versions].index(number))


@cache
def templates() -> dict[str, str]:
    return {path: data.decode() for path, data in read_folder(data_folder("templates") / "site").items()}


def html(made: Catalog, path: str) -> str:
    return next(output for output in site.pages(made, templates()) if output.path == path).make().decode()


def text_of(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", markup.replace("<wbr>", "")).split())


def test_a_version_says_each_change_and_the_step() -> None:
    made = catalog(state("1.2.0", "x:json", "y:json"), state("2.0.0", "y:json", "z:json"))
    step = page_of(made, "2.0.0").step
    assert step is not None
    assert [(row.change.rule, row.change.pointer) for row in step.rows] == [
        ("output-removed", "/outputs/x"),
        ("output-added", "/outputs/z"),
    ]
    assert (step.base, step.declared, step.smallest, step.under) == ("1.2.0", "major", "major", None)
    page = html(made, f"capabilities/{ID}/2.0.0.html")
    said = text_of(page)
    assert "The version announces major ; the smallest legal step is major ." in said
    assert "breaking the output x is gone output-removed /outputs/x json → absent" in said
    assert 'title="An output is gone.' in page
    assert "style=" not in page


@pytest.mark.parametrize(
    ("old", "new", "words", "mark"),
    [
        (
            state("1.2.0", "x:json"),
            state("1.3.0"),
            "1.3.0 is a minor step after 1.2.0, and the output `x` is gone: it needs 2.0.0.",
            "under-bumped",
        ),
        (
            state("1.2.0", "x:json"),
            state("1.2.1", "x:json", "y:json"),
            "1.2.1 is a patch step after 1.2.0, and the output `y` is new: it needs 1.3.0.",
            "under-bumped",
        ),
        (
            state("0.3.0", "x:json", "y:json"),
            state("0.3.1"),
            (
                "0.3.1 counts as a minor step after 0.3.0, and the output `x` is gone, with 1 more change of that kind"
                ": it needs 0.4.0."
            ),
            "under-bumped",
        ),
        (
            state("1.2.0", inputs=ports("x")),
            state("1.3.0", inputs=ports("x:json")),
            (
                "1.3.0 is a minor step after 1.2.0, and whether this breaks anybody cannot be told: "
                "the input `x` says a type: `json`. If it does, it needs 2.0.0."
            ),
            "perhaps under-bumped",
        ),
    ],
)
def test_a_step_that_is_too_small_is_said_in_words(old: Manifest, new: Manifest, words: str, mark: str) -> None:
    made = catalog(old, new)
    under = page_of(made, new.version).step.under  # type: ignore[union-attr]
    assert under is not None
    assert (under.words, under.mark) == (words, mark)
    assert words in text_of(html(made, f"capabilities/{ID}/{new.version}.html"))
    (line, first) = capability(Lookup.of(made), Lookup.of(made).entries[ID]).versions
    assert line.under == under
    assert first.under is None
    assert mark in text_of(html(made, f"capabilities/{ID}.html"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (state("1.2.0", "x:json"), state("2.0.0")),
        (state("1.2.0", "x:json"), state("1.3.0", "x:json", "y:json")),
        (state("0.3.0", "x:json"), state("0.4.0")),
        (state("1.2.0", "x:json"), state("1.2.1", "x:json", summary="Other words.")),
    ],
)
def test_a_step_that_suffices_is_not_marked(old: Manifest, new: Manifest) -> None:
    made = catalog(old, new)
    step = page_of(made, new.version).step
    assert step is not None
    assert step.under is None
    assert "under-bumped" not in html(made, f"capabilities/{ID}.html")


def test_it_is_compared_with_the_last_release_that_can_be_read() -> None:
    made = catalog(
        state("1.0.0", "x:json"),
        state("1.1.0", "x:json"),
        state("1.2.0-rc.1", "x:json", "y:json"),
        state("1.2.0", "x:json", "y:json"),
        unread=("1.1.0",),
    )
    for number in ("1.2.0-rc.1", "1.2.0"):
        step = page_of(made, number).step
        assert step is not None
        assert (step.base, [row.change.rule for row in step.rows]) == ("1.0.0", ["output-added"])
    first = page_of(made, "1.0.0").step
    assert first is not None
    assert (first.base, first.rows, first.under) == ("", (), None)
    assert page_of(made, "1.1.0").step is None
    assert "nothing to compare it with" in text_of(html(made, f"capabilities/{ID}/1.0.0.html"))
    assert "by rule" not in text_of(html(made, f"capabilities/{ID}/1.1.0.html"))


def test_many_changes_are_cut_and_the_data_file_is_named() -> None:
    names = [f"o{n:03d}:json" for n in range(CHANGES + 7)]
    page = html(catalog(state("1.0.0", *names), state("2.0.0")), f"capabilities/{ID}/2.0.0.html")
    assert "and 7 more in JSON" in text_of(page)
    assert f'href="../../data/v1/dependents/{ID}.json"' in page


def test_the_list_does_not_say_same_of_what_changed_beside_inputs_and_outputs() -> None:
    made = catalog(
        state("1.0.0", needs={"a.b.c": "^1"}),
        state("1.1.0", needs={"a.b.c": "^2"}),
        state("1.1.1", needs={"a.b.c": "2"}),
    )
    lookup = Lookup.of(made)
    words = [line.words for line in capability(lookup, lookup.entries[ID]).versions]
    assert words[0] == "same contract"
    assert words[1].startswith("the dependency on `a.b.c` admits other versions")


def test_what_was_not_compared_is_not_said_to_be_the_same() -> None:
    made = replace(catalog(state("1.0.0", "x:json"), state("1.1.0")), providers=())
    assert page_of(made, "1.1.0").step is None
    assert "not evaluated Its releases were not compared" in text_of(html(made, f"capabilities/{ID}/1.1.0.html"))


def test_what_a_version_broke_inside_of_ranges_stands_on_its_page() -> None:
    """No history of ranges tells of it: the range admits the version, and the output that is read is gone."""
    lookup = Lookup.of(sample())
    entry = lookup.entries["mcp.orchestration.serve"]
    inside = broken_inside(entry)
    assert {version: [edge.consumer for edge in edges] for version, edges in inside.items()} == {
        "2.0.0": ["agent.runtime.execute"]
    }
    page = version(lookup, entry, 0)
    assert [view.edge.consumer for view in page.inside] == ["agent.runtime.execute"]
    assert "agent.runtime.execute" not in [row.item.consumer for row in page.broke]
    (line,) = [line for line in capability(lookup, entry).versions if line.row.version == "2.0.0"]
    assert line.effect.broke == len(page.broke) + 1
    assert line.effect.open >= 1


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("the output `a<b` is gone", "the output <code>a&lt;b</code> is gone"),
        ("`a` and `b`", "<code>a</code> and <code>b</code>"),
        ("one ` alone", "one ` alone"),
        ("nothing `` inside", "nothing `` inside"),
        ("none", "none"),
    ],
)
def test_what_stands_in_backticks_is_code(words: str, html: str) -> None:
    assert str(_said(words)) == html
