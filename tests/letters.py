"""The letters federation: two real repositories and a catalog of them, built by the command line as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CHORA = Path(sys.executable).parent / "chora"

COMMITTED_AT = "2026-11-02T08:00:00Z"

GREETING = """\
id: "hello.greeting.say"
version: "{version}"
summary: "Says a greeting."
owner: "team-hello"
contact: "#hello"
lifecycle_stage: "operate"
stability: "stable"
security_tier: "low"
outputs:
  - name: "{output}"
    type: "text"
"""
LETTER = """\
id: "hello.letter.write"
version: "0.1.0"
summary: "Writes a letter that begins with a greeting."
owner: "team-letters"
contact: "#letters"
lifecycle_stage: "build"
stability: "beta"
security_tier: "low"
dependencies:
  - id: "hello.greeting.say"
    version: ">=1 <2"
outputs:
  - name: "letter"
    type: "text"
"""
REGISTRY = """\
catalog:
  title: "Letters"
sources:
  - name: "greeting"
    url: "../greeting"
  - name: "letter"
    url: "../letter"
"""


@dataclass(frozen=True)
class Federation:
    """Three repositories in one folder: `greeting`, `letter`, and `catalog`, which registers the other two."""

    root: Path

    @property
    def site(self) -> Path:
        return self.root / "catalog" / "site"

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A Person",
            "GIT_AUTHOR_EMAIL": "person@example.org",
            "GIT_COMMITTER_NAME": "A Person",
            "GIT_COMMITTER_EMAIL": "person@example.org",
            # Of another second than any build: no test may take the time of a commit for that of a build.
            "GIT_AUTHOR_DATE": COMMITTED_AT,
            "GIT_COMMITTER_DATE": COMMITTED_AT,
        }

    def git(self, repository: str, *words: str) -> None:
        subprocess.run(
            ["git", "-C", str(self.root / repository), *words], env=self.environment(), check=True, capture_output=True
        )

    def commit(self, repository: str, name: str, text: str) -> None:
        folder = self.root / repository
        if not folder.is_dir():
            folder.mkdir()
            self.git(repository, "init", "--quiet", "--initial-branch=main")
        (folder / name).write_text(text, encoding="utf-8")
        self.git(repository, "add", "--all")
        self.git(repository, "commit", "--quiet", "--message", f"Write {name}")

    def build(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(CHORA), "build", "--allow-local", *words],
            cwd=self.root / "catalog",
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def make_federation(root: Path) -> Federation:
    """Write and commit the three repositories below `root`."""
    made = Federation(root)
    made.commit("greeting", "chora.yaml", GREETING.format(version="1.0.0", output="greeting"))
    made.commit("letter", "chora.yaml", LETTER)
    made.commit("catalog", "catalog-sources.yaml", REGISTRY)
    return made
