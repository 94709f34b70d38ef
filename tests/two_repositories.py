"""Two repositories and a registry that names them: a provider with two releases, a consumer that the second breaks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chora_catalog.cli.main import main
from examples.replay import replay

ANCHOR = datetime(2026, 11, 1, tzinfo=UTC)
AS_OF = "2026-11-01T12:00:00Z"

PROVIDER = """\
commits:
  - at: -9d
    author: A Writer
    message: First
    tags: [v1.0.0]
    files:
      chora.yaml: |
        id: "example.greeting.say"
        version: "1.0.0"
        summary: "Says a greeting."
        owner: "team-a"
        contact: "#team-a"
        lifecycle_stage: "operate"
        outputs:
          - {name: "greeting", type: "text"}
          - {name: "mood", type: "text"}
  - at: -3d
    author: A Writer
    message: Second
    tags: [v2.0.0]
    edit:
      - {file: chora.yaml, old: 'version: "1.0.0"', new: 'version: "2.0.0"'}
      - {file: chora.yaml, old: "  - {name: \\"mood\\", type: \\"text\\"}\\n", new: ""}
"""
CONSUMER = """\
commits:
  - at: -8d
    author: B Writer
    message: First
    files:
      chora.yaml: |
        id: "example.letter.write"
        version: "0.3.0"
        owner: "team-b"
        contact: "#team-b"
        lifecycle_stage: "build"
        inputs:
          - {name: "mood", type: "text"}
        dependencies:
          - {id: "example.greeting.say", version: ">=1 <3"}
"""
REGISTRY = """\
catalog:
  title: "World"
sources:
  - name: greeting
    url: sources/greeting.git
    versions: tags
  - name: letter
    url: sources/letter.git
"""


def build(world: Path, *more: str, as_of: str = AS_OF) -> int:
    return main(
        ["build", "--sources", str(world / "catalog-sources.yaml"), "--output", str(world / "site"), "--allow-local",
         "--cache", str(world / "cache"), "--as-of", as_of, *more]
    )  # fmt: skip


def content(site: Path) -> dict[str, bytes]:
    """All files of a publication but the run record."""
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file() and path.name not in ("run.json", "run.js")
    }


def state(site: Path) -> dict[str, bytes]:
    """The content without the notes that tell by which way it was come to."""
    way = ("data/v1/changes/", "data/v1/contents.json")
    return {path: data for path, data in content(site).items() if not path.startswith(way)}


def data(site: Path, path: str) -> Any:
    return json.loads((site / path).read_bytes())


def commit(world: Path, name: str, files: dict[str, str], message: str = "Change") -> None:
    """Add a commit to a bare repository of the world."""
    work = world / "work"
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull,
           "GIT_AUTHOR_NAME": "T", "GIT_COMMITTER_NAME": "T",
           "GIT_AUTHOR_EMAIL": "t@example.org", "GIT_COMMITTER_EMAIL": "t@example.org",
           "GIT_AUTHOR_DATE": "2026-10-31T00:00:00Z", "GIT_COMMITTER_DATE": "2026-10-31T00:00:00Z"}  # fmt: skip

    def git(*args: str, cwd: Path = work) -> None:
        subprocess.run(["git", *args], cwd=cwd, env=env, check=True, capture_output=True)

    git("clone", "--quiet", str(world / "sources" / f"{name}.git"), str(work), cwd=world)
    for path, text in files.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(text)
    git("add", "--all")
    git("commit", "--quiet", "--message", message)
    git("push", "--quiet", "origin", "HEAD:main")
    shutil.rmtree(work)


def write_histories(folder: Path) -> Path:
    """Write what both repositories are replayed from; return where."""
    histories = folder / "histories"
    for name, text in (("greeting", PROVIDER), ("letter", CONSUMER)):
        (histories / name).mkdir(parents=True)
        (histories / name / "history.yaml").write_text(text)
    return histories


def make_world(folder: Path) -> Path:
    """Write the repositories and the registry below `folder`; return the folder of the registry."""
    world = folder / "world"
    replay(write_histories(folder), world / "sources", anchor=ANCHOR)
    (world / "catalog-sources.yaml").write_text(REGISTRY)
    return world


def tag(world: Path, name: str, version: str) -> None:
    """Tag the head of a repository of the world."""
    repository = world / "sources" / f"{name}.git"
    subprocess.run(["git", "tag", version, "main"], cwd=repository, check=True, capture_output=True)
