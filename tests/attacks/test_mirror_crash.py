"""An import that is killed, out of room, refused by the disk, or not alone: the old mirror stands, or the new, whole.

CHORA_KILLS (9) and CHORA_SEED say how many random moments are tried and which; `make crash` tries 200, and lets every
call fail.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from chora_catalog.edge import generations
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.imported import Imported
from tests.attacks.test_crash import KILLS, MOUNTING, POWERLESS, SEED, fill
from tests.bundles import World, tree
from tests.crash import Calls, Warm
from tests.signed_head import NOON

AT = "2026-11-26T12:30:00Z"
LATE = NOON + timedelta(minutes=30)
LIBRARIES = ("chora_catalog.app.mirroring", "chora_catalog.edge.signing.verifying")


class Three(World):
    """Three generations of one catalog, each as a bundle and as the tree that it is imported as."""

    def make(self, files: int) -> Three:
        self.bundles: list[Path] = []
        self.trees: list[dict[str, bytes]] = []
        for number in range(3):
            pages = {f"pages/{page % 7}/{page}.html": b"<p>%d %d</p>" % (page, number) * 50 for page in range(files)}
            self.publish({"index.html": b"%d" % number, **pages}, as_of=NOON + timedelta(minutes=number))
            self.bundles.append(self.bundle(f"{number + 1}.tar.gz", as_of=LATE))
            self.take(self.bundles[-1], to=f"whole-{number}", as_of=LATE)
            self.trees.append(tree(self.folder / f"whole-{number}" / "site"))
        assert self.root.is_file()
        return self

    def words(self, number: int, target: Path) -> list[str]:
        """The command line that imports a generation."""
        root = str(self.folder / "root.json")
        return ["mirror", "import", str(self.bundles[number]), "--root", root, "--output", str(target), "--as-of", AT]

    def stand(self, target: Path, *, many: int = 2) -> Path:
        """Let a folder be as it is after the first imports."""
        made = self.folder / f"after-{many}"
        if many and not made.exists():
            for number in range(many):
                self.take(self.bundles[number], to=made.name, as_of=LATE)
        if many:
            shutil.copytree(made, target, copy_function=os.link)
        return target

    def which(self, folder: Path) -> int:
        """Which generation stands in a folder, counted from 1; 0 for none; anything else fails."""
        return self.trees.index(tree(folder)) + 1 if folder.exists() else 0


def remembers(target: Path) -> int:
    data = generations.read_record(target)
    return 0 if data is None else Imported.from_bytes(data).sequence


def litter(target: Path) -> set[str]:
    return {path.name for path in target.iterdir()} - {"site", "previous", "mirror.json", ".chora-lock"}


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with Warm(modules=LIBRARIES) as process:
        yield process


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Three:
    return Three(tmp_path_factory.mktemp("small")).make(2)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Three:
    return Three(tmp_path_factory.mktemp("large")).make(80)


def rerun(world: Three, target: Path, warm: Warm) -> None:
    """Check that a plain rerun ends as an import that nobody disturbed, and leaves nothing over."""
    ended = warm.build(world.words(2, target), without=["sync"])
    assert ended.code == 0, ended
    assert world.which(target / "site") == 3
    assert remembers(target) == 3
    assert litter(target) == set()


@pytest.mark.parametrize("lacks", [[], ["exchange"]], ids=["exchange", "two renames"])
@pytest.mark.parametrize("step", generations.STEPS)
def test_a_kill_at_any_step_leaves_old_or_new(
    step: str, lacks: list[str], small: Three, warm: Warm, tmp_path: Path
) -> None:
    target = small.stand(tmp_path / "mirror")
    ended = warm.build(small.words(2, target), env={"CHORA_FAILPOINT": step}, without=["sync", *lacks])
    assert ended.code == (0 if step == "set-aside" and not lacks else -signal.SIGKILL), ended
    done = generations.STEPS.index(step) >= generations.STEPS.index("switched") or ended.code == 0
    stands = small.which(target / "site")
    if step == "set-aside" and lacks:
        assert (stands, small.which(target / "previous")) == (0, 2)
    else:
        assert stands == (3 if done else 2)
        assert small.which(target / "previous") in (1, 2)
    with generations.held(target, lambda data: Imported.from_bytes(data).timestamp_sha256):
        assert small.which(target / "site") == (3 if done else 2)
        assert small.which(target / "previous") == (2 if done else 1)
    rerun(small, target, warm)
    assert small.which(target / "previous") == 2


@pytest.mark.parametrize("step", [step for step in generations.STEPS if step not in ("set-aside", "kept")])
def test_a_first_import_killed_at_any_step_is_made_good(step: str, small: Three, warm: Warm, tmp_path: Path) -> None:
    target = tmp_path / "mirror"
    assert warm.build(small.words(2, target), env={"CHORA_FAILPOINT": step}, without=["sync"]).code == -signal.SIGKILL
    assert small.which(target / "site") in (0, 3)
    rerun(small, target, warm)
    assert not (target / "previous").exists()


def test_a_kill_at_any_moment_leaves_old_or_new(large: Three, warm: Warm, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED} mirror")
    begun = time.monotonic()
    assert warm.build(large.words(2, large.stand(tmp_path / "whole")), without=["sync"]).code == 0
    whole = time.monotonic() - begun
    seen: Counter[str] = Counter()
    for number in range(5 * KILLS):
        target = large.stand(tmp_path / str(number))
        ended = warm.build(large.words(2, target), kill=chance.uniform(0, 0.7 * whole), without=["sync"])
        assert ended.code in (0, -signal.SIGKILL), ended
        stands, before = large.which(target / "site"), large.which(target / "previous")
        assert (stands, before) in ((2, 1), (3, 1), (3, 2))
        seen["killed" if ended.code else "ended before"] += 1
        seen[f"stood at {stands}"] += ended.code != 0
        seen["litter until the rerun"] += bool(litter(target))
        rerun(large, target, warm)
        assert large.which(target / "previous") == 2
        shutil.rmtree(target)
        if seen["killed"] == KILLS:
            break
    print(f"seed {SEED}: " + ", ".join(f"{count} {what}" for what, count in sorted(seen.items())) + ", 0 torn")
    assert seen["killed"] == KILLS


def take_with(calls: Calls, world: Three, target: Path) -> str:
    """Import the third generation while calls fail; return what was said, empty when it went well."""
    said = ChoraError("", hint="none", code=Exit.CANNOT_TELL)
    try:
        with calls.armed():
            world.take(world.bundles[2], root=False, to=str(target), as_of=LATE)
    except ChoraError as error:
        said = error
    assert said.code is Exit.CANNOT_TELL, said.what
    assert said.hint
    return said.what


def test_any_call_may_fail(small: Three, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is really synced: that costs time, and no test here can cut the power.
    monkeypatch.setattr(generations, "sync", lambda _: None)
    monkeypatch.setattr(os, "fsync", lambda _: None)
    counting = Calls()
    target = small.stand(tmp_path / "count")
    assert take_with(counting, small, target) == ""
    heard = 0
    # A quarter of them, by chance of the seed; `make crash` tries each.
    step = 1 if KILLS >= 100 else 4
    for number, call in list(enumerate(counting.made, 1))[SEED % step :: step]:
        code = errno.ENOSPC if number % 2 else errno.EIO
        target = small.stand(tmp_path / str(number))
        said = take_with(Calls(fail=number, code=code), small, target)
        heard += bool(said)
        assert small.which(target / "site") in ((2, 3) if said else (3,)), (number, call, said)
        assert small.which(target / "previous") in (1, 2), (number, call, said)
        small.take(small.bundles[2], root=False, to=str(target), as_of=LATE)
        assert (small.which(target / "site"), small.which(target / "previous")) == (3, 2), (number, call, said)
        assert remembers(target) == 3
        assert litter(target) == set()
        shutil.rmtree(target)
    print(f"{len(counting.made) // step} failures injected, {heard} told")
    assert heard > 20 // step


def test_two_imports_at_once_end_with_one_whole_mirror(large: Three, warm: Warm, tmp_path: Path) -> None:
    for many in range(3):
        target = large.stand(tmp_path / str(many), many=many)
        ended = warm.race([{"words": large.words(number, target), "without": ["sync"]} for number in (2, 1)])
        newest, other = ended
        assert newest.code in (0, 3)
        assert other.code in (0, 1, 3)
        assert any(one.code == 0 for one in ended)
        for one in ended:
            assert one.code == 0 or one.err.count("next: ") == 1, one
            assert one.code != 3 or "another import is writing" in one.err
        assert large.which(target / "site") == (3 if newest.code == 0 else 2)
        rerun(large, target, warm)


def test_a_full_disk_is_said_and_what_was_imported_stands(large: Three, tmp_path: Path) -> None:
    disk = seen = tmp_path / "disk"
    disk.mkdir()
    with Warm(private=MOUNTING or POWERLESS, modules=LIBRARIES) as apart:
        if MOUNTING:
            assert apart.system("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)) == 0
            seen = apart.root / disk.relative_to("/")
        assert apart.build(large.words(1, disk / "mirror")).code == 0
        before = tree(seen / "mirror")
        for left in (0, 100_000):
            if MOUNTING:
                fill(seen, leave=left)
            how = {} if MOUNTING else {"limit": 256}
            ended = apart.build(large.words(2, disk / "mirror"), **how)
            assert ended.code == 3, ended
            assert any(words in ended.err for words in ("No space left", "has room for", "File too large"))
            assert "Traceback" not in ended.err
            assert ended.err.count("next: ") == 1
            assert tree(seen / "mirror") == before
            assert litter(seen / "mirror") == set()
            (seen / "filler").unlink(missing_ok=True)
        assert apart.build(large.words(2, disk / "mirror")).code == 0
        assert large.which(seen / "mirror" / "site") == 3


def test_a_bundle_on_a_read_only_medium_is_imported_without_a_home(large: Three, warm: Warm, tmp_path: Path) -> None:
    """And without anything written beside it; the place it goes to is made with its parents."""
    medium = tmp_path / "medium"
    medium.mkdir()
    shutil.copy(large.bundles[2], medium / "b.tar.gz")
    for path in (medium / "b.tar.gz", medium):
        path.chmod(0o555)
    words = large.words(2, tmp_path / "far" / "away")
    words[2] = str(medium / "b.tar.gz")
    ended = warm.build(words, env={"HOME": "/nonexistent"}, unset=["XDG_CACHE_HOME"], umask=0o077)
    assert ended.code == 0, ended
    assert large.which(tmp_path / "far" / "away" / "site") == 3
    assert [path.name for path in medium.iterdir()] == ["b.tar.gz"]


def test_what_is_no_mirror_is_left_alone(small: Three, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    (target / "letters.txt").write_text("dear")
    with pytest.raises(ChoraError, match="belongs to no imported mirror") as caught:
        small.take(small.bundles[0], to=str(target), as_of=LATE)
    assert caught.value.code == Exit.USAGE
    assert tree(target) == {"letters.txt": b"dear"}
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "site").symlink_to(target)
    with pytest.raises(ChoraError, match="belongs to no imported mirror"):
        small.take(small.bundles[0], to=str(linked), as_of=LATE)
    assert subprocess.run(["ls", str(target)], check=True, capture_output=True).stdout == b"letters.txt\n"
