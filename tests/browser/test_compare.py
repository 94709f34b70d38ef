"""Any two versions of a capability, held against each other in its page: over http, from a disk, without a script."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from chora_catalog.render import links
from tests.browser.conftest import Watched
from tests.browser.test_pages import faults, wider_than

Open = Callable[..., Watched]
Serve = Callable[[Path], str]

ID = "mcp.orchestration.serve"
PAGE = links.capability_page(ID)


@pytest.fixture(params=["http", "file"])
def base(request: pytest.FixtureRequest, site_dir: Path, serve: Serve) -> str:
    return serve(site_dir) if request.param == "http" else f"file://{site_dir}"


def said(page: Page) -> str:
    """What is said of the two versions, once their contracts are there."""
    page.wait_for_selector("#compare-new option", state="attached")
    return page.inner_text("#compare-said p")


def rows(page: Page) -> list[list[str]]:
    return page.eval_on_selector_all(
        "#compare-said tbody tr", "all => all.map(tr => [...tr.cells].map(cell => cell.textContent))"
    )


def test_the_two_newest_are_compared_when_it_is_opened(base: str, watch: Open) -> None:
    watched = watch(base)
    page = watched.open(PAGE)
    assert page.evaluate("window.choraContracts === undefined"), "nothing is loaded before somebody asks"
    page.click("#compare summary")
    assert said(page).startswith("2 differences in inputs, outputs and dependencies; 6 the same.")
    assert rows(page) == [
        ["session_ref", "output", "absent", "uri"],
        ["session_token", "output", "jwt", "absent"],
    ]
    assert page.inner_text("#compare-command") == (
        f"chora compat diff {ID}@1.9.4 {ID}@2.0.0 --catalog https://catalog.example.org/"
    )
    assert watched.complaints() == []


def test_any_two_can_be_chosen_and_the_address_keeps_them(base: str, watch: Open) -> None:
    watched = watch(base)
    page = watched.open(PAGE)
    page.click("#compare summary")
    said(page)
    page.select_option("#compare-old", "1.0.0")
    page.select_option("#compare-new", "1.6.0")
    assert rows(page) == [["budget", "input", "absent", "json-schema: budget optional"]]
    assert page.evaluate("location.hash") == "#diff=1.0.0..1.6.0"
    assert f"{ID}@1.0.0 {ID}@1.6.0" in page.inner_text("#compare-command")
    page.reload()
    assert said(page).startswith("1 difference ")
    assert (page.input_value("#compare-old"), page.input_value("#compare-new")) == ("1.0.0", "1.6.0")
    page.select_option("#compare-old", "1.6.0")
    assert said(page) == "These are one version. Choose two."
    assert watched.complaints() == []


def test_an_address_opens_the_two_it_names_and_follows_when_it_changes(base: str, watch: Open) -> None:
    watched = watch(base)
    page = watched.open(f"{PAGE}#diff=1.8.0..1.6.0")
    assert said(page).startswith("1 difference ")
    assert rows(page) == [["session", "output", "json-schema: session.v1", "absent"]], "backwards as well"
    page.evaluate("location.hash = '#diff=1.0.0..2.0.0'")
    page.wait_for_selector("#compare-said tbody tr:nth-child(4)")
    assert page.input_value("#compare-new") == "2.0.0"
    assert watched.complaints() == []


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("#diff=1.9.0..2.0.0", "Not evaluated: the manifest of 1.9.0 does not parse"),
        ("#diff=1.8.0..1.9.4", "No input, output or dependency differs (7 in both)."),
        ("#diff=7.7.7..2.0.0", "There is no version 7.7.7 here. Choose two of the lists."),
        (
            "#diff=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E..__proto__",
            "There is no version <img src=x onerror=alert(1)>",
        ),
    ],
)
def test_what_cannot_be_compared_is_said(base: str, watch: Open, fragment: str, words: str) -> None:
    watched = watch(base)
    page = watched.open(PAGE + fragment)
    assert said(page).startswith(words)
    assert rows(page) == []
    assert page.locator("#compare img").count() == 0
    assert watched.complaints() == []


@pytest.mark.parametrize("fragment", ["#diff=%E0%A4%A..1", "#diff=1.0.0", "#diff=..", "#compare"])
def test_an_address_that_names_no_two_loads_nothing_and_breaks_nothing(base: str, watch: Open, fragment: str) -> None:
    watched = watch(base)
    page = watched.open(PAGE + fragment)
    assert page.get_attribute("html", "class") == "js"
    assert watched.complaints() == []


def test_without_a_script_the_command_is_there(base: str, watch: Open) -> None:
    page = watch(base, scripts=False).page
    page.goto(f"{base}/{PAGE}")
    page.click("#compare summary")
    assert page.is_visible("#compare-command")
    assert page.inner_text("#compare-command").startswith(f"chora compat diff {ID}@1.9.4 {ID}@2.0.0")
    assert not page.is_visible("#compare-old")


def test_a_copy_without_the_contracts_says_so(site_dir: Path, tmp_path: Path, watch: Open) -> None:
    copy = shutil.copytree(site_dir, tmp_path / "copy")
    (copy / links.contracts_script(ID)).unlink()
    page = watch(f"file://{copy}").open(PAGE)
    page.click("#compare summary")
    page.get_by_text("The contracts of its versions are not in this copy.").wait_for()


@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_accessible_in_light_and_dark(site_dir: Path, serve: Serve, watch: Open, axe: str, width: int) -> None:
    watched = watch(serve(site_dir), width=width)
    page = watched.open(f"{PAGE}#diff=1.0.0..2.0.0")
    said(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert faults(watched, axe) == [], scheme
    assert wider_than(watched) == 0
    page.set_viewport_size({"width": 320, "height": 900})
    assert wider_than(watched) == 0


def test_text_of_an_attacker_stays_text(hostile_dir: Path, serve: Serve, watch: Open) -> None:
    watched = watch(serve(hostile_dir))
    page = watched.open(f"{PAGE}#diff=1.0.0..2.0.0")
    said(page)
    assert rows(page)
    assert page.evaluate(
        "window.hit === undefined && !document.querySelector('#compare-said :is(img, script, svg, iframe)')"
    )
    assert wider_than(watched) == 0
    assert watched.complaints() == []
