"""From push to verdict in two repositories: a change of the provider fails the pipeline of its dependent.

Real repositories with pull requests as branches, a catalog that is built and served, and the very step of `compat.yml`
on a fresh checkout, without a secret. The clocks are arguments; only how long it took is measured.
"""

from __future__ import annotations

import functools
import html
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chora_catalog.cli.main import main
from tests.house.test_workflows import execute, step

WRITTEN_AT = "2026-10-20T08:00:00Z"
RELEASED_AT = "2026-11-01T11:50:00Z"
BUILT_AT = "2026-11-01T12:00:00Z"
LOOKED_AT = "2026-11-01T12:05:00Z"
LAST_DAY = "2026-12-01T23:59:59Z"
DAY_AFTER = "2026-12-02T00:00:00Z"

PROVIDER = """\
id: "example.greeting.say"
version: "1.0.0"
summary: "Says a greeting."
owner: "team-a"
contact: "#team-a"
lifecycle_stage: "operate"
stability: "stable"
outputs:
  - {name: "greeting", type: "text"}
  - {name: "mood", type: "text"}
"""
CHANGED = PROVIDER.replace('"1.0.0"', '"2.0.0"').replace('  - {name: "mood", type: "text"}\n', "")
CONSUMER = """\
id: "example.letter.write"
version: "0.3.0"
summary: "Writes a letter that begins with a greeting."
owner: "team-b"
contact: "#team-b"
lifecycle_stage: "build"
inputs:
  - {name: "mood", type: "text"}
dependencies:
  - {id: "example.greeting.say", version: "^1"}
"""
WIDER = CONSUMER.replace('"^1"', '">=1 <3"')
REPAIRED = WIDER.replace('name: "mood"', 'name: "greeting"')
REGISTRY = """\
catalog:
  title: "World"
  url: "{url}"
sources:
  - name: greeting
    url: ../remotes/greeting.git
    versions: tags
  - name: letter
    url: ../remotes/letter.git
"""


@dataclass(frozen=True)
class Verdict:
    """What the step of a pipeline left behind: its exit code, its annotations and its job summary."""

    code: int
    annotations: str
    summary: str


@dataclass(frozen=True)
class Federation:
    """Two remotes with a working copy each, the catalog's repository, and the host of its site."""

    root: Path
    url: str

    def git(self, where: str, *words: str, at: str = WRITTEN_AT) -> None:
        people = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
                  for what, value in (("NAME", "T"), ("EMAIL", "t@example.org"), ("DATE", at))}  # fmt: skip
        env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", **people}
        subprocess.run(["git", *words], cwd=self.root / where, env=env, check=True, capture_output=True)

    def begin(self) -> None:
        """Make both repositories with their first state, the provider's released, and the catalog of them."""
        for name, text, *tags in (("greeting", PROVIDER, "v1.0.0"), ("letter", CONSUMER)):
            self.git(".", "init", "--quiet", "--bare", "--initial-branch=main", f"remotes/{name}.git")
            self.git(".", "clone", "--quiet", f"remotes/{name}.git", name)
            self.push(name, text, *tags)
        (self.root / "catalog").mkdir()
        self.git("catalog", "init", "--quiet", "--initial-branch=main")
        self.file("catalog-sources.yaml", REGISTRY.format(url=self.url))
        assert self.build("--first") == 0

    def push(self, name: str, text: str, *tags: str, branch: str = "main", at: str = WRITTEN_AT) -> None:
        """Commit a manifest in the working copy of `name` and push it: to its main line, or as a pull request."""
        self.git(name, "switch", "--quiet", "--force-create", branch)
        (self.root / name / "chora.yaml").write_text(text)
        self.git(name, "add", "chora.yaml")
        self.git(name, "commit", "--quiet", "--message", "Change the manifest", at=at)
        for tag in tags:
            self.git(name, "tag", tag)
        self.git(name, "push", "--quiet", "origin", branch, *tags)

    def merge(self, name: str, branch: str, *tags: str) -> None:
        """Merge a pull request, tag what came of it, and push both."""
        self.git(name, "switch", "--quiet", "main")
        self.git(name, "merge", "--quiet", "--ff-only", branch)
        for tag in tags:
            self.git(name, "tag", tag)
        self.git(name, "push", "--quiet", "origin", "main", *tags)

    def file(self, path: str, text: str, *, at: str = WRITTEN_AT) -> None:
        """Merge a file into the catalog's repository."""
        (self.root / "catalog" / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / "catalog" / path).write_text(text)
        self.git("catalog", "add", path)
        self.git("catalog", "commit", "--quiet", "--message", "File it", at=at)

    def build(self, *more: str) -> int:
        """Build and publish the catalog, as its scheduled job does, and does when it is asked to."""
        return main(["build", "--sources", str(self.root / "catalog/catalog-sources.yaml"), "--allow-local",
                     "--output", str(self.root / "site"), "--cache", str(self.root / "cache"), "--as-of", BUILT_AT,
                     *more])  # fmt: skip

    def asked(self, name: str, as_of: str) -> int:
        """Ask the same of the working copy of `name` as of another instant, however old the catalog is by then."""
        return main(["compat", "check", str(self.root / name), "--catalog", self.url, "--max-age", "400d",
                     "--as-of", as_of])  # fmt: skip

    def verdict(self, name: str, branch: str = "main") -> Verdict:
        """Check `branch` out as a pipeline does and run the step of `compat.yml` there."""
        job = self.root / "jobs" / str(len(list((self.root / "jobs").iterdir())))
        self.git(".", "clone", "--quiet", "--depth=1", "--branch", branch,
                 (self.root / f"remotes/{name}.git").as_uri(), str(job))  # fmt: skip
        done = execute(
            step("compat.yml", "compat", "Check")["run"],
            job,
            GITHUB_ACTIONS="true",
            GITHUB_STEP_SUMMARY=str(job / "summary.md"),
            SOURCE_DATE_EPOCH=str(int(datetime.fromisoformat(LOOKED_AT).timestamp())),
            FOLDER=".",
            CATALOG=self.url,
            SIDE="both",
            MAX_AGE="",
        )
        summary = (job / "summary.md").read_text() if (job / "summary.md").exists() else ""
        return Verdict(code=done.returncode, annotations=done.stdout, summary=summary)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Federation]:
    (tmp_path / "remotes").mkdir()
    (tmp_path / "jobs").mkdir()
    handler = functools.partial(_Quiet, directory=str(tmp_path / "site"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made = Federation(root=tmp_path, url=f"http://127.0.0.1:{server.server_address[1]}/")
    made.begin()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def papers(summary: str) -> dict[str, str]:
    """The files that a report has ready: path in the catalog's repository, and text."""
    found = re.findall(r"<details><summary>(.*?)</summary>\n\n```yaml\n(.*?)```\n", summary, re.DOTALL)
    return {html.unescape(name): text for name, text in found}


def test_from_push_to_verdict(
    world: Federation, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider is told before it merges; the dependent in the minute after; a waiver ends; a repair is seen."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert world.verdict("letter").code == 0, "before anything changed"

    # The provider's pull request: whom it breaks, and who answers for that.
    pushed = time.perf_counter()
    world.push("greeting", CHANGED, branch="shorter", at=RELEASED_AT)
    told = world.verdict("greeting", "shorter")
    of_provider = time.perf_counter() - pushed
    assert told.code == 1
    assert "::error file=chora.yaml,title=outside-range,line=2," in told.annotations
    assert "example.greeting.say 2.0.0 breaks example.letter.write: requires ^1" in told.annotations
    assert "agree with team-b (#team-b)" in told.annotations
    assert "### chora compat check: not compatible" in told.summary
    assert "consumer   example.letter.write 0.3.0, team-b (#team-b)" in told.summary

    # It is merged all the same, released, and the catalog is asked to build: now the dependent's pipeline fails.
    pushed = time.perf_counter()
    world.merge("greeting", "shorter", "v2.0.0")
    assert world.build() == 0
    failed = world.verdict("letter")
    of_dependent = time.perf_counter() - pushed
    assert failed.code == 1
    trace = json.loads((world.root / "site/run.json").read_text())["trace"]
    for words in (
        "breaking[outside-range]: example.letter.write needs example.greeting.say ^1",
        "provider   example.greeting.say 2.0.0, released 2026-11-01, team-a (#team-a)",
        "consumer   example.letter.write 0.3.0, team-b (#team-b)",
        "required   ^1; 1.0.0 still fits",
        "window     90 days suggested; announced now, not before 2027-01-30",
        "waiver     possible, up to 30 days: file decisions/waivers/WVR-",
        "signal     a draft for decisions/signals/SIG-example.greeting.say-2.0.0.yaml",
        "5 minutes old",
        trace,
    ):
        assert words in html.unescape(failed.summary), words
    assert "::error file=chora.yaml,title=outside-range,line=10," in failed.annotations
    assert f"Compared with the catalog of {BUILT_AT}, 5 minutes old, trace {trace}." in failed.annotations
    ready = papers(failed.summary)
    (signal,) = [text for path, text in ready.items() if path.startswith("decisions/signals/")]
    assert 'capability_id: "example.greeting.say"\nproposed_version: "2.0.0"' in signal

    # The waiver that the report has ready, filed with a reason: the pipeline is free until its last day is over.
    ((path, text),) = [item for item in ready.items() if item[0].startswith("decisions/waivers/")]
    world.file(path, text.replace('reason: ""', 'reason: "The letter moves in November."'), at=BUILT_AT)
    assert world.build() == 0
    waived = world.verdict("letter")
    assert waived.code == 0
    assert "| waived |" in waived.summary
    assert "::error" not in waived.annotations
    assert world.asked("letter", LAST_DAY) == 0
    assert world.asked("letter", DAY_AFTER) == 1

    # A wider range alone is no repair: what the letter reads is gone. Once it reads something else, all fits.
    world.push("letter", WIDER, branch="wider")
    gone = world.verdict("letter", "wider")
    assert gone.code == 1
    assert "title=output-removed," in gone.annotations
    world.push("letter", REPAIRED)
    assert world.build() == 0
    free = world.verdict("letter")
    assert free.code == 0
    assert "| compatible |" in free.summary
    assert "| waived |" not in free.summary
    assert "::error" not in free.annotations

    assert of_provider < 60
    assert of_dependent < 60
    with capsys.disabled():
        print(f"\nfrom push to verdict: provider {of_provider:.1f} s, dependent {of_dependent:.1f} s, rebuild included")
