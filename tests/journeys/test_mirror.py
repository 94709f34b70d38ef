"""From a signed site to a catalog on a machine without a network, by the words that are typed."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from chora_catalog.cli.main import main
from chora_catalog.edge.signing.roots import own_root
from chora_catalog.errors import ChoraError
from chora_catalog.model.imported import Imported, NotARecordError
from chora_catalog.model.mirror_index import LONGEST_PATH
from tests.bundles import MORE, SOON, World, tar, tree
from tests.local_sigstore import WORKFLOW, LocalSigstore
from tests.signed_head import (
    FILES,
    NOON,
    RUN,
    Publisher,
    identity_signer,
    key_root,
    key_signer,
    keyless_publisher,
)

AT = "2026-11-26T12:30:00Z"
LATER = MORE | {"capabilities/b.html": b"<p>b</p>\n"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.publish()
    return made


class Said:
    """What a command line said, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str], code: int) -> None:
        self.code = code
        self.out, self.err = capsys.readouterr()


@pytest.fixture
def chora(world: World, capsys: pytest.CaptureFixture[str]):
    def run(*words: str | Path, at: str = AT) -> Said:
        capsys.readouterr()
        return Said(capsys, main([*map(str, words), "--as-of", at]))

    return run


def root_args(world: World) -> Sequence[str]:
    return ("--root", str(world.root))


def test_a_site_is_exported_verified_imported_and_asked_for_its_age(world: World, chora) -> None:
    exported = chora("mirror", "export", world.site, *root_args(world))
    assert exported.code == 0
    assert "sequence 1, 4 files" in exported.out
    bundle = world.site / "mirror/bundles/chora-mirror-1.tar.gz"
    digest = re.search(r"sha256 ([0-9a-f]{64})", exported.out)
    assert digest
    assert bundle.with_name(f"{bundle.name}.sha256").read_text() == f"{digest[1]}  {bundle.name}\n"
    verified = chora("mirror", "verify", bundle, *root_args(world))
    assert (verified.code, verified.err) == (0, "")
    assert re.fullmatch(
        r"OK, signed by key [0-9a-f]{8} at 2026-11-26T12:00:00Z, 30 min old, sequence 1, 4 files, 0\.9 kB\n",
        verified.out,
    )
    target = world.folder / "far"
    imported = chora("mirror", "import", bundle, *root_args(world), "--output", target)
    assert imported.code == 0
    assert f"Open {target}/site/index.html" in imported.out
    assert {path: (target / "site" / path).read_bytes() for path in MORE} == MORE
    assert json.loads((target / "site/mirror/trust.json").read_bytes())["sequence"] == 1
    assert json.loads((target / "site/mirror/bundles.json").read_bytes())["bundles"] == []
    assert chora("mirror", "verify", target).code == 0
    assert chora("verify", bundle, *root_args(world)).out.startswith("OK, signed by key ")
    assert chora("verify", target / "site", *root_args(world)).code == 0


def test_the_same_site_gives_the_same_bytes(world: World) -> None:
    for name in ("b.tar.gz", "b.tar"):
        first = world.bundle(name).read_bytes()
        for path in world.site.rglob("*"):
            os.utime(path, (1, 1))
            path.chmod(0o755)
        assert world.bundle(name).read_bytes() == first
    assert world.bundle("b.tar").with_name("b.tar.sha256").is_file()


def test_the_site_keeps_its_last_three_bundles(world: World, chora) -> None:
    for number in range(1, 6):
        if number > 1:
            world.publish(as_of=NOON + timedelta(minutes=number))
        assert chora("mirror", "export", world.site, *root_args(world)).code == 0
        assert chora("mirror", "export", world.site, *root_args(world)).code == 0
    folder = world.site / "mirror"
    assert sorted(path.name for path in (folder / "bundles").iterdir()) == [
        f"chora-mirror-{number}.tar.gz{end}" for number in (3, 4, 5) for end in ("", ".sha256")
    ]
    listed = json.loads((folder / "bundles.json").read_bytes())
    assert [line["sequence"] for line in listed["bundles"]] == [5, 4, 3]
    script = (folder / "bundles.js").read_text()
    assert json.loads(script.removeprefix("window.choraBundles = ").removesuffix(";\n")) == listed
    newest = folder / "bundles/chora-mirror-5.tar.gz"
    assert (folder / "latest.tar.gz").stat().st_ino == newest.stat().st_ino
    assert listed["bundles"][0]["bytes"] == newest.stat().st_size
    assert subprocess.run(
        ["sha256sum", "-c", *(path.name for path in (folder / "bundles").glob("*.sha256"))],
        cwd=folder / "bundles", check=True, capture_output=True,
    ).stdout.count(b": OK") == 3  # fmt: skip
    assert chora("verify", world.site, *root_args(world)).code == 0
    for path in ("bundles/x.html", "bundles/chora-mirror-5.tar.gz/x", "bundles.js", "bundles.json"):
        place = folder / path.replace("5.tar.gz/", "6.tar.gz/")
        place.parent.mkdir(exist_ok=True)
        before = place.read_bytes() if place.exists() else None
        place.write_bytes((before or b"").replace(b":[{", b":[alert(1),{").replace(b'": [', b'": [1,') or b"x")
        said = chora("verify", world.site, *root_args(world))
        assert (said.code, place.relative_to(world.site).as_posix() in said.err) == (1, True), path
        place.unlink() if before is None else place.write_bytes(before)
    unpacked = world.folder / "by-tar"
    unpacked.mkdir()
    subprocess.run(["tar", "-xzf", str(newest), "-C", str(unpacked)], check=True)
    assert {path: (unpacked / path).read_bytes() for path in MORE} == MORE


def test_its_age_is_told_by_the_exit_code(world: World, chora) -> None:
    target = world.folder / "far"
    assert chora("mirror", "status", target).code == 2
    chora("mirror", "import", world.bundle(), *root_args(world), "--output", target)
    for at, code, word in (
        ("2026-11-26T12:30:00Z", 0, "fresh: "),
        ("2026-11-26T13:00:00Z", 0, "fresh: "),
        ("2026-11-26T13:00:01Z", 0, "stale: "),
        ("2026-11-26T13:30:00Z", 0, "stale: "),
        ("2026-11-26T13:30:01Z", 3, "alert: "),
        ("2026-12-03T12:00:00Z", 3, "expired: "),
        ("2036-12-03T12:00:00Z", 3, "expired: "),
    ):
        said = chora("mirror", "status", target, at=at)
        assert said.code == code, at
        assert said.out.startswith(word), at
        assert "old, sequence 1" in said.out
        assert bool(said.err) == (word != "fresh: "), at
    assert "nothing in it counts as a pass" in said.err
    assert chora("mirror", "status", target, at="2026-11-26T11:56:00Z").code == 0
    for words in (("status",), ("verify",)):
        behind = chora("mirror", *words, target, at="2020-01-01T00:00:00Z")
        assert (behind.code, behind.out) == (3, ""), "a clock that is behind tells no age"
        assert "after the present time here" in behind.err
    assert chora("mirror", "verify", target, at="2026-11-26T14:00:00Z").code == 3


def test_the_second_import_keeps_the_first_and_remembers_the_root(world: World, chora) -> None:
    target = world.folder / "far"
    one = world.bundle("one.tar")
    chora("mirror", "import", one, *root_args(world), "--output", target)
    again = chora("mirror", "import", one, "--output", target)
    assert again.code == 0
    assert again.out.startswith("OK, already there: ")
    assert not (target / "previous").exists()
    world.publish(LATER, as_of=NOON + timedelta(minutes=9))
    two = world.bundle("two.tar", as_of=NOON + timedelta(minutes=10))
    assert chora("mirror", "import", two, "--output", target).code == 0
    assert (target / "site/capabilities/b.html").is_file()
    assert not (target / "previous/capabilities/b.html").exists()
    record = Imported.from_bytes((target / "mirror.json").read_bytes())
    assert (record.sequence, record.root, record.imported_at) == (2, world.publisher.root, AT)


def test_nobody_leads_it_back_without_a_decision(world: World, chora) -> None:
    target = world.folder / "far"
    one = world.bundle("one.tar")
    world.publish(LATER, as_of=NOON + timedelta(minutes=9))
    two = world.bundle("two.tar", as_of=NOON + timedelta(minutes=10))
    chora("mirror", "import", two, *root_args(world), "--output", target)
    before = tree(target)
    refused = chora("mirror", "import", one, "--output", target)
    assert refused.code == 1
    assert "sequence 1 is older than 2" in refused.err
    assert chora("mirror", "import", one, "--output", target, "--allow-rollback", "not an id").code == 2
    assert tree(target) == before
    back = chora("mirror", "import", one, "--output", target, "--allow-rollback", "DEC-2026-11-26-001")
    assert back.code == 0
    assert "Gone back from sequence 2 to 1 by DEC-2026-11-26-001" in back.out
    record = Imported.from_bytes((target / "mirror.json").read_bytes())
    assert (record.sequence, [(line.after, line.to) for line in record.rollbacks]) == (1, [(2, 1)])
    assert chora("mirror", "import", two, "--output", target).code == 0
    assert len(Imported.from_bytes((target / "mirror.json").read_bytes()).rollbacks) == 1


def test_what_a_kill_left_unwritten_still_counts_against_going_back(world: World, chora) -> None:
    target = world.folder / "far"
    one = world.bundle("one.tar")
    chora("mirror", "import", one, *root_args(world), "--output", target)
    remembered = (target / "mirror.json").read_bytes()
    world.publish(LATER, as_of=NOON + timedelta(minutes=9))
    two = world.bundle("two.tar", as_of=NOON + timedelta(minutes=10))
    chora("mirror", "import", two, "--output", target)
    (target / "mirror.json").write_bytes(remembered)
    assert chora("mirror", "import", one, "--output", target).code == 1
    assert chora("mirror", "import", two, "--output", target).out.startswith("OK, already there")
    assert Imported.from_bytes((target / "mirror.json").read_bytes()).sequence == 2


@pytest.mark.parametrize("recorded", [True, False])
def test_a_damaged_timestamp_that_names_a_high_number_locks_nobody_out(world: World, chora, recorded: bool) -> None:
    target = world.folder / "far"
    bundle = world.bundle()
    chora("mirror", "import", bundle, *root_args(world), "--output", target)
    stamp = target / "site/mirror/metadata/timestamp.json"
    stamp.write_bytes(re.sub(rb'"version":1\b', b'"version":999', stamp.read_bytes()))
    if not recorded:
        (target / "mirror.json").unlink()
    mended = chora("mirror", "import", bundle, *root_args(world), "--output", target)
    assert mended.out.startswith("OK, imported"), mended.err
    assert chora("mirror", "verify", target).code == 0


def test_a_sequence_below_the_least_is_refused_by_a_reader_that_remembers_nothing(world: World, chora) -> None:
    bundle = world.bundle()
    for words in (("import", bundle, "--output", world.folder / "far"), ("verify", bundle)):
        said = chora("mirror", *words, *root_args(world), "--min-sequence", "2")
        assert said.code == 1
        assert "sequence 1 is lower than 2" in said.err
    assert not (world.folder / "far").exists()
    assert chora("mirror", "verify", bundle, *root_args(world), "--min-sequence", "1").code == 0


def test_a_root_is_needed_and_another_catalogs_is_refused(world: World, chora) -> None:
    target = world.folder / "far"
    bundle = world.bundle()
    said = chora("mirror", "import", bundle, "--output", target)
    assert (said.code, target.exists()) == (2, False)
    assert "no trust root is known" in said.err
    assert chora("mirror", "verify", bundle).code == 2
    foreign = world.folder / "foreign.json"
    foreign.write_bytes(key_root("somebody", "else"))
    assert chora("mirror", "import", bundle, "--root", foreign, "--output", target).code == 1
    assert not target.exists()
    assert chora("mirror", "import", bundle, *root_args(world), "--output", target).code == 0
    before = tree(target)
    world.publish(as_of=NOON + timedelta(minutes=9))
    newer = world.bundle("newer.tar", as_of=NOON + timedelta(minutes=10))
    assert chora("mirror", "import", newer, "--root", foreign, "--output", target).code == 1
    assert tree(target) == before


def test_a_root_that_its_predecessor_signed_is_followed_and_remembered(world: World, chora) -> None:
    target = world.folder / "far"
    first = world.root.read_bytes()
    chora("mirror", "import", world.bundle(), "--root", world.root, "--output", target)
    second = key_root("root", "fresh", after=own_root(first), old=("root",))
    world.publisher.roots.append(second)
    world.publisher.signer = lambda: key_signer("fresh")
    world.publish(as_of=NOON + timedelta(minutes=9))
    bundle = world.bundle("two.tar", as_of=NOON + timedelta(minutes=10))
    assert chora("mirror", "import", bundle, "--output", target).code == 0
    assert Imported.from_bytes((target / "mirror.json").read_bytes()).root == second
    (world.folder / "second.json").write_bytes(second)
    for root in (world.root, world.folder / "second.json"):
        assert chora("mirror", "import", bundle, "--root", root, "--output", target).code == 0, root


def test_an_expired_bundle_is_not_placed_and_what_stands_stays(world: World, chora) -> None:
    bundle, target = world.bundle(), world.folder / "far"
    said = chora("mirror", "import", bundle, *root_args(world), "--output", target, at="2026-12-03T12:00:00Z")
    assert (said.code, target.exists()) == (3, False)
    assert "expired" in said.err
    old = chora("mirror", "import", bundle, *root_args(world), "--output", target, at="2026-12-03T11:59:59Z")
    assert old.code == 0
    assert "past its alert age" in old.err


def test_damage_is_named_and_the_same_bundle_mends_it(world: World, chora) -> None:
    target = world.folder / "far"
    bundle = world.bundle()
    chora("mirror", "import", bundle, *root_args(world), "--output", target)
    whole = tree(target / "site")
    for path, data, word in (
        ("index.html", b"<p>Another</p>\n", "index.html"),
        ("capabilities/a.html", None, "capabilities/a.html is missing"),
        ("more.html", b"", "more.html is there and was not signed"),
        ("run.js", b"window.choraRun = 2;\n", "run.js"),
        ("mirror/trust.json", b"{}", "mirror/trust.json says something else"),
        ("mirror/targets/x.html", b"<p>", "mirror/targets/x.html is there and was not signed"),
        ("mirror/metadata/1.root.json", b"{}", "root"),
        ("mirror/metadata/1.snapshot.json", None, "snapshot"),
        ("mirror/bundles.js", b"alert(1);\n", "mirror/bundles.js is no list of bundles"),
    ):
        place = target / "site" / path
        place.unlink(missing_ok=True)
        if data is not None:
            place.write_bytes(data)
        said = chora("mirror", "verify", target)
        assert said.code == 1, path
        assert word in said.err, path
        mended = chora("mirror", "import", bundle, "--output", target)
        assert mended.code == 0, path
        assert not (target / "previous").exists(), "what is damaged is no generation to go back to"
        assert tree(target / "site") == whole, path


def test_a_site_that_is_not_what_was_signed_is_not_exported(world: World, chora) -> None:
    output = world.folder / "x.tar.gz"
    words = ("mirror", "export", world.site, *root_args(world), "--output", output)
    (world.site / "more.html").write_bytes(b"")
    assert "more.html" in chora(*words).err
    (world.site / "more.html").unlink()
    (world.site / "index.html").write_bytes(FILES["index.html"][:-2] + b"!\n")
    said = chora(*words)
    assert said.code == 1
    assert "index.html" in said.err
    (world.site / "index.html").write_bytes(FILES["index.html"])
    (world.site / "run.json").write_bytes(b"{}\n")
    assert chora(*words).code == 1
    (world.site / "run.json").write_bytes(RUN["run.json"])
    assert chora(*words, at="2027-11-26T00:00:00Z").code == 3
    assert chora("mirror", "export", world.site, *root_args(world), "--output", world.folder / "x.zip").code == 2
    assert chora("mirror", "export", world.folder / "nowhere", *root_args(world)).code == 2
    assert not output.exists()
    assert chora(*words).code == 0


def test_an_unsigned_site_and_a_wrong_name_are_asked_wrongly(world: World, chora, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    assert chora("mirror", "export", plain, *root_args(world)).code == 2
    for where in (tmp_path / "nothing.tar", tmp_path / "nothing.tar" / "below", plain):
        assert chora("mirror", "import", where, *root_args(world), "--output", tmp_path / "far").code == 2, where
    pipe = tmp_path / "pipe.tar"
    os.mkfifo(pipe)
    assert chora("mirror", "import", pipe, *root_args(world), "--output", tmp_path / "far").code == 2
    address = chora(
        "mirror", "import", "https://catalog.example/b.tar", *root_args(world), "--output", tmp_path / "far"
    )
    assert address.code == 2
    assert "downloaded first" in address.err
    assert not (tmp_path / "far").exists()


def test_a_path_that_a_tar_file_cannot_name_is_said(tmp_path: Path, chora) -> None:
    other = World(tmp_path / "long", Publisher())
    path = "/".join(["q" * 99, "r" * 99, "s" * 54])
    assert len(path) <= LONGEST_PATH
    other.publish(FILES | {path: b""})
    said = chora("mirror", "export", other.site, "--root", other.root, "--output", tmp_path / "x.tar")
    assert (said.code, (tmp_path / "x.tar").exists()) == (1, False)
    assert "longer than the name" in said.err


def test_a_record_that_somebody_edited_is_not_believed(world: World, chora) -> None:
    target = world.folder / "far"
    bundle = world.bundle()
    chora("mirror", "import", bundle, *root_args(world), "--output", target)
    good = (target / "mirror.json").read_bytes()
    record = json.loads(good)
    for change in (
        {"sequence": 0}, {"sequence": True}, {"sequence": "1"}, {"root": "?"}, {"root": None}, {"imported_at": "now"},
        {"imported_at": "2026-13-45T00:00:00Z"}, {"timestamp_sha256": "0"}, {"bundle_sha256": 1}, {"rollbacks": {}},
        {"rollbacks": [{"after": 1}]}, {"schema": "chora.imported-mirror/v2"}, {"more": 1},
    ):  # fmt: skip
        data = (json.dumps(record | change, indent=1) + "\n").encode()
        with pytest.raises(NotARecordError):
            Imported.from_bytes(data)
    for data in (b"", b"{}", b"[]", b"null", b"[" * 100_000, good + b" ", good.replace(b"\n", b"\r\n")):
        (target / "mirror.json").write_bytes(data)
        for words in (("status", target), ("verify", target), ("import", bundle, "--output", target)):
            said = chora("mirror", *words)
            assert said.code == 3, (data[:20], words)
            assert "mirror.json cannot be read" in said.err
        assert (target / "mirror.json").read_bytes() == data


def test_nothing_asks_a_network(world: World, chora, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setenv("HOME", "/nonexistent")
    target = world.folder / "far"
    assert chora("mirror", "import", world.bundle(as_of=SOON), *root_args(world), "--output", target).code == 0
    assert chora("mirror", "verify", target).code == 0
    assert chora("mirror", "status", target).code == 0


@pytest.fixture(scope="module")
def services() -> Iterator[dict[int, LocalSigstore]]:
    """A Sigstore with each version of its log."""
    made = {version: LocalSigstore(version) for version in (1, 2)}
    yield made
    for one in made.values():
        one.close()


@pytest.mark.parametrize("version", [1, 2])
def test_a_catalog_signed_by_a_workflow_is_carried_and_judged_the_same(
    version: int, services: dict[int, LocalSigstore], tmp_path: Path
) -> None:
    """The profile `keyless`: an identity in place of a key, verified far away without asking anybody."""
    world = World(tmp_path, keyless_publisher(services[version]))
    world.publish()
    one = world.bundle("one.tar.gz")
    assert world.take(one).trusted.signer.startswith(WORKFLOW)
    data = bytearray(one.read_bytes())
    for at in range(60, len(data), len(data) // 20):
        data[at] ^= 1
        (tmp_path / "changed.tar.gz").write_bytes(data)
        with pytest.raises(ChoraError, match="rejected"):
            world.take(tmp_path / "changed.tar.gz")
        data[at] ^= 1
    root = world.publisher.root
    other = Publisher(roots=[root], signer=lambda: identity_signer(services[version], root, f"{WORKFLOW}-of-another"))
    with pytest.raises(ChoraError):
        other.sign(MORE)
    (tmp_path / "other.tar").write_bytes(tar(World(tmp_path, other).members()))
    before = tree(tmp_path / "mirror")
    with pytest.raises(ChoraError, match="rejected"):
        world.take(tmp_path / "other.tar")
    world.publish(LATER, as_of=NOON + timedelta(minutes=9))
    later = NOON + timedelta(minutes=10)
    two = world.bundle("two.tar", as_of=later)
    assert tree(tmp_path / "mirror") == before
    assert world.take(two, as_of=later, root=False).trusted.sequence == 2
    with pytest.raises(ChoraError, match="older than 2"):
        world.take(one, as_of=later)
