"""Keys save work and decide nothing: a build on what stands equals one that remembers nothing, byte for byte."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chora_catalog.app import making
from chora_catalog.render.templating import Painter
from tests.two_repositories import CONSUMER, PROVIDER, REGISTRY, build, commit, content, data, state, tag

CONSUMER_MANIFEST = CONSUMER.split("chora.yaml: |\n")[1].replace("        ", "")
HEAD = (
    PROVIDER.split("chora.yaml: |\n")[1]
    .split("  - at:")[0]
    .replace("        ", "")
    .replace('version: "1.0.0"', 'version: "2.0.0"')
    .replace('  - {name: "mood", type: "text"}\n', "")
)
CHANGES: dict[str, Callable[[Path], None]] = {
    "a tag alone": lambda world: tag(world, "greeting", "v2.0.1"),
    "a feature file alone": lambda world: commit(
        world, "greeting", {"x.feature": "@behavior:example.greeting.say.one\nFeature: X\n  Scenario: Y\n    Given Z\n"}
    ),
    "CODEOWNERS alone": lambda world: commit(world, "greeting", {"CODEOWNERS": "* @team-c\n"}),
    "a neighbour's range": lambda world: commit(
        world, "letter", {"chora.yaml": CONSUMER_MANIFEST.replace(">=1 <3", ">=1 <2")}
    ),
    "a neighbour's name": lambda world: commit(
        world, "letter", {"chora.yaml": CONSUMER_MANIFEST.replace("example.letter.write", "example.letter.send")}
    ),
    "the owner of a neighbour": lambda world: commit(
        world, "letter", {"chora.yaml": CONSUMER_MANIFEST.replace("team-b", "team-a")}
    ),
    "a summary": lambda world: commit(world, "greeting", {"chora.yaml": HEAD.replace("Says a", "Speaks a")}),
    "a head that does not parse": lambda world: commit(world, "greeting", {"chora.yaml": "id: [\n"}),
    "a source that does not answer": lambda world: shutil.move(
        world / "sources" / "letter.git", world / "sources" / "away.git"
    ),
    "the catalog's notice": lambda world: registry(world, REGISTRY.replace('"World"', '"World"\n  notice: "A notice"')),
    "a source less": lambda world: registry(world, REGISTRY.rpartition("  - name: letter")[0]),
    "a forge": lambda world: registry(
        world, REGISTRY.replace('"World"', '"World"\n  forge: gitea\n  repository: "https://git.example.org/a/b"')
    ),
    "nothing of ours": lambda world: commit(world, "letter", {"README.md": "Read me."}),
}


def registry(world: Path, text: str) -> None:
    (world / "catalog-sources.yaml").write_text(text)


def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the paths of the pages that are rendered from now on."""
    paths: list[str] = []
    real = Painter.page

    def page(self: Painter, template: str, view: object, **where: str) -> bytes:
        paths.append(where["path"])
        return real(self, template, view, **where)

    monkeypatch.setattr(Painter, "page", page)
    return paths


@pytest.mark.parametrize("change", CHANGES)
def test_an_incremental_build_equals_one_without_a_memory(
    change: str, world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build(world) == 0
    shutil.copytree(world / "site", world / "before")
    CHANGES[change](world)
    paths = rendered(monkeypatch)
    assert build(world, "--accept-loss") == 0
    first = len(paths)
    kept = content(world / "site")
    shutil.rmtree(world / "site")
    shutil.copytree(world / "before", world / "site")
    (world / "cache" / making.MEMORY).unlink()
    assert build(world, "--accept-loss") == 0
    assert content(world / "site") == kept
    again = len(paths) - first
    assert first < again if change in ("nothing of ours", "a source that does not answer") else first <= again


def test_only_what_shows_the_change_is_rendered(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert build(world) == 0
    commit(world, "letter", {"chora.yaml": CONSUMER_MANIFEST.replace('"build"', '"validate"')})
    paths = rendered(monkeypatch)
    assert build(world) == 0
    ours = re.compile("(capabilities|sources|owners)/(?!index)")
    assert {path for path in paths if ours.match(path)} == {
        "capabilities/example.letter.write.html",
        "sources/letter.html",
        "owners/team-b.html",
    }


@pytest.mark.parametrize(
    "damage", ["{", "[]", '{"schema": "chora.pages/v1"}', '{"schema": "chora.pages/v1", "pages": {"a": 1}}', "\udcff"]
)
def test_a_memory_that_cannot_be_understood_is_none(damage: str, world: Path) -> None:
    assert build(world) == 0
    commit(world, "letter", {"README.md": "Read me."})
    (world / "cache" / making.MEMORY).write_bytes(damage.encode(errors="surrogateescape"))
    assert build(world) == 0
    kept = state(world / "site")
    assert json.loads((world / "cache" / making.MEMORY).read_bytes())["pages"]
    shutil.rmtree(world / "site")
    shutil.rmtree(world / "cache")
    assert build(world) == 0
    assert state(world / "site") == kept


@pytest.mark.parametrize("how", ["other bytes", "as many bytes", "gone", "a link", "a folder"])
def test_a_page_that_was_touched_is_made_again(how: str, world: Path) -> None:
    assert build(world) == 0
    page = world / "site" / "capabilities" / "example.greeting.say.html"
    good = page.read_bytes()
    commit(world, "letter", {"README.md": "Read me."})
    page.unlink()
    if how == "other bytes":
        page.write_bytes(b"<script>alert(1)</script>")
    elif how == "as many bytes":
        page.write_bytes(good.replace(b"greeting", b"GREETING"))
    elif how == "a link":
        (world / "elsewhere").write_bytes(good)
        page.symlink_to(world / "elsewhere")
    elif how == "a folder":
        page.mkdir()
        (page / "x").write_text("x")
    assert build(world) == 0
    assert page.read_bytes() == good
    assert not page.is_symlink()
    listed = data(world / "site", "data/v1/contents.json")["files"]
    assert listed["capabilities/example.greeting.say.html"]["size"] == len(good)


def test_two_sites_with_one_cache_do_not_mix(world: Path) -> None:
    """What is remembered of one site's pages stands in another only where its bytes stand there."""
    assert build(world) == 0
    other = world / "other"
    assert build(world, "--output", str(other), "--first") == 0
    assert content(other) == content(world / "site")
    commit(world, "letter", {"chora.yaml": CONSUMER_MANIFEST.replace("team-b", "team-c")})
    assert build(world, "--output", str(other)) == 0
    assert build(world) == 0
    assert content(other) == content(world / "site")


def test_many_pages_are_made_by_several_processes_with_the_same_result(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build(world) == 0
    alone = content(world / "site")
    monkeypatch.setattr(making, "MANY", 1)
    monkeypatch.setattr(making.forks, "processors", lambda: 3)
    here = os.getpid()
    pages: list[str] = []
    real = Painter.page

    def page(self: Painter, template: str, view: object, **where: str) -> bytes:
        if os.getpid() == here:
            pages.append(where["path"])
        return real(self, template, view, **where)

    monkeypatch.setattr(Painter, "page", page)
    shutil.rmtree(world / "site")
    assert build(world) == 0
    assert content(world / "site") == alone
    assert pages == [], "no page was made in this process"


def test_a_day_later_with_no_deadline_passed_everything_is_judged_anew_with_the_same_result(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is taken over here: the registry's bytes changed, and nothing is remembered of any page."""
    assert build(world) == 0
    first = content(world / "site")
    inodes = {path: (world / "site" / path).stat().st_ino for path in first}
    registry(world, REGISTRY + "# a remark\n")
    (world / "cache" / making.MEMORY).unlink()
    paths = rendered(monkeypatch)
    assert build(world, as_of="2026-11-02T12:00:00Z") == 0
    assert len(paths) > 10, "it was rendered"
    assert content(world / "site") == first
    assert {path: (world / "site" / path).stat().st_ino for path in first} == inodes, "and nothing was written"


@pytest.mark.parametrize("jobs", ["1", "5"])
def test_neither_the_number_of_jobs_nor_a_cache_changes_a_byte(jobs: str, world: Path) -> None:
    assert build(world) == 0
    first = content(world / "site")
    shutil.rmtree(world / "site")
    assert build(world, "--jobs", jobs) == 0
    assert content(world / "site") == first, "with a cache"
    shutil.rmtree(world / "site")
    shutil.rmtree(world / "cache")
    assert build(world, "--jobs", jobs) == 0
    assert content(world / "site") == first, "without"


def test_what_was_left_of_a_memory_that_was_never_whole_is_swept(world: Path) -> None:
    """Also by a build in which nothing changed, which saves no memory."""
    assert build(world) == 0
    torn = world / "cache" / f".{making.MEMORY}.new"
    torn.write_text("{")
    assert build(world) == 0
    assert not torn.exists()
