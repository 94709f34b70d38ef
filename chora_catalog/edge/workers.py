"""Work that may crash, in processes of its own: one that dies, loops or swells costs its own task and nothing else.

A task is a function of ours with its arguments; the worker that does it is forked from the stem (`edge/stem`) with
limits of memory and processor time, and ends with it. Nothing is started before the first task, nobody is left behind
after `close`. What comes back is read as nouns alone: a worker has seen hostile bytes, and its answer runs nothing.
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
from chora_catalog.edge.stem import HEAD, MARK, MEMORY, SIZE, TAIL, Ending

ANSWER_LIMIT = 256 * MIB
WAITING = 120
"""Seconds a task may wait for other programs beyond its processor time; git has limits of its own."""
_GRACE = 5.0
_CHUNK = 2**20
_NOUNS = "chora_catalog.model."
# What a Python needs to start. No token is among it: nothing that reads a source can know one.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_", "LD_LIBRARY", "DYLD_", "PYTHON", "SYSTEMROOT", "TMPDIR", "VIRTUAL_ENV")
# With the path this process has, the stem finds the same modules, wherever they are installed.
_STEM = "import sys; sys.path[:] = {path!r}; from chora_catalog.edge.stem import attend; attend({descriptor})"

T = TypeVar("T")


class WorkerDied(Exception):  # noqa: N818  (it is what became of the task)
    """A task was not done. The message is the end of a sentence that begins with what was being done."""


class Workers:
    """At most `count` workers at a time; tasks come from any thread. A context manager: leaving it ends them all.

    `prepare` is called once where workers are forked from; it loads what every task needs. Exceptions of the kinds in
    `expected` pass from a task to its caller, with their words; any other is a WorkerDied.
    """

    def __init__(
        self, count: int, *, prepare: Callable[[], object], expected: tuple[type[Exception], ...] = ()
    ) -> None:
        """Start nothing yet."""
        self._free = threading.Semaphore(max(1, count))
        self._lock = threading.Lock()
        self._prepare = prepare
        self._expected = expected
        self._stem: _Line | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def start(self) -> None:
        """Begin to load what tasks need, and return at once; `run` does it where nobody did."""
        with self._lock, contextlib.suppress(OSError):
            self._line()

    def run(self, task: Callable[[], T], *, seconds: int) -> T:
        """Return what `task` returns; it may use `seconds` of processor time.

        Task and arguments must be picklable, its value made of nouns and plain values. Raises what the task raised,
        where that was expected, and WorkerDied when it ended in any other way or all were told to end.
        """
        request = pickle.dumps((task, self._expected), protocol=pickle.HIGHEST_PROTOCOL)
        with self._free:
            # A stem that was killed takes its workers with it, whatever they were doing: that is no task's fault.
            answer = self._ask(request, seconds) or self._ask(request, seconds)
        if answer is None:
            raise WorkerDied("was stopped" if self._closed else "ended with all other workers")
        data, code = answer
        if code or not data:
            raise WorkerDied(_reason(code, seconds))
        try:
            kind, value = _Nouns(io.BytesIO(data)).load()
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
            line, self._stem = self._stem, None
        if line is not None:
            line.close()

    def _ask(self, request: bytes, seconds: int) -> tuple[bytes, int] | None:
        """Return the answer and how the worker ended; None when the stem itself is gone."""
        mine, theirs = socket.socketpair()
        with mine:
            with theirs, self._lock:
                if self._closed:
                    return None
                if not self._line().give(theirs, seconds):
                    self._line().close()
                    self._stem = None
                    if not self._line().give(theirs, seconds):
                        return None
            # The stem keeps the time; this is for the case that nobody is left to do so.
            mine.settimeout(seconds + WAITING + _GRACE)
            # A worker that dies early no longer listens; how it ended is told all the same.
            with contextlib.suppress(OSError):
                mine.sendall(SIZE.pack(len(request)))
                mine.sendall(request)
            data = _until_end(mine)
        mark, code = TAIL.unpack(data[-TAIL.size :]) if len(data) >= TAIL.size else (b"", 0)
        return (bytes(data[: -TAIL.size]), code) if mark == MARK else None

    def _line(self) -> _Line:
        """Return the line to the stem, which is started where there is none."""
        if self._stem is None:
            self._stem = _Line(self._prepare)
        return self._stem


class _Line:
    """The stem and the socket that leads to it."""

    def __init__(self, prepare: Callable[[], object]) -> None:
        loading = pickle.dumps(prepare, protocol=pickle.HIGHEST_PROTOCOL)
        self._control, theirs = socket.socketpair()
        with theirs:
            code = _STEM.format(path=sys.path, descriptor=theirs.fileno())
            env = {name: value for name, value in os.environ.items() if name.startswith(_PASSED_ON)}
            self._stem = Companion(code, keep=theirs.fileno(), env=env)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._control.sendall(SIZE.pack(len(loading)) + loading)

    def give(self, answer: socket.socket, seconds: int) -> bool:
        """Hand over the socket of a task; tell whether the stem took it."""
        try:
            socket.send_fds(self._control, [HEAD.pack(seconds, seconds + WAITING)], [answer.fileno()])
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def close(self) -> None:
        self._control.close()
        self._stem.close(_GRACE)


def _until_end(stream: socket.socket) -> bytearray:
    data = bytearray()
    with contextlib.suppress(OSError):
        while more := stream.recv(_CHUNK):
            data += more
            if len(data) > ANSWER_LIMIT:
                return bytearray(TAIL.pack(MARK, Ending.LONG))
    return data


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


class _Nouns(pickle.Unpickler):
    """Reads nouns, plain values, and nothing that could do something."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the noun `name`; raise UnpicklingError for anything else."""
        if module.startswith(_NOUNS) and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no noun")
