"""Fetching from whoever wants us ill: nothing of a source runs, nothing of ours leaks, and every visit ends in time
with one plain sentence (DESIGN promise 3; the G rows of the threat model).
"""

from __future__ import annotations

import base64
import http.server
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.edge.git import Fetched, FetchFailed, address_problem, fetch
from chora_catalog.edge.main_line import leads_to
from chora_catalog.edge.objects import Objects, ObjectUnreadable
from chora_catalog.edge.process import Conversation, Ended, run
from chora_catalog.errors import ChoraError
from chora_catalog.model.source import SourceSpec
from tests.git_server import ENV, Bare, children, packet, scripted_http, smart_http

TOKEN = "tok-8f3b2c1d9e7a6054"
HEADER = "Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
PATIENCE = 1


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    before = children()
    yield
    assert children() <= before


SPEC = SourceSpec(name="s", url="", timeout=10, versions="tags")


def ask(
    address: str, cache: Path, *, allow_local: bool = True, environ: Mapping[str, str] = ENV, **fields: Any
) -> Fetched:
    spec = replace(SPEC, url=address, **fields)
    return fetch(spec, address, cache, allow_local=allow_local, known={}, environ=environ)


def refusal(address: str, cache: Path, **more: Any) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        ask(address, cache, **more)
    said = caught.value
    for text in (said.reason, said.hint):
        assert text
        assert text.isprintable()
        assert len(text) <= 300
        assert str(cache.parent) not in text
    return said


# --- addresses -------------------------------------------------------------------------------------------------------

REFUSED = {
    "G01-ext": "ext::sh -c touch% pwned",
    "G01-ext-no-space": "ext::./pwn",
    "G01-fd": "fd::17",
    "G01-helper": "foo::https://example.org/a.git",
    "G01-helper-in-path": "https://example.org/a::b",
    "G02-upload-pack": "--upload-pack=touch pwned",
    "G02-dash": "-oProxyCommand=touch",
    "G03-file": "file:///srv/a.git",
    "G03-path": "/srv/a.git",
    "G03-relative": "../a.git",
    "G03-home": "~/a.git",
    "G03-ssh": "ssh://git@example.org/a.git",
    "G03-scp": "git@example.org:a.git",
    "G03-scp-bare": "example:a.git",
    "G03-scp-number": "10.0.0.1:a.git",
    "G03-scp-option": "a@-oProxyCommand=touch:b",
    "G03-git": "git://example.org/a.git",
    "G03-http": "http://example.org/a.git",
    "G03-ftp": "ftp://example.org/a.git",
    "G03-capital": "HTTPS://example.org/a.git",
    "G04-user": "https://ann@example.org/a.git",
    "G04-password": "https://ann:secret@example.org/a.git",
    "G04-empty-user": "https://@example.org/a.git",
    "G04-newline": "https://example.org/a\n.git",
    "G04-encoded-newline": "https://example.org/%0a.git",
    "G04-encoded-return": "https://example.org/%0Dhost=x",
    "G04-encoded-nul": "https://example.org/%00",
    "G04-control": "https://example.org/\x1b[2J",
    "G04-c1": "https://example.org/\x9b2J",
    "G04-space": "https://example.org/a b",
    "G04-no-break-space": "https://example.org/a\u00a0b",
    "G04-no-host": "https:///example.org/a.git",
    "G04-no-host-port": "https://:443/a.git",
    "G04-one-slash": "https:/example.org/a.git",
    "G04-no-slash": "https:example.org/a.git",
    "G04-no-path": "https://example.org",
    "G04-query": "https://example.org/a.git?token=x",
    "G04-fragment": "https://example.org/a.git#x",
    "G04-backslash": "https://example.org\\@evil.example/a.git",
    "G04-port": "https://example.org:99999/a.git",
    "G04-port-text": "https://example.org:x/a.git",
    "G04-idn": "https://exämple.org/a.git",
    "G04-dots": "https://..example.org/a.git",
    "G04-option-host": "https://-oProxyCommand/a.git",
    "G04-empty": "",
    "G04-long": "https://example.org/" + "a" * 3000,
    "local-name": "https://localhost/a.git",
    "local-name-dot": "https://LOCALHOST./a.git",
    "local-subdomain": "https://x.localhost/a.git",
    "local-v4": "https://127.0.0.1/a.git",
    "local-v4-short": "https://127.1/a.git",
    "local-v4-number": "https://2130706433/a.git",
    "local-v4-hex": "https://0x7f000001/a.git",
    "local-v4-octal": "https://0177.0.0.1/a.git",
    "local-any": "https://0.0.0.0/a.git",
    "local-v6": "https://[::1]/a.git",
    "local-v6-mapped": "https://[::ffff:127.0.0.1]/a.git",
    "local-v6-bad": "https://[::1::2]/a.git",
    "private": "https://192.168.1.10/a.git",
    "private-metadata": "https://169.254.169.254/latest",
}
REFUSED_EVEN_LOCALLY = [
    name for name, url in REFUSED.items() if name.startswith(("G01", "G02", "G04")) or "ssh" in name or "scp" in name
] + ["G03-git", "G03-ftp", "G03-capital", "local-v6-bad"]


@pytest.mark.parametrize("name", REFUSED)
def test_address_is_refused_before_git_runs(name: str, tmp_path: Path) -> None:
    url = REFUSED[name]
    sentence = address_problem(url, allow_local=False)
    assert sentence
    assert sentence.isprintable()
    assert len(sentence) <= 300
    assert ". " in sentence or "only with" in sentence
    assert ("user name or password" in sentence) == (url.startswith("https://") and "@" in url)
    assert "secret" not in sentence
    cache = tmp_path / "c" / "s.git"
    refusal(url, cache, allow_local=False, environ={"PATH": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", REFUSED_EVEN_LOCALLY)
def test_address_is_refused_even_with_allow_local(name: str) -> None:
    assert address_problem(REFUSED[name], allow_local=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a.git",
        "https://git.example.org:8443/group/sub/a%20b.git",
        "https://xn--exmple-cua.org/~ann/a.git",
        "https://8.8.8.8/a.git",
        "https://[2606:4700::1111]/a.git",
        "https://2020.example.org/a.git",
    ],
)
def test_honest_address_is_admitted(url: str) -> None:
    assert address_problem(url, allow_local=False) is None
    assert address_problem(url, allow_local=True) is None


@pytest.mark.parametrize(
    "url",
    ["/srv/a.git", "a.git", "./a", "../a b", "file:///srv/a", "http://h/a", "https://[::1]/a", "http://127.0.0.1:1/a"],
)
def test_local_address_needs_the_opt_in(url: str) -> None:
    assert address_problem(url, allow_local=False)
    assert address_problem(url, allow_local=True) is None


@pytest.mark.parametrize("url", ["https://h/a b", "file:///srv/a b", " a", "a ", "a\u00a0b", "a\u2028b"])
def test_a_blank_is_refused_where_no_folder_has_one(url: str) -> None:
    assert address_problem(url, allow_local=True)


@pytest.mark.parametrize(
    "ref",
    [
        "--upload-pack=touch pwned",
        "-x",
        "a b",
        "a:refs/heads/b",
        "+a",
        "a..b",
        "*",
        "refs/heads/*",
        "a\n",
        "",
        "a.lock",
    ],
)
def test_ref_that_is_no_branch_name_is_refused(ref: str, tmp_path: Path) -> None:
    bare = Bare.make(tmp_path / "r.git")
    bare.files({"a": b"1"})
    said = refusal(str(bare.path), tmp_path / "c" / "s.git", ref=ref)
    assert "branch" in said.reason
    assert not (tmp_path / "pwned").exists()


# --- servers ---------------------------------------------------------------------------------------------------------

Handler = http.server.BaseHTTPRequestHandler


def begin(handler: Handler, kind: str = "x-git-upload-pack-advertisement", length: int | None = None) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", f"application/{kind}")
    if length is not None:
        handler.send_header("Content-Length", str(length))
    handler.end_headers()


def hangs(handler: Handler, body: bytes) -> None:
    time.sleep(PATIENCE + 0.5)


def drips(handler: Handler, body: bytes) -> None:
    begin(handler, length=1000)
    for byte in b"001e# service=git-upload-pack\n0000" * 3:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.1)


def endless_capabilities(handler: Handler, body: bytes) -> None:
    begin(handler)
    handler.wfile.write(packet(b"# service=git-upload-pack\n") + b"0000" + packet(b"version 2\n"))
    while True:
        handler.wfile.write(packet(b"x" * 60_000 + b"\n"))


def endless_junk(handler: Handler, body: bytes) -> None:
    begin(handler, "octet-stream")
    while True:
        handler.wfile.write(b"x" * 65_536)


def garbage(handler: Handler, body: bytes) -> None:
    data = b"<html>\x1b[2J ::error::hello"
    begin(handler, length=len(data))
    handler.wfile.write(data)


def web_page(handler: Handler, body: bytes) -> None:
    data = b"<!DOCTYPE html>\n<title>Sign in</title>\n"
    begin(handler, "html", length=len(data))
    handler.wfile.write(data)


def breaks_off(handler: Handler, body: bytes) -> None:
    begin(handler, length=1000)
    handler.wfile.write(packet(b"# service=git-upload-pack\n"))


def closes(handler: Handler, body: bytes) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def status(code: int) -> Callable[[Handler, bytes], None]:
    def answer(handler: Handler, body: bytes) -> None:
        handler.send_response(code)
        if code == 401:
            handler.send_header("WWW-Authenticate", 'Basic realm="\x1b]0;x"')
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


SERVERS: dict[str, tuple[Callable[[Handler, bytes], None], str]] = {
    "G06-hangs": (hangs, f"did not answer completely within {PATIENCE} s"),
    "G06-drips": (drips, "did not answer completely|sends too slowly"),
    "G06-endless-capabilities": (endless_capabilities, "did not answer completely|memory|no valid Git answer"),
    "G06-endless-junk": (endless_junk, "did not answer completely|memory|no valid Git answer"),
    "G06-garbage": (garbage, "no valid Git answer"),
    "G06-web-page": (web_page, "no valid Git answer|no Git repository"),
    "G06-breaks-off": (breaks_off, "no valid Git answer"),
    "G06-closes": (closes, "no valid Git answer"),
    "G07-password": (status(401), "asks for a password"),
    "G42-gone": (status(404), "has no repository"),
    "G42-gone-for-good": (status(410), "410"),
    "forbidden": (status(403), "403"),
    "too-many": (status(429), "later"),
    "error": (status(500), "500"),
}


@pytest.mark.parametrize("name", SERVERS)
def test_bad_server_costs_its_time_and_one_sentence(name: str, tmp_path: Path) -> None:
    answer, sentence = SERVERS[name]
    cache = tmp_path / "c" / "s.git"
    with scripted_http(answer) as served:
        started = time.monotonic()
        said = refusal(f"{served.url}/s.git", cache, timeout=PATIENCE)
        assert time.monotonic() - started < PATIENCE + 1
    assert re.search(sentence, said.reason), said.reason
    assert [path.name for path in cache.parent.iterdir()] == [".s.git.lock"]


def test_same_failure_gives_the_same_words_elsewhere(tmp_path: Path) -> None:
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{closed.getsockname()[1]}/s.git"
    said = [refusal(address, tmp_path / name / "s.git") for name in ("a", "b")]
    closed.close()
    assert said[0].reason == said[1].reason == "127.0.0.1 cannot be reached."
    assert said[0].hint == said[1].hint


def test_unknown_host_is_said(tmp_path: Path) -> None:
    said = refusal("https://nosuch.invalid/s.git", tmp_path / "s.git", allow_local=False)
    assert said.reason == "The host nosuch.invalid is not known."


@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/s.git", "file:///etc/passwd", "/elsewhere.git"])
def test_redirect_is_not_followed_and_carries_no_token(target: str, tmp_path: Path) -> None:
    with scripted_http(status(404)) as other:
        port = other.url.rpartition(":")[2]

        def redirects(handler: Handler, body: bytes) -> None:
            handler.send_response(302)
            handler.send_header("Location", target.format(port=port) + handler.path.removeprefix("/s.git"))
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        with scripted_http(redirects) as served:
            environ = ENV | {"SRC_TOKEN": TOKEN}
            said = refusal(f"{served.url}/s.git", tmp_path / "s.git", environ=environ, auth_env="SRC_TOKEN")
            assert len(served.log) == 1
        assert other.log == []
    assert "redirect" in said.reason
    assert ".git" in said.hint


# --- what a server may say -------------------------------------------------------------------------------------------


def speaks(words: bytes) -> Callable[[Handler, bytes], None]:
    """A protocol 2 server that offers one commit and then, in place of the pack, says `words` on the side bands."""

    def answer(handler: Handler, body: bytes) -> None:
        if handler.command == "GET":
            data = packet(b"# service=git-upload-pack\n") + b"0000" + packet(b"version 2\n")
            data += packet(b"ls-refs\n") + packet(b"fetch=shallow filter\n") + b"0000"
            begin(handler, length=len(data))
        elif b"command=ls-refs" in body:
            data = packet(b"1" * 40 + b" HEAD\n") + packet(b"1" * 40 + b" refs/tags/v1\n") + b"0000"
            begin(handler, "x-git-upload-pack-result", len(data))
        else:
            data = packet(b"packfile\n") + packet(b"\x02" + words + b"\n") + packet(b"\x03" + words) + b"0000"
            begin(handler, "x-git-upload-pack-result", len(data))
        handler.wfile.write(data)

    return answer


@pytest.mark.parametrize(
    "words",
    [
        b"\x1b]0;pwned\x07\x1b[2J",
        b"\rfatal: all is well",
        "\u202egnp.exe".encode(),
        b"\n::error::x\n::set-env",
        b"fatal: repository 'x' not found",
        b"y" * 900,
    ],
    ids=["escape", "carriage-return", "bidi", "annotation", "explanation", "long"],
)
def test_words_of_the_server_are_harmless(words: bytes, tmp_path: Path) -> None:
    with scripted_http(speaks(words)) as served:
        said = refusal(f"{served.url}/s.git", tmp_path / "c" / "s.git")
    assert said.reason == "The answer of 127.0.0.1 is no valid Git answer, or it broke off."


def test_flood_of_words_is_cut(tmp_path: Path) -> None:
    def floods(handler: Handler, body: bytes) -> None:
        speaks(b"")(handler, body) if b"command=fetch" not in body else flood(handler)

    def flood(handler: Handler) -> None:
        begin(handler, "x-git-upload-pack-result")
        handler.wfile.write(packet(b"packfile\n"))
        while True:
            handler.wfile.write(packet(b"\x02" + b"z" * 60_000 + b"\n"))

    with scripted_http(floods) as served:
        said = refusal(f"{served.url}/s.git", tmp_path / "c" / "s.git")
    assert said.reason == "127.0.0.1 sent more text than is accepted."


# --- tokens ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def spied_path(tmp_path: Path) -> tuple[str, Path]:
    """A PATH whose git writes down its arguments and environment before it becomes git."""
    real = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, text=True, check=True).stdout.strip()
    log = tmp_path / "spy"
    folder = tmp_path / "bin"
    folder.mkdir()
    spy = folder / "git"
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" -- >>{log}.args\nenv >>{log}.env\nexec {real} "$@"\n')
    spy.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}", log


def test_token_opens_the_repository_and_stays_out_of_sight(tmp_path: Path, spied_path: tuple[str, Path]) -> None:
    path, log = spied_path
    bare = Bare.make(tmp_path / "repos" / "s.git")
    bare.files({"a": b"1"})
    environ = ENV | {"PATH": path, "SRC_TOKEN": TOKEN, "OTHER_SECRET": "not-for-git", "GIT_TRACE_CURL": "1"}
    cache = tmp_path / "c" / "s.git"
    with smart_http(tmp_path / "repos", authorization=HEADER) as served:
        address = f"{served.url}/s.git"
        ask(address, cache, environ=environ, auth_env="SRC_TOKEN")
        bare.files({"a": b"2"})
        ask(address, cache, environ=environ, auth_env="SRC_TOKEN")
        assert {seen for _, _, seen in served.log} == {HEADER}
        wrong = refusal(address, tmp_path / "d" / "s.git", environ=ENV | {"X": TOKEN + "x"}, auth_env="X")
        assert wrong.reason == "127.0.0.1 did not accept the token."
    arguments = Path(f"{log}.args").read_text()
    assert "fetch" in arguments
    for secret in (TOKEN, HEADER.removeprefix("Basic ")):
        assert secret not in arguments
        for file in tmp_path.joinpath("c").rglob("*"):
            assert not file.is_file() or secret.encode() not in file.read_bytes()
    seen = dict(line.split("=", 1) for line in Path(f"{log}.env").read_text().splitlines() if "=" in line)
    assert seen["HOME"] == "/dev/null"
    assert "OTHER_SECRET" not in seen
    assert "SRC_TOKEN" not in seen
    assert "GIT_TRACE_CURL" not in seen
    # The last git of a fetch reads the refs that came: it may use no protocol at all and knows no address.
    assert seen["GIT_ALLOW_PROTOCOL"] == "none"


@pytest.mark.parametrize("form", ["plain", "bearer", "pair"])
def test_token_that_a_server_repeats_is_not_passed_on(form: str, tmp_path: Path) -> None:
    token = {"plain": TOKEN, "bearer": f"Bearer {TOKEN}", "pair": f"ann:{TOKEN}"}[form]

    def repeats(handler: Handler, body: bytes) -> None:
        header = handler.headers["Authorization"]
        assert header == f"Bearer {TOKEN}" or TOKEN in base64.b64decode(header.removeprefix("Basic ")).decode()
        speaks(f"{TOKEN} {header}".encode())(handler, body)

    with scripted_http(repeats) as served:
        environ = ENV | {"SRC_TOKEN": token}
        said = refusal(f"{served.url}/s.git", tmp_path / "s.git", environ=environ, auth_env="SRC_TOKEN")
        assert len(served.log) == 3
    for text in (said.reason, said.hint, repr(said)):
        assert TOKEN not in text


@pytest.mark.parametrize(
    ("value", "address", "sentence"),
    [
        ("", "https://example.org/a.git", "empty or not set"),
        ("tok\nX-Evil: 1", "https://example.org/a.git", "no token"),
        ("tök", "https://example.org/a.git", "no token"),
        (TOKEN, "http://example.org/a.git", "not sent over http"),
    ],
)
def test_token_that_cannot_be_sent_is_refused(value: str, address: str, sentence: str, tmp_path: Path) -> None:
    said = refusal(address, tmp_path / "s.git", environ=ENV | {"SRC_TOKEN": value}, auth_env="SRC_TOKEN")
    assert sentence in said.reason
    assert TOKEN not in said.reason


def test_netrc_of_the_operator_is_not_used(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".netrc").write_text("machine 127.0.0.1 login ann password " + TOKEN + "\n")
    (home / ".gitconfig").write_text(f'[http]\n\textraHeader = "Authorization: {TOKEN}"\n')
    with scripted_http(status(401)) as served:
        refusal(f"{served.url}/s.git", tmp_path / "s.git", environ=ENV | {"HOME": str(home)})
        assert {seen for _, _, seen in served.log} == {""}


# --- repositories ----------------------------------------------------------------------------------------------------


@dataclass
class Place:
    """A repository and the cache it is fetched into."""

    bare: Bare
    cache: Path

    def fetch(self, **fields: Any) -> Fetched:
        return ask(str(self.bare.path), self.cache, **fields)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(Bare.make(tmp_path / "r.git"), tmp_path / "c" / "s.git")


def _tree_of(place: Place) -> str:
    head = place.fetch().head
    with Objects(place.cache) as objects:
        return objects.commit(head).tree


def test_symlinks_submodules_and_gitmodules_are_reported_and_inert(place: Place) -> None:
    bare = place.bare
    passwd = bare.blob(b"/etc/passwd")
    modules = bare.blob(b'[submodule "m"]\n\tpath = m\n\turl = https://example.org/m.git\n')
    bare.commit(
        bare.tree(
            ("100644", ".gitattributes", bare.blob(b"* filter=lfs export-subst working-tree-encoding=UTF-16\n")),
            ("100644", ".gitmodules", modules),
            ("120000", "chora.yaml", passwd),
            ("160000", "m", "1" * 40),
            ("100755", "x", bare.blob(b"#!/bin/sh\ntouch pwned\n")),
        )
    )
    with Objects(place.cache) as objects:
        tree = objects.tree(_tree_of(place))
        assert {path: entry.mode for path, entry in tree.items()} == {
            ".gitattributes": "100644",
            ".gitmodules": "100644",
            "chora.yaml": "120000",
            "m": "160000",
            "x": "100755",
        }
        assert [path for path, entry in tree.items() if entry.is_file] == [".gitattributes", ".gitmodules", "x"]
        assert objects.blob(tree["x"].id).data == b"#!/bin/sh\ntouch pwned\n"


HOSTILE_OBJECTS: dict[str, Callable[[Bare], object]] = {
    "G20-dot-git": lambda bare: bare.commit(bare.tree(("40000", ".git", bare.tree()))),
    "G20-dot-git-case": lambda bare: bare.commit(bare.tree(("40000", ".GiT", bare.tree()))),
    "G20-short-name": lambda bare: bare.commit(bare.tree(("40000", "git~1", bare.tree()))),
    "dot-dot": lambda bare: bare.commit(bare.tree(("40000", "..", bare.tree()))),
    "slash": lambda bare: bare.commit(bare.tree(("100644", "a/b", bare.blob(b"")))),
    "twice": lambda bare: bare.commit(
        bare.tree(("100644", "chora.yaml", bare.blob(b"1")), ("100644", "chora.yaml", bare.blob(b"2")))
    ),
    "no-null": lambda bare: bare.commit(bare.write("tree", b"100644 a\0short")),
    "G14-gitmodules-option": lambda bare: bare.files(
        {".gitmodules": b'[submodule "m"]\npath=m\nurl=--upload-pack=x\n'}
    ),
    "G14-gitmodules-name": lambda bare: bare.files(
        {".gitmodules": b'[submodule "../../x"]\n\tpath = m\n\turl = ./m\n'}
    ),
    "commit-without-committer": lambda bare: bare.point(
        "main", bare.write("commit", f"tree {bare.tree()}\nauthor a <a> 1 +0000\n\nx\n".encode())
    ),
    "date-too-large": lambda bare: bare.commit(bare.tree(), at=2**70),
}


@pytest.mark.parametrize("name", HOSTILE_OBJECTS)
def test_objects_git_calls_broken_are_refused(name: str, place: Place) -> None:
    HOSTILE_OBJECTS[name](place.bare)
    said = refusal(str(place.bare.path), place.cache)
    assert "Git refuses the object" in said.reason or "no valid Git answer" in said.reason, said.reason
    assert not place.cache.exists()


def test_objects_of_old_and_honest_repositories_are_read(place: Place) -> None:
    bare = place.bare
    tree = bare.tree(("100664", "a", bare.blob(b"1")), ("040000", "d", bare.tree(("100644", "b", bare.blob(b"2")))))
    lines = f"tree {tree}\nauthor <a> 1 +0000\ncommitter Ann <a@example.org>1700000000 +051800\n\nx\n"
    bare.point("main", bare.write("commit", lines.encode()))
    head = place.fetch().head
    with Objects(place.cache) as objects:
        facts = objects.commit(head)
        assert facts.committed_at == "2023-11-14T22:13:20Z"
        modes = {path: entry.mode for path, entry in objects.tree(facts.tree).items()}
        assert modes == {"a": "100644", "d/b": "100644"}


def test_tree_bomb_is_bounded(place: Place) -> None:
    bare = place.bare
    level = bare.tree(*(("100644", f"f{n}", bare.blob(b"x")) for n in range(10)))
    for _ in range(8):
        level = bare.tree(*(("40000", f"d{n}", level) for n in range(10)))
    bare.commit(level)
    hollow = bare.tree()
    for _ in range(8):
        hollow = bare.tree(*(("40000", f"d{n}", hollow) for n in range(10)))
    started = time.monotonic()
    top = _tree_of(place)
    with Objects(place.cache) as objects:
        tree = objects.tree(top, max_entries=20_000)
        assert tree.truncated
        assert len(tree) <= 20_000
        assert next(iter(tree)) == "d0/d0/d0/d0/d0/d0/d0/d0/f0"
    with Objects(bare.path) as objects:
        assert objects.tree(hollow, max_entries=20_000).truncated
    assert time.monotonic() - started < 3


def test_deep_tree_is_cut_at_its_depth(place: Place) -> None:
    bare = place.bare
    level = bare.tree(("100644", "f", bare.blob(b"x")))
    for _ in range(40):
        level = bare.tree(("40000", "d", level), ("100644", "e", bare.blob(b"x")))
    bare.commit(level)
    with Objects(place.cache) as objects:
        tree = objects.tree(_tree_of(place), max_depth=5)
        assert tree.truncated
        assert sorted(tree, key=len)[-1] == "d/d/d/d/e"
        assert len(tree) == 5


def test_names_no_honest_tree_holds_are_left_out(place: Place) -> None:
    bare = place.bare
    blob = bare.blob(b"x")
    names = [b".GIT", b".", b"..", b"a\x1b[2J", b"b\xff", b"c\nd", b"ok", b"z" * 5000]
    names += ["ök\u2028".encode(), "über.yaml".encode()]
    entries = [("100644", name, blob) for name in sorted(names)]
    with Objects(bare.path) as objects:
        tree = objects.tree(bare.tree(*entries, ("100000", "odd", blob), ("000644", "no", blob)))
        assert list(tree) == ["ok", "über.yaml", "odd"]
        assert tree.skipped == 8
        assert not tree.truncated
        for damaged in (b"100644 a\0" + b"x" * 19, b"100644a\0" + b"x" * 20, b"x", b"100644 "):
            with pytest.raises(ObjectUnreadable, match="damaged"):
                objects.tree(bare.write("tree", damaged))
        with pytest.raises(ObjectUnreadable, match="blob where a folder"):
            objects.tree(blob)
        with pytest.raises(ObjectUnreadable, match="tree where a file"):
            objects.blob(bare.tree())
        with pytest.raises(ObjectUnreadable, match="no readable committer date"):
            objects.commit(bare.commit(bare.tree(), at=10**12, head=""))
        with pytest.raises(ValueError, match="hex digits"):
            objects.blob("HEAD")
        with pytest.raises(ValueError, match="hex digits"):
            objects.blob("1" * 40 + "\n" + "2" * 40)


def test_exact_name_wins_beside_its_look_alike(place: Place) -> None:
    bare = place.bare
    bare.files({"CHORA.YAML": b"evil", "chora.yaml": b"good"})
    with Objects(place.cache) as objects:
        top = _tree_of(place)
        entry = objects.entry(top, "chora.yaml")
        assert entry is not None
        assert objects.blob(entry.id).data == b"good"
        assert objects.entry(top, "Chora.yaml") is None
        assert objects.entry(top, "") is None
        assert objects.entry(top, "chora.yaml/x") is None


@pytest.mark.parametrize("filters", [True, False])
def test_manifest_of_a_mebibyte_is_too_large(filters: bool, tmp_path: Path) -> None:
    place = Place(Bare.make(tmp_path / "r.git", filters=filters), tmp_path / "c" / "s.git")
    before = children()
    sizes = {"a": 2**20, "b": 2**18, "c": 2**18 + 1, "d": 6 * 2**20, "e": 3}
    place.bare.files({name: os.urandom(size) for name, size in sizes.items()})
    top = _tree_of(place)
    with Objects(place.cache) as objects:
        tree = objects.tree(top)
        states = {path: objects.blob(entry.id).state for path, entry in tree.items()}
        if not filters:
            # Far over the limit: the git that began to send it is ended, not listened to.
            objects.blob(tree["d"].id)
            assert children() == before
    assert states == {"a": "too-large", "b": "ok", "c": "too-large", "d": "too-large", "e": "ok"}


@pytest.mark.parametrize("branch", [None, "other"])
def test_repository_without_a_head_says_so(branch: str | None, place: Place) -> None:
    if branch:
        place.bare.files({"a": b"1"}, head=branch)
    said = refusal(str(place.bare.path), place.cache)
    assert said.reason.startswith("The repository has no commit at HEAD: it is empty, or HEAD names a branch that")


def test_head_that_goes_away_leaves_the_cache_usable(place: Place) -> None:
    head = place.bare.files({"a": b"1"})
    place.fetch()
    place.bare.git("update-ref", "-d", "refs/heads/main")
    refusal(str(place.bare.path), place.cache)
    with Objects(place.cache) as objects:
        assert objects.commit(head).id == head


ODD_TAGS = ["$(touch${IFS}pwned)", "`id`", ";id", "v1&&id", "\u202evil", "'x'", '"x"', "%0a", "é"]


def test_odd_ref_names_are_inert(place: Place) -> None:
    commit = place.bare.files({"a": b"1"})
    for tag in ODD_TAGS:
        place.bare.tag(tag, commit)
    (place.bare.path / "refs" / "tags" / "--upload-pack=x").write_text(commit + "\n")
    first = place.fetch()
    names = ["HEAD", "refs/tags/--upload-pack=x", *(f"refs/tags/{tag}" for tag in ODD_TAGS)]
    assert [name for name, _ in first.refs] == sorted(names)
    assert place.fetch().requests == 1
    assert not list(place.cache.parent.rglob("pwned"))


@pytest.mark.parametrize("earlier", ["--all", "--upload-pack=touch pwned", "-a", "HEAD", "main", "", "1" * 40 + "\n"])
def test_an_earlier_head_that_is_no_commit_led_to_nothing(earlier: str, place: Place) -> None:
    """It is read from the previous publication, which may be anybody's."""
    one = place.bare.files({"a": b"1"})
    two = place.bare.files({"a": b"2"}, one)
    place.fetch()
    assert not leads_to(place.cache, earlier, two, environ=ENV)
    assert not leads_to(place.cache, "1" * 40, two, environ=ENV)
    assert leads_to(place.cache, one, two, environ=ENV)
    assert leads_to(place.cache, two, two, environ=ENV)
    assert not leads_to(place.cache, two, one, environ=ENV)


def test_lost_object_is_refused_and_the_last_good_cache_stays(place: Place) -> None:
    bare = place.bare
    one = bare.files({"a": b"1"})
    place.fetch()
    lost = bare.blob(b"lost")
    bare.commit(bare.tree(("100644", "a", lost)), one)
    (bare.path / "objects" / lost[:2] / lost[2:]).unlink()
    said = refusal(str(bare.path), place.cache)
    assert "no valid Git answer" in said.reason
    with Objects(place.cache) as objects:
        assert objects.blob(objects.tree(objects.commit(one).tree)["a"].id).data == b"1"


def test_truncated_object_is_refused(place: Place) -> None:
    bare = place.bare
    blob = bare.blob(os.urandom(5000))
    bare.commit(bare.tree(("100644", "a", blob)))
    file = bare.path / "objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:1000])
    refusal(str(bare.path), place.cache)
    assert not place.cache.exists()


def test_repository_over_max_pack_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    place = Place(Bare.make(tmp_path / "r.git", filters=False), tmp_path / "c" / "s.git")
    place.bare.files({"a": b"1"})
    place.fetch(max_pack=2**20)
    place.bare.files({"big": os.urandom(2 * 2**20)})
    said = refusal(str(place.bare.path), place.cache, max_pack=2**20)
    assert said.reason == "The pack of this repository is larger than max_pack (1 MiB)."
    assert sum(file.stat().st_size for file in place.cache.parent.rglob("*") if file.is_file()) < 100_000
    assert place.fetch(max_pack=8 * 2**20).changed


def test_no_repository_at_a_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for name in ("none", "file", "."):
        said = refusal(str(tmp_path / name), tmp_path / "c" / "s.git")
        assert said.reason == "There is no Git repository at this address."


def test_repository_of_the_other_hash_is_said(tmp_path: Path) -> None:
    make = ["git", "init", "-q", "--bare", "--object-format=sha256", "-b", "main", str(tmp_path / "r.git")]
    subprocess.run(make, env=ENV, check=True)
    bare = Bare(tmp_path / "r.git")
    bare.files({"a": b"1"})
    said = refusal(str(bare.path), tmp_path / "c" / "s.git")
    assert said.reason == "The repository names its objects by SHA-256, which is not read."


def test_cache_folder_that_cannot_be_made_is_said(place: Place) -> None:
    place.bare.files({"a": b"1"})
    place.cache.parent.write_bytes(b"a file where the folder should be")
    said = refusal(str(place.bare.path), place.cache)
    assert said.reason == "The cache folder could not be used: File exists."
    assert "--cache" in said.hint


def test_plain_files_over_http_are_not_read(tmp_path: Path) -> None:
    bare = Bare.make(tmp_path / "repos" / "s.git")
    bare.files({"a": b"1"})
    bare.git("update-server-info")

    def plain(handler: Handler, body: bytes) -> None:
        file = tmp_path / "repos" / handler.path.partition("?")[0].lstrip("/")
        if not file.is_file():
            status(404)(handler, body)
            return
        begin(handler, "octet-stream", file.stat().st_size)
        handler.wfile.write(file.read_bytes())

    with scripted_http(plain) as served:
        said = refusal(f"{served.url}/s.git", tmp_path / "c" / "s.git")
    assert said.reason == "127.0.0.1 serves the repository as plain files, which is not read."


def test_hooks_and_settings_of_a_local_source_do_not_run(place: Place) -> None:
    bare = place.bare
    bare.files({"a": b"1"})
    pwned = place.cache.parent.parent / "pwned"
    bare.git("config", "uploadpack.packObjectsHook", f"touch {pwned}; false")
    bare.git("config", "core.fsmonitor", f"touch {pwned}")
    hooks = bare.path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "reference-transaction", "pre-auto-gc", "post-upload-pack"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {pwned}\n")
        (hooks / name).chmod(0o755)
    place.fetch()
    assert not pwned.exists()


# --- endings ---------------------------------------------------------------------------------------------------------


def test_two_builds_at_once_do_not_meet_in_a_cache(place: Place) -> None:
    place.bare.files({"a": os.urandom(1000)})
    results: list[str] = []
    threads = [threading.Thread(target=lambda: results.append(place.fetch().head)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert len(set(results)) == 1
    assert sorted(path.name for path in place.cache.parent.iterdir()) == [".s.git.lock", "s.git"]


VISIT = """
import sys
from pathlib import Path
from chora_catalog.edge.git import fetch
from chora_catalog.model.source import SourceSpec
print("ready", flush=True)
fetch(SourceSpec(name="s", url=sys.argv[1]), sys.argv[1], Path(sys.argv[2]), allow_local=True, known={}, environ={})
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_visit_that_is_broken_off_leaves_nothing_half_made(how: signal.Signals, tmp_path: Path) -> None:
    cache = tmp_path / "c" / "s.git"
    bare = Bare.make(tmp_path / "repos" / "s.git")
    commit = bare.files({"a": b"1"})
    asked = threading.Event()

    def waits(handler: Handler, body: bytes) -> None:
        asked.set()
        time.sleep(1.2)

    with scripted_http(waits) as served:
        words = [sys.executable, "-c", VISIT, f"{served.url}/s.git", str(cache)]
        before = children()
        visit = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert asked.wait(5)
        visit.send_signal(how)
        visit.communicate(timeout=5)
        # Whoever is killed cannot end its git; that finds nobody to talk to, ends by itself, and falls to us.
        assert how is signal.SIGKILL or children() == before
        while orphans := children() - before:
            for orphan in orphans:
                os.waitpid(orphan, 0)
    assert not cache.exists()
    assert ask(str(bare.path), cache).head == commit
    assert sorted(path.name for path in cache.parent.iterdir()) == [".s.git.lock", "s.git"]


ENDINGS: dict[str, tuple[str, float, tuple[bool, bool]]] = {
    "sleeps": ("sleep 30", 0.3, (True, False)),
    "sleeps-in-a-child": ("sleep 30 & sleep 30 & wait", 0.3, (True, False)),
    "ignores-signals": ("trap '' TERM INT HUP; sleep 30", 0.3, (True, False)),
    "floods": ("exec yes", 5, (False, True)),
    "floods-errors": ("exec yes >&2", 5, (False, True)),
    "leaves-a-child": ("sleep 30 & echo done", 5, (False, False)),
    "does-not-read": ("exec 0<&-; sleep 0.1; echo done", 5, (False, False)),
    "closes-its-outputs": ("exec >&- 2>&-; sleep 30", 0.3, (True, False)),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_program_ends_with_all_it_started(name: str) -> None:
    script, timeout, (timed_out, too_much) = ENDINGS[name]
    started = time.monotonic()
    done = run(["sh", "-c", script], stdin=b"x" * 300_000, timeout=timeout, output_limit=100_000, env=ENV)
    assert time.monotonic() - started < min(timeout, 1) + 1
    assert (done.timed_out, done.too_much) == (timed_out, too_much)
    assert len(done.out) <= 100_000
    if not timed_out and not too_much:
        assert done.ok
        assert done.out == b"done\n"


@pytest.fixture
def _core_dumps_on() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@pytest.mark.usefixtures("_core_dumps_on")
def test_limits_hold_for_what_a_program_starts(tmp_path: Path) -> None:
    write = f"(head -c 100000 /dev/zero >{tmp_path}/f); ulimit -c"
    done = run(["sh", "-c", write], timeout=5, file_size_limit=4096, env=ENV)
    assert (tmp_path / "f").stat().st_size == 4096
    assert done.out == b"0\n"
    eat = [sys.executable, "-c", "b = bytearray(900_000_000)"]
    assert run(eat, timeout=5, memory_limit=400 * 2**20, env=ENV).code == 1
    assert run(["sh", "-c", "kill -9 $$"], timeout=5, env=ENV).code == -9


def test_program_that_is_not_there_is_said() -> None:
    with pytest.raises(ChoraError, match="'git' was not found") as caught:
        run(["git"], timeout=1, env={"PATH": "/nowhere"})
    assert "Install git" in caught.value.hint


def test_conversation_ends_with_its_program() -> None:
    with Conversation(["sh", "-c", "read line; echo got $line; printf abc; exit"], ENV) as talk:
        talk.write(b"one\n")
        assert talk.read_line(100) == b"got one"
        assert talk.read_exactly(2) == b"ab"
        with pytest.raises(Ended, match="ended"):
            talk.read_line(100)
    babbles = ["sh", "-c", "sleep 30 & yes | tr -d '\\n'"]
    with Conversation(babbles, ENV) as talk, pytest.raises(Ended, match="too long"):
        talk.read_line(1000)
    with Conversation(["sleep", "30"], ENV, timeout=0.2) as talk, pytest.raises(Ended, match="silent"):
        talk.read_exactly(1)
    with Conversation(["sh", "-c", "exec 0<&-; echo; sleep 30"], ENV) as talk:
        assert talk.read_line(1) == b""
        with pytest.raises(Ended, match="no longer listens"):
            talk.write(b"x")
