"""What is read straight from a pack is what git reads, or nothing: whatever the pack looks like."""

from __future__ import annotations

import random
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from chora_catalog.edge import packs as packs_module
from chora_catalog.edge.objects import Objects
from chora_catalog.edge.packs import Packs


def git(repository: Path, *words: str, stdin: bytes = b"") -> bytes:
    settings = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "gc.auto=0"]
    words = ("git", *settings, f"--git-dir={repository}", *words)
    return subprocess.run(words, input=stdin, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of thirty commits of three growing files, a folder, an annotated tag and an empty file."""
    place = tmp_path_factory.mktemp("packs") / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", str(place)], check=True)
    words = random.Random(7)
    lines = [[f"{name} {words.random()}" for _ in range(200)] for name in "abc"]
    script = []
    for number in range(30):
        lines[number % 3][words.randrange(200)] = f"changed {words.random()}"
        script += ["commit refs/heads/main", "committer a <a@b.example> 1700000000 +0000", "data 1", "x"]
        for name, text in zip("abc", lines, strict=True):
            content = "\n".join(text)
            script += [f"M 100644 inline in/{name}", f"data {len(content)}", content]
        script += ["M 100644 inline empty", "data 0", ""]
    script += ["tag v1", "from refs/heads/main", "tagger a <a@b.example> 1700000000 +0000", "data 1", "x", ""]
    git(place, "fast-import", "--quiet", stdin="\n".join(script).encode())
    git(place, "repack", "-adfq", "--depth=40", "--window=40")
    return place


def ids(repository: Path) -> list[str]:
    return sorted(git(repository, "rev-list", "--all", "--objects", "--no-object-names").decode().split())


def same_as_git(repository: Path) -> int:
    """Return how many of all objects were read without git, all of them as git reads them."""
    packs = Packs(repository)
    read = 0
    for name in ids(repository):
        kind = git(repository, "cat-file", "-t", name).decode().strip()
        found = packs.read(name)
        if found is not None:
            assert found == (kind, git(repository, "cat-file", kind, name))
            read += 1
    packs.close()
    return read


def test_every_object_of_a_plain_pack_is_read(bare: Path) -> None:
    deltas = git(bare, "verify-pack", "-v", *map(str, (bare / "objects/pack").glob("*.idx"))).decode()
    assert deltas.count("chain length =") > 5
    assert same_as_git(bare) == len(ids(bare)) > 100


def test_no_git_is_started_where_packs_hold_it_all(bare: Path) -> None:
    head, tree = git(bare, "rev-parse", "refs/heads/main", "refs/heads/main^{tree}").decode().split()
    with Objects(bare, environ={"PATH": "/nowhere"}) as objects:
        assert objects.commit(head).tree == tree
        assert objects.blob(objects.tree(tree)["in/a"].id).state == "ok"
        assert objects.tag_time(git(bare, "rev-parse", "refs/tags/v1").decode().strip()) == "2023-11-14T22:13:20Z"


def test_deltas_that_name_their_base_are_read(bare: Path, tmp_path: Path) -> None:
    place = tmp_path / "named.git"
    shutil.copytree(bare, place)
    git(place, "-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=10")
    assert same_as_git(place) == len(ids(place))


def test_what_lies_alone_and_what_is_not_there_is_left_to_git(bare: Path, tmp_path: Path) -> None:
    place = tmp_path / "alone.git"
    shutil.copytree(bare, place)
    name = git(place, "hash-object", "-w", "--stdin", stdin=b"alone").decode().strip()
    packs = Packs(place)
    assert packs.read(name) is None
    assert packs.read("0" * 40) is packs.read("f" * 40) is packs.read("0" * 64) is None
    with Objects(place) as objects:
        assert objects.blob(name).data == b"alone"
        assert objects.blob("0" * 40).state == "missing"
    packs.close()
    packs.close()
    assert packs.read(ids(place)[0]) is None


@pytest.mark.parametrize("limit", ["_LARGEST_INDEX", "_LARGEST_OBJECT", "_MOST_PACKS", "_DEEPEST", "_BUDGET"])
def test_past_a_limit_git_is_asked(bare: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(packs_module, limit, 0)
    assert same_as_git(bare) < len(ids(bare))
    tree = git(bare, "rev-parse", "refs/heads/main^{tree}").decode().strip()
    with Objects(bare) as objects:
        assert list(objects.tree(tree)) == ["empty", "in/a", "in/b", "in/c"]


@pytest.mark.parametrize("kind", ["pack", "idx"])
def test_damage_gives_nothing_and_never_something_else(bare: Path, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "damaged.git"
    shutil.copytree(bare, place)
    (file,) = (place / "objects/pack").glob(f"*.{kind}")
    file.chmod(0o644)
    whole = file.read_bytes()
    names = ids(bare)
    packs = Packs(bare)
    honest = {name: packs.read(name) for name in names}
    packs.close()
    chance = random.Random(11)
    lost = 0
    for _ in range(60):
        at = chance.randrange(len(whole))
        damaged = bytearray(whole)
        damaged[at] ^= 1 << chance.randrange(8)
        file.write_bytes(damaged if chance.random() < 0.8 else whole[:at])
        packs = Packs(place)
        for name in names:
            found = packs.read(name)
            assert found is None or found == honest[name]
            lost += found is None
        packs.close()
    assert lost


@pytest.mark.parametrize(
    "delta",
    [
        b"",
        b"\x03",
        b"\x03\x05",
        b"\x02\x01\x01x",
        b"\x03\x01\x00",
        b"\x03\x02\x01x",
        b"\x03\x01\x02xy",
        b"\x03\x05\x90\x05",
        b"\x03\x05\x91",
        b"\x03" + b"\xff" * 20,
        b"\x03\x80\x80\x80\x7f\x80",
        b"\xff" * 4000,
    ],
)
def test_a_delta_that_does_not_add_up_is_left_to_git(delta: bytes) -> None:
    with pytest.raises((packs_module._Odd, IndexError)):
        packs_module._patched(b"abc", delta)


def test_a_chain_in_a_circle_and_a_bomb_end(tmp_path: Path) -> None:
    """Entries of a pack that point at each other, and one that inflates to far more than it says."""
    folder = tmp_path / "objects" / "pack"
    folder.mkdir(parents=True)
    one, two, three = (bytes([first]) * 20 for first in (1, 2, 3))
    body = b"PACK\0\0\0\2\0\0\0\3"
    places = []
    entries = ((0x71, two, b"a"), (0x71, one, b"a"), (0x3A, b"", b"\0" * 50_000_000))
    for head, base, data in entries:
        places.append(len(body))
        body += bytes([head]) + base + zlib.compress(data, 9)
    fanout = b"".join(min(number, 3).to_bytes(4, "big") for number in range(256))
    index = b"\xfftOc\0\0\0\2" + fanout + one + two + three + bytes(12)
    (folder / "pack-a.idx").write_bytes(index + b"".join(place.to_bytes(4, "big") for place in places) + bytes(40))
    (folder / "pack-a.pack").write_bytes(body)
    packs = Packs(tmp_path)
    assert [packs.read(name.hex()) for name in (one, two, three)] == [None, None, None]
    packs.close()


def test_bytes_under_another_name_are_nobodys(bare: Path, tmp_path: Path) -> None:
    """An index that leads from each name to the object of the next, all of them sound: only their SHA-1 can tell."""
    place = tmp_path / "swapped.git"
    shutil.copytree(bare, place)
    names = ids(bare)
    (index,) = (place / "objects/pack").glob("*.idx")
    data = bytearray(index.read_bytes())
    begin = 8 + 256 * 4 + 24 * len(names)
    offsets = data[begin : begin + 4 * len(names)]
    data[begin : begin + 4 * len(names)] = offsets[4:] + offsets[:4]
    index.chmod(0o644)
    index.write_bytes(data)
    packs = Packs(place)
    try:
        assert [packs.read(name) for name in names] == [None] * len(names)
    finally:
        packs.close()
