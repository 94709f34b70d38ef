"""The last good publication always stands: what agrees is not written, what differs is switched in one step."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.edge import publication
from chora_catalog.edge.publication import Draft, locked, publish, rewrite
from chora_catalog.errors import ChoraError


@dataclass(frozen=True)
class File:
    path: str
    data: bytes

    def make(self) -> bytes:
        return self.data


def files(**contents: str) -> list[File]:
    return [File(name.replace("__", "/"), text.encode()) for name, text in contents.items()]


def tree(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_first_publication_holds_everything(tmp_path: Path) -> None:
    site = tmp_path / "site"
    with locked(site):
        written = publish(files(a="1", b__c="2"), site, apart={"run.json": b"r1"})
    assert (written.changed, written.removed) == (2, 0)
    assert tree(site) == {"a": "1", "b/c": "2", "run.json": "r1"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [".site.chora-lock", "site"]


def test_no_change_rewrites_the_run_record_alone(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(files(a="1", b__c="2"), site, apart={"run.json": b"r1"})
    before = {path: path.stat().st_ino for path in site.rglob("*")} | {site: site.stat().st_ino}
    written = publish(files(a="1", b__c="2"), site, apart={"run.json": b"r2"})
    assert not written.replaced
    after = {path: path.stat().st_ino for path in site.rglob("*")} | {site: site.stat().st_ino}
    assert {path for path in before if before[path] != after[path]} == {site / "run.json"}
    assert tree(site)["run.json"] == "r2"


@pytest.mark.parametrize(
    "outputs",
    [files(a="1", b__c="new"), files(a="new", b__c="2"), files(a="1"), files(a="1", b__c="2", d="3"), files(a__x="1")],
    ids=["last", "first", "removed", "added", "folder for file"],
)
def test_any_change_gives_exactly_the_new_content(tmp_path: Path, outputs: list[File]) -> None:
    site = tmp_path / "site"
    publish(files(a="1", b__c="2"), site, apart={"run.json": b"r1"})
    written = publish(outputs, site, apart={"run.json": b"r2"})
    assert written.replaced
    assert tree(site) == {file.path: file.data.decode() for file in outputs} | {"run.json": "r2"}


def beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_written_ahead_is_taken_as_it_is(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(files(a="1", b="2"), site, apart={})
    with locked(site), Draft(site) as draft:
        for file in files(a="1", b="new", c__d="3"):
            draft.write(file.path, file.data)
        draft.write("b", b"once is enough")
        ahead = {path.name: path.stat().st_ino for path in (tmp_path / ".site.chora-new").rglob("*") if path.is_file()}
        assert sorted(ahead) == ["b", "d"], "what stands is not written"
        kept = (site / "a").stat().st_ino
        written = publish(files(a="1", b="new", c__d="3", e="4"), site, apart={"run.json": b"r"}, draft=draft)
    assert (written.changed, written.unchanged, written.removed) == (3, 1, 0)
    assert tree(site) == {"a": "1", "b": "new", "c/d": "3", "e": "4", "run.json": "r"}
    assert {"b": (site / "b").stat().st_ino, "d": (site / "c/d").stat().st_ino} == ahead
    assert (site / "a").stat().st_ino == kept
    assert beside(tmp_path) == [".site.chora-lock", "site"]


@pytest.mark.parametrize("standing", [True, False])
def test_what_was_written_ahead_decides_nothing(tmp_path: Path, standing: bool) -> None:
    """Another text than was written ahead, a file that stands after all, and one that nobody asks for."""
    site = tmp_path / "site"
    if standing:
        publish(files(a="1", b="2", x="9"), site, apart={})
    with locked(site), Draft(site) as draft:
        for file in files(a="ahead", b="ahead", gone="ahead"):
            draft.write(file.path, file.data)
        publish(files(a="1", b="other", x="9"), site, apart={}, draft=draft)
    assert tree(site) == {"a": "1", "b": "other", "x": "9"}


def test_nothing_changed_although_something_was_written_ahead(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(files(a="1"), site, apart={"run.json": b"r1"})
    before = site.stat().st_ino
    for run in (b"r2", b"r3"):
        with locked(site), Draft(site) as draft:
            draft.write("a", b"ahead")
            if run == b"r2":
                assert not publish(files(a="1"), site, apart={"run.json": run}, draft=draft).replaced
            else:
                rewrite(site, apart={"run.json": run}, draft=draft)
        assert tree(site) == {"a": "1", "run.json": run.decode()}
    assert site.stat().st_ino == before
    assert beside(tmp_path) == [".site.chora-lock", "site"]


def test_a_refusal_leaves_nothing_of_what_was_written_ahead(tmp_path: Path) -> None:
    site = tmp_path / "site"

    def refused() -> None:
        with locked(site), Draft(site) as draft:
            draft.write("a", b"1")
            raise ChoraError("refused")

    with pytest.raises(ChoraError):
        refused()
    assert beside(tmp_path) == [".site.chora-lock"]


def test_a_disk_that_refuses_ahead_costs_time_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    real = publication._Fresh.write

    def half(fresh: Any, path: str, data: bytes, **more: Any) -> None:
        real(fresh, path, data[:1], **more)
        raise OSError(errno.ENOSPC, "No space left on device")

    with locked(site), Draft(site) as draft:
        monkeypatch.setattr(publication._Fresh, "write", half)
        draft.write("a", b"whole")
        monkeypatch.setattr(publication._Fresh, "write", real)
        publish(files(a="whole"), site, apart={}, draft=draft)
    assert tree(site) == {"a": "whole"}


def test_an_unchanged_file_is_linked_not_copied(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(files(a="1", b="2", c="3"), site, apart={})
    inode = (site / "c").stat().st_ino
    publish(files(a="1", b="new", c="3"), site, apart={})
    assert (site / "c").stat().st_ino == inode


def test_a_planted_symlink_is_replaced_and_its_target_untouched(tmp_path: Path) -> None:
    site, outside = tmp_path / "site", tmp_path / "outside"
    publish(files(a="1"), site, apart={})
    outside.write_text("1")
    (site / "a").unlink()
    (site / "a").symlink_to(outside)
    publish(files(a="1"), site, apart={})
    assert not (site / "a").is_symlink()
    assert outside.read_text() == "1"


def test_a_failing_render_leaves_the_last_good_one(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(files(a="1", b="2"), site, apart={})

    def outputs() -> Iterator[File]:
        yield File("a", b"new")
        raise OSError(28, "No space left on device")

    with pytest.raises(ChoraError) as caught:
        publish(outputs(), site, apart={})
    assert caught.value.code == 3
    assert "the build could not be finished: No space left on device. What was published stands." in caught.value.what
    assert tree(site) == {"a": "1", "b": "2"}
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("error", [ChoraError("the documents are at fault"), KeyboardInterrupt()], ids=repr)
def test_a_build_that_stops_by_itself_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    site = tmp_path / "site"
    publish(files(a="1", b="2"), site, apart={})

    def outputs() -> Iterator[File]:
        yield File("a", b"new")
        raise error

    with pytest.raises(type(error)):
        publish(outputs(), site, apart={})
    assert tree(site) == {"a": "1", "b": "2"}
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_what_a_killed_writer_left_is_repaired(tmp_path: Path) -> None:
    site, old, new = tmp_path / "site", tmp_path / ".site.chora-old", tmp_path / ".site.chora-new"
    publish(files(a="1"), site, apart={})
    site.rename(old)
    new.mkdir()
    with locked(site):
        assert tree(site) == {"a": "1"}
        assert not old.exists()
        assert not new.exists()


def test_an_empty_folder_in_its_place_does_not_cost_the_last_good_one(tmp_path: Path) -> None:
    site, old = tmp_path / "site", tmp_path / ".site.chora-old"
    publish(files(a="1"), site, apart={})
    site.rename(old)
    site.mkdir()
    with locked(site):
        assert tree(site) == {"a": "1"}
    assert not old.exists()


def test_what_was_set_aside_goes_once_its_successor_stands(tmp_path: Path) -> None:
    site, old = tmp_path / "site", tmp_path / ".site.chora-old"
    publish(files(a="1"), old, apart={})
    publish(files(a="2"), site, apart={})
    with locked(site):
        assert tree(site) == {"a": "2"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [".site.chora-lock", "site"]


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_leftover_of_another_kind_is_no_obstacle(tmp_path: Path, kind: str) -> None:
    site, new, outside = tmp_path / "site", tmp_path / ".site.chora-new", tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    new.write_text("x") if kind == "file" else new.symlink_to(outside)
    with locked(site):
        publish(files(a="1"), site, apart={})
    assert tree(site) == {"a": "1"}
    assert not os.path.lexists(new)
    assert (outside / "kept").exists()


def test_what_an_earlier_tool_left_inside_goes(tmp_path: Path) -> None:
    site = tmp_path / "site"
    publish(files(a="1"), site, apart={"run.json": b"r1"})
    (site / ".run.json.chora-new").write_text("torn")
    publish(files(a="1"), site, apart={"run.json": b"r2"})
    assert tree(site) == {"a": "1", "run.json": "r2"}


def test_a_publication_without_change_puts_nothing_into_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    publish(files(a="1"), site, apart={"run.json": b"r1"})
    seen: list[set[str]] = []
    monkeypatch.setattr(publication, "_step", lambda _: seen.append({path.name for path in site.iterdir()}))
    publish(files(a="1"), site, apart={"run.json": b"r2"})
    assert seen
    assert all(names == {"a", "run.json"} for names in seen)


def watch_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that fills with what is asked of the disk, repetitions left out; `names` syncs a folder."""
    done: list[str] = []

    def watch(where: Any, name: str) -> None:
        real = getattr(where, name)

        def call(*args: Any, **named: Any) -> Any:
            names = name == "fsync" and os.path.samestat(os.fstat(args[0]), folder.stat())
            # What the disk is told beforehand, beside the writing, is no part of the order.
            is_here = threading.current_thread() is threading.main_thread()
            if is_here and done[-1:] != (said := ["names" if names else name]):
                done.extend(said)
            return real(*args, **named)

        monkeypatch.setattr(where, name, call)

    for name in ("link", "fsync", "rename", "replace", "unlink", "rmdir"):
        watch(os, name)
    for name in ("_sync", "_exchange"):
        watch(publication, name)
    return done


@pytest.mark.parametrize("exchange", [True, False])
def test_after_a_power_cut_the_disk_holds_old_or_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool
) -> None:
    """Written, synced, renamed, the names synced, and only then is the old content removed."""
    site = tmp_path / "site"
    publish(files(a="1", b="2", c="3"), site, apart={"run.json": b"r1"})
    if not exchange:
        monkeypatch.setattr(publication, "_exchange", lambda *_: False)
    order = watch_order(tmp_path, monkeypatch)
    publish(files(a="1", b="new", c="3"), site, apart={"run.json": b"r2"})
    switch = ["_exchange"] if exchange else ["_exchange", "rename"]
    assert order[: 3 + len(switch)] == ["link", "_sync", *switch, "names"]
    assert {"unlink", "rmdir"} <= set(order[3 + len(switch) :])


def test_the_disk_begins_early_and_the_sync_that_counts_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fetching left is written while pages are made; that it failed early is told by the sync that counts."""
    ended: list[str] = []

    def sync(_: int) -> None:
        is_here = threading.current_thread() is threading.main_thread()
        if not is_here:
            time.sleep(0.05)
        ended.append("last" if is_here else "early")
        if not is_here:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(publication, "_sync", sync)
    publish(files(a="1"), tmp_path / "site", apart={"run.json": b"r1"})
    assert ended == ["early", "last"]
    publish(files(a="1"), tmp_path / "site", apart={"run.json": b"r2"})
    assert ended == ["early", "last"], "a record alone is synced by itself"


def test_the_disk_keeps_up_while_pages_are_made_and_is_left_alone_after_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    again = threading.Event()

    def sync(_: int) -> None:
        asked.append("last" if threading.current_thread() is threading.main_thread() else "early")
        if len(asked) == 3:
            again.set()

    def slowly() -> Iterator[File]:
        yield from files(a="1")
        assert again.wait(30), "it was asked once, and not again"
        yield from files(b="2")

    monkeypatch.setattr(publication, "_sync", sync)
    monkeypatch.setattr(publication, "_KEEP_UP", 0.001)
    publish(slowly(), tmp_path / "site", apart={})
    assert asked.index("last") == len(asked) - 1 >= 3


def test_after_a_power_cut_the_record_is_old_or_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    publish(files(a="1"), site, apart={"run.json": b"r1", "run.js": b"r1"})
    order = watch_order(site, monkeypatch)
    publish(files(a="1"), site, apart={"run.json": b"r2", "run.js": b"r2"})
    assert order == ["fsync", "replace", "names", "rmdir"]
    order.clear()
    rewrite(site, apart={"run.json": b"r3", "run.js": b"r3"})
    assert order == ["fsync", "replace", "names", "rmdir"]
    assert tree(site) == {"a": "1", "run.json": "r3", "run.js": "r3"}


def test_a_disk_that_refuses_at_the_sync_is_heard(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Bad file descriptor"):
        publication._sync(-1)


@pytest.mark.parametrize("code", [errno.EINVAL, errno.EIO])
def test_names_that_cannot_be_synced_are_said_unless_nobody_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    site = tmp_path / "site"

    def fsync(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fsync)
    if code == errno.EINVAL:
        publish(files(a="1"), site, apart={})
    else:
        with pytest.raises(ChoraError, match="cannot be told whether it is safe on the disk: Input/output error"):
            publish(files(a="1"), site, apart={})
    assert tree(site) == {"a": "1"}


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    site = tmp_path / "site"
    code = (
        "from pathlib import Path; from chora_catalog.edge.publication import locked\n"
        f"with locked(Path({str(site)!r})):\n print('held', flush=True); input()"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ChoraError) as caught, locked(site):
            pass
        assert caught.value.code == 3
    finally:
        holder.communicate("\n")
    with locked(site):
        pass


def test_a_file_system_without_locks_is_not_another_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(*_: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(ChoraError, match="No locks available") as caught, locked(tmp_path / "site"):
        pass
    assert "another build" not in caught.value.what


def test_two_ways_to_one_folder_meet_in_one_lock(tmp_path: Path) -> None:
    site, way = tmp_path / "site", tmp_path / "way"
    site.mkdir()
    way.symlink_to(site)
    with locked(site), pytest.raises(ChoraError, match="another build"), locked(way):
        pass


def test_a_lock_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / ".site.chora-lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ChoraError, match="chora-lock"), locked(tmp_path / "site"):
        pass
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("path", ["../a", "/a", "a//b", "a/./b", ""])
def test_a_path_that_leaves_the_folder_is_a_defect(tmp_path: Path, path: str) -> None:
    with pytest.raises(AssertionError, match="bad or double path"):
        publish([File(path, b"x")], tmp_path / "site", apart={})
    assert not os.path.lexists(tmp_path / "a")
