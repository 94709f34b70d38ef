"""Links that open a filled file on a forge: the parameters each forge documents, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chora_catalog.model.catalog import Catalog
from chora_catalog.model.source import Registry
from chora_catalog.parse.spans import read
from chora_catalog.render import links
from chora_catalog.render.pages import acts
from chora_catalog.render.pages.lookup import Lookup
from chora_catalog.resolve.folding import fold_all
from tests import sample_catalog

REGISTRY = sample_catalog.REGISTRY
FORGES = {
    "github": ("/chora/catalog/new/main", "filename", "value"),
    "gitlab": ("/chora/catalog/-/new/main", "file_name", "content"),
    "gitea": ("/chora/catalog/_new/main", "filename", "value"),
}
"""The page of each forge, and what it calls the name and the text."""


def of(forge: str) -> Registry:
    return replace(REGISTRY, forge=forge)


@pytest.mark.parametrize("forge", FORGES)
@given(text=st.text(max_size=200), name=st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._ +&#%-]{0,40}\Z"))
@example(text='impact: "a & b = c # d + e %20 \u00e9\u202e\n\ttab"\n', name="SIG.a.b.proposed.yaml")
def test_the_forge_reads_back_what_was_meant(forge: str, text: str, name: str) -> None:
    page, named, filled = FORGES[forge]
    made = links.new_file(of(forge), f"decisions/signals/{name}", text)
    parts = urlsplit(made.href)
    assert made.href.isascii()
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "git.example.org", page, "")
    said = parse_qs(parts.query, keep_blank_values=True, strict_parsing=True)
    assert said == {named: [f"decisions/signals/{name}"], filled: [text]}


def test_gitlab_may_not_show_the_text_and_says_so() -> None:
    assert [links.new_file(of(forge), "a.yaml", "b").is_filled for forge in FORGES] == [True, False, True]


@pytest.mark.parametrize("forge", FORGES)
def test_an_address_that_a_server_would_refuse_is_not_made(forge: str) -> None:
    page = links.new_file(of(forge), "decisions/signals/a.yaml", "x" * links.LONGEST)
    assert len(page.href) < 200
    assert not page.is_filled
    assert FORGES[forge][1] in page.href
    assert links.new_file(of(forge), "x" * links.LONGEST, "") == links.NewFile()
    fits = links.LONGEST - len(links.new_file(of(forge), "a.yaml", "").href)
    assert len(links.new_file(of(forge), "a.yaml", "x" * fits).href) == links.LONGEST


@pytest.mark.parametrize("forge", ["none", ""])
def test_without_a_forge_there_is_no_page(forge: str) -> None:
    assert links.new_file(of(forge), "a.yaml", "b") == links.NewFile()


def test_a_branch_with_a_slash_and_an_address_that_ends_in_git() -> None:
    registry = replace(REGISTRY, branch="release/2 x", repository="https://git.example.org/chora/catalog.git")
    assert urlsplit(links.new_file(registry, "a", "b").href).path == "/chora/catalog/new/release/2%20x"


def test_the_five_lines_can_be_read_and_lack_only_what_a_person_says() -> None:
    lookup = Lookup.of(sample_catalog.sample())
    made = acts.signal_act(lookup, "users.profile.read", "1.4.0")
    assert made.path == "decisions/signals/SIG-users.profile.read-2.0.0.yaml"
    assert read(made.text.encode(), file=made.path).value == {
        "type": "breaking-change",
        "capability_id": "users.profile.read",
        "proposed_version": "2.0.0",
        "impact": "",
        "priority": "medium",
    }
    assert 'proposed_version: ""' in acts.signal_act(lookup, "a.b", "").text


def test_an_id_that_is_taken_is_not_offered() -> None:
    catalog = sample_catalog.sample()
    taken = replace(catalog.signals[0], id="SIG-a.b-next")
    lookup = Lookup.of(replace(catalog, signals=(taken,)))
    assert acts.signal_act(lookup, "a.b", "").path == "decisions/signals/SIG-a.b-next-2.yaml"


PRINTED = st.text(st.characters(exclude_categories=["C"]), max_size=40)
"""What the strict reader lets into a record."""


@given(name=PRINTED, team=PRINTED, state=st.sampled_from(["draft", "proposed", "review", "decision", "rollout"]))
def test_every_file_that_is_offered_is_read_by_the_strict_reader(name: str, team: str, state: str) -> None:
    filed = replace(
        sample_catalog.signals()[0],
        capability_id=name,
        stewards=(team,),
        filed_state=state,
        waiver_allowed=True,
        events=(),
    )
    (signal,) = fold_all((filed,), (), sample_catalog.stewards(), {})
    lookup = Lookup.of(Catalog(registry=REGISTRY, signals=(signal,), stewards=sample_catalog.stewards()))
    made = acts.acts(lookup, signal, lookup.next_steps[signal.id], [])
    assert made
    for act in (*made, acts.signal_act(lookup, name, "1")):
        assert read(act.text.encode(), file=act.path).findings == ()
        assert "\n" not in act.command.replace(" \\\n  --", " --"), "a line that goes on is still one command"
