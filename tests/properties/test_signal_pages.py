"""What the pages of signals, decisions and waivers say, and that their data say the same.

Promises: every event stands in the history, a refused one with its reason; every vote with its evidence; what was
derived is marked; what corrects, renews or replaces another is linked from both; nothing is said of "now".
"""

from __future__ import annotations

import html
import json
import re
import shlex
import subprocess
from dataclasses import replace
from datetime import timedelta

import click
import pytest

from chora_catalog.build.assemble import assemble
from chora_catalog.cli.main import chora
from chora_catalog.model.catalog import Catalog
from chora_catalog.model.signal import ChangeSignal, Event
from chora_catalog.model.steward import Stewards, Team
from chora_catalog.render import api, links, site
from chora_catalog.render.pages import acts, inbox
from chora_catalog.render.pages.lookup import Lookup
from chora_catalog.render.signal_commands import next_commands, on_lines
from chora_catalog.resolve.acting import next_step
from chora_catalog.resolve.folding import fold_all
from chora_catalog.resolve.relations import Relations
from tests import sample_catalog
from tests.properties.test_site import templates

SIGNAL = "SIG.mcp.orchestration.review"
FIVE = ChangeSignal(
    id="SIG.hello.greeting.two",
    file="decisions/signals/SIG.hello.greeting.two.yaml",
    type="breaking-change",
    capability_id="agent.memory.recall",
    proposed_version="2.0.0",
    impact="facts are renamed",
    priority="critical",
    created_at="2026-11-20T09:00:00Z",
    recorded_at="2026-11-20T09:00:00Z",
    author="Ravi Menon",
    digest=sample_catalog.DIGEST,
    derived=("author", "created_at", "id"),
    events=(
        Event(
            kind="comment",
            at="2026-11-20T10:00:00Z",
            by="Ilse Brandt",
            file="decisions/signals/SIG.hello.greeting.two/1.yaml",
            reason="When?",
            derived=("at", "by"),
            drafted_by="agent",
            drafter="note-taker",
        ),
    ),
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The sample, and a signal of five lines."""
    base = sample_catalog.gathered()
    five = fold_all((FIVE,), (), base.stewards, {})
    return assemble(replace(base, signals=(*base.signals, *five)), as_of=sample_catalog.INSTANT)


def page(catalog: Catalog, path: str) -> str:
    """The page at `path`, without its markup, white space folded."""
    return words(next(output.make() for output in site.pages(catalog, templates()) if output.path == path).decode())


def words(markup: str) -> str:
    # A break inside of a word parts nothing; what stands in elements of its own is parted by them.
    text = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup.replace("<wbr>", ""))).split())
    return re.sub(r" ([,.;:)])", r"\1", text)


def data(catalog: Catalog, path: str) -> dict[str, object]:
    made: dict[str, object] = json.loads(next(output.make() for output in api.files(catalog) if output.path == path))
    return made


def test_every_event_stands_in_the_history_and_a_refused_one_says_why(catalog: Catalog) -> None:
    text = page(catalog, links.signal_page(SIGNAL))
    signal = next(item for item in catalog.signals if item.id == SIGNAL)
    assert [event.refused for event in signal.events] == ["", "no-such-move", "other-digest", "", "", ""]
    for event in signal.events:
        assert event.file.split("/")[-1] in text
    assert "review is not followed by rollout; it is followed by decision, withdrawn, superseded. no-such-move" in text
    assert "It changes nothing: the vote is about the signal with another digest, so it is void. other-digest" in text
    assert "2 events change nothing" in text


def test_every_vote_stands_with_its_evidence_and_who_has_not_voted_is_named(catalog: Catalog) -> None:
    text = page(catalog, links.signal_page(SIGNAL))
    assert "Votes: 1 of 3 teams" in text
    assert "approved Tomás Rivera, 2026-11-20 1.9 stays for ninety days. SSH signature over the digest, checked" in text
    assert "approve, claimed Mei Tan, 2026-11-21 none: counts as nothing" in text
    assert (
        "approve, void Ravi Menon, 2026-11-19 the vote is about the signal with another digest, so it is void" in text
    )
    assert "no vote yet may vote: Ilse Brandt, Ravi Menon" in text
    assert "Waits for team-agents, team-liminal to vote." in text
    assert "Missing: team-agents has not approved; team-liminal has not approved; 1 of 2 different people" in text


def test_a_signal_of_five_lines_has_everything_derived_and_marked(catalog: Catalog) -> None:
    text = page(catalog, links.signal_page(FIVE.id))
    assert "filed 2026-11-20 by Ravi Menon (derived from the commit)" in text
    assert text.count("by the policy: the file sets none") == 3
    # Critical, filed on a Friday: acknowledged on Monday, reviewed on Tuesday, decided on Wednesday.
    assert "Acknowledge 2026-11-23 by 2026-11-23, Monday" in text
    assert "Decision 2026-11-25 by 2026-11-25, Wednesday" in text
    assert "Asked team-agents by the policy" in text
    assert "Derived asked, author, created at, id not in the file" in text
    assert "Ilse Brandt noted: When?" in text
    assert "(time and name from the commit) drafted by an agent, note-taker" in text


def test_the_inbox_is_in_order_of_risk_and_says_who_acts(catalog: Catalog) -> None:
    made = inbox.inbox(Lookup.of(catalog))
    assert [(row.signal.id, row.breaks) for row in made.open] == [(FIVE.id, 0), (SIGNAL, 2), ("signal-2026-004", 0)]
    assert [row.signal.id for row in made.ended] == ["signal-2026-001"]
    assert [(one.name, one.count) for one in made.waiting] == [("team-agents", 2), ("team-liminal", 2)]
    text = page(catalog, "signals/index.html")
    assert "3 signals are open, what risks most first." in text
    assert "team-agents, team-liminal to vote 2026-11-25" in text
    assert "high 2 dependents break" in text


def test_owners_see_what_waits_for_them(catalog: Catalog) -> None:
    text = page(catalog, links.owner_page("team-agents"))
    assert "2 signals waiting for me" in text
    assert "Acknowledge A steward of a team that is asked, and not its author, acknowledges it." in text
    assert "Others that name us" not in text
    assert "Others that name us" in page(catalog, links.owner_page("team-orchestration"))


def test_corrections_and_renewals_are_linked_from_both(catalog: Catalog) -> None:
    old, new = (links.decision_page(name) for name in ("DEC-2026-10-02-001", "DEC-2026-11-19-001"))
    assert "It was corrected by DEC-2026-11-19-001" in page(catalog, old)
    assert "Corrects DEC-2026-10-02-001" in page(catalog, new)
    log = page(catalog, "decisions/index.html")
    assert log.index("November 2026") < log.index("October 2026")
    assert "corrected by DEC-2026-11-19-001" in log
    assert "Renewed by WVR-2026-003" in page(catalog, links.waiver_page("WVR-2026-009"))
    assert "Renews WVR-2026-009" in page(catalog, links.waiver_page("WVR-2026-003"))
    assert data(catalog, twin(old))["corrected_by"] == ["DEC-2026-11-19-001"]
    waiver = data(catalog, twin(links.waiver_page("WVR-2026-009")))
    assert (waiver["active"], waiver["renewed_by"]) == (False, ["WVR-2026-003"])


def twin(path: str) -> str:
    return links.twin(path)


def test_waivers_say_which_count_and_why_one_never_does() -> None:
    base = sample_catalog.gathered()
    silent = replace(base.waivers[2], id="WVR-2026-004", granted_at="2026-09-07T00:00:00Z", renews="")
    catalog = assemble(replace(base, waivers=(*base.waivers, silent)), as_of=sample_catalog.INSTANT)
    text = page(catalog, "waivers/index.html")
    assert "1 of 4 waivers counts now" in text
    assert text.index("Active") < text.index("WVR-2026-014") < text.index("Not in force") < text.index("WVR-2026-009")
    assert "it goes on with an earlier one and does not say so with renews" in text


def test_the_data_say_what_the_pages_say(catalog: Catalog) -> None:
    made = data(catalog, twin(links.signal_page(SIGNAL)))
    assert made["state"] == "review"
    assert made["version"] == 4
    assert made["next"] == {
        "doing": "vote",
        "who": ["team-agents", "team-liminal"],
        "words": "Each team that is asked votes on the signal as it was filed.",
    }
    assert made["decisions"] == ["DEC-2026-11-18-001"]
    assert made["waivers"] == ["WVR-2026-014"]
    rows = data(catalog, "data/v1/signals.json")["signals"]
    assert isinstance(rows, list)
    assert [row["id"] for row in rows] == [FIVE.id, SIGNAL, "signal-2026-004", "signal-2026-001"]
    assert rows[1]["due"]["by"] == "2026-11-25"
    assert rows[3]["next"] is None
    assert {row["page"] for row in rows} <= {output.path for output in site.pages(catalog, templates())}


def test_a_decision_of_one_is_never_shown_as_an_agreement(catalog: Catalog) -> None:
    solo = Stewards(mode="solo", notice="3d", teams=(Team(name="team-agents", capabilities=("agent.*",)),))
    filed = replace(FIVE, filed_state="review", events=())
    made = replace(catalog, stewards=solo, signals=fold_all((filed,), (), solo, {}))
    text = page(made, links.signal_page(FIVE.id))
    assert "Its notice runs until 2026-11-23." in text
    assert "It is shown as decided by one, never as an agreement of several." in text
    assert "One person decides here, after a published notice" in page(made, "signals/index.html")


def test_where_nobody_may_agree_the_pages_say_so(catalog: Catalog) -> None:
    made = replace(catalog, stewards=Stewards(), signals=fold_all((FIVE,), (), Stewards(), {}))
    assert "Who has to agree is not said" in page(made, links.signal_page(FIVE.id))
    assert "Nobody says who has to agree" in page(made, "signals/index.html")


def test_a_page_offers_the_next_step_as_a_file(catalog: Catalog) -> None:
    text = page(catalog, links.signal_page(FIVE.id))
    assert "Move it to review chora signal move SIG.hello.greeting.two review Copy" in text
    assert 'decisions/signals/SIG.hello.greeting.two/0001-move-review.yaml kind: "move" to: "review" Copy' in text
    assert "chora signal vote SIG.hello.greeting.two approve \\ --team team-agents \\ --key FILE" in text
    assert f'team: "team-agents" vote: "approve" digest: "{sample_catalog.DIGEST}" review: {{user: ""}}' in text


def test_a_break_offers_the_signal_about_it(catalog: Catalog) -> None:
    made = next(output.make() for output in site.pages(catalog, templates()) if output.path == "breaks.html").decode()
    assert 'href="https://git.example.org/chora/catalog/new/main?filename=decisions%2Fsignals%2FSIG-mcp.orch' in made
    bare = replace(catalog, registry=replace(catalog.registry, forge="none"))
    made = next(output.make() for output in site.pages(bare, templates()) if output.path == "breaks.html").decode()
    assert 'href="capabilities/mcp.orchestration.serve.html#file"' in made


def read_by_a_shell(command: str) -> list[str]:
    """Return the words that a shell would start `chora` with."""
    script = f"chora() {{ printf '%s\\0' chora \"$@\"; }}\n{command}\n"
    said = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert said.stderr == b""
    return said.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize("name", ["team-billing", "it's", "-- --x", "a\\", '$(date) `id` "x"', "two\nlines", "* ; | <"])
def test_a_command_on_several_lines_is_the_same_command(name: str) -> None:
    options = ("--capability", name, "--consumer", "billing.invoice.create", "--owner", "WHO", "--reason", name)
    command = shlex.join(("chora", "waiver", "new", *options))
    shown = on_lines(command)
    assert read_by_a_shell(shown) == read_by_a_shell(command) == ["chora", "waiver", "new", *options]
    assert shown.startswith("chora waiver new \\\n  --capability ")
    assert on_lines("chora signal move SIG-a review") == "chora signal move SIG-a review"


def test_every_command_that_is_offered_is_one_of_ours(catalog: Catalog) -> None:
    lookup = Lookup.of(catalog)
    told = []
    for state in ("draft", "proposed", "review", "decision", "rollout"):
        filed = replace(FIVE, filed_state=state, waiver_allowed=True, events=())
        (signal,) = fold_all((filed,), (), catalog.stewards, {})
        step = next_step(signal, catalog.stewards, ())
        offered = [act.command for act in acts.acts(lookup, signal, step, [])]
        listed = next_commands(signal, step)
        assert on_lines(listed[0]) in offered, "the terminal begins with what the page offers"
        told += [*offered, *listed]
    assert len(told) == 20
    for line in told:
        name, *given = read_by_a_shell(line.replace("FILE", __file__))
        assert name == "chora"
        group, verb, *options = given
        found = chora.get_command(chora.make_context("chora", ["explain"]), group)
        assert isinstance(found, click.Group)
        found.commands[verb].make_context(verb, options)


@pytest.mark.parametrize(
    ("outcome", "decided", "commands"),
    [
        ("", (), ("decision new --title TEXT --decision TEXT --related {id}", "signal move {id} rollout")),
        ("", (FIVE.id,), ("signal move {id} rollout",)),
        ("deferred", (), ("signal move {id} review --reason TEXT",)),
        ("rejected", (), ("signal move {id} rejected",)),
    ],
    ids=["approved", "recorded", "deferred", "rejected"],
)
def test_what_was_decided_goes_on_as_it_was_decided(
    outcome: str, decided: tuple[str, ...], commands: tuple[str, ...]
) -> None:
    move = Event(kind="move", to="decision", outcome=outcome, at="2026-11-03T08:00:00Z", by="Ada", file="m")
    signal = replace(FIVE, filed_state="review", events=(move,))
    step = next_step(signal, Stewards(), decided)
    assert next_commands(signal, step) == tuple(f"chora {line.format(id=FIVE.id)}" for line in commands)


def test_where_nobody_could_agree_or_all_is_over_no_command_is_listed() -> None:
    (signal,) = fold_all((replace(FIVE, filed_state="review", events=()),), (), Stewards(), {})
    assert next_commands(replace(signal, ballots=()), next_step(signal, Stewards(), ())) == ()
    ended = replace(FIVE, filed_state="complete", events=())
    assert next_commands(ended, next_step(ended, Stewards(), ())) == ()


def test_what_corrects_a_record_is_of_its_own_kind() -> None:
    base = sample_catalog.sample()
    decision = replace(base.decisions[0], id="X-1", corrects="")
    waiver = replace(base.waivers[0], id="X-2", corrects="X-1", renews="")
    told = Relations.of(replace(base, decisions=(decision,), waivers=(waiver,)))
    assert told.corrected_decisions == {}
    assert told.corrected_waivers == {"X-1": ("X-2",)}


def test_what_replaces_or_repeats_a_signal_is_linked_from_it(catalog: Catalog) -> None:
    new = replace(FIVE, id="SIG-new", supersedes=FIVE.id, corrects=FIVE.id, duplicate_of=FIVE.id)
    made = replace(catalog, signals=(*catalog.signals, new))
    text = page(made, links.signal_page(FIVE.id))
    assert "Replaced by SIG-new Corrected by SIG-new Repeated by SIG-new" in text
    text = page(made, links.signal_page("SIG-new"))
    assert f"Replaces {FIVE.id} Corrects {FIVE.id} Repeats {FIVE.id}" in text


def test_a_second_of_the_clock_changes_no_byte() -> None:
    base = sample_catalog.gathered()
    made = [assemble(base, as_of=sample_catalog.INSTANT + timedelta(seconds=after)) for after in (0, 3599)]
    first, second = ({o.path: o.make() for o in (*site.pages(c, templates()), *api.files(c))} for c in made)
    changed = [path for path in first if first[path] != second[path]]
    assert [
        path for path in changed if path.startswith(("signals", "decisions", "waivers", "owners", "feeds", "data/v1/s"))
    ] == []
