"""Work that may crash, in processes of its own: one that dies, loops or swells costs its own task and nothing else.

A task is a function of ours with its arguments; it is done by a worker, forked from the stem (`edge/stem`), with
limits of memory and processor time. A worker that dies is replaced. Nothing is started before the first task, nobody is
left behind after `close`. What comes back is read as nouns alone: a worker has seen hostile bytes, and its answer runs
nothing.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any, Self, TypeVar

from chora_catalog.edge.process import MIB, Companion
from chora_catalog.edge.stem import BEGUN, FORK, KILL, MARK, MEMORY, ORDER, SHARED, SIZE, TAIL, TASK, Ending, exactly

ANSWER_LIMIT = 256 * MIB
WAITING = 120
"""Seconds a task may wait for other programs beyond its processor time; git has limits of its own."""
TASKS = 100
"""Tasks that one worker does before another takes its place, so that nothing it keeps can grow for ever."""
_GRACE = 5.0
_NOUNS = "chora_catalog.model."
# What a Python needs to start. No token is among it: nothing that reads a source can know one.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_", "LD_LIBRARY", "DYLD_", "PYTHON", "SYSTEMROOT", "TMPDIR", "VIRTUAL_ENV")
# With the path this process has, the stem finds the same modules, wherever they are installed.
# It ends at once: Python would take everything it loaded apart first, while whoever waits for it has nothing to do.
_STEM = (
    "import os, sys; sys.path[:] = {path!r}; "
    "from chora_catalog.edge.stem import attend; attend({descriptor}); os._exit(0)"
)

T = TypeVar("T")


class WorkerDied(Exception):  # noqa: N818  (it is what became of the task)
    """A task was not done. The message is the end of a sentence that begins with what was being done."""


class Workers:
    """At most `count` workers at a time; tasks come from any thread. A context manager: leaving it ends them all.

    `prepare` is called once where workers are forked from; it loads what every task needs. `shared` is sent there with
    it: a task that holds it finds it there, and need not bring it. Exceptions of the kinds in `expected` pass from a
    task to its caller, with their words; any other is a WorkerDied.
    """

    def __init__(
        self,
        count: int,
        *,
        prepare: Callable[[], object],
        shared: object = None,
        expected: tuple[type[Exception], ...] = (),
    ) -> None:
        """Start nothing yet."""
        self._free = threading.Semaphore(max(1, count))
        self._lock = threading.Lock()
        self._prepare = prepare
        self._shared = shared
        self._expected = expected
        self._stem: _Stem | None = None
        self._idle: list[_Worker] = []
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def start(self) -> None:
        """Begin to load what tasks need, and return at once; `run` does it where nobody did."""
        with self._lock, contextlib.suppress(OSError):
            if self._stem is None and not self._closed:
                self._stem = _Stem(self._prepare, self._shared)

    def run(self, task: Callable[[], T], *, seconds: int) -> T:
        """Return what `task` returns; it may use `seconds` of processor time.

        Task and arguments must be picklable, its value made of nouns and plain values. Raises what the task raised,
        where that was expected, and WorkerDied when it ended in any other way or all were told to end.
        """
        packed = io.BytesIO()
        _Request(packed, self._shared).dump((task, self._expected))
        request = packed.getvalue()
        with self._free:
            # A stem that was killed takes its workers with it, whatever they were doing, and an idle worker may have
            # died unnoticed: that is no task's fault.
            answer = self._ask(request, seconds)
            if answer is None:
                answer = self._ask(request, seconds)
        if answer is None:
            raise WorkerDied("was stopped" if self._closed else "ended with all other workers")
        if isinstance(answer, int):
            raise WorkerDied(_reason(answer, seconds))
        try:
            kind, value = _Nouns(io.BytesIO(answer)).load()
        except Exception as error:
            raise WorkerDied("gave an answer that cannot be read") from error
        if kind == "done":
            return value  # type: ignore[no-any-return]
        if kind == "raised":
            raise self._expected[value[0]](value[1])
        raise WorkerDied(f"stopped with {value}, which is a defect of this tool")

    def close(self) -> None:
        """End all workers and the stem, whatever they are doing. Closing twice is harmless."""
        with self._lock:
            self._closed = True
            stem, self._stem = self._stem, None
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.leave()
        if stem is not None:
            stem.close()

    def _ask(self, request: bytes, seconds: int) -> bytes | int | None:
        """Return the answer, or how the worker ended without one; None when it had died before, with the stem or alone.

        Then the other idle ones may be gone as well: all are let go, so that the next to be asked is a new one.
        """
        try:
            worker = self._worker()
        except OSError:
            return Ending.NOT_STARTED
        if worker is None:
            return None
        answer = worker.ask(request, seconds)
        with self._lock:
            if isinstance(answer, bytes) and worker.asked < TASKS and not self._closed:
                self._idle.append(worker)
                return answer
            doubtful = [worker]
            if answer is None:
                doubtful += self._idle
                self._idle = []
        for worker in doubtful:
            worker.leave()
        return answer

    def _worker(self) -> _Worker | None:
        """Return an idle worker, else a new one; None when there can be none."""
        with self._lock:
            if self._idle and not self._closed:
                return self._idle.pop()
            for _ in range(2):
                if self._closed:
                    return None
                self._stem = self._stem or _Stem(self._prepare, self._shared)
                new = self._stem.fork()
                if new is not None:
                    return new
                self._stem.close()
                self._stem = None
            return None


class _Stem:
    """The other end of the stem."""

    def __init__(self, prepare: Callable[[], object], shared: object) -> None:
        loading = pickle.dumps((prepare, shared), protocol=pickle.HIGHEST_PROTOCOL)
        self._control, theirs = socket.socketpair()
        with theirs:
            code = _STEM.format(path=sys.path, descriptor=theirs.fileno())
            env = {name: value for name, value in os.environ.items() if name.startswith(_PASSED_ON)}
            try:
                self._process = Companion(code, keep=theirs.fileno(), env=env)
            except OSError:
                self._control.close()
                raise
        self._forked = 0
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._control.sendall(SIZE.pack(len(loading)) + loading)

    def fork(self) -> _Worker | None:
        """Return a new worker, None when the stem is gone."""
        mine, theirs = socket.socketpair()
        self._forked += 1
        with theirs:
            try:
                socket.send_fds(self._control, [ORDER.pack(FORK, self._forked)], [theirs.fileno()])
            except OSError:
                mine.close()
                return None
        return _Worker(mine, self, self._forked)

    def kill(self, number: int) -> None:
        with contextlib.suppress(OSError):
            self._control.sendall(ORDER.pack(KILL, number))

    def close(self) -> None:
        self._control.close()
        self._process.close(_GRACE)


class _Worker:
    """The other end of a worker; one thread at a time uses it."""

    def __init__(self, stream: socket.socket, stem: _Stem, number: int) -> None:
        self._stream = stream
        self._stem = stem
        self._number = number
        self.asked = 0

    def leave(self) -> None:
        """Let the worker end, when it has done what it does."""
        self._stream.close()

    def ask(self, request: bytes, seconds: int) -> bytes | int | None:
        """Return the answer, or how the worker ended without one; None when nobody is left to say."""
        self.asked += 1
        self._stream.settimeout(seconds + WAITING)
        try:
            return self._answer(request, seconds)
        except TimeoutError:
            self._stem.kill(self._number)
        with contextlib.suppress(OSError):
            self._stream.settimeout(_GRACE)
            while self._stream.recv(MIB):
                pass
        return Ending.LATE

    def _answer(self, request: bytes, seconds: int) -> bytes | int | None:
        # A worker that dies early no longer listens; how it ended is told all the same.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._stream.sendall(TASK.pack(seconds, len(request)))
            self._stream.sendall(request)
        try:
            first = exactly(self._stream, SIZE.size)
            if first != BEGUN:
                return Ending.NOT_STARTED if _ending(first) == Ending.NOT_STARTED else None
            head = exactly(self._stream, SIZE.size)
            if head.startswith(MARK):
                return _ending(head)
            (size,) = SIZE.unpack(head)
            if size > ANSWER_LIMIT:
                self._stem.kill(self._number)
                return Ending.LONG
            return bytes(exactly(self._stream, size))
        except EOFError as end:
            return _ending(end.args[0])
        except ConnectionResetError:
            return None


def _ending(said: bytes | bytearray) -> int | None:
    """Return how a worker ended, where that is the last thing that was said."""
    mark, code = TAIL.unpack(said[-TAIL.size :]) if len(said) >= TAIL.size else (b"", 0)
    return int(code) if mark == MARK else None


def _reason(code: int, seconds: int) -> str:
    if code == Ending.MEMORY:
        return f"needed more than {MEMORY // MIB} MiB of memory and was ended"
    if code == -signal.SIGXCPU:
        return f"used more than {seconds} seconds of processor time and was ended"
    if code == Ending.LATE:
        return f"did not come to an end within {seconds + WAITING} seconds and was ended"
    if code == Ending.LONG:
        return f"gave an answer of more than {ANSWER_LIMIT // MIB} MiB"
    if code == Ending.NOT_STARTED:
        return "could not be started: the system has no room for another process"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by signal {-code} ({signal.Signals(-code).name})"
        return f"was ended by signal {-code}"
    return "ended without an answer"


class _Request(pickle.Pickler):
    """Writes a task; what is shared is only named."""

    def __init__(self, stream: io.BytesIO, shared: object) -> None:
        super().__init__(stream, protocol=pickle.HIGHEST_PROTOCOL)
        self._shared = shared

    def persistent_id(self, value: object) -> str | None:
        """Return the name of what is shared, None for anything else."""
        return SHARED if value is self._shared and value is not None else None


class _Nouns(pickle.Unpickler):
    """Reads nouns, plain values, and nothing that could do something."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the noun `name`; raise UnpicklingError for anything else."""
        if module.startswith(_NOUNS) and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no noun")
