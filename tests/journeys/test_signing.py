"""Keys, signing and verifying on the command line, and what a build does with a publication that is signed."""

from __future__ import annotations

import base64
import functools
import http.server
import json
import os
import shutil
import signal
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chora_catalog.app import signing
from chora_catalog.app.moment import moment
from chora_catalog.cli.main import main
from chora_catalog.edge import publication
from tests.local_sigstore import ISSUER, WORKFLOW, LocalSigstore
from tests.two_repositories import build, commit, make_world

NOON = "2026-11-01T12:00:00Z"
LATER = "2026-11-01T12:30:00Z"
JULY = "2027-01-05T12:00:00Z"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with a site that is built and not signed, and a trust folder."""
    folder = make_world(tmp_path_factory.mktemp("signing"))
    assert build(folder) == 0
    assert main(["trust", "init", "--profile", "key", "--output", str(folder / "trust"), "--as-of", NOON]) == 0
    return folder


@pytest.fixture(autouse=True)
def _unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """No power fails in these tests, so nobody waits for the disk."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "world"))


@pytest.fixture
def signed(world: Path) -> Path:
    assert sign(world) == 0
    return world


def sign(world: Path, as_of: str = NOON, trust: str = "trust") -> int:
    return main(["sign", str(world / "site"), "--trust", str(world / trust), "--as-of", as_of])


def verify(world: Path, *more: str, as_of: str = NOON, what: str = "site", root: str = "trust/root.json") -> int:
    return main(["verify", str(world / what), "--root", str(world / root), "--as-of", as_of, *more])


def rotate(world: Path, *more: str) -> int:
    return main(["trust", "rotate", str(world / "trust"), "--as-of", LATER, *more])


def head(world: Path) -> dict[str, bytes]:
    folder = world / "site" / "mirror"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_trust_folder_has_private_keys_and_is_never_written_over(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = sorted((world / "trust" / "keys").iterdir())
    assert [path.name for path in keys] == ["online.pem", "root.pem"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in keys)
    before = [path.read_bytes() for path in keys]
    assert main(["trust", "init", "--profile", "key", "--output", str(world / "trust")]) == 2
    (world / "trust" / "root.json").unlink()
    assert main(["trust", "init", "--profile", "key", "--output", str(world / "trust")]) == 2
    assert "never written over" in capsys.readouterr().err
    assert [path.read_bytes() for path in keys] == before


def test_a_root_is_shown_in_words(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place in ("trust", "trust/root.json"):
        assert main(["trust", "show", str(world / place)]) == 0
        said = capsys.readouterr().out
        assert "root 1, profile key, valid until 2027-11-01T12:00:00Z" in said
        assert "signs: key " in said
    for place in ("site", "site/index.html", "nowhere"):
        assert main(["trust", "show", str(world / place)]) == 2


def test_a_signed_site_is_verified_in_one_line(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert verify(signed, as_of="2026-11-01T12:00:41Z") == 0
    out, err = capsys.readouterr()
    key = json.loads((signed / "site/mirror/trust.json").read_bytes())["signer"]
    assert out == f"OK, signed by {key} at 2026-11-01T12:00:00Z, 41 s old, sequence 1\n"
    assert err == ""
    assert json.loads((signed / "site/mirror/trust.js").read_text().removeprefix("window.choraTrust = ")[:-2])


def test_ages_have_their_answers(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = [
        ((), "2026-11-01T13:00:00Z", 0, ""),
        ((), "2026-11-01T13:10:00Z", 0, "stale: it counts as fresh for 1 h"),
        ((), "2026-11-01T13:31:00Z", 3, "too old: signed by "),
        (("--max-age", "7d"), "2026-11-01T13:31:00Z", 0, "stale"),
        (("--max-age", "10min"), "2026-11-01T12:11:00Z", 3, "the most is 10 min"),
        (("--max-age", "7d"), "2026-11-09T12:00:00Z", 3, "it expired 1 d ago"),
        (("--max-age", "soon"), NOON, 2, "is no length of time"),
        (("--min-sequence", "2"), NOON, 1, "sequence 1 is older than 2"),
        ((), "2026-11-01T11:00:00Z", 3, "1 h after the present time here"),
    ]
    for more, as_of, code, words in answers:
        assert verify(signed, *more, as_of=as_of) == code, (more, as_of)
        assert words in capsys.readouterr().err


TAMPERED: list[tuple[str, Callable[[Path], object], str]] = [
    ("a changed file", lambda site: flip(site / "index.html"), "index.html: its sha256"),
    ("a longer file", lambda site: (site / "index.html").write_bytes(b"<p>"), "were signed"),
    ("an extra file", lambda site: (site / "more.html").write_bytes(b""), "more.html is there and was not signed"),
    ("a missing file", lambda site: (site / "index.html").unlink(), "index.html is missing: it was signed"),
    ("a link", lambda site: relink(site / "index.html"), "index.html is a symbolic link"),
    ("a link too many", lambda site: (site / "x").symlink_to("/etc/passwd"), "x is a symbolic link"),
    ("a pipe", lambda site: os.mkfifo(site / "x"), "x is no regular file"),
    ("another run record", lambda site: flip(site / "run.json"), "run.json: its sha256"),
    ("no run record", lambda site: (site / "run.js").unlink(), "run.js is missing"),
    ("false facts", lambda site: flip(site / "mirror/trust.js"), "mirror/trust.js says something else"),
    ("a stranger beside the metadata", lambda site: (site / "mirror/targets/x.html").write_bytes(b"x"),
     "mirror/targets/x.html is nothing that was signed"),
    ("a script instead of the list of bundles", lambda site: (site / "mirror/bundles.js").write_bytes(b"alert(1);"),
     "mirror/bundles.js is no list of bundles"),
    ("a page among the bundles", lambda site: extra(site / "mirror/bundles/x.html"),
     "mirror/bundles/x.html is there and was not signed"),
    ("no signatures", lambda site: shutil.rmtree(site / "mirror/metadata"), "is not signed"),
]  # fmt: skip


def extra(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"<p>")


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def relink(path: Path) -> None:
    path.rename(path.with_name("aside.html"))
    path.symlink_to("aside.html")


@pytest.mark.parametrize(("change", "words"), [row[1:] for row in TAMPERED], ids=[row[0] for row in TAMPERED])
def test_whatever_was_done_to_a_site_is_named(
    signed: Path, change: Callable[[Path], object], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(signed / "site")
    assert verify(signed) == 1
    said = capsys.readouterr().err
    assert "rejected: " in said
    assert words in said


def test_one_file_and_one_manifest_of_a_source_are_verified(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(signed, what="site/index.html") == 0
    assert "OK, index.html, signed by" in capsys.readouterr().out
    shutil.copy(signed / "site/run.json", signed / "run.json")
    shutil.copy(signed / "site/index.html", signed / "saved.html")
    assert verify(signed, "--site", str(signed / "site"), what="saved.html") == 0
    assert "OK, index.html, signed by" in capsys.readouterr().out
    work = signed / "letter"
    assert os.system(f"git clone -q {signed}/sources/letter.git {work}") == 0
    assert verify(signed, "--site", str(signed / "site"), what="letter/chora.yaml") == 0
    assert "OK, chora.yaml of letter at " in capsys.readouterr().out
    (work / "chora.yaml").write_text("id: other\n")
    assert verify(signed, "--site", str(signed / "site"), what="letter/chora.yaml") == 1
    assert "no manifest it was built from" in capsys.readouterr().err
    assert verify(signed, what="letter/chora.yaml") == 2
    flip(signed / "site/index.html")
    assert verify(signed, what="site/index.html") == 1


def test_the_sequence_goes_on_and_what_is_unchanged_is_kept(signed: Path) -> None:
    before = head(signed)
    assert sign(signed, LATER) == 0
    after = head(signed)
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == {"metadata/timestamp.json", "trust.json", "trust.js"}
    assert verify(signed, "--min-sequence", "2", as_of=LATER) == 0
    assert sign(signed, NOON) == 2


def test_signatures_that_do_not_hold_are_not_gone_on_from(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flip(signed / "site/mirror/metadata/1.snapshot.json")
    before = head(signed)
    assert sign(signed, LATER) == 1
    assert "the snapshot is not the one that the timestamp names" in capsys.readouterr().err
    assert head(signed) == before


def test_another_trust_folder_does_not_sign(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trust", "init", "--profile", "key", "--output", str(signed / "other"), "--as-of", NOON]) == 0
    before = head(signed)
    assert sign(signed, LATER, "other") == 1
    assert head(signed) == before
    assert verify(signed, root="other/root.json") == 1
    assert "is not the one that you trust" in capsys.readouterr().err


def test_the_key_may_come_from_the_environment(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = world / "trust/keys/online.pem"
    monkeypatch.setenv("CHORA_SIGNING_KEY", key.read_text())
    key.unlink()
    assert sign(world) == 0
    monkeypatch.setenv("CHORA_SIGNING_KEY", (world / "trust/keys/root.pem").read_text())
    assert sign(world, LATER) == 2
    monkeypatch.setenv("CHORA_SIGNING_KEY", "no key")
    assert sign(world, LATER) == 2
    monkeypatch.delenv("CHORA_SIGNING_KEY")
    assert sign(world, LATER) == 2
    assert verify(world) == 0


def test_what_is_no_publication_is_not_signed(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (world / "empty").mkdir()
    assert main(["sign", str(world / "empty"), "--trust", str(world / "trust")]) == 2
    assert main(["sign", str(world / "nowhere"), "--trust", str(world / "trust")]) == 2
    assert sign(world, trust="site") == 2
    (world / "site" / "x").symlink_to("index.html")
    assert sign(world) == 2
    assert "only regular files can be signed" in capsys.readouterr().err


@pytest.mark.parametrize("options", [(), ("--online-key",), ("--root-key",), ("--online-key", "--root-key")])
def test_who_trusts_the_old_root_accepts_the_new_one(signed: Path, options: tuple[str, ...]) -> None:
    shutil.copy(signed / "trust/root.json", signed / "pinned.json")
    assert rotate(signed, *options) == 0
    assert sign(signed, LATER) == 0
    assert verify(signed, as_of=LATER, root="pinned.json") == 0
    assert verify(signed, as_of=LATER) == 0
    # And once more: the chain is carried from its first root on.
    assert rotate(signed) == 0
    assert sign(signed, LATER) == 0
    assert verify(signed, as_of=LATER, root="pinned.json") == 0
    assert {"metadata/1.root.json", "metadata/2.root.json", "metadata/3.root.json"} <= head(signed).keys()


def test_a_root_without_its_old_key_is_not_made(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (signed / "trust/keys/root.pem").unlink()
    before = (signed / "trust/root.json").read_bytes()
    assert rotate(signed, "--root-key") == 2
    assert "the key that signs roots is not in" in capsys.readouterr().err
    assert (signed / "trust/root.json").read_bytes() == before


def stopped_at(step: int, site: Path, trust: Path, as_of: str) -> bool:
    """Sign in a process that is killed at that step of writing; tell whether it was."""
    child = os.fork()
    if child == 0:
        count = 0

        def kill(_: str) -> None:
            nonlocal count
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

        publication._step = kill
        signing.sign(site, trust, as_of=moment(as_of), environ={})
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


NEEDED = ("run.", "data/v1/harvest", "data/v1/sources")


def test_a_stop_at_any_step_leaves_the_old_signatures_or_the_new(world: Path, tmp_path: Path) -> None:
    """After two months the statement is kept for its content and everything else is signed anew."""
    for path in [path for path in (world / "site").rglob("*") if path.is_file()]:
        if not path.relative_to(world / "site").as_posix().startswith(NEEDED):
            path.unlink()
    assert sign(world) == 0
    step, killed = 0, True
    while killed:
        step += 1
        here = tmp_path / str(step)
        for part in ("site", "trust"):
            shutil.copytree(world / part, here / part)
        killed = stopped_at(step, here / "site", here / "trust", JULY)
        assert verify(here, as_of=NOON) == 0 or verify(here, as_of=JULY) == 0, step
        assert sign(here, JULY) == 0
        assert verify(here, as_of=JULY) == 0
        assert not [path for path in head(here) if path.startswith("metadata/1.") and "root" not in path]
    assert step > 10


def test_a_build_carries_the_signatures_until_the_next_signing(
    signed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (signed / "site/mirror/bundles").mkdir()
    (signed / "site/mirror/bundles/chora-mirror-1.tar.gz").write_bytes(b"bundle")
    before = head(signed)
    commit(signed, "letter", {"NEWS": "news\n", "chora.yaml": CHANGED})
    assert build(signed, as_of=LATER) == 0
    after = head(signed)
    assert after == {path: data for path, data in before.items() if not path.startswith("trust.")}
    listed = json.loads((signed / "site/data/v1/contents.json").read_bytes())["files"]
    assert not [path for path in listed if path.startswith(("mirror/metadata", "mirror/bundles"))]
    assert verify(signed, as_of=LATER) == 1
    assert sign(signed, LATER) == 0
    assert verify(signed, "--min-sequence", "2", as_of=LATER) == 0
    assert (signed / "site/mirror/bundles/chora-mirror-1.tar.gz").read_bytes() == b"bundle"


CHANGED = """\
id: "example.letter.write"
version: "0.4.0"
owner: "team-b"
contact: "#team-b"
lifecycle_stage: "build"
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of a server that gives what lies in the temporary folder."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def kinds(world: Path, address: str) -> dict[str, str]:
    """One publication in each form that a build may start from."""
    with tarfile.open(world / "last.tar.gz", "w:gz", format=tarfile.USTAR_FORMAT) as tar:
        tar.add(world / "last", arcname=".")
    return {
        "folder": str(world / "last"),
        "bundle": str(world / "last.tar.gz"),
        "address": f"{address}/world/last/",
        "address of a bundle": f"{address}/world/last.tar.gz",
    }


def name_root(world: Path) -> None:
    registry = world / "catalog-sources.yaml"
    registry.write_text(registry.read_text().replace('title: "World"\n', 'title: "World"\n  root: trust/root.json\n'))


def test_the_previous_publication_is_verified_wherever_it_stands(
    signed: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name_root(signed)
    (signed / "site").rename(signed / "last")
    for kind, place in kinds(signed, address).items():
        shutil.rmtree(signed / "site", ignore_errors=True)
        assert build(signed, "--previous", place, as_of=JULY) == 0, kind
        # The signatures go along, so that the sequence goes on.
        assert "metadata/timestamp.json" in head(signed), kind
    assert sign(signed, JULY) == 0
    assert verify(signed, "--min-sequence", "2", as_of=JULY) == 0
    flip(signed / "last/data/v1/harvest/letter.json")
    capsys.readouterr()
    for kind, place in kinds(signed, address).items():
        assert build(signed, "--previous", place, as_of=JULY) == 1, kind
        assert "was tampered with: data/v1/harvest/letter.json is not what was signed" in capsys.readouterr().err
    flip(signed / "last/data/v1/harvest/letter.json")
    flip(signed / "last/mirror/metadata/timestamp.json")
    for kind, place in list(kinds(signed, address).items())[1:3]:
        assert build(signed, "--previous", place, as_of=JULY) == 1, kind
        assert "rejected: the timestamp" in capsys.readouterr().err
    shutil.rmtree(signed / "last/mirror")
    for kind, place in list(kinds(signed, address).items())[1:3]:
        assert build(signed, "--previous", place, as_of=JULY) == 3, kind
        assert "is not signed, so it cannot be verified" in capsys.readouterr().err


def test_a_root_that_is_not_there_verifies_nothing(signed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name_root(signed)
    (signed / "site").rename(signed / "last")
    (signed / "trust/root.json").unlink()
    assert build(signed, "--previous", str(signed / "last")) == 3
    assert "the root that the registry names cannot be read" in capsys.readouterr().err


@pytest.fixture(params=[1, 2], ids=["rekor-1", "rekor-2"])
def sigstore(request: pytest.FixtureRequest) -> Iterator[LocalSigstore]:
    service = LocalSigstore(request.param)
    yield service
    service.close()


def test_an_identity_signs_without_any_key(
    world: Path, sigstore: LocalSigstore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in list(os.environ):
        if name.startswith(("ACTIONS_", "GITHUB_", "CIRCLE", "BUILDKITE", "GITLAB")):
            monkeypatch.delenv(name)
    (world / "sigstore.json").write_bytes(sigstore.config())
    (world / "token").write_text(sigstore.token())
    init = ["trust", "init", "--profile", "keyless", "--output", str(world / "keyless"), "--as-of", NOON]
    assert main(init) == 2
    assert "an identity and its issuer" in capsys.readouterr().err
    identity = ["--identity", WORKFLOW, "--issuer", ISSUER, "--trust-config", str(world / "sigstore.json")]
    assert main([*init, *identity, "--require", "moon=full"]) == 2
    assert main([*init, *identity]) == 0
    assert sorted(path.name for path in (world / "keyless/keys").iterdir()) == ["root.pem"]
    assert sign(world, trust="keyless") == 2
    assert "there is no identity token" in capsys.readouterr().err
    token = ["--identity-token", str(world / "token"), "--as-of", NOON]
    assert main(["sign", str(world / "site"), "--trust", str(world / "keyless"), *token]) == 0
    capsys.readouterr()
    assert verify(world, root="keyless/root.json") == 0
    assert capsys.readouterr().out.startswith(f"OK, signed by {WORKFLOW} ({ISSUER}) at 2026-11-01T12:00:00Z")
    (statement,) = [data for path, data in head(world).items() if path.endswith(".provenance.json")]
    payload = json.loads(base64.b64decode(json.loads(statement)["dsseEnvelope"]["payload"]))
    assert [item["name"] for item in payload["predicate"]["buildDefinition"]["resolvedDependencies"]] == [
        "greeting",
        "letter",
    ]
    assert main(["trust", "rotate", str(world / "keyless"), "--online-key", "--as-of", NOON]) == 2
    assert main(["trust", "rotate", str(world / "keyless"), "--profile", "key", "--as-of", NOON]) == 0
    assert sign(world, LATER, "keyless") == 0
    assert verify(world, as_of=LATER, root="keyless/roots/1.root.json") == 0
    assert "OK, signed by key " in capsys.readouterr().out


def test_the_public_sigstore_comes_with_the_tool(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init = ["trust", "init", "--profile", "keyless", "--identity", WORKFLOW, "--issuer", ISSUER]
    assert main([*init, "--output", str(tmp_path / "trust")]) == 0
    assert f"signs: {WORKFLOW} ({ISSUER})" in capsys.readouterr().out
    root = json.loads((tmp_path / "trust/root.json").read_bytes())["signed"]["x-chora"]
    assert root["provenance"] == {
        "issuer": ISSUER,
        "build_signer_uri": WORKFLOW,
        "source_repository_uri": "https://github.com/o/r",
        "ref": "refs/heads/main",
    }
    assert {log["baseUrl"] for log in root["sigstore_trusted_root"]["tlogs"]} >= {"https://rekor.sigstore.dev"}
