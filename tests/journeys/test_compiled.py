"""Templates are compiled once for a version of the tool, and what is kept of that decides nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import Environment

from chora_catalog.edge import compiled
from chora_catalog.render.templating import Compiled
from tests.two_repositories import build, content


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a fresh process of a fresh installation keeps its compiled templates."""
    folder = tmp_path / "pycache"
    folder.mkdir()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(compiled, "cache_from_source", lambda _: str(folder / "compiled.pyc"))
    monkeypatch.setattr(Compiled, "_kept", {})
    return folder


def compiling(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let this be a new process, and note which templates it compiles."""
    monkeypatch.setattr(Compiled, "_kept", {})
    names: list[str] = []
    really = Environment.compile

    def noted(self: Environment, source: object, name: str, *more: object, **named: object) -> object:
        names.append(name)
        return really(self, source, name, *more, **named)  # type: ignore[arg-type, call-overload]

    monkeypatch.setattr(Environment, "compile", noted)
    return names


def test_the_next_process_compiles_nothing(world: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compiling(monkeypatch)
    assert build(world, "--first") == 0
    assert len(first) > 20
    [file] = kept.iterdir()
    before = content(world / "site")
    second = compiling(monkeypatch)
    assert build(world, "--first", "--output", str(world / "other")) == 0
    assert second == []
    assert content(world / "other") == before
    assert [path.name for path in kept.iterdir()] == [file.name]


@pytest.mark.parametrize("damage", [b"", b"no code of ours", None], ids=["empty", "other", "cut"])
def test_what_is_damaged_is_compiled_anew(
    damage: bytes | None, world: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build(world, "--first") == 0
    [file] = kept.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-9] if damage is None else damage)
    again = compiling(monkeypatch)
    assert build(world, "--first", "--output", str(world / "other")) == 0
    assert len(again) > 20
    assert file.read_bytes() == whole, "and mended"


def test_nothing_is_kept_where_python_keeps_nothing(world: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert build(world, "--first") == 0
    assert list(kept.iterdir()) == []


def test_another_version_leaves_nothing_behind(world: Path, kept: Path) -> None:
    left = kept / f"templates.{sys.implementation.cache_tag}.of-another-version"
    left.touch()
    assert build(world, "--first") == 0
    assert not left.exists()


def test_a_folder_that_may_not_be_written_costs_time_alone(
    world: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "cache_from_source", lambda _: str(kept / "not there" / "compiled.pyc"))
    assert build(world, "--first") == 0
    assert list(kept.iterdir()) == []
