"""What a build costs beside the git commands it cannot do without: `python -m benchmarks.federation`.

See README.md beside this file for what is compared with what, and how to read the table.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cost import Cost, middle, size_of, spend, write_bare
from benchmarks.world import ENVIRONMENT, Federation, make, registry

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
AS_OF = ("2026-11-01T12:00:00Z", "2026-11-02T12:00:00Z")
COLD_GOAL, STILL_GOAL = 1.2, 1.15
COLD_MS_GOAL, STILL_MS_GOAL = 4.0, 0.3
MEMORY_GOAL = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One federation, served, with a registry that names it and a fresh folder for everything that a run leaves."""

    federation: Federation
    address: str
    folder: Path
    width: int

    @property
    def registry(self) -> Path:
        return self.folder / "catalog-sources.yaml"

    def clones(self) -> Cost:
        """The floor of a first build."""
        clones = self.folder / "clones"
        lines = [f"{self.address}/{name}.git {clones}/{name}.git" for name in self.federation.names]
        words = ["git", "clone", "--quiet", "--depth", "1", "--bare"]
        cost = spend(["xargs", "-P", str(self.width), "-L", "1", *words], env=ENVIRONMENT, lines=lines)
        assert len(list(clones.iterdir())) == len(lines)
        return cost

    def listings(self) -> Cost:
        """The floor of a build in which nothing changed."""
        lines = [f"{self.address}/{name}.git" for name in self.federation.names]
        words = ["git", "ls-remote", "--quiet"]
        return spend(["xargs", "-P", str(self.width), "-n", "1", *words], env=ENVIRONMENT, lines=lines)

    def fetching(self) -> dict[str, float]:
        """Our fetching alone: cold without a cache, else a look for changes."""
        return self._ours("fetch", str(self.registry), str(self.folder / "cache"), str(self.width))

    def reading(self) -> dict[str, float]:
        """Our reading alone, one source after the other."""
        return self._ours("read", str(self.registry), str(self.folder / "cache"))

    def reads(self) -> Cost:
        """The floor of reading: git gives one manifest, a process for each."""
        words = ["git", "--git-dir={}", "cat-file", "blob", "refs/chora/head:chora.yaml"]
        lines = [f"{self.folder}/cache/alone/{name}.git" for name in self.federation.names]
        return spend(["xargs", "-I{}", *words], env=ENVIRONMENT, lines=lines)

    def writes(self) -> Cost:
        """The floor of rendering: the same files, written without a thought."""
        return write_bare(self.folder / "site", self.folder / "bare")

    def build(self, as_of: str) -> dict[str, float]:
        """The whole command."""
        words = ["--sources", str(self.registry), "--output", str(self.folder / "site"), "--allow-local", "--quiet"]
        words += ["--cache", str(self.folder / "cache"), "--jobs", str(self.width), "--as-of", as_of]
        return self._ours("build", *words)

    def _ours(self, kind: str, *words: str) -> dict[str, float]:
        record = self.folder / "record.json"
        command = [sys.executable, "-m", "benchmarks.ours", str(record), kind, *words]
        cost = spend(command, env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT)})
        marks: dict[str, float] = json.loads(record.read_text())
        return marks | {"wall": cost.wall, "cpu": cost.cpu, "began.at": cost.started, "over.at": cost.ended}


def one_run(bench: Bench, *, turned: bool) -> dict[str, Any]:
    """Measure everything once, cold first; `turned` lets us go before the peer."""
    (bench.folder / "clones").mkdir()
    row: dict[str, Any] = {}

    def peer(name: str) -> None:
        cost = bench.clones() if name == "cold" else bench.listings()
        row[f"{name}.peer"] = {"wall": cost.wall, "cpu": cost.cpu, "rss": cost.rss}

    for name in ("cold", "still"):
        if not turned:
            peer(name)
        row[f"{name}.fetch"] = bench.fetching()
        row[f"{name}.build"] = bench.build(AS_OF[name == "still"])
        if turned:
            peer(name)
        row[f"{name}.site"] = size_of(bench.folder / "site")
        row[f"{name}.inodes"] = sorted(path.stat().st_ino for path in (bench.folder / "site").rglob("*"))
        row[f"{name}.cache"] = size_of(bench.folder / "cache" / "git")
    row["clones"] = size_of(bench.folder / "clones")
    row["read"] = bench.reading()
    for name, cost in (
        ("read.floor", bench.reads()),
        ("write.floor", bench.writes()),
        ("start.floor", spend([sys.executable, "-c", "pass"], env=ENVIRONMENT)),
    ):
        row[name] = {"wall": cost.wall, "cpu": cost.cpu}
    return row


@contextlib.contextmanager
def served(root: Path) -> Iterator[str]:
    """Serve the repositories below `root`; gives the address."""
    command = [sys.executable, "-m", "benchmarks.git_host", str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as host:
        assert host.stdout is not None
        try:
            yield f"http://127.0.0.1:{host.stdout.readline().strip()}"
        finally:
            host.terminate()


def stage(marks: dict[str, float], *, after: str, before: str, kind: str) -> float:
    """Return the seconds between two marks: `kind` is at (wall), own or git (CPU)."""
    return marks[f"{before}.{kind}"] - marks[f"{after}.{kind}"]


def asking(marks: dict[str, float]) -> tuple[float, float]:
    """Return wall and CPU seconds of the fetching in one of our runs."""
    cpu = sum(stage(marks, after="asking", before="asked", kind=kind) for kind in ("own", "git"))
    return stage(marks, after="asking", before="asked", kind="at"), cpu


def table(count: int, width: int, rows: list[dict[str, Any]]) -> list[str]:
    """Return the lines that say what `rows` measured."""
    lines = [f"{count} repositories, {width} at once, median of {len(rows)} runs", ""]
    lines.append(f"{'':44}{'wall s':>9}{'CPU s':>9}{'wall':>9}{'CPU':>9}{'goal':>8}")
    for name, title, peer, goal in (
        ("cold", "nothing there yet", "git clone --depth 1 --bare", COLD_GOAL),
        ("still", "nothing changed", "git ls-remote", STILL_GOAL),
    ):
        lines.append(title)
        floor = [(row[f"{name}.peer"]["wall"], row[f"{name}.peer"]["cpu"]) for row in rows]
        fetched = [asking(row[f"{name}.fetch"]) for row in rows]
        built = [(row[f"{name}.build"]["wall"], row[f"{name}.build"]["cpu"]) for row in rows]
        for words, costs in ((peer, floor), ("our fetching alone", fetched), ("chora build, all of it", built)):
            line = f"  {words:<42}{middle(wall for wall, _ in costs):>9.2f}{middle(cpu for _, cpu in costs):>9.2f}"
            for which in (0, 1):
                ratio = middle(cost[which] / least[which] for cost, least in zip(costs, floor, strict=True))
                line += f"{ratio:>8.2f}x"
            lines.append(line + (f"{goal:>7.2f}x" if costs is not floor else ""))
    lines += ["", f"{'beside the fetching, ms a manifest':44}{'wall':>9}{'CPU':>9}{'':18}{'goal':>8}"]
    lines += _beside(count, rows)
    lines += ["", f"{'largest resident set, MiB':44}{'ours':>9}{'a child':>9}{'':18}{'goal':>8}"]
    for name, title in (("cold", "nothing there yet"), ("still", "nothing changed")):
        own, git = (max(row[f"{name}.build"][f"ended.{kind}_rss"] for row in rows) for kind in ("own", "git"))
        lines.append(f"  {title:<42}{own:>9.0f}{git:>9.0f}{'':18}{MEMORY_GOAL:>8}")
    lines += ["", f"{'on disk':44}{'files':>9}{'MiB':>9}"]
    last = rows[-1]
    for words, (files, size) in (
        ("the peer's clones", last["clones"]),
        ("our cache", last["cold.cache"]),
        ("the site", last["cold.site"]),
    ):
        lines.append(f"  {words:<42}{files:>9}{size / 2**20:>9.1f}")
    rewritten = len(set(last["still.inodes"]) - set(last["cold.inodes"]))
    lines.append(f"  {'written by the second build':<42}{rewritten:>9}")
    return lines


def _beside(count: int, rows: list[dict[str, Any]]) -> list[str]:
    """Return the lines about what a build does besides fetching, each floor above what stands on it."""
    cold, still = ([row[f"{name}.build"] for row in rows] for name in ("cold", "still"))
    lines = []
    for words, costs, goal in (
        ("an empty Python", _floor(rows, "start"), ""),
        ("start and registry, nothing there yet", [_until_asking(marks) for marks in cold], ""),
        ("start and registry, nothing changed", [_until_asking(marks) for marks in still], ""),
        ("git cat-file of the manifest", _floor(rows, "read"), ""),
        ("reading a source, nothing there yet", [asking(row["read"]) for row in rows], ""),
        ("a bare write of the site", _floor(rows, "write"), ""),
        ("after fetching, nothing there yet", [_after_asking(marks) for marks in cold], f"{COLD_MS_GOAL:>26.2f}"),
        ("after fetching, nothing changed", [_after_asking(marks) for marks in still], f"{STILL_MS_GOAL:>26.2f}"),
        ("all but the fetching, nothing there yet", [_without_fetching(row, "cold") for row in rows], ""),
        ("all but the fetching, nothing changed", [_without_fetching(row, "still") for row in rows], ""),
    ):
        wall, cpu = (middle(cost[which] for cost in costs) * 1000 / count for which in (0, 1))
        lines.append(f"  {words:<42}{wall:>9.2f}{cpu:>9.2f}{goal}")
    return lines


def _floor(rows: list[dict[str, Any]], name: str) -> list[tuple[float, float]]:
    return [(row[f"{name}.floor"]["wall"], row[f"{name}.floor"]["cpu"]) for row in rows]


def _until_asking(marks: dict[str, float]) -> tuple[float, float]:
    return marks["asking.at"] - marks["began.at"], marks["asking.own"]


def _after_asking(marks: dict[str, float]) -> tuple[float, float]:
    cpu = sum(stage(marks, after="asked", before="ended", kind=kind) for kind in ("own", "git"))
    return marks["over.at"] - marks["asked.at"], cpu


def _without_fetching(row: dict[str, Any], name: str) -> tuple[float, float]:
    """What the whole command takes longer than our fetching alone, the start of Python and the reading included."""
    fetch, build = asking(row[f"{name}.fetch"]), row[f"{name}.build"]
    return build["wall"] - fetch[0], build["cpu"] - fetch[1]


def machine() -> str:
    """Return what a reader must know of where this ran."""
    git = subprocess.run(["git", "version"], capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout.strip()
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    return f"{cores} cores (load {load:.1f} at the start), {git}, Python {platform.python_version()}"


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m benchmarks.federation", description=__doc__)
    words.add_argument("--sizes", default="100,300", help="how many repositories, one federation for each number")
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--width", type=int, default=8, help="how many at once, the peer's and ours")
    words.add_argument("--work", type=Path, default=RESULTS / "work", help="where repositories are made and kept")
    asked = words.parse_args()
    print(machine())
    # Nothing is removed before all is measured: for minutes after, ext4 gives out no inode of a file that was removed,
    # and looks for another each time one is asked for, which makes every new file ten times as dear.
    with contextlib.ExitStack() as leaving:
        for count in (int(size) for size in asked.sizes.split(",")):
            work = asked.work.resolve() / str(count)
            federation = make(work / "repositories", count)
            with served(federation.root) as address:
                rows = []
                for number in range(asked.runs):
                    folder = Path(leaving.enter_context(tempfile.TemporaryDirectory(prefix="run-", dir=work)))
                    bench = Bench(federation=federation, address=address, folder=folder, width=asked.width)
                    bench.registry.write_text(registry(federation, address), encoding="utf-8")
                    rows.append(one_run(bench, turned=bool(number % 2)))
            print("\n" + "\n".join(table(count, asked.width, rows)), flush=True)
            for row in rows:
                del row["cold.inodes"], row["still.inodes"]
            (asked.work.parent / f"federation-{count}.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
