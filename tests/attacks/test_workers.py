"""Promise 3 and 5, where a source defeats the reader itself: a crash, a loop or a flood costs that source alone.

The hostile readers (`tests/readers.py`) do what a parser may do with the bytes of an attacker. They stand in for a
defect nobody knows of; everything around them is real: repositories, fetching, workers, limits, publication.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from chora_catalog.app import harvesting, pipeline
from chora_catalog.app.harvesting import Asked, Desk, ask_all
from chora_catalog.cli.main import main
from chora_catalog.edge import workers as pool
from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.edge.workers import WorkerDied, Workers
from chora_catalog.model.finding import Severity
from chora_catalog.model.source import Harvest, Outcome, SourceSpec
from chora_catalog.parse.kept import Glance, Previous
from chora_catalog.parse.schema import compile_schemas
from tests import readers
from tests.git_server import Bare, children

SCHEMAS = compile_schemas(read_folder(data_folder("schemas"), "*.json"))
HONEST = ("honest-1", "honest-2", "honest-3")
DEATHS = {
    "segfault": "was ended by signal 11 (SIGSEGV)",
    "abort": "was ended by signal 6 (SIGABRT)",
    "killed": "was ended by signal 9 (SIGKILL)",
    "swell": "needed more than 512 MiB of memory and was ended",
    "swell-at-once": "needed more than 512 MiB of memory and was ended",
    "leave": "ended without an answer",
    "leave-politely": "ended without an answer",
    "recurse": "stopped with RecursionError at readers.py:",
    "raise-words-of-a-source": "stopped with ValueError at readers.py:",
}


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    before = children()
    yield
    assert children() <= before


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for number, name in enumerate((*HONEST, "hostile")):
        bare = Bare.make(folder / f"{name}.git")
        text = f'id: "world.{name}.speak"\nversion: "1.{number}.0"\nowner: "team"\n'
        commit = bare.files({"chora.yaml": text.encode(), "a.feature": b"@behavior:speaks\nFeature: a\n"})
        bare.tag(f"v1.{number}.0", commit)
    return folder


@pytest.fixture
def desk(repositories: Path, tmp_path: Path) -> Desk:
    return Desk(
        base=repositories,
        cache=tmp_path / "cache",
        allow_local=True,
        schemas=SCHEMAS,
        tool="tool",
        previous=Previous(),
        environ=os.environ,
    )


def spec(name: str, line: int = 0) -> SourceSpec:
    url = f"{name if name.startswith('honest') else 'hostile'}.git"
    return SourceSpec(name=name, url=url, versions="tags", line=line)


def ask(desk: Desk, *names: str, jobs: int = 4, reader: harvesting.Reader = readers.hostile_reader) -> dict[str, Asked]:
    specs = [spec(name, line) for line, name in enumerate(names, start=1)]
    return ask_all(specs, desk, jobs=jobs, done=lambda _: None, reader=reader)


# --- one source among others ------------------------------------------------------------------------------------------


def test_a_reader_that_dies_costs_its_own_source(desk: Desk) -> None:
    """Every death at once, among honest sources: one finding each, and the others as if nothing had happened."""
    alone = ask(desk, *HONEST)
    names = [*HONEST[:1], *DEATHS, *HONEST[1:]]
    asked = ask(replace(desk, cache=desk.cache / "again"), *names)
    assert list(asked) == sorted(names)
    assert {name: asked[name].harvest for name in HONEST} == {name: alone[name].harvest for name in HONEST}
    for name, words in DEATHS.items():
        harvest = asked[name].harvest
        assert harvest is not None
        assert asked[name].outcome is Outcome.UNREAD
        (said,) = harvest.findings
        assert (said.rule, said.severity, said.source) == ("source-crashed-reader", Severity.ERROR, name)
        assert said.message.startswith(f"the reader of this source {words}"), said.message
        assert (said.place.file, said.place.line) == ("catalog-sources.yaml", names.index(name) + 1)
        assert said.hint.startswith("Look at what was committed last")
        assert harvest.error == said.message
        assert said.message.isprintable()
        assert "script" not in said.message


def test_the_last_good_state_stands_until_the_source_can_be_read(desk: Desk) -> None:
    good = ask(desk, "segfault", reader=harvesting.read_source)["segfault"].harvest
    assert good is not None
    before = replace(desk, previous=knowing(good))
    assert ask(before, "segfault")["segfault"].outcome is Outcome.UNCHANGED, "what is known is not read again"
    other_tool = replace(before, tool="newer")
    kept = ask(other_tool, "segfault")["segfault"]
    assert kept.outcome is Outcome.KEPT
    assert kept.harvest is not None
    assert (kept.harvest.head, kept.harvest.releases, kept.harvest.refs) == (good.head, good.releases, good.refs)
    assert [finding.rule for finding in kept.harvest.findings if finding not in good.findings] == [harvesting.CRASHED]
    again = ask(replace(other_tool, previous=knowing(kept.harvest)), "segfault")["segfault"]
    assert again.outcome is Outcome.KEPT, "it is tried again"
    assert again.harvest is not None
    assert [finding.rule for finding in again.harvest.findings].count(harvesting.CRASHED) == 1
    mended = replace(other_tool, previous=knowing(kept.harvest))
    well = ask(mended, "segfault", reader=harvesting.read_source)["segfault"]
    assert well.outcome is Outcome.READ
    assert well.harvest is not None
    assert well.harvest.error == ""
    assert well.harvest.findings == good.findings


def knowing(harvest: Harvest) -> Previous:
    """Return a previous publication that holds this harvest."""
    glance = Glance(refs=dict(harvest.refs), key=harvest.key, error=harvest.error)
    return Previous(harvests={harvest.source: harvest}, glances={harvest.source: glance})


def test_what_reading_expects_passes_with_its_words(desk: Desk) -> None:
    found = ask(desk, "nothing")["nothing"].harvest
    assert found is not None
    (said,) = found.findings
    assert (said.rule, said.message) == (
        "source-unreachable",
        "the object 123 is a tree where a commit should be",
    )
    assert said.hint == "Look at the repository with `git fsck`."
    mended = ask(desk, "honest-1", reader=readers.broken_cache_reader)["honest-1"]
    assert mended.outcome is Outcome.READ, "a broken cache is fetched anew, once, and read by another worker"


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_who_read_what_changes_nothing(jobs: int, desk: Desk) -> None:
    with ThreadPoolExecutor(1) as here:
        specs = [spec(name) for name in HONEST]
        apart = replace(desk, cache=desk.cache / "here")
        alone = ask_all(specs, apart, jobs=1, done=lambda _: None, pool=here)
    shared = ask_all(specs[::-1], desk, jobs=jobs, done=lambda _: None)
    assert list(shared) == list(alone) == list(HONEST)
    assert [asked.harvest for asked in shared.values()] == [asked.harvest for asked in alone.values()]


def test_what_is_done_meanwhile_begins_with_the_first_that_was_read(desk: Desk) -> None:
    """Once, and only where something has to be read: where nothing changed there is nothing to prepare for."""
    told: list[str] = []
    specs = [spec("segfault"), *(spec(name) for name in HONEST)]
    kinds = {"reader": readers.hostile_reader, "done": lambda asked: told.append(asked.outcome.value)}
    ask_all(specs, desk, jobs=1, meanwhile=lambda: told.append("meanwhile"), **kinds)
    assert told == ["unread", "read", "meanwhile", *["read"] * (len(HONEST) - 1)]
    told.clear()
    ask_all(specs[:1], desk, jobs=1, meanwhile=lambda: told.append("meanwhile"), **kinds)
    assert told == ["unread"]


def test_a_crash_in_a_whole_build_is_one_line_of_its_report(
    repositories: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The build publishes; pages of the others are the same bytes as without the hostile source's crash."""
    for name in ("honest-1", "honest-2", "segfault"):
        shutil.copytree(repositories / f"{spec(name).url}", tmp_path / f"{name}.git")
    names = ("honest-1", "honest-2", "segfault")
    entries = "".join(f"  - {{name: {name}, url: {name}.git, versions: tags}}\n" for name in names)
    (tmp_path / "catalog-sources.yaml").write_text("sources:\n" + entries)

    def build(output: str) -> Path:
        words = ["--sources", str(tmp_path / "catalog-sources.yaml"), "--output", str(tmp_path / output)]
        code = main(["build", *words, "--cache", str(tmp_path / "cache"), "--as-of", "2026-11-01", "--allow-local"])
        assert code == 0
        return tmp_path / output

    well = build("well")
    capfd.readouterr()
    monkeypatch.setattr(pipeline, "ask_all", partial(ask_all, reader=readers.hostile_reader))
    ill = build("ill")
    said = capfd.readouterr()
    assert said.err == ""
    assert "never read" in said.out
    findings = json.loads((ill / "data/v1/findings/segfault.json").read_bytes())["findings"]
    assert [finding["rule"] for finding in findings] == ["source-crashed-reader"]
    assert "SIGSEGV" in (ill / "sources/segfault.html").read_text()
    for page in ("capabilities/world.honest-1.speak.html", "sources/honest-2.html", "data/v1/harvest/honest-1.json"):
        assert (ill / page).read_bytes() == (well / page).read_bytes()
    (last,) = [line for line in json.loads((ill / "run.json").read_bytes())["sources"] if line["name"] == "segfault"]
    assert last["outcome"] == "unread"
    assert "SIGSEGV" in last["error"]


def test_a_build_that_has_nothing_to_read_starts_nobody(
    repositories: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = f"  - {{name: honest, url: {repositories}/honest-1.git}}\n  - {{name: gone, url: {tmp_path}/gone.git}}\n"
    (tmp_path / "catalog-sources.yaml").write_text("sources:\n" + entries)
    words = ["build", "--sources", str(tmp_path / "catalog-sources.yaml"), "--output", str(tmp_path / "site"),
             "--cache", str(tmp_path / "cache"), "--as-of", "2026-11-01", "--allow-local", "--quiet"]  # fmt: skip
    assert main(words) == 0
    started: list[str] = []
    monkeypatch.setattr(pool, "Companion", lambda code, **_: started.append(code))
    assert main(words) == 0
    assert started == []


# --- the workers themselves -------------------------------------------------------------------------------------------


def test_what_all_tasks_share_is_sent_once() -> None:
    shared = readers.Counted()
    with Workers(1, prepare=readers.nothing, shared=shared) as workers:
        for _ in range(3):
            assert workers.run(partial(readers.kind_of, shared), seconds=10) == "Counted"
        assert readers.Counted.sent == 1
        assert workers.run(partial(readers.kind_of, readers.Counted()), seconds=10) == "Counted"
        assert readers.Counted.sent == 2


@pytest.fixture
def two() -> Iterator[Workers]:
    with Workers(2, prepare=readers.nothing) as workers:
        yield workers


def test_workers_are_used_again_for_a_while(two: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadPoolExecutor(8) as threads:
        doubled = threads.map(lambda n: two.run(partial(readers.double, n), seconds=5), range(50))
        assert list(doubled) == [*range(0, 100, 2)]
    first = two.run(readers.whoami, seconds=5)
    assert first == two.run(readers.whoami, seconds=5)
    assert first[1] != os.getpid()
    monkeypatch.setattr(pool, "TASKS", 1)
    two.run(readers.whoami, seconds=5)
    pids = {two.run(readers.whoami, seconds=5)[0] for _ in range(4)}
    assert len(pids) >= 3


def test_workers_that_die_while_idle_are_no_tasks_fault(two: Workers, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with ThreadPoolExecutor(1) as thread:
        other = thread.submit(two.run, partial(readers.wait_for, mark), seconds=5)
        _until(mark.with_suffix(".waits").exists)
        one = two.run(readers.whoami, seconds=5)
        mark.touch()
        other.result(5)
        idle = {one[0], int(mark.with_suffix(".waits").read_text())}
    for pid in idle:
        os.kill(pid, signal.SIGKILL)
    _until(lambda: not any(Path("/proc", str(pid)).exists() for pid in idle))
    again = two.run(readers.whoami, seconds=5)
    assert again[0] not in idle
    assert again[1] == one[1]


def test_processor_time_is_counted_for_each_task(two: Workers) -> None:
    for _ in range(3):
        two.run(partial(readers.burn, 0.6), seconds=1)


def test_a_worker_holds_nothing_of_another(two: Workers, tmp_path: Path) -> None:
    """Were the socket of another still open in it, nobody would hear that the other died."""
    mark = tmp_path / "mark"
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(two.run, partial(readers.wait_for, mark), seconds=5)
        _until(mark.with_suffix(".waits").exists)
        held = two.run(readers.descriptors, seconds=5)
        mark.touch()
        assert first.result(5) == "seen"
    assert sorted(name.partition(":")[0] for name in held) == ["/dev/null"] * 4 + ["socket"]


def test_an_answer_runs_nothing(two: Workers, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    for task in (partial(readers.answer_alive, mark), readers.answer_our_own_door):
        with pytest.raises(WorkerDied, match="cannot be read"):
            two.run(task, seconds=5)
    assert not mark.exists()


def test_an_answer_has_a_limit(two: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "ANSWER_LIMIT", 2**20)
    with pytest.raises(WorkerDied, match="gave an answer of more than 1 MiB"):
        two.run(readers.answer_a_lot, seconds=5)


def test_a_large_request_to_a_worker_that_dies_is_no_more_than_its_death(two: Workers) -> None:
    with pytest.raises(WorkerDied, match="SIGSEGV"):
        two.run(partial(readers.die_of, b"x" * 2**24), seconds=5)


def test_no_token_reaches_a_worker(two: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORGE_TOKEN", "secret")
    monkeypatch.setenv("https_proxy", "http://user:secret@127.0.0.1:9")
    known = two.run(readers.environment, seconds=5)
    assert "PATH" in known
    assert not {"FORGE_TOKEN", "https_proxy"} & set(known)


def test_a_task_that_never_ends_is_ended(two: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkerDied, match="used more than 1 seconds of processor time and was ended"):
        two.run(readers.loop, seconds=1)
    monkeypatch.setattr(pool, "WAITING", 0)
    with pytest.raises(WorkerDied, match="did not come to an end within 1 seconds"):
        two.run(readers.sleep, seconds=1)


def test_what_a_dead_worker_had_started_is_ended(two: Workers, tmp_path: Path) -> None:
    with pytest.raises(WorkerDied, match="SIGSEGV"):
        two.run(partial(readers.leave_a_program_behind, tmp_path / "left"), seconds=5)
    assert not Path("/proc", (tmp_path / "left").read_text().strip()).exists()
    assert two.run(partial(readers.double, 2), seconds=5) == 4


def test_a_stem_that_dies_is_replaced(two: Workers, tmp_path: Path) -> None:
    _, stem = two.run(readers.whoami, seconds=5)
    with ThreadPoolExecutor(1) as thread:
        mark = tmp_path / "mark"
        busy = thread.submit(two.run, partial(readers.sleep_the_first_time, mark), seconds=5)
        _until(mark.exists)
        os.kill(stem, signal.SIGKILL)
        assert two.run(partial(readers.double, 2), seconds=5) == 4
        assert busy.result(5) == "awake", "what was being done is done again"


def test_no_room_for_a_process_is_said(two: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, and in the stem."""

    def full(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(pool, "Companion", full)
        with pytest.raises(WorkerDied, match="could not be started: the system has no room"):
            two.run(readers.nothing, seconds=1)
    refused = pytest.raises(WorkerDied, match="could not be started: the system has no room")
    with Workers(1, prepare=readers.cannot_fork) as full_stem, refused:
        full_stem.run(readers.nothing, seconds=1)
    assert two.run(partial(readers.double, 2), seconds=5) == 4


def test_closing_ends_whoever_is_busy(tmp_path: Path) -> None:
    workers = Workers(1, prepare=readers.nothing)
    said: list[str] = []

    def sleep() -> None:
        try:
            workers.run(partial(readers.mark_and_wait, tmp_path / "mark"), seconds=5)
        except WorkerDied as death:
            said.append(str(death))

    threads = [threading.Thread(target=sleep) for _ in range(3)]
    for thread in threads:
        thread.start()
    _until((tmp_path / "mark").exists)
    workers.close()
    workers.close()
    for thread in threads:
        thread.join(5)
    assert said == ["was stopped"] * 3
    with pytest.raises(WorkerDied, match="stopped"):
        workers.run(readers.nothing, seconds=1)


BUSY = """
import os, signal, sys
# Whoever starts the tests in the background may have it ignored, and a build of a person does not.
signal.signal(signal.SIGINT, signal.default_int_handler)
from functools import partial
from pathlib import Path
from chora_catalog.app.harvesting import Desk, ask_all
from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.model.source import SourceSpec
from chora_catalog.parse.kept import Glance, Previous
from chora_catalog.parse.schema import compile_schemas
from tests import readers
sources, cache = map(Path, sys.argv[1:])
schemas = compile_schemas(read_folder(data_folder("schemas"), "*.json"))
desk = Desk(base=sources, cache=cache, allow_local=True, schemas=schemas, tool="", previous=Previous(),
            environ=os.environ)
specs = [SourceSpec(name=f"mark-and-sleep-{n}", url="hostile.git") for n in range(4)]
ask_all(specs, desk, jobs=4, done=lambda _: None, reader=partial(readers.mark_and_sleep, cache))
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_the_build_ends_its_workers(how: signal.Signals, repositories: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    before, count = children(), min(2, len(os.sched_getaffinity(0)))
    words = [sys.executable, "-c", BUSY, str(repositories), str(cache)]
    with subprocess.Popen(words, env=env, stderr=subprocess.PIPE) as busy:
        try:
            _until(lambda: len(list(cache.glob("*.pid"))) == count)
            busy.send_signal(how)
            busy.communicate(timeout=60)
        finally:
            busy.kill()
    # Where nobody is left to reap them they fall to us.
    while orphans := children() - before:
        for orphan in orphans:
            os.waitpid(orphan, 0)
    pids = [int(name) for path in cache.glob("*.pid") for name in path.read_text().split()]
    assert len(pids) == 2 * count
    _until(lambda: not any(_runs(pid) for pid in pids))


def _runs(pid: int) -> bool:
    """Tell whether a process is there and has not ended: who should reap it may be slow to do so."""
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)
