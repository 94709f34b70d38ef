"""Builds that end badly: a small world in two states, a warm process that forks builds, and calls that fail on order.

Run as a program this is the warm process: it loads the tool once, reads one JSON request a line and forks a process for
each build in it, so that a build can be killed, limited or let fail at a chosen call for a third of a second each.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import hashlib
import importlib
import io
import itertools
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from tests.two_repositories import ANCHOR, AS_OF, REGISTRY, write_histories

ROOT = Path(__file__).resolve().parents[1]
TURN = datetime(2026, 10, 27, tzinfo=UTC)
"""State `one` holds what was committed until then, state `two` everything."""
APART = ("run.json", "run.js")


def digest(folder: Path) -> str:
    """Return a digest of all that is in `folder` but the run record; empty when there is no folder."""
    if not folder.is_dir():
        return ""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in APART:
            kind = b"link" if path.is_symlink() else b"folder" if path.is_dir() else path.read_bytes()
            found.update(f"{name}\0{len(kind)}\0".encode() + kind)
    return found.hexdigest()


def kinds_of_files(folder: Path) -> set[str]:
    """Return the paths below `folder` with what git names by content left out."""
    return {
        re.sub(r"\bpack-[0-9a-f]{40}\b", "pack-ID", path.relative_to(folder).as_posix()) for path in folder.rglob("*")
    }


@dataclass(frozen=True)
class World:
    """Both states of the sources (`folder/one`, `folder/two`), and what builds that nobody disturbs make of them.

    `digests` is of the content of `one`, of `two` on top of it, and of `two` as the `first` build ever.
    """

    folder: Path
    digests: dict[str, str]
    cache: set[str]

    def trial(self, *, stands: str = "", sources: str = "two") -> Trial:
        """Lay out a registry with its sources in one state, and what stands of an earlier build in another or none.

        It is the same folder every time, because a cache knows the address of its source.
        """
        shutil.rmtree(self.folder / "trial", ignore_errors=True)
        trial = lay_out(self.folder / sources, self.folder / "trial")
        if stands:
            shutil.copytree(self.folder / f"{stands}-built" / "site", trial.site)
            shutil.copytree(self.folder / f"{stands}-built" / "cache", trial.cache)
        return trial


@dataclass(frozen=True)
class Trial:
    """One folder with a registry, `out/site` and `cache`."""

    folder: Path
    output: Path | None = None

    @property
    def site(self) -> Path:
        return self.output or self.folder / "out" / "site"

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    def words(self, *more: str) -> list[str]:
        return [
            "build", "--sources", str(self.folder / "catalog-sources.yaml"), "--output", str(self.site),
            "--cache", str(self.cache), "--allow-local", "--quiet", "--as-of", AS_OF, *more,
        ]  # fmt: skip

    def litter(self, world: World) -> set[str]:
        """Return what lies beside the output and in the cache that a build which nobody disturbs does not leave."""
        beside = {path.name for path in self.site.parent.iterdir()} - {self.site.name, f".{self.site.name}.chora-lock"}
        return beside | (kinds_of_files(self.cache) - world.cache)


def lay_out(sources: Path, folder: Path) -> Trial:
    (folder / "out").mkdir(parents=True)
    (folder / "catalog-sources.yaml").write_text(REGISTRY)
    (folder / "sources").symlink_to(sources)
    return Trial(folder)


def make_world(folder: Path, warm: Warm) -> World:
    """Make the sources in both states and build them."""
    from examples.replay import replay

    histories = write_histories(folder)
    replay(histories, folder / "one", anchor=ANCHOR, until=TURN)
    replay(histories, folder / "two", anchor=ANCHOR)
    world = World(folder, {}, set())
    for built, sources, stands in (("one", "one", ""), ("two", "two", "one"), ("first", "two", "")):
        trial = world.trial(sources=sources, stands=stands)
        done = warm.build(trial.words())
        assert done.code == 0, done.err
        world.digests[built] = digest(trial.site)
        world.cache.update(kinds_of_files(trial.cache))
        shutil.copytree(trial.site, folder / f"{built}-built" / "site")
        shutil.copytree(trial.cache, folder / f"{built}-built" / "cache")
    assert world.digests["one"] != world.digests["two"]
    return world


@dataclass(frozen=True)
class Ended:
    """How a build ended; `code` is negative for a signal, `calls` how many counted calls it made."""

    code: int
    out: str
    err: str
    calls: int


class Warm:
    """The warm process. `private` gives it mounts of its own, which end with it; see `root` for looking into them.

    `modules` are loaded before anything is asked, so that no run pays for them.
    """

    def __init__(self, *, private: Sequence[str] = (), modules: Sequence[str] = ()) -> None:
        # What a killed build leaves in the folder for temporary files goes with this one.
        self._scratch = tempfile.TemporaryDirectory()
        self.env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": self._scratch.name}
        self._process = subprocess.Popen(
            [*private, sys.executable, "-m", "tests.crash", *modules],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.env,
        )  # fmt: skip
        self._ask({"runs": []})

    @property
    def root(self) -> Path:
        """The tree of files as the warm process sees it."""
        return Path(f"/proc/{self._process.pid}/root")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._process.communicate()
        self._scratch.cleanup()

    def build(self, words: Sequence[str], **how: Any) -> Ended:
        """Run one command line in a process of its own. `how` is what `_child` understands."""
        return self.race([{"words": list(words), **how}])[0]

    def race(self, runs: Sequence[Mapping[str, Any]]) -> list[Ended]:
        """Run several from one starting line."""
        return [Ended(**ended) for ended in self._ask({"runs": list(runs)})["ended"]]

    def system(self, *words: str) -> int:
        """Run a program where the warm process is, and return its exit code."""
        return int(self._ask({"system": words})["code"])

    def _ask(self, request: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


class Calls:
    """Counts calls that touch the disk, and lets the one numbered `fail` fail with `code`, or all `from` it on.

    A write that fails has written half of its bytes: that is how a full disk looks.
    """

    NAMES = (
        "open", "mkdir", "link", "rename", "replace", "fsync", "stat", "lstat", "listdir", "scandir", "unlink", "rmdir",
    )  # fmt: skip

    def __init__(self, *, fail: int = 0, code: int = errno.ENOSPC, from_then_on: bool = False) -> None:
        self.made: list[str] = []
        self._fail, self._code, self._sticky = fail, code, from_then_on
        self._thread = threading.get_ident()

    def count(self, name: str) -> None:
        if threading.get_ident() != self._thread:
            return
        self.made.append(name)
        if self._fail and (len(self.made) == self._fail or (self._sticky and len(self.made) > self._fail)):
            raise OSError(self._code, os.strerror(self._code))

    @contextmanager
    def armed(self) -> Iterator[Self]:
        """Count, and fail, within this context alone."""
        from chora_catalog.edge import generations, publication

        really: list[tuple[Any, str, Any]] = []

        def patch(where: Any, name: str, put: Callable[[Any], Any]) -> None:
            really.append((where, name, getattr(where, name)))
            setattr(where, name, put(getattr(where, name)))

        def counted(name: str) -> Callable[[Any], Any]:
            def put(real: Any) -> Any:
                def call(*args: Any, **named: Any) -> Any:
                    self.count(name)
                    return real(*args, **named)

                return call

            return put

        def opener(real: Any) -> Any:
            def call(*args: Any, **named: Any) -> Any:
                self.count("open file")
                return _Torn(real(*args, **named), self)

            return call

        for name in self.NAMES:
            patch(os, name, counted(name))
        for where in (io, builtins):
            patch(where, "open", opener)
        for where, name in itertools.product((publication, generations), ("sync", "exchange")):
            own = f"_{name}" if where is publication else name
            patch(where, own, counted(name))
        try:
            yield self
        finally:
            for where, name, real in really:
                setattr(where, name, real)


class _Torn:
    """A file whose writes count."""

    def __init__(self, file: Any, calls: Calls) -> None:
        self._file, self._calls = file, calls

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()
        self._calls.count("close")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        try:
            self._calls.count("write")
        except OSError:
            self._file.write(data[: len(data) // 2])
            raise
        return int(self._file.write(data))


def without(*names: str) -> None:
    """Take from this process what a file system may lack: `link` (hard links), `exchange` (two renames in one),
    `sync` (waiting for the disk, which a kill does not need and a busy one makes long)."""
    from chora_catalog.edge import generations, publication

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    if "link" in names:
        os.link = refuse
    if "exchange" in names:
        publication._exchange = generations.exchange = lambda *_: False
    if "sync" in names:
        os.fsync = publication._sync = generations.sync = lambda _: None


@dataclass(frozen=True)
class Made:
    """A file of a publication."""

    path: str
    data: bytes

    def make(self) -> bytes:
        return self.data


def write(site: Path, files: Mapping[str, str], apart: Mapping[str, str]) -> int:
    """Publish a few files, as a build does at its end."""
    from chora_catalog.edge.publication import locked, publish

    with locked(site):
        publish(
            [Made(path, text.encode()) for path, text in files.items()],
            site,
            apart={path: text.encode() for path, text in apart.items()},
        )
    return 0


def _child(run: Mapping[str, Any], told: int) -> int:
    """Be one build. Understood: words, env, unset, cwd, umask, wait (seconds), kill (seconds until then), limit
    (bytes), without, calls, many (pages enough for several processes); and `publish` in place of words: site, files and
    apart (contents by path)."""
    from chora_catalog.app import making, pipeline
    from chora_catalog.cli.main import main
    from chora_catalog.edge import publication

    if run.get("many"):
        making.MANY = 1
        making.forks.processors = lambda: 2
    for name in run.get("unset", ()):
        os.environ.pop(name, None)
    os.environ.update(run.get("env", {}))
    os.umask(run.get("umask", 0o022))
    os.chdir(run.get("cwd", "/"))
    if "limit" in run:
        resource.setrlimit(resource.RLIMIT_FSIZE, (run["limit"], resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    without(*run.get("without", ()))
    calls = Calls(**run.get("calls", {}))
    if "calls" in run:
        publish = publication.publish

        def counted(*args: Any, **named: Any) -> Any:
            with calls.armed():
                return publish(*args, **named)

        assert pipeline.publication is publication
        publication.publish = counted
    time.sleep(run.get("wait", 0))
    if "kill" in run:
        threading.Timer(run["kill"], os.kill, (os.getpid(), signal.SIGKILL)).start()
    if "publish" in run:
        asked = run["publish"]
        code = write(Path(asked["site"]), asked["files"], asked["apart"])
    else:
        code = main(run["words"])
    os.write(told, str(len(calls.made)).encode())
    return int(code)


def _fork(run: Mapping[str, Any], line: tuple[int, int], scratch: Path) -> tuple[int, int]:
    """Start one build behind the starting line; return its process and the pipe on which it tells of its calls."""
    hear, tell = os.pipe()
    process = os.fork()
    if process:
        os.close(tell)
        return process, hear
    code = 70
    try:
        os.close(line[1])
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(scratch / name, os.O_WRONLY | os.O_CREAT, 0o600), number)
        os.read(line[0], 1)
        code = _child(run, tell)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _race(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        line = os.pipe()
        started = []
        for number, run in enumerate(runs):
            scratch = Path(folder) / str(number)
            scratch.mkdir()
            started.append((*_fork(run, line, scratch), scratch))
        os.close(line[0])
        os.close(line[1])
        ended = []
        for process, hear, scratch in started:
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            with open(hear, "rb") as pipe:
                calls = int(pipe.read() or 0)
            out, err = ((scratch / name).read_text() for name in ("out", "err"))
            ended.append({"code": code, "out": out, "err": err, "calls": calls})
        return ended


def _warm_up() -> None:
    """Build once, so that what is loaded and compiled for that is there for every build that is forked."""
    from chora_catalog.cli.main import main
    from examples.replay import replay

    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stdout(io.StringIO()):
        folder = Path(name)
        replay(write_histories(folder), folder / "sources", anchor=ANCHOR)
        assert main(Trial(lay_out(folder / "sources", folder / "trial").folder).words()) == 0


def serve() -> None:
    """Answer requests until there are no more."""
    for name in sys.argv[1:]:
        importlib.import_module(name)
    _warm_up()
    for request in map(json.loads, sys.stdin):
        if "system" in request:
            answer: Any = {"code": subprocess.run(request["system"], check=False, capture_output=True).returncode}
        else:
            answer = {"ended": _race(request["runs"])}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
