"""The main line of a repository, as git tells it: which commits touched given files, and what led to its head."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chora_catalog.edge.git_command import MEMORY_LIMIT, NO_PROTOCOL, environment, on_repository
from chora_catalog.edge.objects import CacheBroken
from chora_catalog.edge.process import MIB, run
from chora_catalog.model.instant_text import instant_text

SECONDS = 60
OUTPUT_LIMIT = 64 * MIB
_LAST_SECOND = 253_402_300_799
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """One file as one commit left it: git's mode and the blob's id, both empty where the commit removed it."""

    path: str
    mode: str
    blob: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCommit:
    """One commit of the main line. `at` is the running maximum of committer times (RFC 3339 UTC), so it never falls."""

    id: str
    at: str
    files: tuple[Touched, ...]


def main_line(
    repository: Path, head: str, globs: Sequence[str], *, environ: Mapping[str, str]
) -> tuple[LineCommit, ...]:
    """Return the first-parent commits up to `head` that touched a path that fits one of `globs`, oldest first.

    Reads commits and trees alone: no file of the source is needed. Raises CacheBroken when objects are missing.
    """
    env = environment(environ, protocols=NO_PROTOCOL)
    # The globs are the registry's, so they may be patterns; `*` crosses folders, as in fnmatch.
    env.pop("GIT_LITERAL_PATHSPECS")
    words = ["log", "--first-parent", "--reverse", "--raw", "--no-abbrev", "--no-renames", "-z", "--format=%x01%H %ct"]
    done = run(
        on_repository(repository, *words, head, "--", *globs),
        env=env,
        cwd=repository,
        timeout=SECONDS,
        output_limit=OUTPUT_LIMIT,
        memory_limit=MEMORY_LIMIT,
    )
    if done.code or done.timed_out or done.too_much:
        raise CacheBroken("The history of the main line cannot be read.")
    return tuple(_commits(done.out))


def leads_to(repository: Path, earlier: str, head: str, *, environ: Mapping[str, str]) -> bool:
    """Tell whether the commit `earlier` is `head` or came before it; one that is not there did not.

    The whole history must be there: the answer must not depend on what a cache still holds of an older one. Raises
    CacheBroken when objects are missing.
    """
    # It comes from a previous publication, which somebody else may have written: an option is no commit.
    if not _COMMIT.fullmatch(earlier):
        return False
    done = run(
        on_repository(repository, "merge-base", "--is-ancestor", earlier, head),
        env=environment(environ, protocols=NO_PROTOCOL),
        cwd=repository,
        timeout=SECONDS,
        memory_limit=MEMORY_LIMIT,
    )
    if done.code not in (0, 1) and b"Not a valid commit name " + earlier.encode() not in done.err:
        raise CacheBroken("The history of the main line cannot be read.")
    return done.code == 0


def _commits(out: bytes) -> list[LineCommit]:
    found: list[LineCommit] = []
    latest = 0
    for record in out.split(b"\x01")[1:]:
        header, _, rest = record.partition(b"\0")
        commit, _, seconds = header.decode("ascii").partition(" ")
        latest = max(latest, min(int(seconds), _LAST_SECOND))
        at = instant_text(datetime.fromtimestamp(latest, UTC))
        found.append(LineCommit(id=commit, at=at, files=tuple(_files(rest))))
    return found


def _files(rest: bytes) -> list[Touched]:
    """Read `:old-mode new-mode old-id new-id status NUL path NUL` as `git diff-tree(1)` writes it under -z."""
    fields = rest.strip(b"\n").split(b"\0")
    files: list[Touched] = []
    for meta, name in zip(fields[0::2], fields[1::2], strict=False):
        words = meta.decode("ascii").lstrip("\n").removeprefix(":").split(" ")
        if len(words) != 5:
            continue
        try:
            path = name.decode("utf-8")
        except UnicodeDecodeError:
            continue
        gone = words[4] == "D"
        files.append(Touched(path=path, mode="" if gone else words[1], blob="" if gone else words[3]))
    return files
