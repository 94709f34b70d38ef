"""Coverage-guided fuzzing: `make fuzz`, or `python -m tests.fuzz [--seconds N] [--seed N] [TARGET...]`.

A target is a module of this folder with `check` (asserts what must hold for any bytes), `seeds` (good examples, taken
from the tests), `WORDS` and `LONGEST`. Each runs in a process of its own: what may kill an interpreter must not take
the report along. `python -m tests.fuzz --replay TARGET HEX` runs one input, without atheris.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

TARGETS = ("reader", "ranges", "names", "manifests", "features", "evidence", "bundles")
HANGS = 20
"""Seconds after which one input is ended. It fails after one second of processor time, if it comes to an end."""
MEMORY = 1024
_COUNT = re.compile(r"^stat::number_of_executed_units: +([0-9]+)$", re.MULTILINE)


def load(name: str) -> ModuleType:
    """Return the module of a target."""
    return importlib.import_module(f"tests.fuzz.{name}")


def main(words: Sequence[str]) -> int:
    """Run what `words` ask for; return 0 when nothing failed, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz the readers of hostile bytes.")
    parser.add_argument("--seconds", type=int, default=60, help="how long each target runs")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same order of mutations")
    parser.add_argument("--replay", nargs=2, metavar=("TARGET", "HEX"), help="run one input and nothing else")
    parser.add_argument("--inside", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; none means all")
    asked = parser.parse_args(words)
    if asked.inside:
        return inside(asked.inside[0], asked.inside[1:])
    if asked.replay:
        load(asked.replay[0]).check(bytes.fromhex(asked.replay[1]))
        print("nothing failed")
        return 0
    unknown = sorted(set(asked.targets) - set(TARGETS))
    if unknown:
        parser.error(f"there is no target {unknown[0]}; there are {', '.join(TARGETS)}")
    rows = [run(name, asked.seconds, asked.seed) for name in asked.targets or TARGETS]
    print(f"{'target':<12} {'inputs':>10} {'seconds':>8} {'seed':>11}  result")
    for name, tried, seconds, well in rows:
        print(f"{name:<12} {tried:>10,} {seconds:>8.1f} {asked.seed:>11}  {'ok' if well else 'FAILED'}")
    return 0 if all(well for *_, well in rows) else 1


def run(name: str, seconds: int, seed: int) -> tuple[str, int, float, bool]:
    """Fuzz one target in a process of its own; return its name, inputs tried, seconds, and whether all was well."""
    with tempfile.TemporaryDirectory(prefix="chora-fuzz-") as place:
        folder = Path(place)
        for part in ("seeds", "found", "failed"):
            (folder / part).mkdir()
        target = load(name)
        for data in target.seeds():
            (folder / "seeds" / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        (folder / "words").write_text("".join(map(_dictionary_line, target.WORDS)), encoding="ascii")
        options = [
            f"-max_total_time={seconds}",
            f"-seed={seed}",
            f"-max_len={target.LONGEST}",
            f"-timeout={HANGS}",
            f"-rss_limit_mb={MEMORY}",
            f"-dict={folder / 'words'}",
            f"-artifact_prefix={folder / 'failed'}/",
            "-print_final_stats=1",
            str(folder / "found"),
            str(folder / "seeds"),
        ]
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", "--inside", name, *options],
            env=os.environ | {"PYTHONHASHSEED": "0"},
            capture_output=True,
            check=False,
        )
        spent = time.monotonic() - started
        raised, said = (part.decode("utf-8", "replace") for part in (done.stdout, done.stderr))
        count = _COUNT.search(said)
        failures = sorted((folder / "failed").iterdir())
        if done.returncode or failures or count is None:
            print(f"{name}: {_what_happened(raised, said)}")
            for file in failures:
                print(
                    f"{name}: this input of {file.stat().st_size} bytes ({file.name.partition('-')[0]}). Run it again:"
                )
                print(f"  {sys.executable} -m tests.fuzz --replay {name} {file.read_bytes().hex() or repr('')}")
            return name, int(count[1]) if count else 0, spent, False
    return name, int(count[1]), spent, True


def _what_happened(raised: str, said: str) -> str:
    """Return the traceback; where there is none (a hang, a signal, no atheris), the last that was said."""
    trace = raised.partition("=== Uncaught Python exception: ===\n")[2].strip()
    return trace or "\n".join(said.splitlines()[-20:])


def _dictionary_line(word: str) -> str:
    escaped = "".join(f"\\x{byte:02x}" for byte in word.encode())
    return f'"{escaped}"\n'


def inside(name: str, options: list[str]) -> int:
    """Fuzz in this process. It ends with the process."""
    import atheris

    with atheris.instrument_imports(include=["chora_catalog", "gherkin"], enable_loader_override=False):
        target = load(name)
    # Loaded at its first use, which must not be outside of what is watched.
    with atheris.instrument_imports(include=["gherkin"], enable_loader_override=False):
        importlib.import_module("gherkin.parser")
    atheris.Setup([name, *options], target.check)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
