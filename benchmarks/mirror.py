"""What a mirror costs beside `tar x` and `sha256sum` of the same archive: `python -m benchmarks.mirror`.

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
from benchmarks.world import ENVIRONMENT, SEED, syllables

ROOT = Path(__file__).resolve().parent.parent
BYTES_EACH = 7_700
"""Bytes of a file: 10,000 of them are the 77 MB that the goal speaks of."""
GOAL = 3.0
_OURS = "import sys; from chora_catalog.cli.main import begin, leave, main; begin(); leave(main(sys.argv[1:]))"


def lay_out(site: Path, count: int) -> None:
    """Build a catalog of one repository, and add `count` pages that repeat each other as those of a catalog do."""
    site.parent.mkdir()
    offers = site.parent / "offers"
    offers.mkdir()
    (offers / "chora.yaml").write_text('id: "pages.of.one"\nversion: "1.0.0"\nowner: "us"\n', encoding="utf-8")
    for words_of_git in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-qm", "Offer"],
    ):
        subprocess.run(["git", "-C", str(offers), *words_of_git], env=ENVIRONMENT, check=True)
    registry = site.parent / "catalog-sources.yaml"
    registry.write_text('catalog:\n  title: "Pages"\nsources: [{name: "offers", url: "offers"}]\n', encoding="utf-8")
    ours(
        "build",
        "--sources",
        str(registry),
        "--output",
        str(site),
        "--cache",
        str(site.parent / "cache"),
        "--first",
        "--allow-local",
    )
    words = syllables()
    for number in range(count):
        chance = random.Random(f"{SEED}/{number}")
        rows, size = [f"<!doctype html>\n<title>{number}</title>\n"], 0
        while size < BYTES_EACH:
            name = ".".join(chance.choice(words) for _ in range(3))
            rows.append(
                f'<tr><th scope="row"><a href="../capabilities/{name}.html">{name}</a></th><td>{size}</td></tr>\n'
            )
            size += len(rows[-1])
        path = site / "capabilities" / f"{number % 97:02}" / f"{number:05}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(rows)[:BYTES_EACH], encoding="utf-8")


def ours(*words: str) -> Cost:
    """The whole command."""
    env = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT)}
    return spend([sys.executable, "-c", _OURS, *words], env=env)


def floor(bundle: Path, target: Path, *, synced: bool) -> Cost:
    """Unpack the bundle and digest it, as anybody would by hand; `synced` waits for the disk, as an import does."""
    script = f'mkdir -p "$2" && tar -xf "$1" -C "$2" && {"sync -f" if synced else "test -d"} "$2" && sha256sum "$1"'
    return spend(["bash", "-c", script, "floor", str(bundle), str(target)], env=ENVIRONMENT)


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m benchmarks.mirror", description=__doc__)
    words.add_argument("--sizes", default="1000,10000", help="how many files")
    words.add_argument("--runs", type=int, default=5)
    words.add_argument("--forms", default="tar.gz,tar", help="with compression, and without")
    asked = words.parse_args()
    print(machine())
    print(
        f"\n{'files':>8}{'form':>8}{'MB':>7}{'export s':>10}{'tar+sum s':>11}{'synced s':>10}{'import s':>10}"
        f"{'ratio':>8}{'synced':>9}{'verify s':>10}{'MiB':>6}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        for count in (int(size) for size in asked.sizes.split(",")):
            top = Path(scratch) / str(count)
            site, trust = top / "site", top / "trust"
            lay_out(site, count)
            ours("trust", "init", "--profile", "key", "--output", str(trust))
            ours("sign", str(site), "--trust", str(trust))
            root = ("--root", str(trust / "root.json"))
            for form in asked.forms.split(","):
                bundle = top / f"b.{form}"
                rows = []
                # Nothing that a run wrote is removed: for minutes after, the file system looks long for free inodes.
                for run in range(asked.runs):
                    exported = ours("mirror", "export", str(site), *root, "--output", str(bundle))
                    bare = floor(bundle, top / f"bare-{form}-{run}", synced=False)
                    subprocess.run(["sync", "-f", str(top)], check=True)
                    synced = floor(bundle, top / f"floor-{form}-{run}", synced=True)
                    done = ours("mirror", "import", str(bundle), *root, "--output", str(top / f"far-{form}-{run}"))
                    verified = ours("mirror", "verify", str(bundle), *root)
                    rows.append((exported, bare, synced, done, verified))
                    subprocess.run(["sync", "-f", str(top)], check=True)
                export, tarred, waited, wall, check = (middle(row[at].wall for row in rows) for at in range(5))
                ratio = middle(row[3].wall / row[1].wall for row in rows)
                likewise = middle(row[3].wall / row[2].wall for row in rows)
                memory = max(cost.rss for row in rows for cost in (row[0], row[3], row[4]))
                size = bundle.stat().st_size / 1e6
                print(
                    f"{count:>8}{form:>8}{size:>7.1f}{export:>10.2f}{tarred:>11.2f}{waited:>10.2f}"
                    f"{wall:>10.2f}{ratio:>7.2f}x{likewise:>8.2f}x{check:>10.2f}{memory:>6.0f}"
                )
    print(f"\ngoal: an import within {GOAL} times its floor")


if __name__ == "__main__":
    main()
