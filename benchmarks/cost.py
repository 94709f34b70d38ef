"""What a command costs: wall and CPU seconds of the whole process tree, and the largest resident set in it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds, and MiB; `started` and `ended` are CLOCK_MONOTONIC, which all processes of a machine share."""

    wall: float
    cpu: float
    rss: float = 0.0
    started: float = 0.0
    ended: float = 0.0


def spend(
    command: Sequence[str], *, env: Mapping[str, str], lines: Iterable[str] = (), cwd: Path | None = None
) -> Cost:
    """Run `command` with `lines` as its input and return what it cost. Raises CalledProcessError unless it gives 0."""
    child_in, our_out = os.pipe()
    started = time.monotonic()
    child = subprocess.Popen(command, stdin=child_in, stdout=subprocess.DEVNULL, env=dict(env), cwd=cwd)
    os.close(child_in)
    with os.fdopen(our_out, "w") as pipe:
        pipe.writelines(f"{line}\n" for line in lines)
    _, status, used = os.wait4(child.pid, 0)
    ended = time.monotonic()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Cost(
        wall=ended - started,
        cpu=used.ru_utime + used.ru_stime,
        rss=used.ru_maxrss / 1024,
        started=started,
        ended=ended,
    )


def write_bare(site: Path, target: Path) -> Cost:
    """Write the files of `site` again, below `target`, with no thought and one sync: the floor of any renderer."""
    paths = [path for path in sorted(site.rglob("*")) if path.is_file()]
    files = {target / path.relative_to(site): path.read_bytes() for path in paths}
    started, used = time.monotonic(), time.process_time()
    for path, data in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    os.sync()
    return Cost(wall=time.monotonic() - started, cpu=time.process_time() - used)


def middle(values: Iterable[float]) -> float:
    """Return the median."""
    return median(values)


def size_of(folder: Path) -> tuple[int, int]:
    """Return how many regular files there are below `folder`, and their bytes."""
    sizes = [path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return len(sizes), sum(sizes)
