"""The last good catalog always stands: killed, out of room, refused by the disk, or two at once.

After each of these the published folder is exactly the old or exactly the new content, and a plain rerun gives the same
bytes as a build that nobody disturbed, with nothing left over. CHORA_KILLS (3, one of each kind) and CHORA_SEED say
how many random moments are tried and which; `make crash` tries 200, and each submission a dozen. With it every step and
every size of disk is tried by a whole build as well, without it a share.
"""

from __future__ import annotations

import ast
import contextlib
import errno
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chora_catalog.edge import publication
from chora_catalog.errors import ChoraError, Exit
from tests.crash import APART, ROOT, Calls, Ended, Trial, Warm, World, digest, make_world, write

KILLS = int(os.environ.get("CHORA_KILLS", "3"))
WHOLE = "CHORA_KILLS" in os.environ
"""Whether every step and size is tried by a whole build; else a share is, and every step by the writer alone."""
SEED = int(os.environ.get("CHORA_SEED", "20261101"))


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    with Warm() as process:
        yield process


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> World:
    return make_world(tmp_path_factory.mktemp("crash"), warm)


def one_message(ended: Ended, *, code: int = 3) -> str:
    """Check that a build refused as it should, with one message and its next step, and return what it said."""
    assert ended.code == code, ended
    assert "Traceback" not in ended.err
    assert "defect" not in ended.err
    assert ended.err.count("chora: ") == 1
    assert ended.err.count("next: ") == 1
    return ended.err


def read_record(site: Path) -> None:
    assert json.loads((site / "run.json").read_bytes())["published"] is True
    assert (site / "run.js").read_bytes().endswith(b"};\n")


# What a build finds, and what it makes of that: names of `World.digests`.
KINDS = {"change": ("one", "two"), "first": ("", "first"), "record": ("two", "two")}


def lay_out(world: World, kind: str) -> Trial:
    return world.trial(stands=KINDS[kind][0])


def standing(world: World, trial: Trial, kind: str) -> str:
    """Return `old`, `new` or `none` for what is published; anything else fails."""
    old, new = KINDS[kind]
    found = digest(trial.site)
    if not found:
        assert not old
        return "none"
    read_record(trial.site)
    if found == world.digests[new]:
        return "new"
    assert found == world.digests.get(old), "torn"
    return "old"


def rerun(world: World, trial: Trial, warm: Warm, kind: str = "change") -> None:
    """Check that a plain rerun gives what an undisturbed build gives, and leaves what that leaves."""
    ended = warm.build(trial.words())
    assert ended.code == 0, ended
    assert digest(trial.site) == world.digests[KINDS[kind][1]]
    read_record(trial.site)
    assert trial.litter(world) == set()


# --- every step of a write ---------------------------------------------------------------------------------------

OLD = {"a": "1", "b/c": "2", "d": "3"}
NEW = {"a": "1", "b/c": "changed", "e/f": "4"}
BUT_LAST = ("locked", "repaired", "opened", "linked", "written", "recorded", "synced", "switched", "settled", "swept")
# name: (what stands, what comes, what the file system lacks, which steps are passed)
WAYS: dict[str, tuple[dict[str, str], dict[str, str], tuple[str, ...], tuple[str, ...]]] = {
    "first": ({}, NEW, (), tuple(step for step in BUT_LAST if step != "linked")),
    "change": (OLD, NEW, (), BUT_LAST),
    "removal": (OLD, {"a": "1"}, (), BUT_LAST),
    "poor file system": (OLD, NEW, ("link", "exchange"), (*BUT_LAST, "set-aside")),
    "record": (
        NEW,
        NEW,
        (),
        ("locked", "repaired", "opened", "written", "recorded", "replaced", "settled", "swept"),
    ),
}


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def content(folder: Path) -> dict[str, str]:
    return {path: text for path, text in tree(folder).items() if path not in APART}


def test_every_step_of_the_writer_is_listed_and_passed() -> None:
    calls = ast.walk(ast.parse(Path(publication.__file__).read_text()))
    named = {
        ast.literal_eval(call.args[0])
        for call in calls
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_step"
    }
    assert named == set(publication.STEPS)
    assert {step for _, _, _, steps in WAYS.values() for step in steps} == named


@pytest.mark.parametrize("way", WAYS)
def test_a_kill_at_any_step_leaves_old_or_new(way: str, warm: Warm, tmp_path: Path) -> None:
    old, new, lacks, passed = WAYS[way]
    for step in publication.STEPS:
        folder = tmp_path / step
        site = folder / "site"
        if old:
            write(site, old, {"run.json": "r1"})
        asked = {"site": str(site), "files": new, "apart": {"run.json": "r2"}}
        ended = warm.build([], publish=asked, env={"CHORA_FAILPOINT": step}, without=lacks)
        assert ended.code == (-signal.SIGKILL if step in passed else 0), (step, ended)
        if step == "set-aside" and step in passed:
            assert content(folder / ".site.chora-old") == old
            assert not site.exists()
        elif site.exists():
            assert content(site) in (old, new)
            assert tree(site)["run.json"] in ("r1", "r2")
        else:
            assert old == {}
        with publication.locked(site):
            assert site.exists() or not old, "taking the lock repairs"
            assert {path.name for path in folder.iterdir()} <= {"site", ".site.chora-lock"}
        write(site, new, {"run.json": "r3"})
        assert tree(site) == new | {"run.json": "r3"}
        assert {path.name for path in folder.iterdir()} == {"site", ".site.chora-lock"}


@pytest.mark.parametrize(
    "step", publication.STEPS if WHOLE else ("linked", "written", "switched", "set-aside", "replaced")
)
def test_a_build_killed_at_any_step_is_made_good_by_the_next(step: str, world: World, warm: Warm) -> None:
    kind = "record" if step == "replaced" else "change"
    trial = lay_out(world, kind)
    ended = warm.build(
        trial.words(),
        env={"CHORA_FAILPOINT": step},
        without=["exchange", "link"] if step == "set-aside" else [],
    )
    assert ended.code == -signal.SIGKILL
    if step == "set-aside":
        assert digest(trial.site.with_name(".site.chora-old")) == world.digests["one"]
    else:
        switched = publication.STEPS.index(step) >= publication.STEPS.index("switched")
        assert standing(world, trial, kind) == ("new" if switched or kind == "record" else "old")
    rerun(world, trial, warm, kind)


@pytest.mark.parametrize("step", ["written", "switched"])
def test_a_build_on_several_processors_killed_leaves_old_or_new_and_nobody(step: str, world: World, warm: Warm) -> None:
    trial = lay_out(world, "change")
    whole = warm.build(trial.words(), many=True)
    assert (whole.code, standing(world, trial, "change")) == (0, "new"), whole.err
    trial = lay_out(world, "change")
    ended = warm.build(trial.words(), env={"CHORA_FAILPOINT": step}, many=True)
    assert ended.code == -signal.SIGKILL
    assert standing(world, trial, "change") == ("new" if step == "switched" else "old")
    rerun(world, trial, warm, "change")


# --- killed at random --------------------------------------------------------------------------------------------


def start(trial: Trial, warm: Warm) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "chora_catalog", *trial.words()],
        cwd=trial.folder,
        env=warm.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill_after(build: subprocess.Popen[bytes], seconds: float) -> bool:
    """Kill the process group of the build after a while; tell whether it was still there."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        build.wait(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(build.pid, signal.SIGKILL)
    build.wait()
    return build.returncode == -signal.SIGKILL


def wait_until(there: Callable[[], bool], build: subprocess.Popen[bytes]) -> None:
    while not there() and build.poll() is None:
        time.sleep(0.0005)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_at_any_moment_leaves_old_or_new(kind: str, world: World, warm: Warm) -> None:
    chance = random.Random(f"{SEED} {kind}")
    trial = lay_out(world, kind)
    begun = time.monotonic()
    build = start(trial, warm)
    wait_until(trial.site.with_name(".site.chora-new").exists, build)
    writing = time.monotonic()
    assert build.wait() == 0
    whole, last = time.monotonic() - begun, time.monotonic() - writing
    seen: Counter[str] = Counter()
    tries = itertools.count()
    while seen["killed"] < -(-KILLS // len(KINDS)):
        number = next(tries)
        assert number < 5 * KILLS, seen
        trial = lay_out(world, kind)
        build = start(trial, warm)
        if number % 2:
            # Half of them in the short while in which the output is written.
            wait_until(trial.site.with_name(".site.chora-new").exists, build)
            moment = chance.uniform(0, last)
        else:
            moment = chance.uniform(0, whole)
        killed = kill_after(build, moment)
        what = standing(world, trial, kind)
        seen["killed" if killed else "ended before"] += 1
        seen[what] += killed
        seen["litter until the rerun"] += bool(trial.litter(world))
        rerun(world, trial, warm, kind)
    print(f"seed {SEED}, {kind}: " + ", ".join(f"{count} {what}" for what, count in sorted(seen.items())) + ", 0 torn")


# --- calls that fail ---------------------------------------------------------------------------------------------


def publish_with(calls: Calls, site: Path, new: dict[str, str]) -> str:
    """Publish while calls fail; return what was said, empty when it went well."""
    said = ChoraError("", hint="none", code=Exit.CANNOT_TELL)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(calls.armed())
            write(site, new, {"run.json": "r2"})
        except ChoraError as error:
            said = error
    assert said.code == 3
    assert said.hint
    assert "\n" not in said.what
    return said.what


def lay_out_small(site: Path, old: dict[str, str]) -> None:
    shutil.rmtree(site.parent, ignore_errors=True)
    site.parent.mkdir()
    if old:
        write(site, old, {"run.json": "r1"})


@pytest.mark.parametrize("from_then_on", [False, True], ids=["one call", "every call from one on"])
@pytest.mark.parametrize("way", WAYS)
def test_any_call_may_fail(way: str, from_then_on: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, lacks, _ = WAYS[way]
    site, aside = tmp_path / "w" / "site", tmp_path / "w" / ".site.chora-old"
    # Nothing is really synced: that costs time, and no test here can cut the power.
    monkeypatch.setattr(publication, "_sync", lambda _: None)
    monkeypatch.setattr(os, "fsync", lambda _: None)
    if "link" in lacks:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "no links")))
        monkeypatch.setattr(publication, "_exchange", lambda *_: False)
    lay_out_small(site, old)
    counting = Calls()
    assert publish_with(counting, site, new) == ""
    assert {"mkdir", "open file", "write", "close", "fsync"} <= set(counting.made)
    tried = heard = 0
    for number, call in enumerate(counting.made, 1):
        for code in (errno.EIO,) if from_then_on else (errno.ENOSPC, errno.EIO):
            lay_out_small(site, old)
            said = publish_with(Calls(fail=number, code=code, from_then_on=from_then_on), site, new)
            tried, heard = tried + 1, heard + bool(said)
            where = f"{number} {call} {code}: {said}"
            if not said or "was published, but" in said:
                assert content(site) == new, where
            elif site.exists():
                assert content(site) == old, where
                assert tree(site)["run.json"] in ("r1", "r2"), where
            elif old:
                assert content(aside) == old, where
                assert from_then_on, where
                assert "next build puts it back" in said or "cannot be read" in said, where
            left = {path.name for path in site.parent.iterdir()} - {"site", ".site.chora-lock"}
            assert left <= {".site.chora-new", ".site.chora-old"}, where
            with publication.locked(site):
                assert content(site) in (old, new), where
            write(site, new, {"run.json": "r3"})
            assert tree(site) == new | {"run.json": "r3"}, where
            assert {path.name for path in site.parent.iterdir()} == {"site", ".site.chora-lock"}, where
    print(f"{way}: {tried} failures injected, {heard} told")
    assert heard > 20


def test_a_build_says_which_call_failed_and_how_to_go_on(world: World, warm: Warm) -> None:
    chance = random.Random(SEED)
    trial = lay_out(world, "change")
    total = warm.build(trial.words(), calls={}).calls
    assert total > 300
    for number in sorted(chance.sample(range(1, total + 1), min(max(2, KILLS // 4), total))):
        trial = lay_out(world, "change")
        code = chance.choice([errno.ENOSPC, errno.EIO])
        ended = warm.build(trial.words(), calls={"fail": number, "code": code})
        if ended.code == 0:
            assert digest(trial.site) == world.digests["two"], number
        else:
            assert os.strerror(code) in one_message(ended)
            assert digest(trial.site) == world.digests["two" if "was published, but" in ended.err else "one"], number
        rerun(world, trial, warm)


# --- no room -----------------------------------------------------------------------------------------------------

# Root obeys no rights, unless it has no powers; mounts of its own are what a container or a runner may forbid.
POWERLESS = ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all") if os.geteuid() == 0 else ()
PRIVATE = (
    ("unshare", "--mount", "--propagation", "private"),
    ("unshare", "--user", "--map-root-user", "--mount", "--propagation", "private"),
)


def mounting() -> tuple[str, ...]:
    """Return the words before a program that let it mount, empty where nothing does."""
    for words in PRIVATE:
        with contextlib.suppress(OSError):
            if (
                subprocess.run(
                    [*words, "mount", "-t", "tmpfs", "x", "/tmp"], check=False, capture_output=True
                ).returncode
                == 0
            ):
                return words
    return ()


MOUNTING = mounting()


@pytest.fixture(scope="module")
def apart() -> Iterator[Warm]:
    """A warm process that may mount, or at least must obey rights."""
    with Warm(private=MOUNTING or POWERLESS) as process:
        yield process


def no_room(ended: Ended) -> bool:
    return any(os.strerror(code) in one_message(ended) for code in (errno.ENOSPC, errno.EFBIG))


def fill(folder: Path, *, leave: int) -> None:
    """Fill the file system of `folder`, but for `leave` bytes."""
    room = os.statvfs(folder)
    with (folder / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, room.f_bavail * room.f_frsize - leave))


# Where no disk can be made that is full, a limit to the size of files refuses the same writes: `limit` at the first
# build (none: it fits), and a small one at the second, in place of the bytes that the full disk has left.
@pytest.mark.parametrize(
    ("size", "left", "limit"),
    [
        ("64k", 0, 512),
        ("1m", 0, None),
        ("16m,nr_inodes=60", 0, 2048),
        *([("256k", 0, 1024), ("4m", 8192, None), ("16m", 65536, None)] if WHOLE else []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_full_disk_is_said_and_the_last_site_stands(
    size: str, left: int, limit: int | None, world: World, apart: Warm, tmp_path: Path
) -> None:
    disk = seen = tmp_path / "disk"
    disk.mkdir()
    trial = Trial(world.trial(sources="one").folder, disk / "site")
    limits = [{} if limit is None else {"limit": limit}, {"limit": 256 + left // 16}]
    if MOUNTING:
        assert apart.system("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)) == 0
        seen, limits = apart.root / disk.relative_to("/"), [{}, {}]
    first = apart.build(trial.words(), **limits[0])
    if limit is not None:
        assert no_room(first)
        assert "Nothing was published." in first.err
        assert {path.name for path in seen.iterdir()} <= {".site.chora-lock"}
        return
    assert first.code == 0, first
    assert digest(seen / "site") == world.digests["one"]
    (trial.folder / "sources").unlink()
    (trial.folder / "sources").symlink_to(world.folder / "two")
    if MOUNTING:
        fill(seen, leave=left)
    again = apart.build(trial.words(), **limits[1])
    assert no_room(again)
    assert "What was published stands." in again.err
    assert digest(seen / "site") == world.digests["one"]
    read_record(seen / "site")
    (seen / "filler").unlink(missing_ok=True)
    assert {path.name for path in seen.iterdir()} == {"site", ".site.chora-lock"}
    assert apart.build(trial.words()).code == 0
    assert digest(seen / "site") == world.digests["two"]


def test_a_limit_to_the_size_of_files_is_said(world: World, warm: Warm) -> None:
    trial = lay_out(world, "change")
    said = one_message(warm.build(trial.words(), limit=256))
    assert "File too large" in said
    assert "ulimit -f" in said
    assert standing(world, trial, "change") == "old"
    rerun(world, trial, warm)


def test_no_room_for_the_run_record_alone(world: World, apart: Warm, tmp_path: Path) -> None:
    trial = lay_out(world, "record")
    before = (trial.site / "run.json").read_bytes()
    site, limit = trial.site, {"limit": 256}
    if MOUNTING:
        disk = tmp_path / "disk"
        disk.mkdir()
        assert apart.system("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)) == 0
        trial, site, limit = Trial(trial.folder, disk / "site"), apart.root / disk.relative_to("/") / "site", {}
        shutil.copytree(world.folder / "two-built" / "site", site)
        fill(site.parent, leave=0)
    assert no_room(apart.build(trial.words(), **limit))
    assert digest(site) == world.digests["two"]
    assert (site / "run.json").read_bytes() == before


# --- no right ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def forbidden(apart: Warm, folder: Path) -> Iterator[None]:
    """Make a folder read-only for the warm process."""
    if MOUNTING:
        assert apart.system("mount", "--bind", str(folder), str(folder)) == 0
        assert apart.system("mount", "-o", "remount,bind,ro", str(folder)) == 0
        try:
            yield
        finally:
            apart.system("umount", str(folder))
        return
    inside = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in inside:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path in inside:
            path.chmod(0o755)


REFUSALS = ("Read-only file system", "Permission denied")


@pytest.mark.parametrize("kind", KINDS)
def test_a_read_only_output_is_one_message_before_any_work(kind: str, world: World, apart: Warm) -> None:
    trial = lay_out(world, kind)
    with forbidden(apart, trial.site.parent):
        said = one_message(apart.build(trial.words()))
    assert any(words in said for words in REFUSALS)
    assert "another place with --output" in said
    assert digest(trial.site) == world.digests.get(KINDS[kind][0], "")
    assert trial.cache.exists() == (kind != "first"), "nothing was fetched"


def test_a_folder_above_that_is_read_only_is_named(world: World, warm: Warm) -> None:
    trial = lay_out(world, "change")
    with Warm(private=POWERLESS) as powerless:
        trial.site.parent.chmod(0o555)
        said = one_message(powerless.build(trial.words()))
        trial.site.parent.chmod(0o755)
    assert "Permission denied" in said
    assert str(trial.site.parent / ".site.chora-lock") in said
    rerun(world, trial, warm)


def test_a_read_only_cache_is_one_message(world: World, apart: Warm) -> None:
    trial = lay_out(world, "first")
    trial.cache.mkdir()
    with forbidden(apart, trial.cache):
        said = one_message(apart.build(trial.words()))
    assert any(words in said for words in REFUSALS)
    assert not trial.site.exists()


def test_a_read_only_home_or_none_a_mask_and_a_plain_locale_change_nothing(
    world: World, apart: Warm, tmp_path: Path
) -> None:
    with forbidden(apart, tmp_path):
        for how in (
            {"env": {"HOME": str(tmp_path)}},
            {"env": {"HOME": str(tmp_path / "nowhere"), "LC_ALL": "C", "LANG": "C"}},
            {"unset": ["HOME", "LANG", "LC_ALL", "LC_CTYPE", "USER", "LOGNAME"], "umask": 0o077},
        ):
            trial = lay_out(world, "change")
            ended = apart.build(trial.words(), **how)
            assert ended.code == 0, ended
            assert digest(trial.site) == world.digests["two"]
    assert list(tmp_path.iterdir()) == []


def test_a_real_start_without_home_in_a_plain_locale(world: World) -> None:
    trial = lay_out(world, "change")
    done = subprocess.run(
        [sys.executable, "-m", "chora_catalog", *trial.words()],
        cwd="/", env={"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONPATH": str(ROOT)},
        check=False, capture_output=True, umask=0o077, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert digest(trial.site) == world.digests["two"]


# --- places that cannot be replaced ------------------------------------------------------------------------------


def test_a_mount_point_is_refused_before_any_work(world: World, apart: Warm) -> None:
    trial = lay_out(world, "first")
    places = [] if MOUNTING else [Path("/proc")]
    if MOUNTING:
        # Within one file system too, where no number of a device tells.
        for name in ("tmpfs", "bound", "bo und\\"):
            place = trial.folder / "out" / name
            place.mkdir()
            words = ("-t", "tmpfs", "tmpfs") if name == "tmpfs" else ("--bind", str(place))
            assert apart.system("mount", *words, str(place)) == 0
            places.append(place)
    for place in places:
        said = one_message(apart.build(Trial(trial.folder, place).words("--first")), code=2)
        assert "is a mount point" in said
        assert "--output" in said
        assert not trial.cache.exists()
        assert not list(place.glob(".*chora*")) + list(place.parent.glob(".*chora*"))


@pytest.mark.parametrize("inside", ["", "data"])
def test_the_folder_it_runs_in_is_refused(inside: str, world: World, warm: Warm) -> None:
    trial = lay_out(world, "change")
    relative = Trial(trial.folder, Path("..") if inside else Path())
    said = one_message(warm.build(relative.words(), cwd=str(trial.site / inside)), code=2)
    assert "is the folder this runs in" in said
    assert digest(trial.site) == world.digests["one"]
    assert trial.litter(world) == set()


def test_a_link_to_a_folder_stays_a_link(world: World, warm: Warm, tmp_path: Path) -> None:
    trial = lay_out(world, "change")
    web = tmp_path / "web"
    web.mkdir()
    (web / "current").symlink_to(trial.site)
    ended = warm.build(Trial(trial.folder, web / "current").words())
    assert ended.code == 0, ended
    assert (web / "current").readlink() == trial.site
    assert [path.name for path in web.iterdir()] == ["current"]
    assert digest(trial.site) == world.digests["two"]
    assert trial.litter(world) == set()


# --- two at once -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_two_builds_at_once_end_with_one_good_site(kind: str, world: World, warm: Warm) -> None:
    chance = random.Random(f"{SEED} {kind} two")
    codes: Counter[int] = Counter()
    for _ in range({"change": 4}.get(kind, 3)):
        trial = lay_out(world, kind)
        # The longer one waits, the more often both find the lock free, one after the other.
        both = warm.race([{"words": trial.words()}, {"words": trial.words(), "wait": chance.uniform(0, 0.8)}])
        for ended in both:
            codes[ended.code] += 1
            if ended.code != 0:
                assert f"another build is writing {trial.site}" in one_message(ended)
        assert 0 in {ended.code for ended in both}
        assert digest(trial.site) == world.digests[KINDS[kind][1]]
        read_record(trial.site)
        assert trial.litter(world) == set()
    print(f"{kind}: {dict(codes)}")


def test_two_builds_into_two_folders_share_a_cache(world: World, warm: Warm, tmp_path: Path) -> None:
    trial = lay_out(world, "first")
    other = Trial(trial.folder, tmp_path / "other" / "site")
    for ended in warm.race([{"words": trial.words()}, {"words": other.words()}]):
        assert ended.code == 0, ended
    assert digest(trial.site) == digest(other.site) == world.digests["first"]
    assert trial.litter(world) == set()


@pytest.mark.parametrize("lacks", [["link"], ["exchange"], ["link", "exchange"]], ids="-".join)
def test_a_poor_file_system_is_served_as_well(lacks: list[str], world: World, warm: Warm) -> None:
    trial = lay_out(world, "change")
    ended = warm.build(trial.words(), without=lacks)
    assert ended.code == 0, ended
    assert digest(trial.site) == world.digests["two"]
    assert trial.litter(world) == set()
