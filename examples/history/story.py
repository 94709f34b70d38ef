"""Build the example of a federation's past: six repositories, what they broke for one another, and its catalog.

    python examples/history/story.py [--out DIR]

The histories in `world/` are replayed into DIR/sources and the catalog of DIR/catalog-sources.yaml is built into
DIR/site, as of 1 October 2026. Nothing leaves the machine. `answers.json` says what the catalog has to find.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORLD = HERE / "world"
ANSWERS = HERE / "answers.json"
ANCHOR = datetime(2026, 10, 1, tzinfo=UTC)
"""What the offsets of the histories count from, and the instant the catalog is built at."""


def main(argv: Sequence[str] | None = None) -> int:
    """Build the example as `argv` asks, and return the exit code of the build."""
    parser = argparse.ArgumentParser(description="Build the example of a federation's past and its catalog.")
    parser.add_argument("--out", metavar="DIR", type=Path, default=HERE / "out", help="where to build [out/]")
    out = parser.parse_args(argv).out.resolve()
    # `examples` is no installed package; it is found from the root of the repository.
    sys.path.insert(0, str(HERE.parents[1]))
    return build(out)


def build(out: Path, *, until: datetime = ANCHOR) -> int:
    """Replay the histories up to `until` into `out`, build the catalog there as of then, and return the code."""
    from chora_catalog.cli.main import main as chora
    from examples.replay import replay

    out.mkdir(parents=True, exist_ok=True)
    replay(WORLD, out / "sources", anchor=ANCHOR, until=until)
    names = sorted(path.stem for path in (out / "sources").glob("*.git"))
    registry = out / "catalog-sources.yaml"
    lines = [f'  - name: "{name}"\n    url: "sources/{name}.git"\n    versions: tags\n' for name in names]
    registry.write_text('catalog:\n  title: "Harbour"\nsources:\n' + "".join(lines), encoding="utf-8")
    said = ["--sources", str(registry), "--output", str(out / "site"), "--cache", str(out / "cache"), "--allow-local"]
    return chora(["build", *said, "--as-of", until.strftime("%Y-%m-%dT%H:%M:%SZ"), "--quiet"])


if __name__ == "__main__":
    raise SystemExit(main())
