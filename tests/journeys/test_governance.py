"""A change from its five lines to its end, by command: filed, voted on with real signatures, decided, rolled out.

What a command writes, the gate lets in; what the gate would refuse, no command writes. Nothing is committed by itself.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from chora_catalog.cli.main import main
from chora_catalog.model.signal import vote_text
from chora_catalog.parse.spans import read
from examples import demo_keys
from tests.gate_world import ENVIRONMENT, GateWorld, digest_of, make_gate_world, stewards
from tests.letters import GREETING, make_federation

NOON = "2026-10-20T12:00:00Z"
FIVE = (
    "--type=deprecation", "--capability=api.users.v1", "--proposed-version=3.0.0", "--impact=the old one goes",
    "--priority=low",
)  # fmt: skip


@dataclass
class Person:
    """Somebody at the terminal of a checked-out catalog repository."""

    world: GateWorld
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def run(self, *words: str) -> tuple[int, str]:
        code = main([*words, "--as-of", NOON])
        said = self.capsys.readouterr()
        return code, said.out + said.err

    def key(self, name: str) -> str:
        path = self.world.root.parent / f"key-{name}"
        path.write_bytes(demo_keys.private_key(name))
        return str(path)

    def text(self, path: str) -> str:
        return (self.world.root / path).read_text(encoding="utf-8")

    def status(self) -> list[str]:
        done = subprocess.run(
            ["git", "status", "--short", "--untracked-files=all"],
            cwd=self.world.root, env=ENVIRONMENT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return [line[3:] for line in done.stdout.splitlines()]

    def commit(self, at: str, author: str = "Zoe") -> None:
        self.monkeypatch.chdir(self.world.root)
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
               for what, value in (("NAME", author), ("EMAIL", "x@example.org"), ("DATE", at))}  # fmt: skip
        for words in (["add", "--all"], ["commit", "--quiet", "--message=x"]):
            subprocess.run(["git", *words], cwd=self.world.root, env=ENVIRONMENT | who, check=True, capture_output=True)


@pytest.fixture
def person(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    world = make_gate_world(tmp_path / "catalog")
    world.git("reset", "--quiet", "--hard", "main")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Zoe")
    monkeypatch.chdir(world.root)
    return Person(world, capsys, monkeypatch)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> GateWorld:
    world = make_gate_world(tmp_path_factory.mktemp("shelf") / "catalog")
    world.git("reset", "--quiet", "--hard", "main")
    return world


@pytest.fixture
def reader(shelf: GateWorld, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody who writes nothing, so that all of them share one repository."""
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Zoe")
    monkeypatch.chdir(shelf.root)
    return Person(shelf, capsys, monkeypatch)


def test_five_lines_are_filed_and_the_next_command_is_said(person: Person) -> None:
    code, said = person.run("signal", "new", *FIVE)
    assert code == 0
    path = "decisions/signals/SIG-api.users.v1-3.0.0.yaml"
    assert person.text(path) == (
        'type: "deprecation"\ncapability_id: "api.users.v1"\nproposed_version: "3.0.0"\n'
        'impact: "the old one goes"\npriority: "low"\n'
    )
    assert said.splitlines() == [
        f"wrote {path}",
        "its id is SIG-api.users.v1-3.0.0",
        f"next: git add {path}",
        "      git commit --message 'Propose SIG-api.users.v1-3.0.0'",
    ]
    assert person.status() == [path], "nothing is committed, and nothing else is written"
    again = person.run("signal", "new", *FIVE)
    assert "its id is SIG-api.users.v1-3.0.0-2" in again[1]
    taken = person.run("signal", "new", *FIVE, "--id", "SIG-a")
    assert (taken[0], "is there already" in taken[1]) == (2, True)


def test_a_signal_from_its_votes_to_its_end(person: Person) -> None:
    """The whole way, each step through the gate, as pull requests would take it."""
    assert person.run("signal", "move", "SIG-a", "decision", "--by=Ann")[0] == 1
    for name, team in (("Ann", "team-users"), ("Cleo", "team-shop")):
        code, said = person.run("signal", "vote", "SIG-a", "approve", "--team", team, "--key", person.key(name))
        assert code == 0, said
        assert f"vote-{team}.yaml" in said
    assert person.run("signal", "move", "sig-A", "decision", "--by=Ann", "--reason=both agree")[0] == 0
    refused = person.run("signal", "move", "SIG-a", "complete", "--by=Ann")
    assert (refused[0], "is followed by rollout" in refused[1]) == (1, True)
    assert person.run("decision", "new", "--title=Users 2", "--decision=We go.", "--related=SIG-a")[0] == 0
    assert "decisions/log/2026/10/DEC-2026-10-20-01.yaml" in person.status()
    assert person.run("signal", "move", "SIG-a", "rollout", "--by=Ann")[0] == 0
    code, said = person.run("signal", "show", "SIG-a")
    assert "state      rollout since 2026-10-20T12:00:00Z, version 5" in said
    assert "vote       team-shop: approve by Cleo, ssh-signature" in said
    assert "next: chora signal move SIG-a complete" in said
    person.commit("2026-10-20T11:59:00Z")
    assert person.run("gate", "--base", "HEAD^", "--head", "HEAD")[0] == 0
    assert person.run("signal", "move", "SIG-a", "complete", "--by=Ann")[0] == 0
    assert "0 signals; 1 ended (--all)." in person.run("signal", "list")[1]
    assert person.run("signal", "comment", "SIG-a", "--reason=it went well")[0] == 0
    assert person.run("signal", "move", "SIG-a", "review", "--by=Ann")[0] == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("signal", "new"), 2, "needs --type, --capability, --proposed-version, --impact, --priority"),
        (("signal", "new", *FIVE[:4]), 2, "needs --priority"),
        (("signal", "new", *FIVE, "--window=90m"), 1, "deprecation_window"),
        (("signal", "new", *FIVE[:1], "--capability=../x", *FIVE[2:], "--id=SIG-x"), 1, "id-grammar"),
        (("signal", "new", *FIVE, "--id=../../x"), 1, "record-misplaced"),
        (("signal", "new", *FIVE, "--id=sig-A"), 1, "capital letters alone"),
        (("signal", "new", *FIVE, "--corrects=SIG-z"), 1, "there is no other record"),
        (("signal", "show", "SIG-aa"), 2, "Did you mean SIG-a?"),
        (("signal", "move", "zzz", "review"), 2, "chora signal list --all"),
        (("signal", "move", "SIG-a", "closed"), 2, "is not one of"),
        (("signal", "move", "SIG-a", "withdrawn", "--by=Ann"), 1, "says why"),
        (("signal", "vote", "SIG-a", "approve", "--team=team-users"), 2, "ssh-keygen -Y sign"),
        (("signal", "vote", "SIG-a", "approve", "--team=team-users", "--key=nowhere"), 2, "the key cannot be read"),
        (
            ("signal", "vote", "SIG-a", "approve", "--team=team-users", "--review=eve"),
            1,
            "eve is the account of nobody",
        ),
        (("signal", "vote", "SIG-a", "approve", "--team=team-users", "--review=x", "--key=y"), 2, "one evidence"),
        (
            ("waiver", "new", "--capability=api.users.v1", "--consumer=x", "--reason=r", "--owner=o"),
            1,
            "5 waivers count",
        ),
        (("decision", "new", "--title=T", "--decision=D", "--date=soon"), 2, "is no date"),
        (("decision", "new", "--title=T", "--decision=D", "--id=DEC-1", "--date=2026-10-01"), 2, "is there already"),
        (("signal", "list", "--root=nowhere"), 2, "Run it in the catalog's own repository"),
    ],
)
def test_what_cannot_be_filed_is_told_and_not_written(
    reader: Person, words: tuple[str, ...], code: int, said: str
) -> None:
    person = reader
    before = sorted(path for path in person.world.root.rglob("*") if ".git" not in path.parts)
    found = person.run(*words)
    assert (found[0], said in found[1]) == (code, True), found[1]
    assert "next:" in found[1]
    assert sorted(path for path in person.world.root.rglob("*") if ".git" not in path.parts) == before


def test_a_key_of_somebody_else_makes_no_vote(person: Person) -> None:
    for name, why in (("Mallory", "of nobody whom the stewards list"), ("Cleo", "is no member of team-users")):
        words = ("signal", "vote", "SIG-a", "approve", "--team=team-users", "--key", person.key(name))
        code, said = person.run(*words)
        assert (code, why in said) == (1, True), said
    assert person.status() == []


def test_a_vote_can_be_signed_elsewhere(person: Person) -> None:
    code, text = person.run("signal", "vote", "SIG-a", "reject", "--team=team-users", "--text")
    filed = person.text("decisions/signals/SIG-a.yaml")
    assert (code, text.encode()) == (0, vote_text("SIG-a", digest_of(filed), "team-users", "reject"))
    made = person.world.root.parent / "vote.sig"
    made.write_text(demo_keys.signature("Ann", text.encode(), namespace="chora-vote"), encoding="ascii")
    words = ("signal", "vote", "SIG-a", "reject", "--team=team-users", "--signature", str(made), "--reason=too early")
    assert person.run(*words, "--by=Ann")[0] == 0
    shown = person.run("signal", "show", "SIG-a", "--format=json")[1]
    told = json.loads(shown)
    assert (told["schema"], told["agreement"]["vetoes"]) == ("chora.signal/v1", ["Ann for team-users"])
    assert told["standing"] == "breached"
    swapped = ("signal", "vote", "SIG-a", "approve", "--team=team-users", "--signature", str(made), "--by=Ann")
    assert person.run(*swapped)[0] == 1, "a signature is over what it says, and over nothing else"


def test_a_review_at_the_forge_is_named_and_checked_by_the_gate(person: Person) -> None:
    code, said = person.run(
        "signal", "vote", "SIG-a", "approve", "--team=team-users", "--review=ann-h", "--forge=github"
    )
    assert code == 0
    assert "notice[review-not-seen]" in said
    assert 'review: {forge: "github", user: "ann-h"}' in person.text(
        "decisions/signals/SIG-a/0002-vote-team-users.yaml"
    )


def test_what_an_agent_drafts_says_so(person: Person) -> None:
    code, said = person.run("signal", "new", *FIVE, "--drafted-by=writer")
    assert code == 0
    assert 'drafted_by: {kind: "agent", id: "writer"}' in person.text("decisions/signals/SIG-api.users.v1-3.0.0.yaml")
    assert "no review list was given" in said


def test_a_waiver_is_written_for_the_longest_time_there_is_and_listed(person: Person) -> None:
    words = ("waiver", "new", "--capability=api.other.v1", "--consumer=*", "--reason=moving", "--owner=team-shop")
    assert person.run(*words)[0] == 0
    text = person.text("decisions/waivers/WVR-api.other.v1-all.yaml")
    assert 'granted_at: "2026-10-20"\nexpires_at: "2026-11-19"\n' in text
    assert person.run(*words, "--id=W-long", "--expires=2026-11-20", "--renews=WVR-api.other.v1-all")[0] == 1
    said = person.run("waiver", "list")[1]
    assert "6 of 6 count." in said
    later = main(["waiver", "list", "--as-of", "2026-12-24"])
    assert (later, "0 of 0 count." in person.capsys.readouterr().out) == (0, True)
    assert main(["waiver", "list", "--all", "--as-of", "2026-12-24"]) == 0
    assert person.capsys.readouterr().out.count("ended") == 6


def test_whatever_is_said_is_read_back_as_it_was_said(person: Person) -> None:
    evil = 'x": [&a *a]\n# yes: no\t\\ é'
    words = ("decision", "new", f"--title={evil}", f"--decision={evil}", "--decider=a, b", "--decider=null")
    code, said = person.run(*words)
    assert code == 0, said
    written = (person.world.root / "decisions/log/2026/10/DEC-2026-10-20-01.yaml").read_bytes()
    value = read(written, file="x.yaml").value
    assert (value["title"], value["decision"], value["deciders"]) == (evil, evil, ["a, b", "null"])
    code, said = person.run("decision", "new", "--title=\x1b[31m\u202e", "--decision=D")
    assert (code, "file-control-character" in said, "\x1b" in said) == (1, True, False)


def test_no_link_leads_what_is_written_out_of_the_repository(person: Person, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (person.world.root / "decisions/log/2026/11").symlink_to(outside, target_is_directory=True)
    code, said = person.run("decision", "new", "--title=T", "--decision=D", "--date=2026-11-01")
    assert (code, "a link or a file stands in the way" in said) == (2, True), said
    assert list(outside.iterdir()) == []


def test_one_person_alone_waits_for_the_notice(person: Person) -> None:
    (person.world.root / "decisions/stewards.yaml").write_text(stewards(mode="solo"), encoding="utf-8")
    person.commit("2026-10-10T10:00:00Z")
    assert person.run("signal", "new", *FIVE)[0] == 0
    name = "SIG-api.users.v1-3.0.0"
    assert person.run("signal", "move", name, "review")[0] == 0
    code, said = person.run("signal", "move", name, "decision")
    assert (code, "its notice of 3d ends at 2026-10-23T12:00:00Z" in said) == (1, True)
    assert person.run("signal", "move", "SIG-a", "decision", "--by=Zoe")[0] == 0
    assert "decided    by one, after a notice until" in person.run("signal", "show", "SIG-a")[1]


def test_the_list_is_in_the_order_of_risk(person: Person) -> None:
    assert person.run("signal", "new", *FIVE[:4], "--priority=critical", "--id=SIG-top")[0] == 0
    assert person.run("signal", "new", *FIVE, "--id=SIG-low")[0] == 0
    lines = person.run("signal", "list")[1].splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["SIG-top", "SIG-a", "SIG-low"]
    assert "not committed" in lines[1]
    assert "breached, derived" in lines[2]
    told = json.loads(person.run("signal", "list", "--format=json")[1])
    assert [signal["id"] for signal in told["signals"]] == ["SIG-top", "SIG-a", "SIG-low"]


def test_what_breaks_many_comes_before_what_breaks_nobody(
    person: Person, tmp_path_factory: pytest.TempPathFactory
) -> None:
    federation = make_federation(tmp_path_factory.mktemp("letters"))
    federation.commit("greeting", "chora.yaml", GREETING.format(version="2.0.0", output="salutation"))
    assert federation.build("--first", "--as-of", NOON).returncode == 0
    for name, capability in (("SIG-breaks", "hello.greeting.say"), ("SIG-another", "hello.letter.write")):
        words = [f"--capability={capability}" if word.startswith("--capability") else word for word in FIVE]
        assert person.run("signal", "new", *words, f"--id={name}")[0] == 0
    lines = person.run("signal", "list", "--catalog", str(federation.site))[1].splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["SIG-a", "SIG-breaks", "SIG-another"]
    assert lines[0].split()[3] == "breaks"
    assert [signal["breaks"] for signal in json.loads(
        person.run("signal", "list", "--format=json", "--catalog", str(federation.site))[1]
    )["signals"]] == [0, 1, 0]  # fmt: skip
    assert person.run("signal", "list", "--catalog", "nowhere")[0] == 3
    assert "breaks" not in person.run("signal", "list")[1].splitlines()[0]
