"""The working tree somebody stands in: its top, the files git would commit from it, and where it was cloned from.

Only questions are asked of git, with its configuration of programs switched off (`git_command`): nothing of the tree
runs, and nothing in it changes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from chora_catalog.edge.git_command import NO_PROTOCOL, environment
from chora_catalog.edge.process import run

_SECONDS = 60.0


def top_of(folder: Path) -> Path | None:
    """Return the top of the working tree that holds `folder`, None when it is in none.

    No process is started for it: there may be thousands of folders to ask for.
    """
    place = folder.resolve()
    return next((parent for parent in (place, *place.parents) if (parent / ".git").exists()), None)


def files_of(folder: Path) -> tuple[str, ...] | None:
    """Return the files below `folder` that are committed or could be: what is ignored is left out.

    Paths are relative to `folder`. None when it is in no working tree, or holds nothing but what is ignored: then
    somebody means just that.
    """
    if top_of(folder) is None:
        return None
    said = _ask(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = [os.fsdecode(name) for name in said.split(b"\0") if name] if said else []
    return tuple(sorted(set(names))) or None


def origin_of(folder: Path) -> str:
    """Return the address of the remote `origin` as it is written, empty where there is none."""
    said = _ask(folder, "config", "--get", "remote.origin.url")
    return os.fsdecode(said).removesuffix("\n") if said else ""


def _ask(folder: Path, *words: str) -> bytes | None:
    command: Sequence[str] = ["git", "-C", str(folder), "--no-pager", *words]
    done = run(command, env=environment(os.environ, protocols=NO_PROTOCOL), timeout=_SECONDS)
    return done.out if done.ok else None
