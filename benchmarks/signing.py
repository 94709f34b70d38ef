"""What signing and verifying a site costs beside hashing the same files: `python -m benchmarks.signing`.

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
from pathlib import Path

from benchmarks.cost import Cost, middle, spend
from benchmarks.federation import machine
from benchmarks.world import ENVIRONMENT, SEED

ROOT = Path(__file__).resolve().parent.parent
GOAL = 1.0
"""Seconds for 10,000 files of 77 MB, the command as a whole."""
EACH = 7_700
"""Bytes of a file: 77 MB in 10,000."""
NOON = "2026-11-26T12:00:00Z"
RUN = {
    "schema": "chora.run/v1", "as_of": NOON, "trace": "0" * 32, "tool": "0", "published": True, "seconds": 1,
    "sources": [], "capabilities": 0, "errors": 0, "warnings": 0, "notices": 0, "ttl": 3600, "alert": 5400,
}  # fmt: skip
HARVEST = {"schema": "chora.harvest/v1", "catalog": "Bench", "sources": [], "objects": [], "held": {}, "first": {},
           "gone": []}  # fmt: skip
_OURS = "import sys; from chora_catalog.cli.main import begin, main, leave; begin(); leave(main(sys.argv[1:]))"


def lay_out(site: Path, count: int) -> list[str]:
    """Write a site of `count` files of random bytes in the folders that a catalog has; return their paths."""
    drawn = random.Random(f"{SEED}/{count}")
    fixed = {"run.json": RUN, "data/v1/harvest.json": HARVEST}
    files = {path: json.dumps(value).encode() for path, value in fixed.items()} | {"run.js": b"window.choraRun = 1;\n"}
    kinds = ("capabilities", "data/v1/capabilities", "data/v1/matrix", "sources")
    for number in range(count - len(files)):
        files[f"{kinds[number % 4]}/p{number:05}.html"] = drawn.randbytes(EACH)
    for path, data in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(data)
    return sorted(files)


def ours(*words: str) -> Cost:
    """The whole command."""
    env = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT)}
    return spend([sys.executable, "-c", _OURS, *words], env=env)


def floor(site: Path, paths: list[str]) -> Cost:
    """`sha256sum` of the same files, as many as a command line takes at once."""
    return spend(["xargs", "sha256sum"], env=ENVIRONMENT, lines=paths, cwd=site)


def rows(top: Path, count: int, runs: int) -> list[tuple[Cost, Cost, Cost, Cost]]:
    """For each run: hashing, a first signing, one without a change, verifying."""
    site, trust = top / "site", top / "trust"
    paths = lay_out(site, count)
    ours("trust", "init", "--profile", "key", "--output", str(trust), "--as-of", NOON)
    found = []
    for _ in range(runs):
        subprocess.run(["rm", "-rf", str(site / "mirror")], check=True)
        sign = ("sign", str(site), "--trust", str(trust), "--as-of", NOON)
        hashed, first, again = floor(site, paths), ours(*sign), ours(*sign)
        verified = ours("verify", str(site), "--root", str(trust / "root.json"), "--as-of", NOON)
        found.append((hashed, first, again, verified))
    return found


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m benchmarks.signing", description=__doc__)
    words.add_argument("--sizes", default="1000,10000", help="how many files")
    words.add_argument("--runs", type=int, default=5)
    asked = words.parse_args()
    print(machine())
    print(
        f"\n{'files':>7}{'sha256sum s':>13}{'sign s':>9}{'again s':>9}{'verify s':>10}{'ratio':>8}{'CPU ratio':>11}"
        f"{'MiB':>6}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        for count in (int(size) for size in asked.sizes.split(",")):
            measured = rows(Path(scratch) / str(count), count, asked.runs)
            walls = [middle(row[part].wall for row in measured) for part in range(4)]
            ratio = middle(row[3].wall / row[0].wall for row in measured)
            cpu = middle(row[3].cpu / row[0].cpu for row in measured)
            memory = max(row[3].rss for row in measured)
            print(
                f"{count:>7}{walls[0]:>13.2f}{walls[1]:>9.2f}{walls[2]:>9.2f}{walls[3]:>10.2f}{ratio:>7.2f}x{cpu:>10.2f}x"
                f"{memory:>6.0f}"
            )
        empty = middle(spend([sys.executable, "-c", "pass"], env=ENVIRONMENT).wall for _ in range(max(5, asked.runs)))
    print(f"\nverifying 10,000 files of 77 MB: goal {GOAL} s; an empty Python {empty:.2f} s")


if __name__ == "__main__":
    main()
