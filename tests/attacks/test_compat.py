"""A catalog, a tar file, an address or a contract of somebody who wants us ill, in the hands of `chora compat`: nothing
hangs, fills the memory, shows a trace, acts in a terminal or a pipeline, or turns a break green.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import socket
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.cli.main import main
from chora_catalog.edge import http, tarball
from chora_catalog.resolve.graph import LEFT_OUT, LONGEST_WAY, shortest_ways
from tests.journeys.test_compat_check import publish
from tests.sample_catalog import AS_OF, run_of, sample

PROVIDER = "mcp.orchestration.serve"
ESCAPES = "\x1b[31m\n::set-output name=x::y\r\x07\u202e\u2028"
OPENAPI = "3.1.0"
Said = tuple[int, str]
Ask = Callable[..., Said]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    catalog = sample()
    return publish(tmp_path_factory.mktemp("site"), catalog, run_of(catalog))


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask as on a terminal: what is printed keeps the escapes that a pipe would lose."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_: False)
    (tmp_path / "chora.yaml").write_text(f'id: "{PROVIDER}"\nversion: "2.1.0"\nowner: "team"\n')

    def call(catalog: str | Path, *words: str) -> Said:
        code = main(["compat", *words, "--catalog", str(catalog), *(() if words[0] == "diff" else ("--as-of", AS_OF))])
        said = capsys.readouterr()
        return code, said.out + said.err

    return call


def harmless(said: str) -> None:
    acting = [char for char in said if (ord(char) < 32 and char != "\n") or char in "\x7f\x85\x9b\u202e\u2028"]
    assert acting == []
    assert not any(line.startswith("::set-output") for line in said.splitlines())
    assert "defect" not in said
    assert "Traceback" not in said


# Tar files


def header(name: str, size: int, kind: bytes) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.GNU_FORMAT)


def padded(data: bytes) -> bytes:
    return data.ljust(-(-len(data) // 512) * 512, b"\0")


def record(key: str, value: str) -> bytes:
    body = f" {key}={value}\n"
    length = len(body) + 2
    return f"{length}{body}".encode()


MARK = header("run.json", 2, b"0") + padded(b"{}")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(header("x", 2**40, b"x"), "a name in it has", id="extended-header-of-a-terabyte"),
        pytest.param(header("x", 2**30, b"L"), "a name in it has", id="name-of-a-gigabyte"),
        pytest.param(header("x", 9, b"x") + padded(b"7 a=b\n\n\n"), "extended header is torn", id="records-that-lie"),
        pytest.param(
            header("x", 9, b"x") + padded(b"0 a=b\n\n\n"), "extended header is torn", id="record-of-no-length"
        ),
        pytest.param(header("run.json", 0, b"S"), "kept with holes", id="sparse"),
        pytest.param(header("a", 2**35, b"0") + MARK, "inside of a file", id="size-beyond-the-end"),
        pytest.param(b"\xff" * 512, "a number in a header is none", id="no-header"),
        pytest.param(b"", "there is no header", id="empty"),
        pytest.param(MARK + MARK, "holds no run.json", id="one-name-twice"),
        pytest.param(header("/run.json", 2, b"0") + padded(b"{}"), "holds no run.json", id="absolute"),
        pytest.param(header("a/../run.json", 2, b"0") + padded(b"{}"), "holds no run.json", id="climbs"),
        pytest.param(header("run.json", 0, b"3"), "holds no run.json", id="device"),
        pytest.param(header("run.json", 0, b"6"), "holds no run.json", id="pipe"),
    ],
)
def test_a_tar_file_that_lies(ask: Ask, tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "x.tar").write_bytes(data)
    code, out = ask(tmp_path / "x.tar", "matrix")
    assert code == 3
    assert said in out
    harmless(out)


def test_headers_that_follow_headers_end(tmp_path: Path) -> None:
    """The standard library calls itself for each of them."""
    (tmp_path / "x.tar").write_bytes((header("x", 11, b"x") + padded(record("a", "bcdef"))) * 3000 + MARK)
    held = tarball.Tarball(tmp_path / "x.tar")
    assert dict(held) == {"run.json": b"{}"}
    held.close()


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_honest_tar_is_read(tmp_path: Path, form: int) -> None:
    """Names of more than a hundred bytes stand in three ways."""
    name = "/".join(["catalog", *["folder-of-the-catalog"] * 8, "file.json"])
    with tarfile.open(tmp_path / "x.tar", "w", format=form) as tar:
        for path, data in (("catalog/run.json", b"{}"), (name, b"x" * 700), ("catalog/data/last", b"")):
            member = tarfile.TarInfo(path)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    held = tarball.Tarball(tmp_path / "x.tar")
    assert dict(held) == {"run.json": b"{}", name.removeprefix("catalog/"): b"x" * 700, "data/last": b""}
    held.close()


def test_a_bomb_is_left_before_it_goes_off(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "x.tgz").write_bytes(gzip.compress(MARK + header("a", 60 * 2**20, b"0") + bytes(60 * 2**20)))
    began = time.monotonic()
    code, out = ask(tmp_path / "x.tgz", "matrix")
    assert (code, "it holds more than" in out) == (3, True)
    assert time.monotonic() - began < 3


def test_a_pipe_is_no_catalog(ask: Ask, tmp_path: Path) -> None:
    """Opening it would wait for a writer that never comes."""
    os.mkfifo(tmp_path / "x.tar")
    assert ask(tmp_path / "x.tar", "matrix")[0] == 3


# Addresses


Answer = Callable[[socket.socket], None]


def slow(first: bytes) -> Answer:
    def answer(asked: socket.socket) -> None:
        asked.sendall(first)
        while True:
            asked.sendall(b" ")
            time.sleep(0.05)

    return answer


def once(data: bytes) -> Answer:
    return lambda asked: asked.sendall(data)


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    listening = socket.create_server(("127.0.0.1", 0))
    answers: list[Answer] = []

    def work() -> None:
        while True:
            try:
                asked, _ = listening.accept()
            except OSError:
                return
            with asked:
                try:
                    asked.recv(2**16)
                    answers[0](asked)
                except OSError:
                    continue

    worker = threading.Thread(target=work, daemon=True)
    worker.start()

    def begin(answer: Answer) -> str:
        answers.append(answer)
        return f"http://127.0.0.1:{listening.getsockname()[1]}/"

    yield begin
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    worker.join(5)
    assert not worker.is_alive()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(slow(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"), "not answered whole", id="drips"),
        pytest.param(slow(b"HTTP/1.1 200 OK\r\nX: "), "not answered whole", id="drips-in-its-head"),
        pytest.param(lambda asked: asked.recv(1), "not answered whole", id="silent"),
        pytest.param(once(f"{ESCAPES}\r\n\r\n".encode()), "does not answer", id="speaks-to-the-terminal"),
        pytest.param(
            once(b"HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\n\r\n"), "another host", id="other-host"
        ),
        pytest.param(once(b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n"), "answers 302", id="file"),
        pytest.param(once(b"HTTP/1.1 302 Found\r\nLocation: /run.json\r\n\r\n"), "answers 302", id="in-a-circle"),
        pytest.param(once(b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 100_000), "is not JSON", id="deep"),
    ],
)
def test_an_address_that_means_ill(
    ask: Ask, serve: Callable[[Answer], str], monkeypatch: pytest.MonkeyPatch, answer: Answer, said: str
) -> None:
    monkeypatch.setattr(http, "WHOLE_SECONDS", 0.3)
    began = time.monotonic()
    code, out = ask(serve(answer), "matrix")
    assert code == 3
    assert said in out
    assert time.monotonic() - began < 5
    harmless(out)


# Files of a catalog


@pytest.fixture
def copied(site: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(site, tmp_path / "copied"))


def places(value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where the texts of a JSON value stand, of a list in its first two items."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*way, key))
    elif isinstance(value, list):
        for number, item in enumerate(value[:2]):
            yield from places(item, (*way, number))
    elif isinstance(value, str):
        yield way


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("run.json", ("matrix",)),
        ("data/v1/matrix.json", ("matrix",)),
        (f"data/v1/dependents/{PROVIDER}.json", ("check", "--format", "github")),
        (f"data/v1/dependents/{PROVIDER}.json", ("impact", PROVIDER, "3.0.0")),
    ],
)
def test_no_text_of_a_catalog_acts(ask: Ask, copied: Path, file: str, words: tuple[str, ...]) -> None:
    whole = (copied / file).read_bytes()
    told: set[tuple[str, ...]] = set()
    for way in places(json.loads(whole)):
        kind = tuple("" if isinstance(step, int) else step for step in way)
        if kind in told:
            continue
        told.add(kind)
        changed = inside = json.loads(whole)
        for step in way[:-1]:
            inside = inside[step]
        inside[way[-1]] += ESCAPES
        (copied / file).write_text(json.dumps(changed))
        harmless(ask(copied, *words)[1])
    assert len(told) > 5


def test_one_long_word_does_not_widen_all_lines(ask: Ask, copied: Path) -> None:
    path = copied / "data/v1/matrix.json"
    matrix = json.loads(path.read_bytes())
    matrix["edges"] = [matrix["edges"][0]] * 2000 + [matrix["edges"][0] | {"range": "x" * 20_000}]
    path.write_text(json.dumps(matrix))
    assert len(ask(copied, "matrix")[1]) < 1_000_000


def test_a_file_beyond_all_bounds_is_not_read(ask: Ask, copied: Path) -> None:
    with (copied / "data/v1/matrix.json").open("r+b") as file:
        file.truncate(2**33)
    code, out = ask(copied, "matrix")
    assert (code, "larger than" in out) == (3, True)


def test_ways_along_a_long_chain_are_cut_in_the_middle() -> None:
    """All of them whole would be two thousand million names."""
    count = 20_000
    ways = shortest_ways({f"c{at:05}": [f"c{at + 1:05}"] for at in range(count)}, ["c00000"])
    last = ways[f"c{count:05}"]
    assert (len(ways), len(last)) == (count, LONGEST_WAY)
    assert (last[0], last[11], last[12], last[-2], last[-1]) == ("c00000", "c00011", LEFT_OUT, "c19999", "c20000")


# Contracts


def api(paths: Any) -> dict[str, Any]:
    return {"openapi": OPENAPI, "paths": paths}


def get(**operation: Any) -> dict[str, Any]:
    return {"get": operation}


ASKED = {"in": "query", "name": "a"}
CHAIN = {f"d{at}": {"$ref": f"#/$defs/d{at + 1}"} for at in range(2000)}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param(api({"/a": {"$ref": "http://x/a"}}), api({"/a": {"$ref": "http://x/b"}}), 3, id="path-elsewhere"),
        pytest.param(api({"/a": {"$ref": "http://x/a"}}), api({}), 3, id="path-elsewhere-gone"),
        pytest.param(api({"/{x}": get(), "/{y}": {"post": {}}}), api({"/{y}": {"post": {}}}), 1, id="two-of-a-shape"),
        pytest.param(api({"a": get()}), api({"b": get()}), 3, id="path-without-its-stroke"),
        pytest.param(
            api({"/a": get(parameters=[ASKED])}),
            api({"/a": get(parameters=[ASKED | {"required": True}, ASKED])}),
            3,
            id="parameter-twice",
        ),
        pytest.param(api({"/a": get(parameters=[])}), api({"/a": get(parameters=[5])}), 3, id="parameter-of-no-form"),
        pytest.param(api({"/a": get(parameters=[])}), api({"/a": get(parameters={})}), 3, id="parameters-of-no-form"),
        pytest.param(api({"/a": get(requestBody={})}), api({"/a": get(requestBody=5)}), 3, id="body-of-no-form"),
        pytest.param(api({"/a": get(responses={})}), api({"/a": get(responses=[1])}), 3, id="answers-of-no-form"),
        pytest.param(api({"/a": get()}), api({"/a": {"get": 5}}), 3, id="operation-of-no-form"),
        pytest.param(
            {"tools": [{"name": "a", "inputSchema": {}}, {"name": "a", "inputSchema": {}}]},
            {"tools": [{"name": "a", "inputSchema": {"required": ["x"]}}, {"name": "a", "inputSchema": {}}]},
            3,
            id="tool-twice",
        ),
        pytest.param({"type": "object", "$ref": "#"}, {"type": "object", "$ref": "#", "required": ["a"]}, 1, id="self"),
        pytest.param(
            {"type": "object", "$defs": {**CHAIN, "d2000": {"type": "string"}}, "items": {"$ref": "#/$defs/d0"}},
            {"type": "object", "$defs": {**CHAIN, "d2000": {"type": "number"}}, "items": {"$ref": "#/$defs/d0"}},
            1,
            id="chain-of-references",
        ),
        pytest.param(
            {"type": "object", "properties": {"x": {"pattern": "(a+)+$"}}},
            {"type": "object", "properties": {"x": {"pattern": "(a+)+b$"}}},
            3,
            id="pattern-that-never-ends",
        ),
        pytest.param(
            {"type": "object", "properties": {"x": {"$ref": "http://127.0.0.1:1/x"}}},
            {"type": "object", "properties": {"x": {"$ref": "file:///etc/passwd"}}},
            3,
            id="references-elsewhere",
        ),
    ],
)
def test_a_contract_is_never_green_by_its_form(ask: Ask, tmp_path: Path, old: Any, new: Any, code: int) -> None:
    for name, value in (("old.json", old), ("new.json", new)):
        (tmp_path / name).write_text(json.dumps(value))
    began = time.monotonic()
    found, out = ask("", "diff", "old.json", "new.json")
    assert found == code, out
    assert time.monotonic() - began < 3
    harmless(out)
