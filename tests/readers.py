"""What the tests of the workers put in a reader's place: each does what a parser may do when a source defeats it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chora_catalog.app.reading import read_source
from chora_catalog.edge.objects import CacheBroken, ObjectUnreadable
from chora_catalog.edge.process import Conversation
from chora_catalog.model.source import Harvest, SourceSpec

KEPT: list[bytes] = []


def segfault() -> None:
    ctypes.string_at(0)


def abort() -> None:
    os.abort()


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def swell() -> None:
    while True:
        KEPT.append(bytes(16 * 2**20))


def swell_at_once() -> object:
    return bytearray(2**40)


def loop() -> None:
    while True:
        pass


def burn(seconds: float) -> None:
    ends = time.process_time() + seconds
    while time.process_time() < ends:
        pass


def sleep() -> None:
    time.sleep(60)


def sleep_the_first_time(mark: Path) -> str:
    if not mark.exists():
        mark.touch()
        time.sleep(60)
    return "awake"


def wait_for(mark: Path) -> str:
    mark.with_suffix(".tmp").write_text(str(os.getpid()))
    mark.with_suffix(".tmp").rename(mark.with_suffix(".waits"))
    while not mark.exists():
        time.sleep(0.01)
    return "seen"


def mark_and_wait(mark: Path) -> None:
    mark.touch()
    time.sleep(60)


def leave() -> None:
    os._exit(0)


def leave_politely() -> None:
    sys.exit(3)


def recurse() -> None:
    recurse()


def raise_words_of_a_source() -> None:
    raise ValueError("\x1b]8;;x <script>::error::")


class Live:
    """Runs a command where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def answer_alive(mark: Path) -> object:
    return Live(mark)


def answer_our_own_door() -> object:
    """Answer with a function of the product that could start programs."""
    from chora_catalog.edge.process import run

    return run


def answer_a_lot() -> object:
    return bytes(8 * 2**20)


def leave_a_program_behind(mark: Path) -> None:
    """Start a program, as reading starts git, and die; its number is written where the test looks."""
    conversation = Conversation(["sh", "-c", "echo $$; exec sleep 60"])
    mark.write_bytes(conversation.read_line(100))
    segfault()


def hostile_reader(spec: SourceSpec, *known: Any, **more: Any) -> Harvest:
    """Read an honest source; do what the name of any other says."""
    if spec.name.startswith("honest"):
        return read_source(spec, *known, **more)
    globals()[spec.name.replace("-", "_")]()
    raise ObjectUnreadable("the object 123 is a tree where a commit should be")


def broken_cache_reader(spec: SourceSpec, repository: Path, *known: Any, **more: Any) -> Harvest:
    """Find the cache broken once."""
    mark = repository.parent / "seen"
    if not mark.exists():
        mark.touch()
        raise CacheBroken("the object 123 is missing")
    return read_source(spec, repository, *known, **more)


def mark_and_sleep(folder: Path, spec: SourceSpec, *known: Any, **more: Any) -> Harvest:
    """Write down who this is and who started it, then sleep."""
    (folder / f"{spec.name}.tmp").write_text(f"{os.getpid()} {os.getppid()}")
    (folder / f"{spec.name}.tmp").rename(folder / f"{spec.name}.pid")
    time.sleep(60)
    return Harvest(source=spec.name)


def die_of(_: bytes) -> None:
    segfault()


def double(number: int) -> int:
    return 2 * number


def whoami() -> tuple[int, int]:
    return os.getpid(), os.getppid()


def environment() -> tuple[str, ...]:
    return tuple(sorted(os.environ))


def descriptors() -> tuple[str, ...]:
    """Return what this process has open."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):
            found.append(os.readlink(f"/proc/self/fd/{name}"))
    return tuple(found)


def cannot_fork() -> None:
    """Make this process one that has no room for another."""

    def fork() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    os.fork = fork


class Counted:
    """Something that counts how often it was sent."""

    sent = 0

    def __reduce__(self) -> tuple[type[Counted], tuple[()]]:
        """Return how to make it again elsewhere."""
        Counted.sent += 1
        return Counted, ()


def kind_of(value: object) -> str:
    """Return what `value` is."""
    return type(value).__name__


def nothing() -> None:
    pass
