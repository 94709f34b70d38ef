"""What the matrix costs, at sizes that show its growth: `python -m benchmarks.compat`.

See README.md beside this file for what is compared with what, and how to read the table.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.cost import middle, spend
from benchmarks.federation import machine
from benchmarks.world import SEED, ids_of, syllables

ROOT = Path(__file__).resolve().parent.parent
SECONDS_GOAL, MEMORY_GOAL = 2.0, 500
EDGES = 5
"""Dependencies of each capability."""
CIRCLE = 50
"""One circle of three for so many capabilities."""
AS_OF = "2026-11-01T12:00:00Z"
_OURS = (
    "import sys; from chora_catalog.cli.main import begin, main, leave; begin(); "
    "leave(0 if main(sys.argv[1:]) in (0, 1) else 9)"
)


def parties(count: int) -> tuple[list[Any], list[Any]]:
    """Return `count` providers and as many consumers with `EDGES` needs each, from a seed, and circles of three."""
    from chora_catalog.model.manifest import Dependency
    from chora_catalog.model.parties import Consumer, ProvidedVersion, Provider

    draw = random.Random(f"{SEED}/matrix/{count}")
    ids = ids_of(count, syllables())
    ranges = [*_ranges(draw)]
    providers, consumers = [], []
    for name in ids:
        majors = draw.randint(1, 3)
        versions = [f"{major}.{minor}.0" for major in range(1, majors + 1) for minor in range(draw.randint(1, 4))]
        rows = tuple(ProvidedVersion(version=version, released_at=AS_OF) for version in versions)
        providers.append(
            Provider(id=name, source=name, owner=f"team-{draw.randrange(40)}", outputs=("report",), releases=rows)
        )
    # Each needs what stands before it, a hub among them, so that there are no circles but those that are meant.
    for at, name in enumerate(ids):
        hub = at // 100 * 100
        needs = (
            {draw.randrange(hub - 100, hub) if draw.random() < 0.2 else draw.randrange(at) for _ in range(EDGES)}
            if hub
            else set()
        )
        needs |= {at // 1000 * 1000} if at % 1000 else set()
        chosen = [ids[other] for other in sorted(needs)[:EDGES]]
        if at % CIRCLE < 3:
            chosen = [*chosen[: EDGES - 1], ids[at - at % CIRCLE + (at % CIRCLE + 1) % 3]]
        rows = tuple(Dependency(id=other, version=draw.choice(ranges)) for other in dict.fromkeys(chosen))
        consumers.append(Consumer(id=name, version="1.0.0", source=name, needs=rows, inputs=("report",)))
    return providers, consumers


def _ranges(draw: random.Random) -> Iterator[str]:
    for _ in range(128):
        low, high = draw.randint(0, 3), draw.randint(1, 4)
        yield draw.choice(
            (f"^{low}.{draw.randint(0, 9)}", f">={low} <{low + high}", f"~{low}.{high}", f"{low}.x", ">=1", "*")
        )


def measure(count: int) -> dict[str, float]:
    """Measure in this process: the verdict of every dependency, and whom a major of the most wanted would reach."""
    import resource

    from chora_catalog.cli.main import begin
    from chora_catalog.model.compat import Cell, DependentsFile
    from chora_catalog.resolve.compat import World, judge_all
    from chora_catalog.resolve.graph import circles
    from chora_catalog.resolve.impact import impact

    begin()
    providers, consumers = parties(count)
    held = {item.id: item for item in providers}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    world = World(providers=held, alias={}, as_of=datetime(2026, 11, 1, tzinfo=UTC))
    started, spent = time.perf_counter(), time.process_time()
    edges = judge_all(consumers, world)
    judged, cpu = time.perf_counter() - started, time.process_time() - spent
    most: dict[str, int] = {}
    for edge in edges:
        most[edge.provider] = most.get(edge.provider, 0) + 1
    hub = max(sorted(most), key=lambda name: most[name])
    by_id = {item.id: item for item in consumers}
    cells = []
    for edge in edges:
        if edge.provider == hub:
            one = by_id[edge.consumer]
            needs = tuple(need for need in one.needs if need.id == hub)
            cells.append(Cell(edge=edge, consumer=replace(one, needs=needs)))
    started = time.perf_counter()
    pairs = [(edge.consumer, edge.provider) for edge in edges]
    found = impact(DependentsFile(id=hub, provider=held[hub], cells=tuple(cells)), pairs, "9.0.0", (), world)
    reached = time.perf_counter() - started
    needs_of: dict[str, list[str]] = {}
    for edge in edges:
        needs_of.setdefault(edge.consumer, []).append(edge.provider)
    return {
        "edges": len(edges),
        "circles": sum(1 for _ in circles(needs_of)),
        "hub": most[hub],
        "reached": len(found.direct) + len(found.beyond),
        "judge": judged,
        "cpu": cpu,
        "impact": reached,
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "world": before,
    }


def ranges(count: int) -> dict[str, float]:
    """Measure whether `count` dependencies are satisfied, by our ranges and by NpmSpec; both read each text once."""
    from semantic_version import NpmSpec
    from semantic_version import Version as OtherVersion

    from chora_catalog.model.ranges import VersionRange
    from chora_catalog.model.versions import Version

    draw = random.Random(f"{SEED}/ranges")
    texts = sorted(set(_ranges(draw)))
    names = [f"{draw.randint(0, 4)}.{draw.randint(0, 9)}.{draw.randint(0, 9)}" for _ in range(500)]
    pairs = [(draw.choice(texts), draw.choice(names)) for _ in range(count)]
    ours, theirs = {text: VersionRange.parse(text) for text in texts}, {text: NpmSpec(text) for text in texts}
    mine, other = {name: Version.parse(name) for name in names}, {name: OtherVersion(name) for name in names}
    started = time.perf_counter()
    one = [ours[text].contains(mine[name]) for text, name in pairs]  # type: ignore[union-attr,arg-type]
    between = time.perf_counter()
    two = [other[name] in theirs[text] for text, name in pairs]
    ended = time.perf_counter()
    assert one == two, "two readers of ranges disagree"
    return {"ours": between - started, "npmspec": ended - between, "fits": sum(one)}


def publish(top: Path, count: int) -> str:
    """Write the files of a published catalog that the two commands read; return the id that most depend on."""
    from chora_catalog.model.catalog import Catalog
    from chora_catalog.model.run import Run
    from chora_catalog.model.source import Registry
    from chora_catalog.render import api
    from chora_catalog.render.run import run_files
    from chora_catalog.resolve.compat import World, judge_all

    providers, consumers = parties(count)
    world = World(providers={item.id: item for item in providers}, alias={}, as_of=datetime(2026, 11, 1, tzinfo=UTC))
    edges = judge_all(consumers, world)
    most: dict[str, int] = {}
    for edge in edges:
        most[edge.provider] = most.get(edge.provider, 0) + 1
    hub = max(sorted(most), key=lambda name: most[name])
    catalog = Catalog(registry=Registry(), edges=edges, providers=tuple(providers), consumers=tuple(consumers))
    run = Run(
        as_of=AS_OF, trace="0" * 32, tool="bench", published=True, seconds=1, sources=(), capabilities=count, errors=0,
        warnings=0, notices=0, ttl=3600, alert=5400,
    )  # fmt: skip
    wanted = {"data/v1/matrix.json", "data/v1/aliases.json", f"data/v1/dependents/{hub}.json"}
    made = {item.path: item.make() for item in api.files(catalog) if item.path in wanted} | dict(run_files(run))
    for path, data in made.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(data)
    return hub


def _measured(kind: str, count: int, into: str = "") -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.compat", "--measure", kind, "--sizes", str(count), "--into", into]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m benchmarks.compat", description=__doc__)
    words.add_argument("--sizes", default="1000,3000,10000", help="how many capabilities")
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--measure", choices=["core", "ranges", "publish"], help=argparse.SUPPRESS)
    words.add_argument("--into", default="", help=argparse.SUPPRESS)
    asked = words.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")]
    if asked.measure == "publish":
        print(json.dumps({"hub": publish(Path(asked.into), sizes[0])}))
        return
    if asked.measure:
        print(json.dumps((measure if asked.measure == "core" else ranges)(sizes[0])))
        return
    print(machine())
    head = ("capabilities", "dependencies", "circles", "matrix s", "its CPU s", "impact s", "MiB", "of them the world")
    print("\n" + "".join(f"{word:>{len(word) + 3}}" for word in head))
    for count in sizes:
        rows = [_measured("core", count) for _ in range(asked.runs)]
        said = {name: middle(row[name] for row in rows) for name in rows[0]}
        values = (
            f"{count}", f"{said['edges']:.0f}", f"{said['circles']:.0f}", f"{said['judge']:.3f}", f"{said['cpu']:.3f}",
            f"{said['impact']:.3f}", f"{said['rss']:.0f}", f"{said['world']:.0f}",
        )  # fmt: skip
        print("".join(f"{value:>{len(word) + 3}}" for word, value in zip(head, values, strict=True)))
    print(f"goal at 10,000: {SECONDS_GOAL} s for both, {MEMORY_GOAL} MiB")
    env = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT)}
    print(f"\n{'the whole command':<28}" + "".join(f"{count:>16}" for count in sizes))
    with tempfile.TemporaryDirectory() as scratch:
        # In a process of its own: what is started from here begins with the memory that this one needs.
        hubs = {count: str(_measured("publish", count, f"{scratch}/{count}")["hub"]) for count in sizes}
        for title, part in (
            ("reading matrix.json as JSON", ""),
            ("chora compat matrix", "matrix"),
            ("chora compat impact", "impact"),
        ):
            line = f"{title:<28}"
            for count in sizes:
                top = Path(scratch) / str(count)
                rest = [hubs[count], "9.0.0"] if part == "impact" else []
                command = (
                    [sys.executable, "-c", _OURS, "compat", part, *rest, "--catalog", str(top), "--as-of", AS_OF]
                    if part
                    else [
                        sys.executable,
                        "-c",
                        f"import json; json.load(open({str(top / 'data/v1/matrix.json')!r}, 'rb'))",
                    ]
                )
                costs = [spend(command, env=env) for _ in range(asked.runs)]
                line += f"{middle(cost.wall for cost in costs):>7.2f} s{max(cost.rss for cost in costs):>4.0f} MiB"
            print(line)
    rows = [_measured("ranges", max(sizes) * EDGES) for _ in range(asked.runs)]
    ratio = middle(row["npmspec"] / row["ours"] for row in rows)
    ours, theirs = (middle(row[name] for row in rows) * 1000 for name in ("ours", "npmspec"))
    print(f"\n{max(sizes) * EDGES} times whether a version fits, the same answers:")
    print(f"ours {ours:.0f} ms, NpmSpec {theirs:.0f} ms ({ratio:.1f} times ours)")


if __name__ == "__main__":
    main()
