"""The stem: a process of one thread, from which workers are forked; only `edge/workers` starts it.

Forking beside threads is unsafe, and starting a Python for each worker costs a quarter of a second. The stem is started
once, loads what tasks need, and forks; a worker takes nothing with it but its own socket. The stem reaps each one,
kills what it left behind, and says how it ended. When the program that started it goes away, however that happens, it
kills all workers and ends.
"""

from __future__ import annotations

import contextlib
import gc
import io
import math
import os
import pickle
import resource
import select
import signal
import socket
import struct
import traceback
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from chora_catalog.edge.process import MIB, adopt_orphans

MEMORY: Final = 512 * MIB
"""Address space a worker may have beyond what the stem has, in bytes."""
ORDER: Final = struct.Struct("!4sI")
"""An order to the stem: what to do, and the number of the worker; with `FORK` comes the worker's socket."""
FORK: Final = b"fork"
KILL: Final = b"kill"
TASK: Final = struct.Struct("!IQ")
"""What comes before a task: the processor time it may use, in seconds, and its length in bytes."""
SIZE: Final = struct.Struct("!Q")
"""What comes before an answer: its length in bytes."""
BEGUN: Final = SIZE.pack(2**63)
"""What a worker says before all else when it has seen a task: from here on its death is the task's."""
TAIL: Final = struct.Struct("!4si")
"""What comes behind the last answer, or in place of one: a mark that is no length, and how the worker ended."""
MARK: Final = b"\xffend"
SHARED: Final = "shared"
"""How a task names what is sent once for all of them."""
_CHUNK = MIB


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


def attend(descriptor: int) -> None:
    """Serve the socket `descriptor` until its other end closes: first what to load, then order after order."""
    with socket.socket(fileno=descriptor) as control:
        adopt_orphans()
        with contextlib.suppress(EOFError, ConnectionError):
            (size,) = SIZE.unpack(exactly(control, SIZE.size))
            # It comes from the process that started this one.
            prepare, shared = pickle.loads(exactly(control, size))  # noqa: S301
            prepare()
            # What is loaded now is shared with all workers for as long as nobody writes to it.
            gc.collect()
            gc.freeze()
            _Stem(control, shared).serve()


def exactly(stream: socket.socket, count: int) -> bytearray:
    """Return the next `count` bytes of `stream`; raise EOFError, which holds what there was, when it ends before."""
    data = bytearray()
    while len(data) < count:
        more = stream.recv(min(count - len(data), _CHUNK))
        if not more:
            raise EOFError(data)
        data += more
    return data


@dataclass(slots=True)
class _Worker:
    """A running worker: its number, the socket it answers through, and whether it was killed for being late."""

    number: int
    stream: socket.socket
    late: bool = False


class _Stem:
    def __init__(self, control: socket.socket, shared: object) -> None:
        self._control = control
        self._shared = shared
        self._workers: dict[int, _Worker] = {}
        # A child that ends writes to this pipe, so that one wait sees orders and endings.
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
                ready = {fd for fd, _ in waiting.poll()}
                if self._woken in ready:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._woken, _CHUNK)
                self._reap()
                if self._control.fileno() in ready and not self._obey():
                    return
        finally:
            for pid in self._workers:
                _kill(pid)
            _kill_children(but=())

    def _obey(self) -> bool:
        """Carry out the next order; tell whether there may be more."""
        order, descriptors, _, _ = socket.recv_fds(self._control, ORDER.size, 1)
        if len(order) < ORDER.size:
            return False
        what, number = ORDER.unpack(order)
        if what == FORK:
            self._fork(number, socket.socket(fileno=descriptors[0]))
        elif what == KILL:
            for pid, worker in self._workers.items():
                if worker.number == number:
                    worker.late = True
                    _kill(pid)
        return True

    def _fork(self, number: int, stream: socket.socket) -> None:
        try:
            pid = os.fork()
        except OSError:
            _tell(stream, Ending.NOT_STARTED)
            return
        if pid:
            self._workers[pid] = _Worker(number, stream)
            return
        try:
            self._forget()
            os._exit(_work(stream, self._shared))
        finally:
            os._exit(Ending.BROKEN)

    def _forget(self) -> None:
        """Let go, in a worker, of what is the stem's: a socket that stays open here would keep others waiting."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._control.close()
        os.close(self._woken)
        os.close(self._waker)
        for worker in self._workers.values():
            worker.stream.close()

    def _reap(self) -> None:
        for pid, status in _ended():
            worker = self._workers.pop(pid, None)
            if worker is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            if code:
                _kill_children(but=self._workers)
            _tell(worker.stream, Ending.LATE if worker.late else code)


def _ended() -> Iterator[tuple[int, int]]:
    """Reap every child that has ended, adopted ones too."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            yield pid, status


def _tell(stream: socket.socket, code: int) -> None:
    with stream, contextlib.suppress(OSError):
        stream.sendall(TAIL.pack(MARK, code))


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _kill_children(*, but: Container[int]) -> None:
    """Kill, with its group, each child but those: what a dead worker had started (git) has come to us.

    Each one that dies hands its own children on, so this asks until nobody is left. Where the system has no /proc,
    such a git ends by itself: its pipe is closed.
    """
    own = os.getpgid(0)
    while left := [pid for pid in _children() if pid not in but]:
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                group = os.getpgid(pid)
                if group != own:
                    os.killpg(group, signal.SIGKILL)
            _kill(pid)
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


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


class _Tasks(pickle.Unpickler):
    """Reads a task; what it only names is what all tasks share. Tasks come from the stem's own program."""

    def __init__(self, data: bytearray, shared: object) -> None:
        super().__init__(io.BytesIO(data))
        self._shared = shared

    def persistent_load(self, name: str) -> object:
        """Return what is shared."""
        if name != SHARED:
            raise pickle.UnpicklingError(f"nothing is shared as {name}")
        return self._shared


def _work(stream: socket.socket, shared: object) -> int:
    """Do one task after another until the other end closes; return the exit code."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        _soften(resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY)
    try:
        while True:
            try:
                processor, size = TASK.unpack(exactly(stream, TASK.size))
            except EOFError:
                return 0
            stream.sendall(BEGUN)
            _soften(resource.RLIMIT_CPU, _processor_time() + processor)
            task, expected = _Tasks(exactly(stream, size), shared).load()
            answer = pickle.dumps(_outcome(task, expected), protocol=pickle.HIGHEST_PROTOCOL)
            stream.sendall(SIZE.pack(len(answer)))
            stream.sendall(answer)
    except MemoryError:
        return Ending.MEMORY
    except (EOFError, OSError):
        return Ending.BROKEN


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
        # Whatever it is, it is this task's alone. The words may be a source's, so only kind and place are told.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return "broke", f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _processor_time() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return math.ceil(used.ru_utime + used.ru_stime)


def _soften(which: int, limit: int) -> None:
    """Set a soft limit. The hard one stays: what a worker starts has limits of its own (`edge/process`)."""
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
