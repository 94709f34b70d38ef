"""The last good publication always stands: what agrees is not written, what differs is switched in one step."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chora_catalog.edge.publication import locked, publish
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
    assert "No space left on device" in caught.value.what
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


@pytest.mark.parametrize("path", ["../a", "/a", "a//b", "a/./b", ""])
def test_a_path_that_leaves_the_folder_is_a_defect(tmp_path: Path, path: str) -> None:
    with pytest.raises(AssertionError, match="bad or double path"):
        publish([File(path, b"x")], tmp_path / "site", apart={})
    assert not os.path.lexists(tmp_path / "a")
