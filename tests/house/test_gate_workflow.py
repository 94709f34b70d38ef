"""The gate's workflow judges a head that it never checks out, with the tool and the policy of the base."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from chora_catalog.parse.reviews import load_reviews
from tests.gate_world import (
    ENVIRONMENT,
    SIGNAL,
    digest_of,
    event,
    make_gate_world,
    said_by_forge,
    signed_vote,
)
from tests.house.test_workflows import BIN, load, step

FOLDER = "decisions/signals/SIG-a"
ASKED_OF_FORGE = 'printf "%s\\n" "$@" > "$ASKED"\ncat "$ANSWER"\n'


class Runner:
    """A runner with the catalog cloned at its base, and a forge's command that answers from a file."""

    def __init__(self, root: Path) -> None:
        self.origin = make_gate_world(root / "origin")
        self.clone = root / "clone"
        self.reviews = root / "reviews.json"
        self.asked, self.answer = root / "asked", root / "answer"
        forge = root / "bin" / "gh"
        forge.parent.mkdir()
        forge.write_text(f"#!/bin/sh\n{ASKED_OF_FORGE}", encoding="utf-8")
        forge.chmod(0o755)
        self.environment = {
            **ENVIRONMENT,
            "PATH": f"{forge.parent}:{BIN}:{os.environ['PATH']}",
            "ASKED": str(self.asked),
            "ANSWER": str(self.answer),
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(root / "summary.md"),
            "SOURCE_DATE_EPOCH": "1792497600",  # 2026-10-20T12:00:00Z
        }
        self.summary = root / "summary.md"

    def propose(self, files: dict[str, str]) -> str:
        """Open pull request 7, as a fork does: its head is in no branch."""
        head = self.origin.commit(dict(files), branch="proposed")
        self.origin.git("update-ref", "refs/pull/7/head", head)
        self.origin.git("branch", "--delete", "--force", "proposed")
        shutil.rmtree(self.clone, ignore_errors=True)
        words = ["git", "clone", "--quiet", self.origin.root.as_uri(), str(self.clone)]
        subprocess.run(words, env=ENVIRONMENT, check=True, capture_output=True)
        return head

    def run(self, job: str, name: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step("gate.yml", job, name)["run"]],
            cwd=self.clone,
            env=self.environment | env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def judge(self, head: str, *opinions: tuple[str, str, str]) -> subprocess.CompletedProcess[str]:
        """Run the steps of a pull request in their order, and return the last."""
        base = self.origin.git("rev-parse", "main")
        self.answer.write_text(json.dumps(said_by_forge(head, *opinions)), encoding="utf-8")
        known = {"BASE": base, "HEAD": head, "NUMBER": "7", "REPOSITORY": "o/r", "REVIEWS": str(self.reviews)}
        known["FORM"] = step("gate.yml", "gate", "Reviews")["env"]["FORM"]
        for name in ("Fetch", "Reviews"):
            done = self.run("gate", name, **known)
            assert done.returncode == 0, done.stderr
        return self.run("gate", "Gate", **known)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_a_pull_request_is_judged_and_said_what_it_changes(runner: Runner) -> None:
    good = runner.judge(runner.propose({f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-users")}))
    assert good.returncode == 0, good.stdout + good.stderr
    assert "approve by Ann for team" in runner.summary.read_text(encoding="utf-8")
    assert not (runner.clone / FOLDER / "0002-vote.yaml").exists(), "the head is not checked out"
    forged = runner.judge(runner.propose({f"{FOLDER}/0002-vote.yaml": signed_vote("Ann", "team-users", signer="X")}))
    assert forged.returncode == 1
    assert f"::error file={FOLDER}/0002-vote.yaml,title=vote-unproven::" in forged.stdout


def test_a_review_counts_that_the_forge_tells_of(runner: Runner) -> None:
    filed = runner.origin.git("show", "main:decisions/signals/SIG-a.yaml") + "\n"
    vote = event(kind="vote", by="Ann", team="team-users", vote="approve", digest=digest_of(filed))
    head = runner.propose({f"{FOLDER}/0002-vote.yaml": vote + 'review: {forge: "github", user: "ann-h"}\n'})
    assert runner.judge(head).returncode == 1
    assert runner.judge(head, ("ann-h", "APPROVED", head)).returncode == 0
    asked = runner.asked.read_text(encoding="utf-8").splitlines()
    assert asked[:3] == ["api", "--paginate", "repos/o/r/pulls/7/reviews?per_page=100"]
    assert asked[3] == "--jq"
    assert all(word in asked[4] for word in ("env.HEAD", ".user.login", "commit: .commit_id", "submitted_at"))


def test_a_branch_that_was_put_back_is_told(runner: Runner) -> None:
    before = runner.origin.commit({"decisions/signals/SIG-b.yaml": SIGNAL}, branch="main")
    after = runner.origin.commit({"decisions/signals/SIG-c.yaml": SIGNAL}, parent="main^", branch="main")
    runner.propose({"docs/x.md": "x\n"})
    runner.origin.git("update-ref", "refs/chora/kept", before)
    runner.origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
    assert runner.run("log", "Fetch", BEFORE=before).returncode == 0
    done = runner.run("log", "Log", BEFORE=before, AFTER=after)
    assert done.returncode == 1
    assert "title=log-rewritten::" in done.stdout
    on = runner.run("log", "Log", BEFORE=runner.origin.git("rev-parse", "main^"), AFTER=after)
    assert on.returncode == 0, on.stdout + on.stderr


def test_it_has_no_secret_and_reads_only() -> None:
    workflow = load("gate.yml")
    assert "pull_request_target" not in workflow["on"]
    for job in workflow["jobs"].values():
        assert set(job["permissions"].values()) == {"read"}
        checkout = job["steps"][0]
        assert checkout["with"]["persist-credentials"] is False
    gate = workflow["jobs"]["gate"]["steps"]
    assert gate[0]["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    text = (Path(__file__).parents[2] / ".github/workflows/gate.yml").read_text(encoding="utf-8")
    assert "secrets." not in text


def test_the_pages_of_a_long_list_are_one_list() -> None:
    pages = [json.dumps(said_by_forge("a" * 40, (f"user-{number}", "APPROVED", "a" * 40))) for number in range(3)]
    found = load_reviews("\n".join(pages).encode(), file="reviews.json")
    assert [opinion.user for opinion in found.given] == ["user-0", "user-1", "user-2"]
