"""What validating costs beside reading and parsing the same files: `python -m benchmarks.validating`.

See README.md beside this file for what is compared with what, and how to read the table.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.cost import Cost, middle, spend
from benchmarks.federation import machine
from benchmarks.world import ENVIRONMENT, SEED, ids_of, manifest_of, syllables

ROOT = Path(__file__).resolve().parent.parent
ONE_GOAL = 0.4
_FLOOR = """
import sys, yaml
for path in sys.stdin.read().split():
    with open(path, "rb") as file:
        yaml.load(file.read(), Loader=yaml.CSafeLoader)
"""
_OURS = "import sys; from chora_catalog.cli.main import main, leave; leave(main(['validate', *sys.argv[1:]]))"


def lay_out(top: Path, count: int) -> list[str]:
    """Write a working tree of `count` manifests, each in a folder of its own; return their paths."""
    words = syllables()
    ids = ids_of(count, words)
    paths = []
    for number in range(count):
        text = manifest_of(random.Random(f"{SEED}/{number}"), number, ids, words, "").replace("@version@", "1.0.0")
        # Alone in their folders: what they would name beside them is left out, and so are findings about it.
        kept = [line for line in text.split("\n") if not line.lstrip().startswith(("ref:", "tests:", "adr_links:"))]
        place = top / f"p{number:05}"
        place.mkdir(parents=True)
        (place / "chora.yaml").write_text("\n".join(kept), encoding="utf-8")
        paths.append(f"p{number:05}/chora.yaml")
    subprocess.run(["git", "init", "--quiet", str(top)], env=ENVIRONMENT, check=True)
    return paths


def floor(top: Path, paths: list[str]) -> Cost:
    """Read the files and parse each with PyYAML's C loader, which checks nothing."""
    return spend([sys.executable, "-c", _FLOOR], env=ENVIRONMENT, lines=paths, cwd=top)


def ours(top: Path, paths: list[str]) -> Cost:
    """The whole command."""
    env = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT)}
    return spend([sys.executable, "-c", _OURS, "--format", "text", *paths], env=env, cwd=top)


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m benchmarks.validating", description=__doc__)
    words.add_argument("--sizes", default="1000,3000,10000", help="how many manifests")
    words.add_argument("--runs", type=int, default=3)
    asked = words.parse_args()
    print(machine())
    print(
        f"\n{'manifests':>10}{'C-parse s':>11}{'validate s':>11}{'ratio':>8}{'CPU ratio':>11}{'ms each':>9}{'MiB':>6}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        for count in (int(size) for size in asked.sizes.split(",")):
            top = Path(scratch) / str(count)
            paths = lay_out(top, count)
            rows = [(floor(top, paths), ours(top, paths)) for _ in range(asked.runs)]
            bare, full = middle(row[0].wall for row in rows), middle(row[1].wall for row in rows)
            ratio = middle(row[1].wall / row[0].wall for row in rows)
            cpu = middle(row[1].cpu / row[0].cpu for row in rows)
            memory = max(row[1].rss for row in rows)
            each = full * 1000 / count
            print(f"{count:>10}{bare:>11.2f}{full:>11.2f}{ratio:>7.2f}x{cpu:>10.2f}x{each:>9.2f}{memory:>6.0f}")
        top = Path(scratch) / "one"
        paths = lay_out(top, 1)
        single = middle(ours(top, paths).wall for _ in range(max(5, asked.runs)))
        empty = middle(spend([sys.executable, "-c", "pass"], env=ENVIRONMENT).wall for _ in range(max(5, asked.runs)))
    print(f"\none manifest: {single:.2f} s (goal {ONE_GOAL}), an empty Python {empty:.2f} s")


if __name__ == "__main__":
    main()
