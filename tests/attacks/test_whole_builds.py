"""Hostile repositories through a whole build, from what git holds to what is published and printed.

Promise 3, that nothing of a source is ever run, and promise 5, that the last good catalog always stands. A row is named
by its number in the table of this folder (README.md).
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.cli.main import main
from tests.git_server import START, Bare, children, smart_http

DAY = 86_400
TOKEN = "tok-2b7e151628aed2a6abf7"
HONEST = 'id: "honest.source.speak"\nversion: "1.0.0"\nowner: "team"\n'
HOSTILE = 'id: "hostile.source.speak"\nversion: "1.0.0"\nowner: "team"\ncontact: "#team"\n'


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    before = children()
    yield
    assert children() <= before


@dataclass
class World:
    """One hostile and one honest repository, and the folder of a catalog that knows them."""

    folder: Path
    hostile: Bare
    honest: Bare

    def register(self, hostile: str = "url: sources/hostile.git, versions: tags") -> None:
        entries = f"  - {{name: hostile, {hostile}}}\n  - {{name: honest, url: sources/honest.git}}\n"
        (self.folder / "catalog-sources.yaml").write_text("sources:\n" + entries)

    def words(self, site: str = "site", as_of: str = "2026-11-01T12:00:00Z") -> list[str]:
        words = ["build", "--sources", str(self.folder / "catalog-sources.yaml"), "--as-of", as_of, "--allow-local"]
        return [*words, "--output", str(self.folder / site), "--cache", str(self.folder / "cache")]

    def build(self, as_of: str = "2026-11-01T12:00:00Z") -> int:
        return main(self.words(as_of=as_of))

    def data(self, path: str) -> Any:
        return json.loads((self.folder / "site" / path).read_bytes())

    def findings(self, name: str = "hostile") -> list[tuple[str, str, str]]:
        found = self.data(f"data/v1/findings/{name}.json")["findings"]
        return [(item["rule"], item["severity"], item["place"]["file"]) for item in found]

    def source(self, name: str = "hostile") -> Any:
        return self.data(f"data/v1/sources/{name}.json")


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(
        tmp_path, Bare.make(tmp_path / "sources" / "hostile.git"), Bare.make(tmp_path / "sources" / "honest.git")
    )
    world.honest.files({"chora.yaml": HONEST.encode()})
    world.register()
    return world


def manifest(**fields: Any) -> bytes:
    return json.dumps({"id": "hostile.source.speak", "version": "1.0.0", "owner": "team", **fields}).encode()


# --- trees -----------------------------------------------------------------------------------------------------------


def link(bare: Bare) -> tuple[str, str, str]:
    return ("120000", "chora.yaml", bare.blob(b"/etc/passwd"))


def submodule(bare: Bare) -> tuple[str, str, str]:
    return ("160000", "chora.yaml", "1" * 40)


@pytest.mark.parametrize(
    ("entry", "kind"),
    [(link, "a symbolic link"), (submodule, "a submodule")],
    ids=["G11-symlink-to-passwd", "G11-submodule"],
)
def test_a_manifest_that_is_no_file_is_refused_and_the_last_good_one_stands(
    entry: Any, kind: str, world: World
) -> None:
    first = world.hostile.files({"chora.yaml": HOSTILE.encode()})
    assert world.build() == 0
    world.hostile.commit(world.hostile.tree(entry(world.hostile)), first, at=START + DAY)
    assert world.build() == 0
    (said,) = world.data("data/v1/findings/hostile.json")["findings"]
    assert (said["rule"], said["message"]) == ("manifest-unreadable", f"the manifest is {kind}")
    assert world.source()["capabilities"] == ["hostile.source.speak"]
    assert not any(b"root:x:0" in path.read_bytes() for path in world.folder.rglob("*") if path.is_file())


def test_of_two_names_that_differ_in_case_the_exact_one_is_read(world: World) -> None:
    world.hostile.files({"CHORA.YAML": b'id: "evil.twin.speak"\nversion: "6.6.6"\n', "chora.yaml": HOSTILE.encode()})
    assert world.build() == 0
    assert world.source()["capabilities"] == ["hostile.source.speak"]


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """A repository with a file of 300 MiB beside its manifest."""
    folder = tmp_path_factory.mktemp("heavy")
    bare = Bare.make(folder / "heavy.git")
    with (folder / "large").open("wb") as large:
        large.truncate(300 * 2**20)
    blob = bare.git("hash-object", "-w", "--", str(folder / "large"))
    bare.commit(bare.tree(("100644", "chora.yaml", bare.blob(HOSTILE.encode())), ("100644", "large", blob)))
    return bare


@pytest.mark.parametrize("filters", [True, False], ids=["G32-server-filters", "G32-server-does-not"])
def test_a_blob_of_300_mib_beside_a_manifest_costs_no_memory(filters: bool, heavy: Bare, world: World) -> None:
    """Measured on a build in a process of its own: it, its workers and git, the largest of them."""
    heavy.git("config", "uploadpack.allowFilter", str(filters).lower())
    world.register(f"url: {heavy.path}, versions: tags")
    code = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(done.returncode)"
    )
    words = [sys.executable, "-c", code, sys.executable, "-m", "chora_catalog", *world.words(), "--quiet"]
    done = subprocess.run(words, env=dict(os.environ), capture_output=True, text=True, check=True)
    print(done.stdout)
    assert int(done.stdout) < 512 * 1024, "kibibytes"
    assert world.source()["capabilities"] == ["hostile.source.speak"]
    assert sum(path.stat().st_size for path in (world.folder / "cache").rglob("*") if path.is_file()) < 2**20


def test_attributes_and_modules_of_a_source_are_not_obeyed(world: World) -> None:
    """Filters, substitution and another encoding would act in a checkout; there is none."""
    bare = world.hostile
    attributes = b"chora.yaml filter=evil export-subst working-tree-encoding=UTF-16 text eol=crlf ident\n"
    text = HOSTILE + 'summary: "$Format:%an$ $Id$"\n'
    modules = b'[submodule "m"]\n\tpath = m\n\turl = https://127.0.0.1:9/m.git\n'
    bare.files({".gitattributes": attributes, ".gitmodules": modules, "chora.yaml": text.encode()})
    assert world.build() == 0
    record = world.data("data/v1/capabilities/hostile.source.speak.json")
    assert record["manifest"]["summary"] == "$Format:%an$ $Id$"


def test_ref_names_that_are_commands_are_inert_in_a_whole_build(world: World) -> None:
    bare = world.hostile
    commit = bare.files({"chora.yaml": HOSTILE.encode()})
    for tag in ("v1.0.0", "v1.1.0-$(touch${IFS}pwned)", "v1.2.0-`id`", "\u202ev1.3.0", "::error::x"):
        (bare.path / "refs/tags" / tag).write_text(commit + "\n")
    (bare.path / "refs/tags/--upload-pack=x").write_text(commit + "\n")
    assert world.build() == 0
    versions = world.data("data/v1/capabilities/hostile.source.speak.json")["versions"]
    assert [row["version"] for row in versions] == ["1.0.0"]
    assert not list(world.folder.rglob("pwned"))
    pages = b"".join(path.read_bytes() for path in (world.folder / "site").rglob("*.html"))
    assert "\u202e".encode() not in pages


# --- history ---------------------------------------------------------------------------------------------------------


def test_a_history_that_was_rewritten_is_told_and_the_present_head_counts(world: World) -> None:
    bare = world.hostile
    first = bare.files({"chora.yaml": HOSTILE.encode()})
    second = bare.files({"chora.yaml": HOSTILE.replace("1.0.0", "2.0.0").encode()}, first, at=START + DAY)
    assert world.build() == 0
    assert world.findings() == []
    forced = bare.files({"chora.yaml": HOSTILE.replace("1.0.0", "1.5.0").encode()}, first, at=START + 2 * DAY)
    shutil.rmtree(world.folder / "cache")
    assert world.build() == 0
    assert world.findings() == [("history-rewritten", "warning", "HEAD")]
    (said,) = world.data("data/v1/findings/hostile.json")["findings"]
    assert second[:12] in said["message"]
    assert forced[:12] in said["message"]
    assert world.data("data/v1/capabilities/hostile.source.speak.json")["version"] == "1.5.0"
    bare.tag("v1.5.0", forced)
    assert world.build() == 0
    assert world.findings() == [("history-rewritten", "warning", "HEAD")], "it is said until the head moves on"
    bare.files({"chora.yaml": HOSTILE.replace("1.0.0", "1.6.0").encode()}, forced, at=START + 3 * DAY)
    assert world.build() == 0
    assert world.findings() == []


@pytest.mark.parametrize("cache", ["kept", "lost"])
def test_a_repository_that_was_replaced_is_told(cache: str, world: World) -> None:
    """The name of a repository that moved was registered by somebody else. The cache changes no answer."""
    bare = world.hostile
    bare.files({"chora.yaml": HOSTILE.encode()}, bare.files({"README": b"x"}))
    assert world.build() == 0
    other = bare.files({"chora.yaml": HOSTILE.replace("team", "thief").encode()}, at=START + DAY)
    if cache == "lost":
        shutil.rmtree(world.folder / "cache")
    assert world.build() == 0
    assert world.findings() == [("history-replaced", "warning", "HEAD")]
    assert other[:12] in (world.folder / "site/sources/hostile.html").read_text()


def test_a_head_that_moves_on_or_over_a_merge_is_no_rewriting(world: World) -> None:
    bare = world.hostile
    first = bare.files({"chora.yaml": HOSTILE.encode()})
    side = bare.files({"chora.yaml": HOSTILE.encode(), "a": b"1"}, first, at=START + DAY)
    assert world.build() == 0
    main_line = bare.files({"chora.yaml": HOSTILE.encode(), "b": b"1"}, first, at=START + DAY)
    bare.files({"chora.yaml": HOSTILE.encode(), "c": b"1"}, main_line, side, at=START + 2 * DAY)
    assert world.build() == 0
    assert world.findings() == []


def test_a_repository_that_is_gone_keeps_its_last_good_state_with_its_age(world: World) -> None:
    world.hostile.files({"chora.yaml": HOSTILE.encode()})
    assert world.build() == 0
    shutil.rmtree(world.hostile.path)
    assert world.build(as_of="2026-11-01T14:00:00Z") == 0
    source = world.source()
    assert (source["outcome"], source["last_ok_at"]) == ("kept", "2026-11-01T12:00:00Z")
    assert source["capabilities"] == ["hostile.source.speak"]


# --- dependencies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 500], ids=["S05-self", "S05-2-cycle", "S05-500-cycle"])
def test_a_circle_of_dependencies_ends_and_every_edge_is_judged(length: int, world: World) -> None:
    entries = [
        {
            "id": f"hostile.circle.n{at}",
            "version": "1.0.0",
            "dependencies": [{"id": f"hostile.circle.n{(at + 1) % length}", "version": ">=1 <2"}],
        }
        for at in range(length)
    ]
    text = json.dumps({"version": "1.0.0", "owner": "team", "capabilities": entries}, separators=(",", ":"))
    world.hostile.files({"chora.yaml": text.encode()})
    started = time.monotonic()
    assert world.build() == 0
    assert time.monotonic() - started < 60
    assert len(world.source()["capabilities"]) == length
    for at in (0, length - 1):
        record = world.data(f"data/v1/capabilities/hostile.circle.n{at}.json")
        assert record["verdict"] == "compatible"


# --- what is printed -------------------------------------------------------------------------------------------------


def test_a_token_is_in_nothing_that_is_kept_published_or_printed(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also where the source fails, and where the build itself does, with its traceback asked for."""
    header = "Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    world.hostile.files({"chora.yaml": HOSTILE.encode()})
    monkeypatch.setenv("SRC_TOKEN", TOKEN)
    monkeypatch.setenv("CHORA_TRACEBACK", "1")
    with smart_http(world.folder / "sources", authorization=header) as served:
        world.register(f"url: {served.url}/hostile.git, auth_env: SRC_TOKEN")
        assert world.build() == 0
        assert world.source()["capabilities"] == ["hostile.source.speak"]
        monkeypatch.setenv("SRC_TOKEN", TOKEN + "x")
        assert world.build() == 0
        assert world.source()["outcome"] == "kept"
    with monkeypatch.context() as broken:
        broken.setattr("chora_catalog.app.pipeline.ask_all", lambda *_, **__: {}["defect"])
        assert world.build() == 3
    said = "".join(capfd.readouterr())
    assert "defect" in said
    secrets = (TOKEN, header.removeprefix("Basic "), base64.b64encode(f"x-access-token:{TOKEN}x".encode()).decode())
    assert not [secret for secret in secrets if secret in said]
    for path in world.folder.rglob("*"):
        assert not path.is_file() or not any(secret.encode() in path.read_bytes() for secret in secrets), path


@pytest.mark.parametrize("where", ["pipe", "NO_COLOR", "narrow"])
def test_a_terminal_that_wants_no_colour_gets_no_escape(where: str, world: World) -> None:
    """A pipe gets no escape at all. On a terminal the bar moves the cursor; `never read` would be yellow."""
    env = dict(os.environ) | {"TERM": "xterm-256color", "COLUMNS": "20" if where == "narrow" else "100"}
    env |= {"NO_COLOR": "1"} if where != "pipe" else {}
    words = [sys.executable, "-m", "chora_catalog", *world.words()]
    if where == "pipe":
        done = subprocess.run(words, env=env, capture_output=True, check=True)
        said = done.stdout + done.stderr
    else:
        said = on_a_terminal(words, env)
    assert b"Site: file:///" in said
    assert not re.search(rb"\x1b\[(?:[0-9]+;)*(?:[349]|10)[0-9]m", said), "no colour"
    assert where != "pipe" or b"\x1b" not in said


def on_a_terminal(words: list[str], env: dict[str, str]) -> bytes:
    """Run `words` on a terminal of their own and return what it shows."""
    ours, theirs = os.openpty()
    said = b""
    with subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, env=env) as process:
        os.close(theirs)
        while True:
            try:
                part = os.read(ours, 65_536)
            except OSError:
                break
            if not part:
                break
            said += part
    os.close(ours)
    assert process.returncode == 0
    return said


@pytest.mark.parametrize("word", ["--upload-pack=x", "-x", "--exec=/etc/x"])
def test_a_name_that_is_an_option_is_none(word: str, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """I11: given to a command it is refused in words, and in a manifest it is no id."""
    for words in (["explain", word], ["validate", word], ["validate", "--", word], ["serve", "--", word]):
        assert main(words) == 2, words
        said = capsys.readouterr()
        assert "Traceback" not in said.err
    world.hostile.files({"chora.yaml": manifest(id=word)})
    assert world.build() == 0
    assert world.source()["capabilities"] == []
    assert ("id-grammar", "error", "chora.yaml") in world.findings()


def test_no_connection_is_made_for_what_a_source_names(world: World) -> None:
    """S03: `$ref`, `$schema`, links and pictures stay words; the server they name is never asked."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.2)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        fields = {"$schema": url, "$ref": url, "x-a": {"$ref": url}, "summary": f"![x]({url})", "adr_links": [url]}
        world.hostile.files({"chora.yaml": manifest(**fields), "mkdocs.yml": f"plugins: [{url}]\n".encode()})
        assert world.build() == 0
        with pytest.raises(TimeoutError):
            server.accept()
