"""Work of our own on several processors: children forked from this process, which hold all that it holds.

Nothing hostile is read here and nothing but bytes comes back (`edge/workers` is for the other kind). A child that is
lost costs time alone: what it had to do is reported as not done, and the caller does it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import os
import select
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO

CHUNK = 16
"""Tasks that a child does in a row, at least: neighbours share what they need."""
AHEAD = 8 * 2**20
"""Bytes that a child may be ahead of its turn."""
_PIPE = 2**20
_SIZE = struct.Struct("!Q")
_NOT_DONE = 2**64 - 1
_MOST_CHUNKS = select.PIPE_BUF // _SIZE.size
_PR_SET_PDEATHSIG = 1


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(task: Callable[[int], bytes], count: int, *, children: int) -> Iterator[bytes | None]:
    """Yield `task(0)` to `task(count - 1)`, each done in one of `children` processes; None for each that was not done.

    A task that raises is not done; nothing of the exception comes back. With fewer than two children, in a process
    that has threads (a fork could copy a lock that one of them holds), or where no child can be started, none is done.
    Children end with this process, whatever ends it, and when the iterator is closed.
    """
    if children < 2 or threading.active_count() > 1 or not hasattr(os, "fork"):
        yield from (None for _ in range(count))
        return
    with contextlib.ExitStack() as ending:
        # What is there now stays: to look for garbage in it would only copy its pages into each child.
        gc.freeze()
        ending.callback(gc.unfreeze)
        work = _Chunks(task, count)
        try:
            said = [ending.enter_context(_child(work)) for _ in range(children)]
        finally:
            work.leave()
        for number, chunk in enumerate(work.chunks):
            mine = _whose(said, number)
            for _ in chunk:
                while mine is not None and not mine.is_ready:
                    _listen([mine, *(one for one in said if one is not mine and len(one.heard) < AHEAD)])
                yield mine.answer() if mine is not None else None
            if mine is not None:
                mine.number = None


class _Chunks:
    """The work, and a pipe that holds the number of each chunk until a child takes it.

    Whoever is free takes the next, so that none waits for another that has the harder ones.
    """

    def __init__(self, task: Callable[[int], bytes], count: int) -> None:
        self.chunks = _chunks(count)
        self._task = task
        self._next, numbers = os.pipe()
        with os.fdopen(numbers, "wb") as pipe:
            pipe.write(b"".join(map(_SIZE.pack, range(len(self.chunks)))))

    def leave(self) -> None:
        """Let go of the pipe: it is for children."""
        os.close(self._next)

    def do(self, stream: IO[bytes]) -> None:
        """Take chunks until none is left, and say for each its number and its answers."""
        # One read takes one number whole, whoever else reads there.
        while number := os.read(self._next, _SIZE.size):
            stream.write(number)
            for index in self.chunks[_SIZE.unpack(number)[0]]:
                try:
                    answer = self._task(index)
                except Exception:
                    stream.write(_SIZE.pack(_NOT_DONE))
                    continue
                stream.write(_SIZE.pack(len(answer)))
                stream.write(answer)
            stream.flush()


def _chunks(count: int) -> list[range]:
    """Cut the tasks into chunks: at most as many as a pipe holds numbers while nobody reads."""
    size = max(CHUNK, -(-count // _MOST_CHUNKS))
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


class _Said:
    """What a child said, as far as it was heard; `stream` is None where it says no more."""

    def __init__(self, stream: int | None) -> None:
        self.stream = stream
        self.heard = bytearray()
        self.number: int | None = None
        """The chunk whose answers come next, None where the child has not said it yet."""

    @property
    def is_ready(self) -> bool:
        """Tell whether there is an answer, or never will be."""
        return self.stream is None or self.is_whole

    @property
    def is_whole(self) -> bool:
        """Tell whether an answer was heard to its end."""
        if len(self.heard) < _SIZE.size:
            return False
        size: int = _SIZE.unpack_from(self.heard)[0]
        return size == _NOT_DONE or len(self.heard) >= _SIZE.size + size

    def hear(self) -> None:
        """Take what there is to hear."""
        data = os.read(self.stream, 2**20) if self.stream is not None else b""
        self.heard += data
        if not data:
            self.stream = None

    def announce(self) -> None:
        """Take the number of the next chunk, where it was heard."""
        if self.number is None and len(self.heard) >= _SIZE.size:
            (self.number,) = _SIZE.unpack_from(self.heard)
            del self.heard[: _SIZE.size]

    def answer(self) -> bytes | None:
        """Return the next answer, once it is ready; None when the task was not done, or the child is lost."""
        if not self.is_whole:
            self.heard.clear()
            return None
        (size,) = _SIZE.unpack_from(self.heard)
        end = _SIZE.size + (0 if size == _NOT_DONE else size)
        data = bytes(self.heard[_SIZE.size : end])
        del self.heard[:end]
        return None if size == _NOT_DONE else data


def _whose(children: Sequence[_Said], number: int) -> _Said | None:
    """Return the child that says the chunk `number`; None where none will, because the one that took it is lost.

    Each takes chunks in their order, so that one which has announced a later one is not it.
    """
    while True:
        for child in children:
            child.announce()
            if child.number == number:
                return child
        silent = [child for child in children if child.number is None and child.stream is not None]
        if not silent:
            return None
        _listen([*silent, *(one for one in children if one.number is not None and len(one.heard) < AHEAD)])


def _listen(children: Iterable[_Said]) -> None:
    """Wait until one of `children` says something, and hear it."""
    by_stream = {child.stream: child for child in children if child.stream is not None}
    # poll, not select: a descriptor may be above 1023.
    waiting = select.poll()
    for stream in by_stream:
        waiting.register(stream, select.POLLIN)
    for stream, _ in waiting.poll():
        by_stream[stream].hear()


@contextlib.contextmanager
def _child(work: _Chunks) -> Iterator[_Said]:
    """Start a child that takes chunks of the work; gives what it says."""
    hear, tell = os.pipe()
    if sys.platform == "linux":
        # A larger pipe, so that the two seldom wait for one another; not every system grants it.
        with contextlib.suppress(OSError):
            fcntl.fcntl(tell, fcntl.F_SETPIPE_SZ, _PIPE)
    parent = os.getpid()
    try:
        process = os.fork()
    except OSError:
        os.close(hear)
        os.close(tell)
        yield _Said(None)
        return
    if process == 0:
        os.close(hear)
        _be_child(work, tell, parent)
    os.close(tell)
    try:
        yield _Said(hear)
    finally:
        os.close(hear)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process, 0)


def _be_child(work: _Chunks, tell: int, parent: int) -> None:
    """Do the work and end, without anything that the parent has to do at its own end."""
    try:
        gc.disable()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == parent:
            with os.fdopen(tell, "wb", buffering=2**18) as stream:
                work.do(stream)
    finally:
        os._exit(0)
