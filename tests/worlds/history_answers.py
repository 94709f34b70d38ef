"""The answer key of `examples/history`, worked out from its repositories by a program of its own.

    python -m tests.worlds.history_answers > examples/history/answers.json

It asks git for tags and commits, reads the one form of manifest that those histories have line by line, and walks
through every release and every state. It shares no code with the catalog, which is what it judges, and asks no cleverer
question than "which manifest was the newest then". The rule is written in docs/explanation/how-we-know.md.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from examples.history.story import ANCHOR, WORLD
from examples.replay import replay

Triple = tuple[int, int, int]
TAG = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
NEED = re.compile(r' +- \{id: "([^"]+)", version: "([^"]+)"\}')
SAYS = re.compile(r'(id|version): "([^"]+)"')


class Dated(NamedTuple):
    """A release."""

    at: int
    version: Triple


class Said(NamedTuple):
    """A state of a manifest: what it calls itself, and what it needs, in the order in which it is written."""

    at: int
    id: str
    needs: list[tuple[str, str]]


def answers(repositories: Path) -> dict[str, Any]:
    """Return the answer key of the repositories in a folder."""
    folders = sorted(repositories.glob("*.git"))
    releases = {path.stem: _releases(path) for path in folders}
    states = {path.stem: _states(path) for path in folders}
    names = {name: {state.id for state in said if state.id} for name, said in states.items()}
    present = {name: [state.id for state in said if state.id][-1] for name, said in states.items()}
    tags = sum(len(_git(path, "tag").split()) for path in folders)
    breaks, windows = [], []
    for consumer, said in states.items():
        for provider, dated in releases.items():
            ranges = [(state.at, _range_for(state, names[provider], present[provider])) for state in said]
            pair = {"provider": present[provider], "consumer": present[consumer]}
            breaks += [pair | row for row in _breaks(dated, ranges)]
            windows += [pair | row for row in _windows(dated, ranges)]
    breaks.sort(key=lambda row: (row["released_at"], row["provider"], row["version"], row["consumer"]))
    windows.sort(key=lambda row: (row["start"], row["provider"], row["consumer"]))
    return {
        "anchor": ANCHOR.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "counts": {
            "repositories": len(folders),
            "tags": tags,
            "releases": sum(map(len, releases.values())),
            "renamed": sum(len(found) > 1 for found in names.values()),
            "breaks": len(breaks),
            "open": sum(row["repaired_at"] is None for row in breaks),
            "windows": len(windows),
            "windows_open": sum(row["end"] is None for row in windows),
        },
        "breaks": breaks,
        "windows": windows,
    }


def _git(repository: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True, text=True).stdout


def _releases(repository: Path) -> list[Dated]:
    found = []
    for line in _git(
        repository, "for-each-ref", "refs/tags", "--format=%(refname:short) %(creatordate:unix)"
    ).splitlines():
        tag, seconds = line.split(" ")
        match = TAG.fullmatch(tag)
        if match and int(match[1]) < 900:
            found.append(Dated(int(seconds), (int(match[1]), int(match[2]), int(match[3]))))
    return sorted(found)


def _states(repository: Path) -> list[Said]:
    found = []
    for line in _git(repository, "log", "--first-parent", "--reverse", "--format=%H %ct", "main").splitlines():
        commit, seconds = line.split(" ")
        if not _git(repository, "ls-tree", commit, "chora.yaml"):
            found.append(Said(int(seconds), "", []))
            continue
        text = _git(repository, "show", f"{commit}:chora.yaml")
        if "\t" not in text:  # the one thing in these histories that YAML does not allow
            called = next(match[2] for row in text.splitlines() if (match := SAYS.match(row)) and match[1] == "id")
            found.append(
                Said(int(seconds), called, [(m[1], m[2]) for row in text.splitlines() if (m := NEED.match(row))])
            )
    return found


def _range_for(state: Said, names: set[str], present: str) -> str | None:
    meant = [(name, text) for name, text in state.needs if name in names]
    by_present = [text for name, text in meant if name == present]
    return (by_present or [text for _, text in meant] or [None])[-1]


def _breaks(releases: list[Dated], ranges: list[tuple[int, str | None]]) -> list[dict[str, Any]]:
    rows = []
    for at, version in releases:
        before = [text for when, text in ranges if when <= at]
        if not before or _admits(before[-1], version):
            continue
        repair = next(((when, text) for when, text in ranges if when > at and _admits(text, version)), None)
        rows.append(
            {
                "version": _dotted(version),
                "released_at": _instant(at),
                "range": before[-1],
                "newest_then": version == max(other for when, other in releases if when <= at),
                "repaired_at": _instant(repair[0]) if repair else None,
                "repair": None if repair is None else "dependency-gone" if repair[1] is None else "range",
            }
        )
    return rows


def _windows(releases: list[Dated], ranges: list[tuple[int, str | None]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    is_open = False
    for at in sorted({when for when, _ in releases} | {when for when, _ in ranges}):
        out = [version for when, version in releases if when <= at]
        asked = [text for when, text in ranges if when <= at]
        fits = not out or not asked or _admits(asked[-1], max(out))
        if is_open and fits:
            rows[-1]["end"] = _instant(at)
        if not is_open and not fits:
            by = "release" if any(when == at for when, _ in releases) else "consumer"
            row = {
                "version": _dotted(max(out)),
                "range": asked[-1],
                "opened_by": by,
                "start": _instant(at),
                "end": None,
            }
            rows.append(row)
        is_open = not fits
    return rows


def _admits(text: str | None, version: Triple) -> bool:
    """Tell whether a range of one of the four forms of these histories, or no dependency at all, lets a version in."""
    for bound in (text or "").split():
        major, minor, patch = ([int(part) for part in bound.lstrip("<>=^").split(".")] + [0, 0])[:3]
        low = (major, minor, patch)
        if bound.startswith("^"):
            high = (major + 1, 0, 0) if major else (0, minor + 1, 0)
            fits = low <= version < high
        elif bound.startswith(">="):
            fits = version >= low
        elif bound.startswith("<"):
            fits = version < low
        else:
            fits = version == low
        if not fits:
            return False
    return True


def _dotted(version: Triple) -> str:
    return ".".join(map(str, version))


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        replay(WORLD, Path(made), anchor=ANCHOR)
        sys.stdout.write(json.dumps(answers(Path(made)), indent=1) + "\n")
