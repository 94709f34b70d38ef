"""Records are added and never changed, and nobody agrees for anybody else: what a pull request may not do, it is told.

Each attack is a pull request to one small repository, refused in its own words; beside it stands the honest way.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from chora_catalog.cli.main import main
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.finding import Severity
from chora_catalog.model.gated import Gated
from tests.gate_world import (
    ASKED,
    DECISION,
    ENVIRONMENT,
    LINK,
    PEOPLE,
    PROGRAM,
    SIGNAL,
    SUBMODULE,
    WAIVER,
    Content,
    GateWorld,
    digest_of,
    event,
    make_gate_world,
    said_by_forge,
    signed_vote,
    stewards,
)

FOLDER = "decisions/signals/SIG-a"
AGREED: Mapping[str, Content] = {
    f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-users"),
    f"{FOLDER}/0003-vote.yaml": signed_vote("Cleo", "team-shop"),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> GateWorld:
    return make_gate_world(tmp_path_factory.mktemp("gate") / "catalog")


def refusals(gated: Gated) -> dict[str, str]:
    """Rule and message of each refusal; each says where, and what to do."""
    assert all(finding.place.file and finding.hint for finding in gated.refusals)
    return {finding.rule: finding.message for finding in gated.refusals}


def unsigned(**more: object) -> str:
    lines: dict[str, object] = {"kind": "vote", "by": "Ann", "team": "team-users", "vote": "approve"}
    return event(**(lines | {"digest": digest_of(ASKED)} | more))


ATTACKS: dict[str, tuple[Mapping[str, Content], str, str]] = {
    "rename": (
        {"decisions/log/2026/10/DEC-1.yaml": None, "decisions/log/2026/10/DEC-2.yaml": DECISION},
        "record-renamed",
        "renamed to decisions/log/2026/10/DEC-2.yaml",
    ),
    "edit": ({"decisions/log/2026/10/DEC-1.yaml": DECISION + "# later\n"}, "record-edited", "was edited"),
    "delete": ({"decisions/log/2026/10/DEC-1.yaml": None}, "record-deleted", "was removed"),
    "an edited ADR": ({"decisions/adr/0001-why.md": "# Why not\n"}, "record-edited", "was edited"),
    "symlink": ({"decisions/log/2026/10/DEC-3.yaml": (LINK, "DEC-1.yaml")}, "record-link", "symbolic link"),
    "a file that becomes a link": (
        {"decisions/log/2026/10/DEC-1.yaml": (LINK, "../../../x")},
        "record-link",
        "symbolic link",
    ),
    "mode change": ({"decisions/log/2026/10/DEC-1.yaml": (PROGRAM, DECISION)}, "record-mode", "100755"),
    "a program": ({"decisions/log/2026/10/DEC-3.yaml": (PROGRAM, DECISION)}, "record-mode", "100755"),
    "submodule": ({"decisions/log/2026/10/x": (SUBMODULE, "1" * 40)}, "record-submodule", "submodule"),
    "the policy removed": ({"decisions/stewards.yaml": None}, "record-deleted", "was removed"),
    "a forged signature": (
        {f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-users", signer="Mallory")},
        "vote-unproven",
        "signature-unknown-key",
    ),
    "a signature of somebody else": (
        {f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-users", signer="Bo")},
        "vote-unproven",
        "of Bo, not of Ann",
    ),
    "a signature over another vote": (
        {
            f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-users", "reject").replace(
                'vote: "reject"', 'vote: "approve"'
            )
        },
        "vote-unproven",
        "signature-invalid",
    ),
    "a signature over another signal": (
        {f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-users", signal="SIG-b")},
        "vote-unproven",
        "signature-invalid",
    ),
    "a vote on another digest": (
        {f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-users", about=digest_of(SIGNAL))},
        "vote-refused",
        "another digest",
    ),
    "a vote for another team": (
        {f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-shop")},
        "vote-refused",
        "no member of team-shop",
    ),
    "a name without evidence": ({f"{FOLDER}/0002-vote.yaml": unsigned()}, "vote-without-evidence", "nobody can check"),
    "a move that nobody agreed to": (
        {f"{FOLDER}/0002-move.yaml": event(kind="move", to="decision", by="Ann")},
        "move-refused",
        "no-quorum",
    ),
    "a step left out": (
        {f"{FOLDER}/0002-move.yaml": event(kind="move", to="rollout", by="Ann")},
        "move-refused",
        "no-such-move",
    ),
    "half of the votes": (
        {
            f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-users", at="2026-10-19"),
            f"{FOLDER}/0003-move.yaml": event(kind="move", to="decision", by="Ann"),
        },
        "move-refused",
        "team-shop has not approved",
    ),
    "filed as decided": (
        {"decisions/signals/SIG-b.yaml": SIGNAL + 'state: "rollout"\n'},
        "signal-filed-late",
        "the state rollout",
    ),
    "a waiver that is too long": (
        {"decisions/waivers/W-6.yaml": WAIVER.format(name="x").replace("2026-11-04", "2026-11-05")},
        "waiver-exceeds-max",
        "1 day over",
    ),
    "the sixth waiver": ({"decisions/waivers/W-6.yaml": WAIVER.format(name="x")}, "waiver-too-many", "W-6"),
    "a sixth that counts from earlier": (
        {
            "decisions/waivers/W-6.yaml": WAIVER.format(name="x")
            .replace("2026-10-05", "2026-10-04")
            .replace("11-04", "11-03")
        },
        "waiver-too-many",
        "W-5",
    ),
    "a silent renewal": (
        {
            "decisions/waivers/W-1b.yaml": WAIVER.format(name="shop1")
            .replace("2026-10-05", "2026-11-05")
            .replace("2026-11-04", "2026-11-30")
        },
        "waiver-renewed-silently",
        "W-1b",
    ),
    "an id that is taken": (
        {"decisions/log/2026/10/DEC-9.yaml": DECISION + 'id: "DEC-1"\n'},
        "id-duplicate",
        "also the id of decisions/log/2026/10/DEC-1.yaml",
    ),
    "a name in other letters": (
        {"decisions/signals/sig-A.yaml": SIGNAL},
        "record-name-taken",
        "capital letters alone",
    ),
    "an event of the future": (
        {f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-users", at="2026-10-21")},
        "event-in-future",
        "has not come yet",
    ),
    "a signal of the future": (
        {"decisions/signals/SIG-b.yaml": SIGNAL + 'created_at: "2026-10-21"\n'},
        "event-in-future",
        "filed at 2026-10-21",
    ),
    "two names in other letters": (
        {"decisions/signals/SIG-b.yaml": SIGNAL, "decisions/signals/SIG-B.yaml": SIGNAL},
        "record-name-taken",
        "capital letters alone",
    ),
    "an event before what is there": (
        {f"{FOLDER}/0000-vote.yaml": signed_vote("Ann", "team-users", at="2026-10-09")},
        "event-backdated",
        "before the last event",
    ),
    "a correction of nothing": (
        {"decisions/log/2026/10/DEC-2.yaml": DECISION + 'corrects: "DEC-7"\n'},
        "corrects-unknown",
        "DEC-7",
    ),
    "a correction of itself": (
        {"decisions/log/2026/10/DEC-2.yaml": DECISION + 'corrects: "DEC-2"\n'},
        "corrects-unknown",
        "no other record",
    ),
    "an ending in capital letters": ({"decisions/signals/SIG-b.YAML": SIGNAL}, "record-misplaced", "was not read"),
    "a file that nobody reads": ({"decisions/x.yaml": "a: b\n"}, "record-misplaced", "was not read"),
    "an event of nothing": (
        {"decisions/signals/SIG-z/1.yaml": event(kind="comment", reason="hm")},
        "event-without-signal",
        "no signal",
    ),
    "the folder as a link": (
        {"decisions": (LINK, "elsewhere")},
        "record-link",
        "symbolic link",
    ),
    "a record that is no YAML": ({"decisions/log/2026/10/DEC-2.yaml": "title: [\n"}, "yaml-syntax", ""),
    "a record of hostile YAML": ({"decisions/log/2026/10/DEC-2.yaml": "a: &x 1\nb: *x\n"}, "yaml-alias", ""),
}


@pytest.mark.parametrize("attack", sorted(ATTACKS))
def test_an_attack_is_refused_in_its_own_words(world: GateWorld, attack: str) -> None:
    files, rule, words = ATTACKS[attack]
    found = refusals(world.judge(files))
    assert rule in found, found
    assert words in found[rule]


def test_a_steward_whom_the_pull_request_itself_adds_does_not_count(world: GateWorld) -> None:
    files = {
        "decisions/stewards.yaml": stewards("Mallory"),
        f"{FOLDER}/0002-vote.yaml": signed_vote("Mallory", "team-users"),
    }
    found = refusals(world.judge(files))
    assert set(found) == {"steward-self-added", "policy-edited"}
    assert found["steward-self-added"].startswith("Mallory is a steward by this pull request alone")


def test_a_key_that_the_pull_request_itself_adds_does_not_count(world: GateWorld) -> None:
    text = stewards().replace('    handle: "ann-h"\n', f'    handle: "ann-h"\n    x-note: "{"k" * 3}"\n')
    mallory = stewards("Mallory").split('keys: ["')[-1].split('"')[0]
    ann = stewards().split('keys: ["')[1].split('"')[0]
    files = {
        "decisions/stewards.yaml": text.replace(ann, mallory),
        f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-users", signer="Mallory"),
    }
    assert {"steward-self-added", "policy-edited"} <= set(refusals(world.judge(files)))


def test_the_policy_changes_only_when_those_who_have_to_agree_do(world: GateWorld) -> None:
    head = world.commit({"decisions/stewards.yaml": stewards("Eve")})
    assert "no review list" in refusals(world.gate(head))["policy-edited"]
    one = said_by_forge(head, ("ann-h", "APPROVED", head), ("bo-h", "APPROVED", head))
    assert "1 of 2 teams" in refusals(world.gate(head, reviews=one))["policy-edited"]
    stale = said_by_forge(head, ("ann-h", "APPROVED", head), ("cleo-h", "APPROVED", world.git("rev-parse", "main")))
    assert "policy-edited" in refusals(world.gate(head, reviews=stale))
    both = said_by_forge(head, ("ann-h", "APPROVED", head), ("cleo-h", "APPROVED", head))
    assert refusals(world.gate(head, reviews=both)) == {}
    against = said_by_forge(
        head, ("ann-h", "APPROVED", head), ("cleo-h", "APPROVED", head), ("dee-h", "CHANGES_REQUESTED", head)
    )
    assert "Dee has asked for changes" in refusals(world.gate(head, reviews=against))["policy-edited"]
    late = said_by_forge(head, ("ann-h", "CHANGES_REQUESTED", head), ("cleo-h", "APPROVED", head))
    late["reviews"] += said_by_forge(head, ("ann-h", "APPROVED", head))["reviews"]
    assert refusals(world.gate(head, reviews=late)) == {}, "the newest opinion counts"
    broken = world.commit({"decisions/stewards.yaml": "mode: [\n"})
    assert "yaml-syntax" in refusals(world.gate(broken, reviews=said_by_forge(broken)))


def test_a_branch_that_does_not_go_on_from_the_base_is_a_rewritten_history(world: GateWorld) -> None:
    alone = world.commit({"decisions/signals/SIG-b.yaml": SIGNAL}, parent=None)
    assert "no commit in common" in refusals(world.gate(alone))["log-rewritten"]
    later = world.commit({"decisions/signals/SIG-c.yaml": SIGNAL}, branch="later")
    forced = world.commit({"decisions/signals/SIG-b.yaml": SIGNAL}, parent="main")
    found = refusals(world.gate(forced, base=later, push=True))
    assert set(found) == {"log-rewritten"}
    assert "what was published since is gone" in found["log-rewritten"]
    assert refusals(world.gate(later, push=True)) == {}
    assert refusals(world.gate(forced, base=later)) == {}, "a base that went on is no rewritten history"


def test_branches_that_were_merged_crosswise_hide_nothing(tmp_path: Path) -> None:
    world = make_gate_world(tmp_path / "catalog")
    ours = world.commit({"decisions/log/2026/10/DEC-2.yaml": DECISION}, branch="ours", at="2026-10-11T08:00:00Z")
    theirs = world.commit({"decisions/log/2026/10/DEC-3.yaml": DECISION}, branch="theirs", at="2026-10-11T09:00:00Z")
    both = {"decisions/log/2026/10/DEC-2.yaml": DECISION, "decisions/log/2026/10/DEC-3.yaml": DECISION}
    base = world.commit(both, parent=ours, merged=theirs, branch="base")
    head = world.commit(both, parent=theirs, merged=ours, branch="crossed")
    assert len(world.git("merge-base", "--all", base, head).split()) == 2
    assert world.gate(head, base=base).findings == (), "what both have is no change"
    for name in ("DEC-2", "DEC-3"):
        path = f"decisions/log/2026/10/{name}.yaml"
        gone = world.commit({path: None}, parent=head, branch="gone")
        assert set(refusals(world.gate(gone, base=base))) == {"record-deleted"}, name
        edited = world.commit({path: DECISION + "# later\n"}, parent=head, branch="edited")
        assert "record-edited" in refusals(world.gate(edited, base=base)), name


def test_whoever_filed_a_signal_does_not_vote_on_it_under_another_name(world: GateWorld) -> None:
    files = {
        "decisions/signals/SIG-b.yaml": ASKED,
        "decisions/signals/SIG-b/1.yaml": signed_vote("Ann", "team-users", signal="SIG-b"),
    }
    head = world.commit(files, author="Ann")
    assert "Ann filed the signal" in refusals(world.gate(head))["vote-refused"]
    assert refusals(world.gate(world.commit(files, author="Bo"))) == {}


def test_who_left_does_not_vote_by_dating_a_commit_earlier(tmp_path: Path) -> None:
    world = make_gate_world(tmp_path / "left")
    left = stewards().replace('handle: "ann-h"', 'handle: "ann-h"\n    until: "2026-10-15"')
    world.commit({"decisions/stewards.yaml": left}, branch="main", at="2026-10-10T10:00:00Z")
    files = {f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-users", at="2026-10-14")}
    head = world.commit(files, at="2026-10-14T00:00:00Z")
    assert "was a steward until" in refusals(world.gate(head))["vote-refused"]


@pytest.mark.parametrize(
    "name", [r"\377\376.yaml", r"a\nb.yaml", r"\033[31m.yaml", "x" * 200 + ".yaml", r"\342\200\256.yaml"]
)
def test_a_name_that_is_none_is_refused_and_does_nothing_where_it_is_shown(
    world: GateWorld, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(world.root)
    world.commit({f'"decisions/log/2026/10/{name}"': DECISION}, branch="odd")
    for form in ("text", "github", "markdown", "json", "sarif"):
        words = ["gate", "--base", "main", "--head", "odd", "--format", form, "--as-of", "2026-10-20T12:00:00Z"]
        assert main(words) == 1
        out = capsys.readouterr().out
        assert "record-misplaced" in out.replace("&#45;", "-")
        assert "\x1b" not in out
        assert "\u202e" not in out or form in ("json", "sarif")


def test_a_copy_of_an_old_vote_does_not_undo_an_objection(tmp_path: Path) -> None:
    world = make_gate_world(tmp_path / "replay")
    old = signed_vote("Ann", "team-users")
    world.commit({f"{FOLDER}/0002-vote.yaml": old}, branch="main", at="2026-10-11T00:00:00Z")
    world.commit(
        {f"{FOLDER}/0003-vote.yaml": signed_vote("Ann", "team-users", "reject")}, branch="main", at="2026-10-12"
    )
    found = refusals(world.gate(world.commit({f"{FOLDER}/0004-vote.yaml": old})))
    assert set(found) == {"vote-unproven"}
    assert "a copy of it proves nothing" in found["vote-unproven"]


def test_everything_that_is_wrong_is_said_at_once(world: GateWorld) -> None:
    files = {
        "decisions/log/2026/10/DEC-1.yaml": None,
        "decisions/signals/SIG-a.yaml": SIGNAL,
        "decisions/adr/0001-why.md": (PROGRAM, "# Why\n"),
        f"{FOLDER}/0002-vote.yaml": unsigned(),
        "decisions/waivers/W-6.yaml": WAIVER.format(name="x"),
    }
    assert set(refusals(world.judge(files))) == {
        "record-deleted",
        "record-edited",
        "record-mode",
        "vote-without-evidence",
        "waiver-too-many",
    }


# ---- The honest way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "files",
    [
        {"decisions/log/2026/10/DEC-2.yaml": DECISION.replace("We go on", "We wait") + 'corrects: "DEC-1"\n'},
        {"decisions/signals/SIG-b.yaml": SIGNAL},
        {"decisions/adr/0002-more.md": "# More\n"},
        {f"{FOLDER}/0002-comment.yaml": event(kind="comment", reason="fine")},
        AGREED,
        {**AGREED, f"{FOLDER}/0004-move.yaml": event(kind="move", to="decision", by="Ann", at="2026-10-20T09:30:00Z")},
        {
            **AGREED,
            f"{FOLDER}/0004-move.yaml": event(kind="move", to="decision", by="Ann", at="2026-10-20T09:30:00Z"),
            f"{FOLDER}/0005-move.yaml": event(kind="move", to="rollout", by="Ann", at="2026-10-20T09:31:00Z"),
        },
        {"docs/readme.md": "nothing of decisions\n"},
        {"decisions/waivers/W-6.yaml": WAIVER.format(name="x").replace("api.users.v1", "api.other.v1")},
    ],
    ids=["correction", "five lines", "adr", "comment", "votes", "decision", "rollout", "elsewhere", "waiver"],
)
def test_an_honest_pull_request_is_let_in(world: GateWorld, files: Mapping[str, Content]) -> None:
    gated = world.judge(files)
    assert refusals(gated) == {}
    assert gated.unseen == ()
    assert len(gated.effects) == sum(path.endswith(".yaml") for path in files)


def test_what_it_changes_in_the_catalog_is_said(world: GateWorld) -> None:
    registry = 'catalog:\n  title: "Letters"\nsources:\n  - name: "two"\n    url: "../two"\n'
    files = {
        **AGREED,
        f"{FOLDER}/0004-move.yaml": event(kind="move", to="decision", by="Ann", at="2026-10-20T09:30:00Z"),
        "decisions/signals/SIG-b.yaml": SIGNAL,
        "catalog-sources.yaml": registry,
        ".github/workflows/gate.yml": "name: gate\n",
    }
    said = [(effect.kind, effect.name, effect.what) for effect in world.judge(files).effects]
    assert said == [
        ("vote", "SIG-a", "approve by Ann for team-users; counts"),
        ("vote", "SIG-a", "approve by Cleo for team-shop; counts"),
        ("move", "SIG-a", "moves it from review to decision (approved)"),
        ("signal", "SIG-b", "files a breaking-change of api.users.v1 to 2.0.0, high priority"),
        ("source", "one", "is registered no more"),
        ("source", "two", "is registered: ../two"),
        (
            "workflow",
            ".github/workflows/gate.yml",
            "changes; these files are what judges pull requests, so read them yourself",
        ),
    ]


def test_a_review_at_the_forge_stands_behind_a_vote_that_names_it(world: GateWorld) -> None:
    vote = unsigned(review={"forge": "github", "user": "ann-h"})
    head = world.commit({f"{FOLDER}/0002-vote.yaml": vote})
    unseen = world.gate(head)
    assert refusals(unseen) == {}
    assert [finding.rule for finding in unseen.findings] == ["review-not-seen"]
    assert unseen.unseen

    def by(*opinions: tuple[str, str, str]) -> dict[str, str]:
        return refusals(world.gate(head, reviews=said_by_forge(head, *opinions)))

    base = world.git("rev-parse", "main")
    assert by(("ann-h", "APPROVED", head)) == {}
    assert by(("Ann-H", "APPROVED", head)) == {}
    assert "no review of ann-h" in by()["review-missing"]
    assert "review-missing" in by(("ann-h", "APPROVED", base)), "a review of another commit is none of this one"
    assert "review-missing" in by(("bo-h", "APPROVED", head))
    assert "review-missing" in by(("ann-h", "COMMENTED", head))
    assert "says CHANGES_REQUESTED" in by(("ann-h", "CHANGES_REQUESTED", head))["review-says-otherwise"]
    assert "review-says-otherwise" in by(("ann-h", "DISMISSED", head))
    assert "review-says-otherwise" in by(("ann-h", "APPROVED", head), ("ann-h", "CHANGES_REQUESTED", head))
    named = world.commit({f"{FOLDER}/0002-vote.yaml": unsigned(review={"user": "Ann"})})
    found = refusals(world.gate(named, reviews=said_by_forge(named, ("Ann", "APPROVED", named))))
    assert "account of nobody" in found["vote-unproven"], "anybody may have an account with the name of a steward"
    for precise, right in (({"id": "1", "commit": base}, False), ({"id": "2"}, False), ({"id": "1"}, True)):
        head = world.commit({f"{FOLDER}/0002-vote.yaml": unsigned(review={"user": "ann-h", **precise})})
        assert (by(("ann-h", "APPROVED", head)) == {}) is right, precise
    foreign = world.commit({f"{FOLDER}/0002-vote.yaml": unsigned(by="Ann", review={"user": "bo-h"})})
    found = refusals(world.gate(foreign, reviews=said_by_forge(foreign, ("bo-h", "APPROVED", foreign))))
    assert "of Bo, not of Ann" in found["vote-unproven"]


@pytest.mark.parametrize(
    "files",
    [
        {"decisions/signals/SIG-b.yaml": SIGNAL + 'drafted_by: {kind: agent, id: "writer"}\n'},
        {"decisions/log/2026/10/DEC-2.yaml": DECISION + "drafted_by: {kind: automation}\n"},
        {
            "decisions/waivers/W-6.yaml": WAIVER.format(name="x").replace("users", "other")
            + 'drafted_by: {kind: agent, id: "writer"}\n'
        },
        {f"{FOLDER}/0002-comment.yaml": event(kind="comment", reason="x") + "drafted_by: {kind: agent}\n"},
    ],
    ids=["signal", "decision", "waiver", "event"],
)
def test_what_an_agent_drafted_needs_a_human_reviewer(world: GateWorld, files: Mapping[str, Content]) -> None:
    head = world.commit(files)
    assert [finding.rule for finding in world.gate(head).findings] == ["review-not-seen"]
    for nobody in ((), (("ci[bot]", "APPROVED", head),), (("stranger", "APPROVED", head),)):
        found = refusals(world.gate(head, reviews=said_by_forge(head, *nobody)))
        assert "no person has approved it" in found["draft-unreviewed"]
    assert refusals(world.gate(head, reviews=said_by_forge(head, ("dee-h", "APPROVED", head)))) == {}


def test_a_machine_reads_no_draft_where_nobody_is_listed_by_account(tmp_path: Path) -> None:
    world = make_gate_world(tmp_path / "alone")
    world.commit({"decisions/stewards.yaml": 'mode: "solo"\nnotice: "3d"\n'}, branch="main", at="2026-10-10T10:00:00Z")
    head = world.commit({"decisions/signals/SIG-b.yaml": SIGNAL + "drafted_by: {kind: agent}\n"})
    for user, rules in (("ci[bot]", {"draft-unreviewed"}), ("anybody", set())):
        reviews = said_by_forge(head, (user, "APPROVED", head))
        assert set(refusals(world.gate(head, reviews=reviews))) == rules


def test_whoever_drafted_a_record_is_not_who_read_it(world: GateWorld) -> None:
    head = world.commit({"decisions/signals/SIG-b.yaml": SIGNAL + 'drafted_by: {kind: agent, id: "Dee-h"}\n'})
    for user, rules in (("dee-h", {"draft-unreviewed"}), ("ann-h", set())):
        assert set(refusals(world.gate(head, reviews=said_by_forge(head, (user, "APPROVED", head))))) == rules


def test_one_person_of_two_teams_is_no_agreement_of_two(tmp_path: Path) -> None:
    world = make_gate_world(tmp_path / "catalog")
    everywhere = stewards().replace('members: ["Cleo", "Dee"]', 'members: ["Cleo", "Dee", "Ann"]')
    world.commit({"decisions/stewards.yaml": everywhere}, branch="main", at="2026-10-10T10:00:00Z")
    head = world.commit({"decisions/stewards.yaml": stewards("Eve")})
    alone = said_by_forge(head, ("ann-h", "APPROVED", head))
    assert "1 of 2 different stewards" in refusals(world.gate(head, reviews=alone))["policy-edited"]


def test_a_vote_whose_review_is_missing_carries_no_decision(world: GateWorld) -> None:
    files = {
        f"{FOLDER}/0002-vote.yaml": signed_vote("Cleo", "team-shop"),
        f"{FOLDER}/0003-vote.yaml": unsigned(review={"user": "ann-h"}),
        f"{FOLDER}/0004-move.yaml": event(kind="move", to="decision", by="Ann", at="2026-10-20T09:30:00Z"),
    }
    head = world.commit(files)
    found = refusals(world.gate(head, reviews=said_by_forge(head)))
    assert set(found) == {"review-missing", "move-refused"}
    reviewed = said_by_forge(head, ("ann-h", "APPROVED", head))
    assert refusals(world.gate(head, reviews=reviewed)) == {}


def test_what_is_wrong_with_the_base_is_not_held_against_a_pull_request(tmp_path: Path) -> None:
    world = make_gate_world(tmp_path / "old")
    old = {
        "decisions/x.yaml": "a: b\n",
        f"{FOLDER}/0002-vote.yaml": signed_vote("Mallory", "team-users"),
        "decisions/waivers/W-6.yaml": WAIVER.format(name="x"),
    }
    world.commit(old, branch="main", at="2026-10-10T10:00:00Z")
    head = world.commit({"decisions/signals/SIG-b.yaml": SIGNAL})
    assert world.gate(head).findings == ()


def test_a_notice_begins_when_it_can_be_seen(tmp_path: Path) -> None:
    world = make_gate_world(tmp_path / "solo")
    world.commit({"decisions/stewards.yaml": stewards(mode="solo")}, branch="main", at="2026-10-10T10:00:00Z")
    decide = event(kind="move", to="decision", by="Ann")
    assert refusals(world.gate(world.commit({f"{FOLDER}/0002-move.yaml": decide}))) == {}
    at_once = {
        "decisions/signals/SIG-b.yaml": SIGNAL + 'created_at: "2026-01-01"\n',
        "decisions/signals/SIG-b/1.yaml": event(kind="move", to="review", by="Ann", at="2026-10-20T09:00:00Z"),
        "decisions/signals/SIG-b/2.yaml": decide + 'at: "2026-10-20T09:01:00Z"\n',
    }
    head = world.commit(at_once, at="2026-10-12T00:00:00Z")
    assert "its notice of 3d ends at 2026-10-23T12:00:00Z" in refusals(world.gate(head))["move-refused"]


# ---- What cannot be told, and what was asked wrongly ---------------------------------------------------------------


def test_a_shallow_clone_cannot_tell(world: GateWorld, tmp_path: Path) -> None:
    world.commit({"decisions/signals/SIG-b.yaml": SIGNAL}, branch="head")
    words = ["git", "clone", "--quiet", "--depth=1", "--branch=head", world.root.as_uri(), str(tmp_path / "clone")]
    subprocess.run(words, env=ENVIRONMENT, check=True, capture_output=True)
    with pytest.raises(ChoraError, match="shallow") as caught:
        GateWorld(tmp_path / "clone").gate("HEAD", base="HEAD")
    assert (caught.value.code, "--unshallow" in caught.value.hint) == (Exit.CANNOT_TELL, True)


@pytest.mark.parametrize("ref", ["nowhere", "--all", "main:decisions", ""])
def test_a_ref_that_is_no_commit_is_asked_wrongly(world: GateWorld, ref: str) -> None:
    with pytest.raises(ChoraError, match="there is no commit") as caught:
        world.gate("main", base=ref)
    assert caught.value.code is Exit.USAGE


@pytest.mark.parametrize(
    "reviews",
    [[], {}, {"head": "x"}, {"head": "f" * 40, "reviews": []}, {"head": "", "reviews": []}, {"reviews": [1]}, "x"],
)
def test_a_file_that_is_no_review_list_of_this_head_is_asked_wrongly(world: GateWorld, reviews: object) -> None:
    with pytest.raises(ChoraError) as caught:
        world.gate("main", reviews=reviews)
    assert caught.value.code is Exit.USAGE


def test_outside_of_a_repository_it_is_asked_wrongly(tmp_path: Path) -> None:
    with pytest.raises(ChoraError, match="in no git repository"):
        GateWorld(tmp_path).gate("HEAD")


def test_the_command_says_it_in_each_form(
    world: GateWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(world.root)
    world.commit(ATTACKS["edit"][0], branch="bad")
    world.commit({"decisions/signals/SIG-b.yaml": SIGNAL}, branch="good")
    unseen = {f"{FOLDER}/0002-vote.yaml": unsigned(review={"user": "ann-h"})}
    world.commit(unseen, branch="unseen")

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["gate", "--base", "main", "--as-of", "2026-10-20T12:00:00Z", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    code, out, _ = run("--head", "bad")
    assert code == 1
    assert "error[record-edited]" in out
    assert "= next: " in out
    assert "1 refusal in " in out
    assert run("--head", "good")[0] == 0
    code, out, _ = run("--head", "unseen")
    assert (code, "it cannot be told" in out.lower()) == (3, True)
    assert run("--head", "nowhere")[0] == 2
    code, out, err = run("--head", "bad", "--format", "json")
    told = json.loads(out)
    assert (told["schema"], told["verdict"], told["findings"][0]["rule"]) == (
        "chora.gate/v1",
        "refused",
        "record-edited",
    )
    assert "1 refusal" in err
    assert (
        json.loads(run("--head", "bad", "--format", "sarif")[1])["runs"][0]["results"][0]["ruleId"] == "record-edited"
    )
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    code, out, _ = run("--head", "bad")
    assert "::error file=decisions/log/2026/10/DEC-1.yaml,title=record-edited::" in out
    assert run("--head", "good")[0] == 0
    summary = (tmp_path / "summary").read_text(encoding="utf-8")
    assert "### chora gate: 1 refusal" in summary
    assert "| signal | SIG&#45;b | files a breaking&#45;change" in summary


def test_words_of_a_pull_request_do_nothing_where_they_are_shown(
    world: GateWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(world.root)
    evil = "\x1b[31m<script>@everyone\n::error::x"
    files = {
        "decisions/log/2026/10/DEC-2.yaml": f"title: {json.dumps(evil)}\ndecision: {json.dumps(evil)}\n",
        f"{FOLDER}/0002-vote.yaml": unsigned(by=evil),
    }
    world.commit(files, branch="evil")
    for form in ("text", "github", "markdown", "json"):
        assert (
            main(["gate", "--base", "main", "--head", "evil", "--format", form, "--as-of", "2026-10-20T12:00:00Z"]) == 1
        )
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert "\n::error::x" not in out
        assert form != "markdown" or "<script>" not in out


def test_the_gate_judges_by_itself_and_never_by_the_checkout(world: GateWorld) -> None:
    """What lies in the working tree, and what a commit calls its schemas, changes nothing."""
    (world.root / "decisions").mkdir(exist_ok=True)
    (world.root / "decisions/stewards.yaml").write_text("mode: solo\n", encoding="utf-8")
    files = {**ATTACKS["a name without evidence"][0], "schemas/signal-event.schema.json": "{}"}
    assert set(refusals(world.judge(files))) == {"vote-without-evidence"}
    assert len(PEOPLE) == 4


def test_a_catalog_in_a_folder_of_its_repository_is_judged_as_well(tmp_path: Path) -> None:
    plain = make_gate_world(tmp_path / "plain")
    world = GateWorld(tmp_path / "nested")
    world.root.mkdir()
    world.git("init", "--quiet", "--initial-branch=main", ".")
    paths = plain.git("ls-tree", "-r", "--name-only", "main").split("\n")
    world.commit({f"in/{path}": plain.git("show", f"main:{path}") + "\n" for path in paths}, parent=None, branch="main")
    (world.root / "in").mkdir()
    inner = GateWorld(world.root / "in")
    head = world.commit({"in/decisions/log/2026/10/DEC-1.yaml": None, "decisions/x.yaml": "a: b\n"})
    (refusal,) = inner.gate(head).refusals
    assert (refusal.rule, refusal.place.file) == ("record-deleted", "in/decisions/log/2026/10/DEC-1.yaml")


def test_each_refusal_has_its_own_rule() -> None:
    rules = [rule for _, rule, _ in ATTACKS.values()]
    assert len(set(rules)) >= 18
    assert Severity.ERROR.rank == 0
