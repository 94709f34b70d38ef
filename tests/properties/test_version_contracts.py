"""The script with the contracts of a capability’s versions: what differs is told apart; it stays small and safe."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.model.catalog import Catalog, Entry, VersionRow
from chora_catalog.model.manifest import Dependency, Manifest, Port
from chora_catalog.render import links, site
from chora_catalog.render.version_contracts import ITEMS, VERSIONS, contracts_script
from tests.properties.test_view_keys import TEMPLATES
from tests.sample_catalog import hostile, manifest, sample

ENTRY = sample().entries[0]
HEAD, TAIL = b"window.choraContracts = ", b";\n"


def script(*states: Manifest | None) -> dict[str, object]:
    rows = tuple(
        VersionRow(version=f"1.{at}.0", released_at="", tag="", commit="", step="minor", manifest=state)
        for at, state in enumerate(states)
    )
    return told(replace(ENTRY, versions=rows[::-1]))


def told(entry: Entry) -> dict[str, object]:
    data = contracts_script(entry)
    assert data.startswith(HEAD)
    assert data.endswith(TAIL)
    return json.loads(data[len(HEAD) : -len(TAIL)])


def state(*outputs: Port, needs: tuple[Dependency, ...] = (), **more: object) -> Manifest:
    return manifest("a.b.c", "1.0.0", **more | {"outputs": outputs, "dependencies": needs})


def test_versions_with_one_contract_share_it() -> None:
    one, other = state(Port(name="x", type="json")), state(Port(name="y", type="json"))
    said = script(one, state(Port(name="x", type="json"), summary="Other words."), None, other)
    assert said["versions"] == [["1.3.0", 0], ["1.2.0", -1], ["1.1.0", 1], ["1.0.0", 1]]
    assert said["contracts"] == [
        {"output": [[name, "json", ""]], "input": [], "dependency": [], "cut": False} for name in ("y", "x")
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (state(Port(name="x")), state(Port(name="x", type="type not said"))),
        (state(Port(name="x")), state(Port(name="x", optional=True))),
        (state(Port(name="x", type="a, optional")), state(Port(name="x", type="a", optional=True))),
        (state(Port(name="x", schema="x.json", contract="{}")), state(Port(name="x", schema="x.json", contract="[]"))),
        (state(Port(name="x", schema="x.json")), state(Port(name="x"))),
        (state(Port(name="x"), Port(name="x")), state(Port(name="x"))),
        (state(Port(name="x", type="a" * 400)), state(Port(name="x", type="a" * 401))),
        (state(needs=(Dependency(id="d"),)), state(needs=(Dependency(id="d", version="^1"),))),
        (state(needs=(Dependency(id="d"),)), state(needs=(Dependency(id="d", optional=True),))),
        (state(needs=(Dependency(id="d", scope="test"),)), state(needs=(Dependency(id="d"),))),
    ],
)
def test_what_differs_is_told_apart(one: Manifest, other: Manifest) -> None:
    assert len(script(one, other)["contracts"]) == 2  # type: ignore[arg-type]


def test_names_are_told_apart_whatever_they_are() -> None:
    said = script(*[state(Port(name="x"), Port(name="x"), Port(name="x (2)"), Port(name="x"))] * 2)
    names = [item[0] for item in said["contracts"][0]["output"]]  # type: ignore[index]
    assert len(set(names)) == 4, names


def test_the_order_of_what_is_declared_is_no_difference() -> None:
    x, y = Port(name="x", type="json"), Port(name="y", type="json")
    assert len(script(state(x, y), state(y, x))["contracts"]) == 1  # type: ignore[arg-type]


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=100, deadline=None)
def test_no_text_of_a_source_ends_the_script(name: str, kind: str) -> None:
    made = contracts_script(
        replace(ENTRY, versions=(replace(ENTRY.versions[0], manifest=state(Port(name=name, type=kind))),))
    )
    assert b"<" not in made
    assert made.count(b"\n") == 1
    assert "\u2028".encode() not in made


def test_half_a_surrogate_pair_is_no_reason_to_stop() -> None:
    script(state(Port(name="\ud800", type="\udfff", contract="\ud800")), state())


def test_what_is_too_much_is_cut_and_said_so() -> None:
    many = state(*(Port(name=f"o{n}") for n in range(ITEMS + 1)))
    said = script(*[many] * (VERSIONS + 3))
    assert said["total"] == VERSIONS + 3
    assert len(said["versions"]) == VERSIONS  # type: ignore[arg-type]
    (contract,) = said["contracts"]  # type: ignore[misc]
    assert (len(contract["output"]), contract["cut"]) == (ITEMS, True)


@pytest.mark.parametrize("catalog", [sample(), hostile()], ids=["sample", "hostile"])
def test_there_is_one_for_each_capability_with_two_versions_and_its_page_names_it(catalog: Catalog) -> None:
    made = {output.path: output for output in site.pages(catalog, TEMPLATES)}
    several = {entry.id for entry in catalog.entries if len(entry.versions) > 1}
    assert several
    for entry in catalog.entries:
        path = links.contracts_script(entry.id)
        page = made[links.capability_page(entry.id)].make().decode()
        assert (path in made) == (f'data-src="../{path}"' in page) == ("diff.js" in page) == (entry.id in several)
        if path in made:
            made[path].make()


def test_a_catalog_without_an_address_leaves_the_place_open() -> None:
    catalog = replace(sample(), registry=replace(sample().registry, url=""))
    path = links.capability_page("mcp.orchestration.serve")
    page = next(output for output in site.pages(catalog, TEMPLATES) if output.path == path).make().decode()
    assert "chora compat diff mcp.orchestration.serve@1.9.4 mcp.orchestration.serve@2.0.0 --catalog DIR<" in page
