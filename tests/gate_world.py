"""A catalog's own repository with records in it, and pull requests to it, made fast: one git process for each."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from chora_catalog.app.gating import GateOptions, Side, gate, weigh
from chora_catalog.edge.git import OwnChanges
from chora_catalog.model.gated import Gated
from chora_catalog.model.proposal import Change
from chora_catalog.model.signal import VOTE_NAMESPACE, vote_text
from chora_catalog.parse.records import Added
from examples import demo_keys

AS_OF = datetime(2026, 10, 20, 12, tzinfo=UTC)
BASE_AT = "2026-10-10T09:00:00Z"
HEAD_AT = "2026-10-20T09:00:00Z"
PEOPLE = {"Ann": "team-users", "Bo": "team-users", "Cleo": "team-shop", "Dee": "team-shop"}
SIGNAL = """\
type: "breaking-change"
capability_id: "api.users.v1"
proposed_version: "2.0.0"
impact: "removes the field nickname"
priority: "high"
"""
ASKED = SIGNAL + 'stewards: ["team-shop"]\nauthor: "Zoe"\n'
DECISION = 'title: "Users 2"\ndecision: "We go on."\nstatus: "accepted"\nrelated: ["SIG-a"]\n'
WAIVER = """\
capability_id: "api.users.v1"
consumer: "web.{name}"
reason: "moves in November"
owner: "team-shop"
granted_at: "2026-10-05"
expires_at: "2026-11-04"
"""
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
}
LINK, PROGRAM, SUBMODULE = "120000", "100755", "160000"
Content = str | tuple[str, str] | None
"""The text of a plain file, (mode, text) of another, or None for one that goes."""


def stewards(*more: str, mode: str = "council", teams: Mapping[str, str] = PEOPLE) -> str:
    """The policy: two teams of two people with keys and accounts, and `more` people in both."""
    everybody = {**teams, **dict.fromkeys(more, "team-users")}
    lines = [f'mode: "{mode}"', 'notice: "3d"', "quorum: {humans: 2}", "teams:"]
    for team, owned in (("team-users", '["api.users.*"]'), ("team-shop", "[]")):
        members = json.dumps([name for name, of in everybody.items() if of == team])
        lines += [f'  - name: "{team}"', f"    capabilities: {owned}", f"    members: {members}"]
    lines.append("people:")
    for name in everybody:
        key = demo_keys.public_key(name)
        lines += [f'  - name: "{name}"', f'    handle: "{name.lower()}-h"', f'    keys: ["{key}"]']
    return "\n".join(lines) + "\n"


def digest_of(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def event(**lines: object) -> str:
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items())


def signed_vote(
    by: str, team: str, said: str = "approve", *, signal: str = "SIG-a", signer: str = "", **more: str
) -> str:
    """A vote of `by`, signed with the key of `signer` (default: theirs)."""
    digest = more.pop("about", digest_of(ASKED))
    text = vote_text(signal, digest, team, said)
    armored = demo_keys.signature(signer or by, text, namespace=VOTE_NAMESPACE)
    return event(kind="vote", by=by, team=team, vote=said, digest=digest, signature=armored, **more)


@dataclass(frozen=True)
class GateWorld:
    """The repository `root` with the branch `main`; proposals are commits on it that no branch needs to name."""

    root: Path
    base: dict[str, bytes] = field(default_factory=dict)
    """What `main` holds."""

    def git(self, *words: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=ENVIRONMENT, input=stdin, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def commit(
        self,
        files: Mapping[str, Content],
        *,
        parent: str | None = "main",
        branch: str = "head",
        at: str = HEAD_AT,
        author: str = "Zoe",
        merged: str | None = None,
    ) -> str:
        """Make one commit on `parent` (None: on nothing), a merge of `merged`; name it `branch`, return its id."""
        seconds = int(datetime.fromisoformat(at).timestamp())
        who = f"{author} <{author.lower()}@example.org> {seconds} +0000\n"
        out = [f"reset refs/heads/{branch}\ncommit refs/heads/{branch}\n", f"author {who}committer {who}"]
        out.append("data 1\nx\n")
        if parent is not None:
            out.append(f"from {self.git('rev-parse', parent)}\n")
        if merged is not None:
            out.append(f"merge {self.git('rev-parse', merged)}\n")
        for path, content in files.items():
            if content is None:
                out.append(f"D {path}\n")
                continue
            mode, text = content if isinstance(content, tuple) else ("100644", content)
            if mode == SUBMODULE:
                out.append(f"M {mode} {text} {path}\n")
            else:
                out.append(f"M {mode} inline {path}\ndata {len(text.encode())}\n{text}\n")
        self.git("fast-import", "--quiet", "--force", "--done", stdin=("".join(out) + "done\n").encode())
        return self.git("rev-parse", branch)

    def gate(self, head: str, *, base: str = "main", reviews: object = None, push: bool = False) -> Gated:
        """Judge `head`; `reviews` is what the forge says, written to a file."""
        path = None
        if reviews is not None:
            path = self.root / "reviews.json"
            path.write_text(json.dumps(reviews), encoding="utf-8")
        return gate(GateOptions(root=self.root, base=base, head=head, as_of=AS_OF, reviews=path, push=push))

    def judge(self, files: Mapping[str, Content], *, push: bool = False) -> Gated:
        """Judge a pull request of one commit with `files`: as values where files are only added, else through git."""
        if any(not isinstance(content, str) or path in self.base for path, content in files.items()):
            return self.gate(self.commit(files), push=push)
        added = {path: str(content).encode() for path, content in files.items()}
        facts = {path: Added(commit="b" * 40, at=BASE_AT, author="Zoe") for path in self.base}
        changes = [
            Change(path=path, status="A", old_mode="000000", new_mode="100644", old_id="0" * 40, new_id="1" * 40)
            for path in sorted(added)
        ]
        asked = OwnChanges(base="b" * 40, head="a" * 40, start="b" * 40, prefix="", changes=tuple(changes))
        old = Side(files={path: data for path, data in self.base.items() if path.startswith("decisions/")}, added=facts)
        new = Side(
            files={path: data for path, data in {**self.base, **added}.items() if path.startswith("decisions/")},
            added={**facts, **{path: Added(commit="a" * 40, at=HEAD_AT, author="Zoe") for path in added}},
        )
        registries = tuple({**self.base, **found}["catalog-sources.yaml"] for found in ({}, added))
        return weigh(asked, old, new, registries, GateOptions(root=self.root, base="main", head="", as_of=AS_OF))


def said_by_forge(head: str, *opinions: tuple[str, str, str]) -> dict[str, object]:
    """The review list at `head`: (account, state, commit) of each."""
    return {
        "head": head,
        "pull_request": "7",
        "reviews": [
            {"id": str(number), "user": user, "state": state, "commit": commit, "submitted_at": "2026-10-20T10:00:00Z"}
            for number, (user, state, commit) in enumerate(opinions, 1)
        ],
    }


def make_gate_world(root: Path) -> GateWorld:
    """A signal in review, a decision that names it, and five waivers for one capability."""
    world = GateWorld(root)
    root.mkdir(parents=True, exist_ok=True)
    world.git("init", "--quiet", "--initial-branch=main", ".")
    files: dict[str, Content] = {
        "catalog-sources.yaml": 'catalog:\n  title: "Letters"\nsources:\n  - name: "one"\n    url: "../one"\n',
        "decisions/stewards.yaml": stewards(),
        "decisions/signals/SIG-a.yaml": ASKED,
        "decisions/signals/SIG-a/0001-move.yaml": event(kind="move", to="review", by="Ann"),
        "decisions/log/2026/10/DEC-1.yaml": DECISION,
        "decisions/adr/0001-why.md": "# Why\n",
    }
    files |= {f"decisions/waivers/W-{number}.yaml": WAIVER.format(name=f"shop{number}") for number in range(1, 6)}
    world.commit(files, parent=None, branch="main", at=BASE_AT)
    world.base.update({path: str(content).encode() for path, content in files.items()})
    return world
