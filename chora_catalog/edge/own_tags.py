"""The tags of a working tree, read by git without its settings, its hooks or a network."""

from __future__ import annotations

import os
from pathlib import Path

from chora_catalog.edge.git_command import MEMORY_LIMIT, NO_PROTOCOL, environment, on_repository
from chora_catalog.edge.process import MIB, run

_SECONDS = 10.0
_MOST = 10_000


def own_tags(root: Path) -> tuple[str, ...] | None:
    """Return the names of at most 10,000 tags of the repository `root`, sorted.

    None when they cannot be told: `root` has no `.git` folder of its own (a linked worktree has a file that leads
    elsewhere), or git refuses it.
    """
    repository = root.resolve() / ".git"
    if repository.is_symlink() or not repository.is_dir():
        return None
    words = ("for-each-ref", f"--count={_MOST}", "--format=%(refname)", "refs/tags")
    env = environment(os.environ, protocols=NO_PROTOCOL)
    command = on_repository(repository, *words)
    done = run(command, env=env, cwd=repository, timeout=_SECONDS, output_limit=4 * MIB, memory_limit=MEMORY_LIMIT)
    if not done.ok:
        return None
    names = done.out.decode("utf-8", "replace").splitlines()
    return tuple(sorted(name.removeprefix("refs/tags/") for name in names))
