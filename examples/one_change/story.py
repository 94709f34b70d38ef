"""One change from its release to its end, in a world of its own: `make story`.

    python examples/one_change/story.py [--out DIR]

A provider breaks its dependent. The change is filed, refused where it is forged, voted on, decided, tolerated for a
month, counted again, repaired and completed: each step is the command that a person types, what it answered, and the
page to open. Real repositories, real signatures, fixed days; nothing leaves the machine. A step that does not go as it
is told ends the story with exit 1.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
MARKER = "made-by-story"
SIGNAL = "SIG-example.greeting.say-2.0.0"
WAIVER = "WVR-letter-2.0.0"
PROVIDER, DEPENDENT = "example.greeting.say", "example.letter.write"

GREETING = """\
id: "example.greeting.say"
version: "1.0.0"
summary: "Says a greeting."
owner: "team-greeting"
contact: "#greeting"
lifecycle_stage: "operate"
stability: "stable"
outputs:
  - {name: "greeting", type: "text"}
  - {name: "mood", type: "text"}
"""
WITHOUT_MOOD = GREETING.replace('"1.0.0"', '"2.0.0"').replace('  - {name: "mood", type: "text"}\n', "")
LETTER = """\
id: "example.letter.write"
version: "0.3.0"
summary: "Writes a letter that begins with a greeting."
owner: "team-letters"
contact: "#letters"
lifecycle_stage: "build"
inputs:
  - {name: "mood", type: "text"}
dependencies:
  - {id: "example.greeting.say", version: "^1"}
"""
REPAIRED = LETTER.replace('"0.3.0"', '"0.4.0"').replace('"^1"', '">=1 <3"').replace('name: "mood"', 'name: "greeting"')
REGISTRY = """\
catalog:
  title: "One change"
sources:
  - {name: "greeting", url: "../greeting", versions: tags}
  - {name: "letter", url: "../letter", versions: tags}
"""
STEWARDS = """\
mode: "council"
quorum: {{approvals: 2, humans: 2}}
teams:
  - {{name: "team-greeting", capabilities: ["example.greeting.*"], members: ["Ann", "Cleo"]}}
  - {{name: "team-letters", capabilities: ["example.letter.*"], members: ["Ben"]}}
people:
{people}calendar: {{timezone: UTC}}
"""
PEOPLE = ("Ann", "Ben", "Cleo")


class AstrayError(Exception):
    """A step that did not go as the story tells it."""


@dataclass(slots=True, kw_only=True)
class Story:
    """The world in the folder `out`, told through `tell`; `at` is the present instant of the story."""

    out: Path
    tell: Callable[[str], None]
    at: str = ""
    step: int = 0
    pages: list[Path] = field(default_factory=list)

    @property
    def catalog(self) -> Path:
        """The catalog's own repository."""
        return self.out / "catalog"

    @property
    def site(self) -> Path:
        """The published site."""
        return self.out / "site"

    def begin(self) -> None:
        """Make the three repositories and the keys of the three people."""
        from examples import demo_keys

        self.at = "2026-03-02T09:00:00Z"
        for name in ("greeting", "letter", "catalog"):
            (self.out / name).mkdir()
            self.git(name, "init", "--quiet", "--initial-branch=main")
        keys = self.out / "keys"
        keys.mkdir(mode=0o700)
        for name in PEOPLE:
            (keys / name).write_bytes(demo_keys.private_key(name))
            (keys / name).chmod(0o600)
        people = "".join(f'  - {{name: "{name}", keys: ["{demo_keys.public_key(name)}"]}}\n' for name in PEOPLE)
        self.write("catalog", "catalog-sources.yaml", REGISTRY)
        self.write("catalog", "decisions/stewards.yaml", STEWARDS.format(people=people))
        self.commit("catalog", "Register greeting and letter", by="Cleo")
        self.release("greeting", GREETING, "1.0.0", by="Ann")
        self.release("letter", LETTER, "0.3.0", by="Ben")

    def chapter(self, at: str, title: str) -> None:
        """Go on to the instant `at` with the next step."""
        self.at = at
        self.step += 1
        self.tell(f"\n{self.step}. {title}  ({at[:10]})")

    def git(self, where: str, *words: str, by: str = "Cleo") -> str:
        """Run git in one of the repositories, as `by` at the present instant."""
        person = {"NAME": by, "EMAIL": f"{by.lower()}@example.org", "DATE": self.at}
        people = {f"GIT_{role}_{what}": said for role in ("AUTHOR", "COMMITTER") for what, said in person.items()}
        done = subprocess.run(
            ["git", *words],
            cwd=self.out / where,
            env={"PATH": os.environ.get("PATH", os.defpath), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
            | {"GIT_CONFIG_GLOBAL": os.devnull, **people},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def write(self, where: str, path: str, text: str) -> None:
        """Write a file into a repository, without committing it."""
        (self.out / where / path).parent.mkdir(parents=True, exist_ok=True)
        (self.out / where / path).write_text(text, encoding="utf-8")

    def commit(self, where: str, message: str, *, by: str) -> None:
        """Commit all that was written."""
        self.git(where, "add", "--all")
        self.git(where, "commit", "--quiet", "--message", message, by=by)

    def release(self, where: str, manifest: str, version: str, *, by: str) -> None:
        """Commit a manifest and tag it."""
        self.write(where, "chora.yaml", manifest)
        self.commit(where, f"Release {version}", by=by)
        self.git(where, "tag", f"v{version}")

    def chora(
        self, *words: str, where: str = "catalog", ends: int = 0, says: Sequence[str] = (), show: int = 0
    ) -> None:
        """Run a command in a repository at the present instant; show it, and `show` lines of what it answered.

        Raise AstrayError unless it ends with `ends` and its answer holds each of `says`.
        """
        from chora_catalog.cli.main import main as chora

        answer = io.StringIO()
        with contextlib.chdir(self.out / where), contextlib.redirect_stdout(answer), contextlib.redirect_stderr(answer):
            code = chora([*words, "--as-of", self.at])
        said = answer.getvalue()
        self.tell(f"   $ chora {shlex.join(words)}")
        for line in [line for line in said.splitlines() if line.strip()][:show]:
            self.tell(f"     {line}")
        missing = [text for text in says if text not in said]
        if code != ends or missing:
            raise AstrayError(f"it ended with {code} and not {ends}, or did not say {missing}:\n{said}")
        self.tell(f"     exit {code}")

    def build(self, *more: str) -> None:
        """Build the catalog, as its scheduled job does."""
        self.chora(
            "build", "--output", str(self.site), "--cache", str(self.out / "cache"), "--allow-local", "--quiet", *more
        )

    @contextlib.contextmanager
    def pull_request(
        self, message: str, *, by: str, ends: int = 0, says: Sequence[str] = (), show: int = 4
    ) -> Iterator[None]:
        """Put what is written inside onto a branch and through the gate; merge it when the gate lets it in."""
        self.git("catalog", "switch", "--quiet", "--create", "proposal")
        yield
        self.commit("catalog", message, by=by)
        self.tell(f"   {by} opens a pull request: {message}")
        self.chora("gate", "--base", "main", ends=ends, says=says, show=show)
        self.git("catalog", "switch", "--quiet", "main")
        if not ends:
            self.git("catalog", "merge", "--quiet", "--ff-only", "proposal")
        self.git("catalog", "branch", "--quiet", "-D", "proposal")
        self.tell(f"   {'It is merged.' if not ends else 'It is not merged.'}")

    def page(self, kind: str, name: str, why: str) -> None:
        """Keep the site as it is at this step, and name a page of it; raise AstrayError where it is not there."""
        from chora_catalog.model.ids import file_name

        kept = self.out / "steps" / f"{self.step:02}"
        shutil.copytree(self.site, kept)
        path = kept / kind / f"{file_name(name)}.html"
        if not path.is_file():
            raise AstrayError(f"there is no page {path}")
        self.pages.append(path)
        self.tell(f"   page: {why}\n     {path.as_uri()}")

    def check(self, *, ends: int, says: Sequence[str], show: int = 0) -> None:
        """Ask in the dependent's repository whether it still fits, however old the catalog is by then."""
        self.chora(
            *("compat", "check", ".", "--catalog", str(self.site), "--max-age", "400d"),
            where="letter",
            ends=ends,
            says=says,
            show=show,
        )


def whole(story: Story) -> None:
    """Tell all of it."""
    story.begin()

    story.chapter("2026-03-02T10:00:00Z", "Two repositories fit together")
    story.build("--first")
    story.check(ends=0, says=["compatible"])
    story.page("capabilities", DEPENDENT, "what the letter needs, and that it is there")

    story.chapter("2026-03-03T09:00:00Z", "The provider releases 2.0.0 and takes an output away")
    story.release("greeting", WITHOUT_MOOD, "2.0.0", by="Ann")
    story.build()
    story.check(
        ends=1,
        says=[
            "breaking[outside-range]",
            "team-greeting (#greeting)",
            "90 days suggested",
        ],
        show=18,
    )
    story.page("capabilities", PROVIDER, "whom 2.0.0 breaks, and who answers for it")

    story.chapter("2026-03-03T11:00:00Z", "The change is filed as a signal")
    with story.pull_request(f"Propose {SIGNAL}", by="Ann"):
        story.chora(
            *("signal", "new", "--type", "breaking-change", "--capability", PROVIDER, "--proposed-version", "2.0.0"),
            *("--impact", "The output mood goes; whoever reads it says the greeting alone."),
            *("--priority", "high", "--window", "90d", "--steward", "team-letters"),
            says=[f"its id is {SIGNAL}"],
            show=2,
        )
    story.build()
    story.page("signals", SIGNAL, "who has to agree, until when, and that nobody has voted")

    story.chapter("2026-03-03T14:00:00Z", "Somebody votes in another's name, and is refused")
    vote = f"decisions/signals/{SIGNAL}/0001-vote.yaml"
    forged = 'kind: "vote"\nby: "Ben"\nteam: "team-letters"\nvote: "approve"\nreason: "Ben is fine with it."\n'
    with story.pull_request("Approve for team-letters", by="Ann", ends=1, says=["vote", vote], show=6):
        story.write("catalog", vote, forged)
    story.page("signals", SIGNAL, "still nobody has voted")

    story.chapter("2026-03-05T09:00:00Z", "Two stewards look at it and sign their votes")
    with story.pull_request(f"Review {SIGNAL}", by="Ben"):
        story.chora("signal", "move", SIGNAL, "review", "--by", "Ben", "--reason", "We read the mood.", says=["wrote"])
        for name, team in (("Ben", "team-letters"), ("Cleo", "team-greeting")):
            key = str(story.out / "keys" / name)
            story.chora("signal", "vote", SIGNAL, "approve", "--team", team, "--key", key, says=["wrote"])
    story.build()
    story.page("signals", SIGNAL, "two votes, each with the key that signed it")

    story.chapter("2026-03-06T09:00:00Z", "It is decided and rolled out")
    with story.pull_request(f"Decide {SIGNAL}", by="Cleo"):
        story.chora("signal", "move", SIGNAL, "decision", "--by", "Cleo", says=["wrote"])
        story.chora(
            *("decision", "new", "--id", "DEC-2026-03-06-01", "--title", "Greetings without a mood"),
            *("--decision", "2.0.0 stays; 1.0.0 works for 90 days.", "--related", SIGNAL),
            says=["wrote"],
        )
        story.chora("signal", "move", SIGNAL, "rollout", "--by", "Cleo", says=["wrote"])
    story.build()
    story.page("decisions", "DEC-2026-03-06-01", "what was decided, and about which signal")

    story.chapter("2026-03-06T15:00:00Z", "The dependent may break for a month")
    with story.pull_request(f"Waive the break for {DEPENDENT}", by="Ben"):
        story.chora(
            *("waiver", "new", "--id", WAIVER, "--capability", PROVIDER, "--consumer", DEPENDENT),
            *("--owner", "team-letters", "--reason", "The letter moves in March.", "--signal", SIGNAL),
            says=["wrote"],
            show=2,
        )
    story.build()
    story.check(ends=0, says=["waived"])
    story.page("waivers", WAIVER, "what is tolerated, for whom, and until when")

    story.chapter("2026-04-06T09:00:00Z", "The month is over: it counts again")
    story.check(ends=1, says=["breaking[outside-range]"], show=3)
    story.build()
    story.page("capabilities", DEPENDENT, "broken again, without anybody having done anything")

    story.chapter("2026-04-07T09:00:00Z", "The dependent is repaired")
    story.release("letter", REPAIRED, "0.4.0", by="Ben")
    story.build()
    story.check(ends=0, says=["compatible"])
    story.page("capabilities", DEPENDENT, "it needs >=1 <3, and fits")

    story.chapter("2026-04-08T09:00:00Z", "The signal completes")
    with story.pull_request(f"Complete {SIGNAL}", by="Cleo"):
        story.chora("signal", "move", SIGNAL, "complete", "--by", "Cleo", says=["wrote"])
    story.build()
    story.chora("signal", "show", SIGNAL, says=["state      complete"], show=40)
    story.page("signals", SIGNAL, "the whole history, from its five lines to its end")


def main(argv: Sequence[str] | None = None) -> int:
    """Tell the story as `argv` asks; return 0, or 1 where it did not go as it is told."""
    parser = argparse.ArgumentParser(description="Tell of one change, from its release to its end.")
    parser.add_argument("--out", metavar="DIR", type=Path, default=HERE / "out", help="where to tell it [out/]")
    out = parser.parse_args(argv).out.resolve()
    # `examples` is no installed package; it is found from the root of the repository.
    sys.path.insert(0, str(HERE.parents[1]))
    if out.exists():
        if any(out.iterdir()) and not (out / MARKER).is_file():
            print(f"story: {out} holds something that is no story, so it is left alone.", file=sys.stderr)
            print("next: name an empty or new folder with --out.", file=sys.stderr)
            return 2
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / MARKER).touch()
    story = Story(out=out, tell=print)
    try:
        whole(story)
    except AstrayError as astray:
        print(f"\nstory: step {story.step} went astray: {astray}", file=sys.stderr)
        return 1
    print(f"\n{story.step} steps, as told. Repositories, sites and keys lie in {out}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
