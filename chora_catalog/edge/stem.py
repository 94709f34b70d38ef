"""The stem: a process of one thread, from which a worker is forked for each task; only `edge/workers` starts it.

Forking beside threads is unsafe, and starting a Python for each task costs a quarter of a second. The stem is started
once, loads what tasks need, and forks: a worker costs milliseconds, begins clean, and takes nothing with it but its
own task. The stem keeps each worker's time, reaps it, kills what it left behind, and says how it ended. When the
program that started it goes away, however that happens, it kills all workers and ends.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import resource
import select
import signal
import socket
import struct
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from chora_catalog.edge.clock import monotonic
from chora_catalog.edge.process import MIB, adopt_orphans

MEMORY: Final = 512 * MIB
"""Address space a task may have beyond what the stem has, in bytes."""
HEAD: Final = struct.Struct("!II")
"""What comes with a task's socket: seconds of processor time, seconds in all."""
SIZE: Final = struct.Struct("!Q")
"""What comes before a request: its length in bytes."""
TAIL: Final = struct.Struct("!4si")
"""What comes behind an answer: the mark, and how the worker ended."""
MARK: Final = b"\0end"
_CHUNK = 2**20


class Ending(IntEnum):
    """How a worker ended, where it was neither by a signal (a negative number) nor well (0)."""

    BROKEN = 1
    """It could not say what happened."""
    MEMORY = 2
    """It needed more memory than it may have."""
    LATE = 1000
    """It took longer than it may, and was killed."""
    LONG = 1001
    """It said more than anybody wants to hear."""
    NOT_STARTED = 1002
    """The system has no room for another process."""


@dataclass(slots=True)
class _Worker:
    """A running worker: where its answer goes, when it has to have ended (monotonic seconds)."""

    answer: socket.socket
    deadline: float
    late: bool = False


def attend(descriptor: int) -> None:
    """Serve the socket `descriptor` until its other end closes: first what to load, then task after task."""
    with socket.socket(fileno=descriptor) as control:
        adopt_orphans()
        with contextlib.suppress(EOFError, ConnectionError):
            pickle.loads(receive(control))()  # noqa: S301
            # What is loaded now is shared with all workers for as long as nobody writes to it.
            gc.collect()
            gc.freeze()
            _Stem(control).serve()


def receive(stream: socket.socket) -> bytes:
    """Return the next message of `stream`: eight bytes of length, then as many bytes. Raise EOFError at its end."""
    (size,) = SIZE.unpack(_exactly(stream, SIZE.size))
    return _exactly(stream, size)


def _exactly(stream: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        more = stream.recv(min(count - len(data), _CHUNK))
        if not more:
            raise EOFError
        data += more
    return bytes(data)


class _Stem:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._workers: dict[int, _Worker] = {}
        # A child that ends writes to this pipe, so that one wait sees tasks and endings.
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waker, False)

    def serve(self) -> None:
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        waiting = select.poll()
        waiting.register(self._control, select.POLLIN)
        waiting.register(self._woken, select.POLLIN)
        try:
            while True:
                ready = {fd for fd, _ in waiting.poll(self._patience())}
                if self._woken in ready:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._woken, _CHUNK)
                self._kill_late()
                self._reap()
                if self._control.fileno() in ready and not self._take():
                    return
        finally:
            for pid in self._workers:
                _kill(pid)
            _kill_children(except_for=())

    def _patience(self) -> float | None:
        """Return the milliseconds until the next worker is late."""
        if not self._workers:
            return None
        return max(0.0, min(worker.deadline for worker in self._workers.values()) - monotonic()) * 1000 + 1

    def _take(self) -> bool:
        """Start the next task; tell whether there will be more."""
        head, descriptors, _, _ = socket.recv_fds(self._control, HEAD.size, 1)
        if len(head) < HEAD.size or not descriptors:
            return False
        processor, seconds = HEAD.unpack(head)
        answer = socket.socket(fileno=descriptors[0])
        try:
            pid = os.fork()
        except OSError:
            _finish(answer, Ending.NOT_STARTED)
            return True
        if pid == 0:
            try:
                self._forget()
                os._exit(_work(answer, processor))
            finally:
                os._exit(Ending.BROKEN)
        self._workers[pid] = _Worker(answer, monotonic() + seconds)
        return True

    def _forget(self) -> None:
        """Let go, in a worker, of what is the stem's: a socket that stays open here would keep others waiting."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._control.close()
        os.close(self._woken)
        os.close(self._waker)
        for worker in self._workers.values():
            worker.answer.close()

    def _kill_late(self) -> None:
        now = monotonic()
        for pid, worker in self._workers.items():
            if not worker.late and now >= worker.deadline:
                worker.late = True
                worker.deadline = now + 3600
                _kill(pid)

    def _reap(self) -> None:
        for pid, status in _ended():
            worker = self._workers.pop(pid, None)
            if worker is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            if code:
                _kill_children(except_for=self._workers)
            _finish(worker.answer, Ending.LATE if worker.late else code)


def _ended() -> Iterator[tuple[int, int]]:
    """Reap every child that has ended, adopted ones too."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            yield pid, status


def _finish(answer: socket.socket, code: int) -> None:
    with answer, contextlib.suppress(OSError):
        answer.sendall(TAIL.pack(MARK, code))


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _kill_children(*, except_for: Any) -> None:
    """Kill, with its group, each child but those: what a dead worker had started (git) has come to us.

    Each one that dies hands its own children on, so this asks until nobody is left. Where the kernel has no /proc,
    such a git ends by itself: its pipe is closed.
    """
    own = os.getpgid(0)
    for _ in range(100):
        left = [pid for pid in _children() if pid not in except_for]
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                group = os.getpgid(pid)
                if group != own:
                    os.killpg(group, signal.SIGKILL)
            _kill(pid)
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        if not left:
            return


def _children() -> list[int]:
    """Return the ids of this process's children, as Linux tells them (proc(5), `stat`: the fourth field)."""
    found = []
    mine = str(os.getpid()).encode()
    with contextlib.suppress(OSError):
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    fields = Path(entry.path, "stat").read_bytes().rpartition(b")")[2].split()
                    if fields[1] == mine:
                        found.append(int(entry.name))
    return found


def _work(answer: socket.socket, processor: int) -> int:
    """Do one task in its worker and return the exit code."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    _limit(processor)
    try:
        task, expected = pickle.loads(receive(answer))  # noqa: S301
        answer.sendall(pickle.dumps(_outcome(task, expected), protocol=pickle.HIGHEST_PROTOCOL))
    except MemoryError:
        return Ending.MEMORY
    except (EOFError, OSError):
        return Ending.BROKEN
    return 0


def _outcome(task: Callable[[], Any], expected: tuple[type[Exception], ...]) -> tuple[str, Any]:
    """Return what became of a task: `done` and its value, `raised` and which exception, or `broke` and where."""
    try:
        return "done", task()
    except MemoryError:
        raise
    except expected as error:
        which = next(number for number, kind in enumerate(expected) if isinstance(error, kind))
        return "raised", (which, str(error))
    except Exception as error:
        # Whatever it is, it is this source's alone. The words may be the source's, so only kind and place are told.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return "broke", f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _limit(processor: int) -> None:
    """Set the limits of a worker. The hard ones stay: what it starts has limits of its own (`edge/process`)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _soften(resource.RLIMIT_CPU, processor)
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        _soften(resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY)


def _soften(which: int, limit: int) -> None:
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
