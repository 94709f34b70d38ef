"""One bad source costs only itself: the build ends in time, and what is said of the others stays the same, byte for
byte (DESIGN promises 3 and 5).

That a first build with nothing to read publishes nothing, that one source may vanish and come back, and that ids lost
inside one source stop the build, is in tests/journeys/test_build.py.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chora_catalog.cli.main import main
from tests.git_server import ENV, START, children, packet, scripted_http, smart_http

GOOD = 50
TIMEOUT = 2
AS_OF = ("2026-11-01T12:00:00Z", "2026-11-01T13:00:00Z")
TEAMS = 7
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[uploadpack]\n\tallowFilter = true\n"

# What says something of all sources together: how many there are, how many answered, what was found in each.
ABOUT_ALL = {
    "breaks.html",
    "data/v1/breaks.json",
    "data/v1/contents.json",
    "data/v1/harvest.json",
    "data/v1/metrics.json",
    "health.html",
    "index.html",
    "sources/index.html",
}
# The footer of every page says how many sources are registered; nothing else of a page may know.
FOOTER = re.compile(rb"(data-sources>)[0-9]+ sources<")


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    before = children()
    yield
    assert children() <= before


@dataclass(frozen=True)
class Town:
    """Good repositories, where they are found, and the folder of a catalog that knows them."""

    folder: Path
    url: str
    count: int = GOOD

    def repository(self, number: int) -> Path:
        return self.folder / self.url / f"good-{number:02}.git"

    def register(self, *more: tuple[str, str]) -> None:
        """Write the registry: the good sources and, after them, `more` as (name, url) with a short timeout."""
        lines = ['catalog:\n  title: "Town"\nsources:\n']
        lines += [f"  - name: good-{n:02}\n    url: {self.url}/good-{n:02}.git\n" for n in range(self.count)]
        lines += [f"  - name: {name}\n    url: {url}\n    timeout: {TIMEOUT}s\n" for name, url in more]
        (self.folder / "catalog-sources.yaml").write_text("".join(lines))

    def build(self, site: str = "site", *more: str, as_of: str = AS_OF[0], cache: str = "cache") -> int:
        words = ["--sources", str(self.folder / "catalog-sources.yaml"), "--output", str(self.folder / site)]
        words += ["--cache", str(self.folder / cache), "--allow-local", "--quiet", "--as-of", as_of]
        return main(["build", *words, *more])

    def content(self, site: str = "site") -> dict[str, bytes]:
        """All files of a publication but the run record."""
        root = self.folder / site
        files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        return {path: data for path, data in sorted(files.items()) if path not in ("run.json", "run.js")}

    def pages(self, site: str) -> dict[str, bytes]:
        """The content, without the number of sources in each footer."""
        return {path: FOOTER.sub(rb"\1<", data) for path, data in self.content(site).items()}


def manifest(number: int) -> str:
    needs = "".join(f'  - {{id: "town.house.n{other}", version: ">=1 <2"}}\n' for other in (number % 5, number % 11))
    return (
        f'id: "town.house.n{number}"\nversion: "1.{number}.0"\nsummary: "House {number}."\n'
        f'owner: "team-{number % TEAMS}"\ncontact: "#team-{number % TEAMS}"\nlifecycle_stage: "operate"\n'
        f"dependencies:\n{needs if number > 10 else ''}".removesuffix("dependencies:\n")
    )


def commit(repository: Path, files: dict[str, str], *, at: int = START) -> None:
    """Put a commit with exactly `files` on the main branch of a bare repository, which is made if it is not there."""
    if not repository.exists():
        for folder in ("objects", "refs"):
            (repository / folder).mkdir(parents=True)
        (repository / "HEAD").write_text("ref: refs/heads/main\n")
        (repository / "config").write_text(_CONFIG)
    lines = [f"commit refs/heads/main\ncommitter A <a@example.org> {at} +0000\ndata 1\nx\n"]
    lines += ["from refs/heads/main^0\n"] if (repository / "refs/heads/main").exists() else []
    lines += ["deleteall\n", *(f"M 644 inline {path}\ndata {len(text)}\n{text}\n" for path, text in files.items())]
    words = ["git", f"--git-dir={repository}", "fast-import", "--quiet"]
    subprocess.run(words, input="".join(lines).encode(), env=ENV, check=True)


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("town") / "repositories"
    for number in range(GOOD):
        commit(root / f"good-{number:02}.git", {"chora.yaml": manifest(number)})
    return root


@pytest.fixture
def hamlet(tmp_path: Path, repositories: Path) -> Town:
    """The first twenty, on disk, where a test may change them; built once."""
    hamlet = Town(tmp_path, "repositories", 20)
    for number in range(hamlet.count):
        shutil.copytree(repositories / f"good-{number:02}.git", hamlet.repository(number))
    hamlet.register()
    assert hamlet.build() == 0
    return hamlet


@pytest.fixture
def town(tmp_path: Path, repositories: Path) -> Iterator[Town]:
    with smart_http(repositories) as served:
        yield Town(tmp_path, served.url)


# --- bad servers -----------------------------------------------------------------------------------------------------

Handler = http.server.BaseHTTPRequestHandler
Answer = Callable[[Handler, bytes], None]


def begin(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
    handler.end_headers()


def hangs(over: threading.Event) -> Answer:
    return lambda handler, body: over.wait(60) and None


def drips(over: threading.Event) -> Answer:
    def answer(handler: Handler, body: bytes) -> None:
        begin(handler)
        for byte in packet(b"# service=git-upload-pack\n") + b"0000" + packet(b"version 2\n"):
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            if over.wait(1):
                return

    return answer


def never_ends(over: threading.Event) -> Answer:
    def answer(handler: Handler, body: bytes) -> None:
        begin(handler)
        handler.wfile.write(packet(b"# service=git-upload-pack\n") + b"0000" + packet(b"version 2\n"))
        while not over.wait(0.01):
            handler.wfile.write(packet(b"x" * 60_000 + b"\n"))

    return answer


def talks_nonsense(over: threading.Event) -> Answer:
    def answer(handler: Handler, body: bytes) -> None:
        begin(handler)
        handler.wfile.write(b"\x00\xff<html>\x1b[2J ::error::hello" * 9)

    return answer


def sends_elsewhere(target: str) -> Answer:
    def answer(handler: Handler, body: bytes) -> None:
        handler.send_response(302)
        handler.send_header("Location", f"{target}{handler.path.replace('bad-redirecting', 'good-00')}")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@contextlib.contextmanager
def bad_neighbours(good: str) -> Iterator[tuple[list[tuple[str, str]], list[list[object]]]]:
    """Give (name, url) of six bad sources, and what each server was asked."""
    over = threading.Event()
    answers = {
        "bad-hanging": hangs(over),
        "bad-dripping": drips(over),
        "bad-endless": never_ends(over),
        "bad-garbage": talks_nonsense(over),
        "bad-redirecting": sends_elsewhere(good),
    }
    with contextlib.ExitStack() as stack:
        closed = stack.enter_context(socket.socket())
        closed.bind(("127.0.0.1", 0))  # and never listens
        found = [("bad-dead", f"http://127.0.0.1:{closed.getsockname()[1]}/bad-dead.git")]
        logs: list[list[object]] = []
        for name, answer in answers.items():
            served = stack.enter_context(scripted_http(answer))
            found.append((name, f"{served.url}/{name}.git"))
            logs.append(served.log)  # type: ignore[arg-type]
        stack.callback(over.set)
        yield found, logs


def test_bad_sources_cost_one_timeout_and_change_no_page_of_the_others(town: Town) -> None:
    town.register()
    started = time.monotonic()
    assert town.build("alone") == 0
    healthy = time.monotonic() - started
    with bad_neighbours(town.url) as (bad, asked):
        town.register(*bad)
        started = time.monotonic()
        assert town.build("beside", cache="other") == 0
        spent = time.monotonic() - started
        assert [len(log) for log in asked] == [1] * 5, "each is asked once"
    # Three of them last as long as they may, at once; a machine with other work may need some seconds more.
    assert spent < 2 * healthy + TIMEOUT + 6, f"{spent:.1f} s beside bad sources, {healthy:.1f} s alone"

    run = json.loads((town.folder / "beside" / "run.json").read_bytes())
    reasons = {source["name"]: source["error"] for source in run["sources"] if source.get("error")}
    assert reasons.keys() == {name for name, _ in bad}
    assert {source["outcome"] for source in run["sources"] if source["name"] in reasons} == {"unread"}
    for name, words in (
        ("bad-dead", "cannot be reached"),
        ("bad-hanging", "did not answer completely within 2 s|sends too slowly"),
        ("bad-dripping", "did not answer completely within 2 s|sends too slowly"),
        ("bad-endless", "did not answer completely within 2 s|memory|no valid Git answer"),
        ("bad-garbage", "no valid Git answer"),
        ("bad-redirecting", "redirect"),
    ):
        assert re.search(words, reasons[name]), (name, reasons[name])

    alone, beside = town.pages("alone"), town.pages("beside")
    theirs = {path for path in beside if "/bad-" in path}
    assert theirs >= {f"sources/{name}.html" for name, _ in bad}
    assert beside.keys() - theirs == alone.keys()
    assert {path for path in alone if alone[path] != beside[path]} <= ABOUT_ALL
    assert len(alone.keys() - ABOUT_ALL) > 4 * GOOD, "much was compared"


def test_many_sources_that_are_suddenly_empty_are_not_published(
    hamlet: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    before = hamlet.content()
    emptied = range(0, hamlet.count, 3)
    for number in emptied:
        commit(hamlet.repository(number), {"README.md": "moved"}, at=START + 60)
    capsys.readouterr()
    assert hamlet.build(as_of=AS_OF[1]) == 3
    assert f"{len(emptied)} of {hamlet.count} capabilities vanished" in capsys.readouterr().err
    assert hamlet.content() == before
    shutil.rmtree(hamlet.folder / "cache")
    assert hamlet.build(as_of=AS_OF[1]) == 3, "a cache that is gone changes no answer"
    assert hamlet.content() == before


def test_without_its_cache_a_source_that_is_down_is_known_from_the_previous_publication_alone(hamlet: Town) -> None:
    for number in range(0, hamlet.count, 5):
        hamlet.repository(number).rename(hamlet.folder / f"gone-{number}")
    previous = ("--previous", str(hamlet.folder / "site"))
    assert hamlet.build("with", *previous, as_of=AS_OF[1]) == 0
    shutil.rmtree(hamlet.folder / "cache")
    assert hamlet.build("without", *previous, as_of=AS_OF[1]) == 0
    without = hamlet.content("without")
    assert hamlet.content("with") == without
    assert {path for path in hamlet.content() if path.startswith("capabilities/")} <= without.keys()
    for name in ("with", "without"):
        run = json.loads((hamlet.folder / name / "run.json").read_bytes())
        outcomes = [source["outcome"] for source in run["sources"]]
        assert outcomes == ["kept" if number % 5 == 0 else "unchanged" for number in range(hamlet.count)]


@pytest.mark.parametrize("answering", [19, 1], ids=["P01-one-of-twenty-down", "P01-nineteen-of-twenty-down"])
def test_however_many_are_down_the_catalog_is_published_whole(hamlet: Town, answering: int) -> None:
    for number in range(answering, hamlet.count):
        hamlet.repository(number).rename(hamlet.folder / f"gone-{number}")
    before = {path for path in hamlet.content() if path.startswith("capabilities/")}
    assert hamlet.build(as_of=AS_OF[1]) == 0
    assert {path for path in hamlet.content() if path.startswith("capabilities/")} == before
    sources = [
        json.loads((hamlet.folder / f"site/data/v1/sources/good-{n:02}.json").read_bytes()) for n in range(hamlet.count)
    ]
    assert [(source["outcome"], source["last_ok_at"]) for source in sources[answering:]] == [("kept", AS_OF[0])] * (
        hamlet.count - answering
    )
    assert hamlet.build("site", "--strict", as_of=AS_OF[1]) == 3, "the exit code tells whoever asks for it"
