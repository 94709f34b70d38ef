"""Fetching and reading real repositories: an unchanged source costs one listing, a changed one what is new, and what
is reported is what the repository holds (DESIGN section 2 "Fetch", section 3 "Versions").
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chora_catalog.edge.git import Fetched, FetchFailed, fetch, fetch_objects, own_files
from chora_catalog.edge.objects import CacheBroken, Objects, ObjectUnreadable
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.source import SourceSpec
from tests.git_server import ENV, START, Bare, Served, children, smart_http

DAY = 86_400
BIG = os.urandom(300 * 1024)


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    before = children()
    yield
    assert children() <= before


class World:
    """One repository `src.git`, its server, and a cache to fetch it into."""

    def __init__(self, folder: Path, served: Served) -> None:
        self.folder = folder
        self.served = served
        self.bare = Bare.make(folder / "repos" / "src.git")
        self.cache = folder / "cache" / "src.git"

    def fetch(
        self, known: Fetched | None = None, *, versions: str = "tags", ref: str = "HEAD", address: str = ""
    ) -> Fetched:
        address = address or f"{self.served.url}/src.git"
        spec = SourceSpec(name="src", url=address, versions=versions, ref=ref, timeout=20)
        refs = dict(known.refs) if known else {}
        return fetch(spec, address, self.cache, allow_local=True, known=refs, environ=ENV)

    def packs(self) -> int:
        return sum(path.stat().st_size for path in (self.cache / "objects" / "pack").glob("*.pack"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    (tmp_path / "repos").mkdir()
    with smart_http(tmp_path / "repos") as served:
        yield World(tmp_path, served)


def test_first_fetch_reports_every_selected_ref_and_lists_nothing_first(world: World) -> None:
    one = world.bare.files({"chora.yaml": b"id: a\n"})
    two = world.bare.files({"chora.yaml": b"id: a\n# 2\n"}, one, at=START + DAY)
    world.bare.files({"other": b"x"}, head="side")
    world.bare.tag("v1.0.0", one)
    tag = world.bare.tag("v2.0.0", two, at=START + 2 * DAY)
    got = world.fetch()
    assert got.refs == (
        ("HEAD", two),
        ("refs/tags/v1.0.0", one),
        ("refs/tags/v2.0.0", tag),
        ("refs/tags/v2.0.0^{}", two),
    )
    assert (got.head, got.changed, got.requests) == (two, True, 1)


def test_unchanged_source_costs_one_listing_and_no_fetch(world: World) -> None:
    world.bare.tag("v1", world.bare.files({"a": b"1"}))
    first = world.fetch()
    before = sorted((path, path.stat().st_mtime_ns) for path in world.cache.rglob("*"))
    world.served.log.clear()
    again = world.fetch(first)
    assert (again.refs, again.changed, again.requests) == (first.refs, False, 1)
    assert [path for method, path, _ in world.served.log if method == "POST"] == ["/src.git/git-upload-pack"]
    assert sorted((path, path.stat().st_mtime_ns) for path in world.cache.rglob("*")) == before


def test_cache_that_has_it_all_is_not_fetched_again_though_nothing_is_known(world: World) -> None:
    world.bare.files({"a": b"1"})
    world.fetch()
    again = world.fetch(None)
    assert (again.changed, again.requests) == (True, 1)


def test_unchanged_source_with_an_older_cache_is_brought_up_to_date(world: World) -> None:
    one = world.bare.files({"a": b"1"})
    world.fetch()
    two = world.bare.files({"a": b"2"}, one)
    known = Fetched(refs=(("HEAD", two),), head=two, changed=True, requests=0)
    again = world.fetch(known)
    assert (again.changed, again.requests) == (False, 2)
    with Objects(world.cache) as objects:
        assert objects.commit(two).parents == (one,)


@pytest.mark.parametrize("versions", ["head", "tags"])
def test_new_commit_is_seen_and_fetched(world: World, versions: str) -> None:
    one = world.bare.files({"a": b"1"})
    first = world.fetch(versions=versions)
    two = world.bare.files({"a": b"2"}, one, at=START + DAY)
    second = world.fetch(first, versions=versions)
    assert (second.head, second.changed, second.requests) == (two, True, 2)
    with Objects(world.cache) as objects:
        facts = objects.commit(two)
        assert facts.committed_at == "2023-11-15T22:13:20Z"
        assert objects.blob(objects.tree(facts.tree)["a"].id).data == b"2"


def test_moved_new_and_deleted_tags_are_seen(world: World) -> None:
    one = world.bare.files({"a": b"1"})
    two = world.bare.files({"a": b"2"}, one)
    world.bare.tag("v1", one)
    world.bare.tag("gone", one)
    first = world.fetch()
    world.bare.tag("v1", two)
    world.bare.tag("v3", two)
    world.bare.git("update-ref", "-d", "refs/tags/gone")
    second = world.fetch(first)
    assert second.changed
    assert second.refs == (("HEAD", two), ("refs/tags/v1", two), ("refs/tags/v3", two))


def test_rewritten_history_is_followed(world: World) -> None:
    world.bare.files({"a": b"1"})
    first = world.fetch()
    other = world.bare.files({"b": b"1"}, at=START + DAY)
    second = world.fetch(first)
    assert (second.head, second.changed) == (other, True)


def test_head_mode_takes_one_commit_and_no_tag(world: World) -> None:
    one = world.bare.files({"a": b"1"})
    two = world.bare.files({"a": b"2"}, one)
    world.bare.tag("v1", one)
    got = world.fetch(versions="head")
    assert got.refs == (("HEAD", two),)
    with Objects(world.cache) as objects:
        assert objects.commit(two).parents == ()
        with pytest.raises(CacheBroken):
            objects.commit(one)


def test_source_that_turns_from_head_to_tags_gets_its_whole_history(world: World) -> None:
    one = world.bare.files({"a": b"1"})
    two = world.bare.files({"a": b"2"}, one)
    world.bare.tag("v1", one)
    first = world.fetch(versions="head")
    second = world.fetch(first, versions="tags")
    assert [name for name, _ in second.refs] == ["HEAD", "refs/tags/v1"]
    assert second.changed
    with Objects(world.cache) as objects:
        assert objects.commit(two).parents == (one,)
        assert objects.commit(one).parents == ()
    third = world.fetch(second, versions="head")
    assert third.refs == (("HEAD", two),)


def test_named_branch_is_reported_by_its_full_name(world: World) -> None:
    world.bare.files({"a": b"1"})
    side = world.bare.files({"b": b"1"}, head="release/1.x")
    first = world.fetch(ref="release/1.x", versions="head")
    assert first.refs == (("refs/heads/release/1.x", side),)
    assert world.fetch(first, ref="release/1.x", versions="head").requests == 1
    with pytest.raises(FetchFailed, match=r"^The repository has no branch nosuch\.$"):
        world.fetch(ref="nosuch", address=str(world.bare.path))


def test_times_of_tags_are_creatordates(world: World) -> None:
    commit = world.bare.files({"a": b"1"})
    annotated = world.bare.tag("v1", commit, at=START + DAY)
    outer = world.bare.tag("v2", annotated, at=START + 2 * DAY, kind="tag")
    of_blob = world.bare.tag("blob", world.bare.blob(b"x"))
    world.bare.tag("light", commit)
    got = dict(world.fetch().refs)
    assert got["refs/tags/v2^{}"] == commit
    with Objects(world.cache) as objects:
        assert objects.tag_time(got["refs/tags/light"]) == "2023-11-14T22:13:20Z"
        assert objects.tag_time(annotated) == "2023-11-15T22:13:20Z"
        assert objects.tag_time(outer) == "2023-11-16T22:13:20Z"
        for ask in (objects.tag_time, objects.commit):
            with pytest.raises(ObjectUnreadable, match="blob"):
                ask(of_blob)
    shown = world.bare.git("for-each-ref", "--format=%(refname) %(creatordate:unix)", "refs/tags/light", "refs/tags/v2")
    assert shown.split() == ["refs/tags/light", str(START), "refs/tags/v2", str(START + 2 * DAY)]


def test_large_files_stay_with_a_server_that_filters(world: World) -> None:
    commit = world.bare.files({"big": BIG, "chora.yaml": b"id: a\n"})
    got = world.fetch()
    assert world.packs() < 10_000
    with Objects(world.cache) as objects:
        files = objects.tree(objects.commit(got.head).tree)
        assert objects.blob(files["big"].id).state == "too-large"
        assert objects.blob(files["chora.yaml"].id).data == b"id: a\n"
    # An update on top of what was held back neither fetches it nor takes the cache for broken.
    world.bare.files({"big": BIG, "chora.yaml": b"id: b\n"}, commit)
    assert world.fetch(got).requests == 2
    assert world.packs() < 10_000


def test_large_files_of_a_server_that_does_not_filter_are_not_read(world: World) -> None:
    world.bare.git("config", "uploadpack.allowFilter", "false")
    world.bare.files({"big": BIG, "chora.yaml": b"id: a\n"})
    got = world.fetch()
    assert world.packs() > len(BIG)
    with Objects(world.cache) as objects:
        files = objects.tree(objects.commit(got.head).tree)
        blob = objects.blob(files["big"].id)
        assert (blob.state, blob.size, blob.data) == ("too-large", len(BIG), None)
        assert objects.blob(files["chora.yaml"].id).data == b"id: a\n"
        assert objects.blob("0" * 40).state == "missing"


def test_objects_that_are_missing_come_in_one_request(world: World) -> None:
    world.bare.git("config", "uploadpack.allowAnySHA1InWant", "true")
    world.bare.files({"big": BIG, "huge": BIG + b"x"})
    got = world.fetch()
    with Objects(world.cache) as objects:
        ids = [entry.id for entry in objects.tree(objects.commit(got.head).tree).values()]
    address = f"{world.served.url}/src.git"
    spec = SourceSpec(name="src", url=address, versions="tags", timeout=20)
    assert fetch_objects(spec, address, world.cache, [], allow_local=True, environ=ENV) == 0
    assert fetch_objects(spec, address, world.cache, ids, allow_local=True, environ=ENV) == 1
    with Objects(world.cache) as objects:
        assert [objects.blob(name, limit=2**20).size for name in ids] == [len(BIG), len(BIG) + 1]
    assert world.fetch(got).requests == 1


@pytest.mark.parametrize("form", ["path", "relative", "file"])
def test_local_addresses(world: World, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = world.bare.files({"a": b"1"})
    monkeypatch.chdir(world.folder)
    address = {"path": str(world.bare.path), "relative": "repos/src.git", "file": world.bare.path.as_uri()}[form]
    first = world.fetch(address=address)
    assert first.head == commit
    assert world.fetch(first, address=address).requests == 1


def _lose_pack(cache: Path) -> None:
    next((cache / "objects" / "pack").glob("*.pack")).unlink()


def _cut_pack(cache: Path) -> None:
    pack = next((cache / "objects" / "pack").glob("*.pack"))
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[:-30])


def _lose_note(cache: Path) -> None:
    (cache / "chora.json").unlink()


def _babble_in_note(cache: Path) -> None:
    (cache / "chora.json").write_bytes(b"[" * 100_000)


def _newer_note(cache: Path) -> None:
    note = cache / "chora.json"
    note.write_text(note.read_text().replace('"format": 1', '"format": 2'))


def _change_config(cache: Path) -> None:
    (cache / "config").write_text("[core]\n\tsshCommand = touch pwned\n")


def _become_a_file(cache: Path) -> None:
    cache.rename(cache.with_name("elsewhere"))
    cache.write_bytes(b"x")


@pytest.mark.parametrize(
    "damage", [_lose_pack, _cut_pack, _lose_note, _babble_in_note, _newer_note, _change_config, _become_a_file]
)
def test_broken_cache_is_made_again(world: World, damage: Callable[[Path], None]) -> None:
    world.bare.tag("v1", world.bare.files({"a": b"1"}))
    first = world.fetch()
    config = (world.cache / "config").read_bytes()
    damage(world.cache)
    again = world.fetch(first)
    assert (again.refs, again.changed, again.requests) == (first.refs, False, 1)
    assert (world.cache / "config").read_bytes() == config
    with Objects(world.cache) as objects:
        assert list(objects.tree(objects.commit(again.head).tree)) == ["a"]
    assert world.fetch(first).requests == 1


def test_damage_that_only_reading_shows_is_told_and_anew_mends_it(world: World) -> None:
    world.bare.files({f"f{n}": os.urandom(2000) for n in range(5)})
    got = world.fetch()
    pack = next((world.cache / "objects" / "pack").glob("*.pack"))
    data = bytearray(pack.read_bytes())
    data[200:-200] = os.urandom(len(data) - 400)
    pack.chmod(0o644)
    pack.write_bytes(data)

    def read() -> list[str]:
        with Objects(world.cache) as objects:
            return [objects.blob(e.id).state for e in objects.tree(objects.commit(got.head).tree).values()]

    with pytest.raises(CacheBroken):
        read()
    address = f"{world.served.url}/src.git"
    spec = SourceSpec(name="src", url=address, versions="tags", timeout=20)
    fetch(spec, address, world.cache, allow_local=True, known=dict(got.refs), environ=ENV, anew=True)
    assert read() == ["ok"] * 5


def test_update_that_the_cache_cannot_take_is_made_anew_once(world: World) -> None:
    one = world.bare.files({"a": b"1"})
    first = world.fetch()
    # The note and the packs look right, but git cannot work in the cache.
    (world.cache / "HEAD").write_text("what\n")
    two = world.bare.files({"a": b"2"}, one)
    second = world.fetch(first)
    assert (second.head, second.changed) == (two, True)
    assert second.requests == 3


def test_another_address_does_not_build_on_the_old_cache(world: World) -> None:
    world.bare.files({"a": b"1"})
    first = world.fetch()
    other = Bare.make(world.folder / "repos" / "other.git")
    commit = other.files({"b": b"1"})
    second = world.fetch(first, address=f"{world.served.url}/other.git")
    assert (second.head, second.requests) == (commit, 1)
    with Objects(world.cache) as objects, pytest.raises(CacheBroken):
        objects.commit(first.head)


def test_head_is_found_where_git_packed_it(world: World) -> None:
    commit = world.bare.files({"a": b"1"})
    first = world.fetch(versions="head")
    subprocess.run(["git", f"--git-dir={world.cache}", "pack-refs", "--all"], env=ENV, check=True)
    assert not (world.cache / "refs" / "chora" / "head").exists()
    note = world.cache / "chora.json"
    note.write_text(note.read_text().replace(commit, "0" * 40))
    again = world.fetch(first, versions="head")
    assert (again.refs, again.requests) == (first.refs, 2), "a note that is wrong costs one fetch"


def test_litter_of_a_killed_run_is_swept(world: World) -> None:
    world.bare.files({"a": b"1"})
    litter = world.cache.parent / ".src.git.making"
    (litter / "abc" / "objects").mkdir(parents=True)
    foreign = world.cache.parent / ".src.git2.making"
    foreign.mkdir()
    world.fetch()
    assert sorted(path.name for path in world.cache.parent.iterdir()) == [".src.git.lock", foreign.name, "src.git"]


def test_own_files_are_those_of_head_with_who_added_them(tmp_path: Path) -> None:
    assert own_files(tmp_path, "decisions") is None
    work = tmp_path / "work"
    root = work / "demo"
    (root / "decisions" / "signals").mkdir(parents=True)

    def git(*words: str, at: int = START, who: str = "Ann") -> None:
        stamp = {"GIT_AUTHOR_DATE": f"{at} +0000", "GIT_COMMITTER_DATE": f"{at} +0100"}
        name = {"GIT_AUTHOR_NAME": who, "GIT_COMMITTER_NAME": "Bot"}
        mail = {"GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_EMAIL": "b@example.org"}
        subprocess.run(["git", "-C", str(work), *words], env=ENV | stamp | name | mail, check=True, capture_output=True)

    def add(name: str, text: str, *, at: int, who: str = "Ann") -> None:
        (root / name).write_text(text)
        git("add", "-A", at=at)
        git("commit", "-m", "x", at=at, who=who)

    subprocess.run(["git", "init", "-q", "-b", "main", str(work)], env=ENV, check=True)
    assert own_files(root, "decisions") is None
    add("decisions/a.yaml", "a", at=START)
    git("checkout", "-q", "-b", "side")
    add("decisions/signals/bé 1.yaml", "b", at=START + DAY, who="Bea\x1b[2J")
    git("checkout", "-q", "main")
    add("decisions/a.yaml", "a2", at=START + 2 * DAY, who="Cy")
    git("merge", "-q", "--no-ff", "--no-commit", "side")
    add("decisions/of-merge.yaml", "m", at=START + 3 * DAY, who="Di")
    (root / "decisions" / "link.yaml").symlink_to("/etc/passwd")
    add("decisions/large.yaml", "x" * 2000, at=START + 4 * DAY)
    git("rm", "-q", "demo/decisions/a.yaml")
    git("commit", "-qm", "gone", at=START + 5 * DAY)
    add("decisions/a.yaml", "a3", at=START + 6 * DAY, who="Eve")
    (root / "decisions" / "uncommitted.yaml").write_text("u")

    own = own_files(root, "decisions", limit=1000)
    assert own is not None
    assert own.files == {
        "decisions/a.yaml": b"a3",
        "decisions/large.yaml": b"\0" * 1001,
        "decisions/of-merge.yaml": b"m",
        "decisions/signals/bé 1.yaml": b"b",
    }
    assert {path: (fact.at, fact.author) for path, fact in own.added.items()} == {
        "decisions/a.yaml": ("2023-11-14T22:13:20Z", "Ann"),
        "decisions/large.yaml": ("2023-11-18T22:13:20Z", "Ann"),
        "decisions/of-merge.yaml": ("2023-11-17T22:13:20Z", "Di"),
        "decisions/signals/bé 1.yaml": ("2023-11-15T22:13:20Z", "Bea\\x1b[2J"),
    }
    assert not own.shallow
    at_top = own_files(work, "demo/decisions", limit=1000)
    assert at_top is not None
    assert sorted(at_top.files) == [f"demo/{path}" for path in sorted(own.files)]

    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth=1", work.as_uri(), str(clone)], env=ENV, check=True)
    shallow = own_files(clone / "demo", "decisions", limit=1000)
    assert shallow is not None
    assert (shallow.files, dict(shallow.added), shallow.shallow) == (own.files, {}, True)
    assert own_files(clone / "demo", "nothing-here") is not None


def test_own_files_of_a_linked_worktree_and_of_a_broken_clone(tmp_path: Path) -> None:
    bare = Bare.make(tmp_path / "own.git")
    blob = bare.blob(b"1")
    first = bare.files({"other": b"1"})
    head = bare.commit(bare.tree(("40000", "decisions", bare.tree(("100644", "a", blob)))), first)
    shallow = tmp_path / "shallow"
    more = tmp_path / "more"
    for words in (
        ["clone", "-q", "--depth=1", bare.path.as_uri(), str(shallow)],
        ["-C", str(shallow), "worktree", "add", "-q", "--detach", str(more)],
    ):
        subprocess.run(["git", *words], env=ENV, check=True, capture_output=True)
    own = own_files(more, "decisions")
    assert own is not None
    assert (own.head, own.files, own.shallow, own.added) == (head, {"decisions/a": b"1"}, True, {})
    (bare.path / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(ChoraError, match="own repository") as caught:
        own_files(bare.path, "decisions")
    assert caught.value.code is Exit.CANNOT_TELL
    assert "a is missing" in caught.value.detail


def test_own_files_do_not_depend_on_the_operators_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = Bare.make(tmp_path / "own.git")
    head = bare.commit(bare.tree(("40000", "decisions", bare.tree(("100644", "a", bare.blob(b"1"))))))
    config = tmp_path / "gitconfig"
    config.write_text(
        "[log]\n\tshowSignature = true\n\tmailmap = true\n[color]\n\tui = always\n[format]\n\tpretty = raw\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "nothing"))
    own = own_files(bare.path, "decisions")
    assert own is not None
    assert (own.head, own.files) == (head, {"decisions/a": b"1"})
    assert own.added["decisions/a"].author == "Ann"
