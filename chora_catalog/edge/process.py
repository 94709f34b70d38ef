"""Other programs: the only module that starts any.

Every program runs in a session of its own, so that it can be ended with all that it started and never asks a terminal
anything. Arguments are lists; no shell ever sees a word of them.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import selectors
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from chora_catalog.edge.clock import monotonic
from chora_catalog.errors import ChoraError, Exit

MIB = 2**20
_CHUNK = 64 * 1024
_ERR_LIMIT = 4 * MIB
# How often a wait looks whether the program has ended while a child it left behind still holds its pipes.
_LOOK = 0.2
_GRACE = 5.0
_PR_SET_CHILD_SUBREAPER = 36
# The limits are set by a shell that then becomes the program: `preexec_fn` is not safe beside threads, and a limit
# set from outside comes after the program may already have started others. POSIX counts -f in blocks of 512 bytes.
# Without the signal a write past the limit fails with words ("File too large") in place of a silent death.
_LIMITS = """trap '' XFSZ; ulimit -c 0; ulimit -f "$1"; ulimit -v "$2"; shift 2; exec "$@" 2>&3 3>&-"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a program ended. `code` is negative for a signal; `out` and `err` hold what came before any limit."""

    code: int
    out: bytes
    err: bytes
    timed_out: bool = False
    too_much: bool = False

    @property
    def ok(self) -> bool:
        """Say whether it ended by itself, with 0."""
        return self.code == 0 and not self.timed_out and not self.too_much


class Ended(Exception):  # noqa: N818  (a conversation that is over is no error in itself)
    """A conversation is over: the program ended, fell silent, or said more than asked for."""


def run(
    args: Sequence[str],
    *,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float,
    output_limit: int = 64 * MIB,
    file_size_limit: int | None = None,
    memory_limit: int | None = None,
) -> Done:
    """Run `args` to its end and return what it said.

    `timeout` is in seconds, the limits in bytes: of standard output (standard error has a fixed 4 MiB), of each file
    it writes, of address space. Past time or output the whole process group is killed, as on any exception here.
    Raises ChoraError (exit 3) when the program is not installed.
    """
    deadline = monotonic() + timeout
    given = subprocess.PIPE if stdin else subprocess.DEVNULL
    child = _start(args, env, cwd, file_size_limit, memory_limit, stdin=given, err=subprocess.PIPE)
    try:
        pipes = _Pipes(child, stdin, output_limit)
        pipes.pump(deadline)
        if not pipes.too_much and not pipes.timed_out:
            try:
                _wait(child, max(0.0, deadline - monotonic()))
            except subprocess.TimeoutExpired:
                pipes.timed_out = True
    finally:
        _end(child)
    return Done(
        code=child.returncode,
        out=bytes(pipes.out),
        err=bytes(pipes.err),
        timed_out=pipes.timed_out,
        too_much=pipes.too_much,
    )


class Conversation:
    """A program that answers one request after another, such as `git cat-file --batch`.

    Leaving the context kills its process group. Every read ends within `timeout` seconds; a silent, ended or babbling
    program raises `Ended`.
    """

    def __init__(
        self,
        args: Sequence[str],
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        *,
        timeout: float = 60.0,
        memory_limit: int | None = None,
    ) -> None:
        """Start the program `args`; its standard error is dropped."""
        self._child = _start(args, env, cwd, None, memory_limit, stdin=subprocess.PIPE, err=subprocess.DEVNULL)
        assert self._child.stdin is not None  # noqa: S101  (PIPE was asked for)
        assert self._child.stdout is not None  # noqa: S101
        self._in = self._child.stdin.fileno()
        self._out = self._child.stdout.fileno()
        # poll, not select: a descriptor may be above 1023.
        self._readable = select.poll()
        self._readable.register(self._out, select.POLLIN)
        self._timeout = timeout
        self._buffer = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """End the program and all it started. Closing twice is harmless."""
        _end(self._child)

    def write(self, request: bytes) -> None:
        """Send a request, which must fit a pipe (a few KiB): the answer is read only afterwards."""
        try:
            while request:
                request = request[os.write(self._in, request) :]
        except OSError as error:
            raise Ended("the program no longer listens") from error

    def read_line(self, limit: int) -> bytes:
        """Return the next line without its line feed; more than `limit` bytes without one raise `Ended`."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > limit:
                raise Ended("the program's line is too long")
            self._more()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def read_exactly(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        while len(self._buffer) < count:
            self._more()
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _more(self) -> None:
        if not self._readable.poll(self._timeout * 1000):
            raise Ended("the program fell silent")
        data = os.read(self._out, _CHUNK)
        if not data:
            raise Ended("the program ended")
        self._buffer += data


class Companion:
    """A second process of this program: `code`, run by this Python in a session of its own.

    `keep` is the descriptor that stays open in it, and says when to end: the companion ends when the other end closes.
    It reads nothing, its standard output is dropped, its standard error is ours. `env` is its whole environment.
    """

    def __init__(self, code: str, *, keep: int, env: Mapping[str, str]) -> None:
        """Start it, without waiting for anything."""
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=env,
            pass_fds=(keep,),
            start_new_session=True,
        )

    def close(self, patience: float) -> None:
        """Wait until it has ended, for `patience` seconds; then kill it and its group."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            _wait(self._child, patience)
        _end(self._child)


class _Pipes:
    """The three pipes of a running program, served at once so that none can block another."""

    def __init__(self, child: subprocess.Popen[bytes], stdin: bytes, output_limit: int) -> None:
        self._child = child
        self._left = memoryview(stdin)
        self.out = bytearray()
        self.err = bytearray()
        self._limits = ((self.out, output_limit), (self.err, _ERR_LIMIT))
        self.timed_out = False
        self.too_much = False

    def pump(self, deadline: float) -> None:
        """Write and read until both outputs are closed, `deadline` (monotonic seconds) or a limit."""
        # poll: a descriptor may be above 1023, and epoll costs two calls more for three pipes.
        with selectors.PollSelector() as waiting:
            for stream, events, sink in (
                (self._child.stdin, selectors.EVENT_WRITE, None),
                (self._child.stdout, selectors.EVENT_READ, 0),
                (self._child.stderr, selectors.EVENT_READ, 1),
            ):
                if stream is None:
                    continue
                os.set_blocking(stream.fileno(), False)
                waiting.register(stream, events, sink)
            reading = 2
            while reading and not self.too_much:
                left = deadline - monotonic()
                if left <= 0:
                    self.timed_out = True
                    return
                ready = waiting.select(min(left, _LOOK))
                if not ready and self._child.poll() is not None:
                    _kill_group(self._child)
                for key, _ in ready:
                    closed = self._feed(key.fd) if key.data is None else self._drain(key.fd, key.data)
                    if closed:
                        waiting.unregister(key.fileobj)
                        reading -= key.data is not None
                        if key.data is None and self._child.stdin is not None:
                            with contextlib.suppress(BrokenPipeError):
                                self._child.stdin.close()

    def _feed(self, fd: int) -> bool:
        if self._left:
            try:
                self._left = self._left[os.write(fd, self._left[:_CHUNK]) :]
            except BlockingIOError:
                return False
            except OSError:
                return True
        return not self._left

    def _drain(self, fd: int, which: int) -> bool:
        sink, limit = self._limits[which]
        try:
            data = os.read(fd, _CHUNK)
        except BlockingIOError:
            return False
        sink += data[: limit - len(sink) + 1]
        if len(sink) > limit:
            del sink[limit:]
            self.too_much = True
        return not data


def _start(
    args: Sequence[str],
    env: Mapping[str, str] | None,
    cwd: Path | None,
    file_size_limit: int | None,
    memory_limit: int | None,
    *,
    stdin: int,
    err: int,
) -> subprocess.Popen[bytes]:
    environment = dict(os.environ if env is None else env)
    program = _which(args[0], environment.get("PATH", os.defpath))
    if program is None:
        raise ChoraError(
            f"The program {args[0]!r} was not found.",
            hint=f"Install {args[0]}, or put its folder on the PATH.",
            code=Exit.CANNOT_TELL,
        )
    command = [program, *args[1:]]
    if file_size_limit is not None or memory_limit is not None:
        blocks = "unlimited" if file_size_limit is None else str(max(1, -(-file_size_limit // 512)))
        kib = "unlimited" if memory_limit is None else str(memory_limit // 1024)
        command = ["/bin/sh", "-c", f"exec 3>&2 2>/dev/null; {_LIMITS}", "sh", blocks, kib, *command]
    adopt_orphans()
    return subprocess.Popen(
        command,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=err,
        env=environment,
        cwd=cwd,
        start_new_session=True,
    )


@lru_cache(maxsize=16)
def _which(name: str, path: str) -> str | None:
    """Return where the program `name` is; looked for once, because a build starts thousands."""
    return shutil.which(name, path=path)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the group, reap all of it, close the pipes."""
    _kill_group(child)
    with contextlib.suppress(subprocess.TimeoutExpired):
        _wait(child, _GRACE)
    _reap_orphans(child.pid)
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _wait(child: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait as `child.wait(seconds)` does by naps that grow longer; on Linux its end itself wakes us."""
    if child.poll() is None and sys.platform == "linux":
        with contextlib.suppress(OSError):
            ended = os.pidfd_open(child.pid)
            try:
                waiting = select.poll()
                waiting.register(ended, select.POLLIN)
                waiting.poll(seconds * 1000)
                seconds = 0.0
            finally:
                os.close(ended)
    child.wait(seconds)


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    # The session's leader gave the group its number, and the kernel keeps that number while a member lives.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind: in a container nobody else may reap it (Linux only)."""
    if sys.platform == "linux":
        _adopt_orphans_once(os.getpid())


@lru_cache(maxsize=1)
def _adopt_orphans_once(_: int) -> None:
    # Once for each process: a fork does not pass it on.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _reap_orphans(group: int) -> None:
    # Each one that dies hands its own children to us, so that asking until nobody is left reaches all of them.
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-group, 0)
