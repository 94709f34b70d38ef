"""The benchmark runs and prints every row that its README explains. Nothing is timed here: a shared machine lies."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = (
    "git clone --depth 1 --bare",
    "our fetching alone",
    "chora build, all of it",
    "git ls-remote",
    "an empty Python",
    "start and registry, nothing there yet",
    "start and registry, nothing changed",
    "git cat-file of the manifest",
    "reading a source, nothing there yet",
    "a bare write of the site",
    "after fetching, nothing there yet",
    "after fetching, nothing changed",
    "nothing there yet",
    "nothing changed",
    "the peer's clones",
    "our cache",
    "the site",
    "written by the second build",
)


def test_the_benchmark_measures_all_that_it_explains(tmp_path: Path) -> None:
    words = ["--sizes", "5", "--runs", "1", "--width", "2", "--work", str(tmp_path / "work")]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.federation", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    printed = {line.strip(): line for line in done.stdout.splitlines()}
    explained = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    for row in ROWS:
        line = next((text for text in printed if re.match(rf"{re.escape(row)} +[0-9]", text)), None)
        assert line is not None, f"{row!r} is not printed:\n{done.stdout}"
        assert row in explained, f"{row!r} is not explained in benchmarks/README.md"
    assert "5 repositories, 2 at once" in done.stdout
    assert re.search(r"written by the second build +2\b", done.stdout), "the run record and its twin, nothing else"
    (row,) = json.loads((tmp_path / "federation-5.json").read_text())
    assert row["cold.site"][0] == row["still.site"][0], "the second build added no file"


def test_validating_is_measured_beside_its_floor() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.validating", "--sizes", "3,5", "--runs", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^ +[35] +[0-9.]+ +[0-9.]+ +[0-9.]+x +[0-9.]+x +[0-9.]+ +[0-9]+$", done.stdout, re.M)) == 2
    assert re.search(r"one manifest: [0-9.]+ s \(goal 0.4\)", done.stdout)


def test_the_matrix_is_measured_at_several_sizes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.compat", "--sizes", "60,90", "--runs", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for row in (
        r"^ +60 ",
        r"^ +90 ",
        "reading matrix.json as JSON",
        "chora compat matrix",
        "chora compat impact",
        "NpmSpec",
    ):
        assert re.search(row, done.stdout, re.MULTILINE), f"{row!r} is not printed:\n{done.stdout}"


def test_a_mirror_is_measured_beside_what_anybody_would_do_by_hand() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.mirror", "--sizes", "5", "--runs", "1", "--forms", "tar"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^ +5 +tar +(?:[0-9.]+ +){5}[0-9.]+x +[0-9.]+x +[0-9.]+ +[0-9]+$", done.stdout, re.M), done.stdout
