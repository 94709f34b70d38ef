"""The demo's world is the same on every machine and true on every day; nobody's folder is lost to it.

Promise 4 (same inputs, same bytes) for the worlds that the other tests and `make demo` are made of.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from chora_catalog.edge import files
from chora_catalog.errors import ChoraError
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.ranges import VersionRange
from chora_catalog.model.versions import Version
from chora_catalog.parse.load import load_manifests
from chora_catalog.parse.schema import Schemas, compile_schemas
from chora_catalog.parse.spans import read
from examples.federation.demo import main as build_demo
from examples.replay import floor_to_day, replay, replay_checkout

ROOT = Path(__file__).resolve().parents[2]
FEDERATION = ROOT / "examples" / "federation"
WORLD = FEDERATION / "world"
ANCHOR = datetime(2026, 11, 23, tzinfo=UTC)
BROKEN = ("hud-overlay", "chora.yaml")
MANIFESTS = re.compile(r"(?:.*/)?(?:chora\.yaml|star\.yaml|metadata\.json)")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo")
    replay(WORLD, target / "sources", anchor=ANCHOR)
    replay_checkout(FEDERATION / "catalog", target / "catalog", anchor=ANCHOR)
    return target


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode()


def refs(target: Path) -> dict[str, str]:
    repositories = sorted(target.glob("*.git")) + sorted(target.glob("*/.git"))
    return {path.relative_to(target).as_posix(): git(path, "for-each-ref") for path in repositories}


def contents(repository: Path, commit: str) -> dict[str, bytes]:
    paths = git(repository, "ls-tree", "-r", "--name-only", "-z", commit).split("\0")[:-1]
    asked = "".join(f"{commit}:{path}\n" for path in paths).encode()
    told = subprocess.run(["git", "cat-file", "--batch"], cwd=repository, input=asked, capture_output=True, check=True)
    out, at = {}, 0
    for path in paths:
        end = told.stdout.index(b"\n", at)
        size = int(told.stdout[at:end].split()[2])
        out[path] = told.stdout[end + 1 : end + 1 + size]
        at = end + 2 + size
    return out


def write(folder: Path, history: str) -> Path:
    (folder / "one").mkdir(parents=True)
    (folder / "one" / "history.yaml").write_text(history, encoding="utf-8")
    return folder


@cache
def schemas() -> Schemas:
    return compile_schemas(files.read_folder(ROOT / "schemas", "*.json"))


def manifests(repository: Path, commit: str) -> dict[str, Manifest]:
    found = {}
    for path, data in contents(repository, commit).items():
        if MANIFESTS.fullmatch(path):
            found |= {item.id: item for item in load_manifests(data, path=path, schemas=schemas()).manifests}
    return found


class TestReplay:
    def test_one_anchor_gives_the_same_commits_in_another_folder(self, demo: Path, tmp_path: Path) -> None:
        replay(WORLD, tmp_path, anchor=ANCHOR)
        assert refs(tmp_path) == refs(demo / "sources")
        assert len(refs(tmp_path)) == 12

    def test_hash_seed_locale_and_time_zone_change_nothing(self, demo: Path, tmp_path: Path) -> None:
        program = (
            "from datetime import datetime, UTC; from pathlib import Path; from examples.replay import *\n"
            f"replay(Path({str(WORLD)!r}), Path({str(tmp_path)!r}), anchor=datetime(2026, 11, 23, tzinfo=UTC))\n"
            f"replay_checkout(Path({str(FEDERATION / 'catalog')!r}), Path({str(tmp_path / 'catalog')!r}),"
            " anchor=datetime(2026, 11, 23, tzinfo=UTC))"
        )
        odd = {"PYTHONHASHSEED": "4711", "LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Chatham", "GIT_AUTHOR_NAME": "Nobody"}
        subprocess.run([sys.executable, "-c", program], cwd=ROOT, env={**os.environ, **odd}, check=True)
        assert refs(tmp_path) == refs(demo / "sources") | refs(demo)

    def test_every_repository_is_sound(self, demo: Path) -> None:
        for repository in [*sorted((demo / "sources").glob("*.git")), demo / "catalog"]:
            assert git(repository, "fsck", "--strict", "--no-dangling") == ""

    def test_a_day_later_everything_is_a_day_later(self, demo: Path, tmp_path: Path) -> None:
        replay(WORLD, tmp_path, anchor=ANCHOR + timedelta(days=1))
        for repository in sorted((demo / "sources").glob("*.git")):
            log = ("log", "--format=%ct %an %s", "main")
            now = [line.split(" ", 1) for line in git(repository, *log).splitlines()]
            later = [line.split(" ", 1) for line in git(tmp_path / repository.name, *log).splitlines()]
            assert [[str(int(at) + 86400), words] for at, words in now] == later
        sunset = manifests(tmp_path / "telemetry.git", "main")["telemetry.trace.collect"].sunset_at
        assert sunset == "2027-02-01"

    def test_the_anchor_is_the_first_instant_of_the_utc_day(self) -> None:
        east = datetime.fromisoformat("2026-11-24T01:30:00+09:00")
        assert floor_to_day(east) == ANCHOR

    def test_an_earlier_replay_is_a_prefix_of_a_later_one(self, demo: Path, tmp_path: Path) -> None:
        until = ANCHOR - timedelta(hours=26)
        replay(WORLD, tmp_path, anchor=ANCHOR, until=until)
        grown = []
        for repository in sorted((demo / "sources").glob("*.git")):
            short = git(tmp_path / repository.name, "rev-parse", "main").strip()
            ids = git(repository, "rev-list", "main").split()
            assert short in ids
            grown += [repository.name] if ids[0] != short else []
        assert grown == ["platform-tooling.git"]

    def test_an_earlier_replay_leaves_out_what_has_not_begun(self, tmp_path: Path) -> None:
        replay(WORLD, tmp_path, anchor=ANCHOR)
        replay(WORLD, tmp_path, anchor=ANCHOR, until=ANCHOR - timedelta(days=400))
        assert sorted(refs(tmp_path)) == ["mcp-orchestration.git", "privacy-policy.git", "telemetry.git"]

    def test_only_its_own_repositories_are_replaced(self, tmp_path: Path) -> None:
        foreign = tmp_path / "agent-memory.git"
        foreign.mkdir()
        (foreign / "thesis.txt").write_text("three years of work", encoding="utf-8")
        with pytest.raises(ChoraError, match="was not made by a replay"):
            replay(WORLD, tmp_path, anchor=ANCHOR)
        assert (foreign / "thesis.txt").read_text(encoding="utf-8") == "three years of work"
        with pytest.raises(ChoraError, match="was not made by a replay"):
            replay_checkout(FEDERATION / "catalog", foreign, anchor=ANCHOR)
        assert (foreign / "thesis.txt").exists()

    def test_a_neighbour_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "notes").mkdir()
        for _ in range(2):
            replay(WORLD, tmp_path, anchor=ANCHOR)
        assert (tmp_path / "notes").is_dir()

    @pytest.mark.parametrize(
        ("entry", "told"),
        [
            ("{at: -1d, author: A, message: m, tre: x}", "unknown key 'tre'"),
            ("{at: tomorrow, author: A, message: m}", "an offset such as"),
            ("{at: -1d, message: m}", "author is missing"),
            ("{at: -1d, author: A, message: m, tree: x}", "holds no file"),
            ("{at: -1d, author: A, message: m, files: {../x: y}}", "no path inside a repository"),
            ("{at: -1d, author: A, message: m, files: {a/.git/config: y}}", "no path inside a repository"),
            ("{at: -1d, author: A, message: m, remove: [x]}", "x is not in the commit before"),
            ("{at: -1d, author: A, message: m, edit: [{file: x, old: a, new: b}]}", "x is not in the commit before"),
            ("{at: -1d, author: A, message: m, tags: [{name: v1}]}", "a tag is a name"),
        ],
    )
    def test_a_wrong_history_is_named_with_its_line(self, tmp_path: Path, entry: str, told: str) -> None:
        world = write(tmp_path / "world", f"commits:\n  - {entry}\n")
        with pytest.raises(ChoraError, match=re.escape(told)) as caught:
            replay(world, tmp_path / "out", anchor=ANCHOR)
        assert "history.yaml:2:" in caught.value.what

    def test_an_edit_has_to_fit_exactly_once(self, tmp_path: Path) -> None:
        text = "commits:\n  - {at: -2d, author: A, message: m, files: {x: aa}}\n"
        world = write(
            tmp_path / "world", text + "  - {at: -1d, author: A, message: m, edit: [{file: x, old: a, new: b}]}\n"
        )
        with pytest.raises(ChoraError, match="occurs 2 times in x"):
            replay(world, tmp_path / "out", anchor=ANCHOR)

    def test_placeholders_become_dates_and_foreign_ones_stay(self, tmp_path: Path) -> None:
        world = write(
            tmp_path / "world",
            """\
commits:
  - at: -3d 4h
    author: Zoë Ångström
    message: m
    files:
      "@{year -60d}/@{month -60d}.txt": |
        @{-3d} @{date +5d} @{workday +5d} @{workday -1d} @{upstream} @{0d}
  - {at: -2d, author: Bot <bot@example.net>, message: m, remove: ["@{year -60d}/@{month -60d}.txt"], files: {a: "1"}}
""",
        )
        replay(world, tmp_path, anchor=ANCHOR)
        one = tmp_path / "one.git"
        assert git(one, "show", "main~1:2026/09.txt") == (
            "2026-11-20T00:00:00Z 2026-11-28 2026-11-30 2026-11-23 @{upstream} 2026-11-23T00:00:00Z\n"
        )
        assert git(one, "ls-tree", "--name-only", "main") == "a\n"
        assert git(one, "log", "--format=%cI %ae", "main").splitlines() == [
            "2026-11-21T00:00:00+00:00 bot@example.net",
            "2026-11-19T20:00:00+00:00 zoe.angstrom@example.org",
        ]

    def test_tags_are_annotated_where_they_have_a_message(self, demo: Path) -> None:
        mcp = demo / "sources" / "mcp-orchestration.git"
        kinds = git(mcp, "for-each-ref", "--format=%(refname:short) %(objecttype)", "refs/tags").split("\n")
        assert "v1.9.4 commit" in kinds
        assert "v2.0.0 tag" in kinds


class TestStory:
    def test_no_placeholder_is_left(self, demo: Path) -> None:
        for repository in [*sorted((demo / "sources").glob("*.git")), demo / "catalog"]:
            for path, data in contents(repository, "main").items():
                assert b"@{" not in path.encode() + data, f"{repository.name}:{path}"

    def test_every_manifest_but_one_can_be_read(self, demo: Path) -> None:
        bad = set()
        for repository in sorted((demo / "sources").glob("*.git")):
            for commit in ["main", *git(repository, "tag").split()]:
                for path, data in contents(repository, commit).items():
                    if not MANIFESTS.fullmatch(path):
                        continue
                    loaded = load_manifests(data, path=path, schemas=schemas())
                    errors = [finding for finding in loaded.findings if finding.severity.value == "error"]
                    if errors or not loaded.manifests:
                        bad.add((repository.name.removesuffix(".git"), path, commit))
        assert bad == {(*BROKEN, "main")}

    def test_the_federation_is_large_enough_to_be_one(self, demo: Path) -> None:
        ids = {name for path in sorted((demo / "sources").glob("*.git")) for name in manifests(path, "main")}
        assert len(ids | {"hud.overlay.render"}) == 17

    def test_release_2_breaks_two_dependents_and_a_waived_one(self, demo: Path) -> None:
        sources = demo / "sources"
        mcp = sources / "mcp-orchestration.git"
        old = manifests(mcp, "v1.9.4")["mcp.orchestration.serve"]
        new = manifests(mcp, "v2.0.0")["mcp.orchestration.serve"]
        assert {port.name for port in old.outputs} - {port.name for port in new.outputs} == {"session_token"}
        assert {port.name for port in new.outputs} - {port.name for port in old.outputs} == {"session_ref"}
        runtime = manifests(sources / "agent-runtime.git", "main")["agent.runtime.execute"]
        assert "session_token" in {port.name for port in runtime.inputs}
        released = Version.parse(new.version)
        assert released is not None
        admits = {}
        for repository in sorted(sources.glob("*.git")):
            for manifest in manifests(repository, "main").values():
                for dependency in manifest.dependencies:
                    if dependency.id == "mcp.orchestration.serve":
                        wanted = VersionRange.parse(dependency.version)
                        assert wanted is not None
                        admits[manifest.id] = wanted.contains(released)
        assert admits == {
            "agent.runtime.execute": True,
            "liminal.hub.route": False,
            "platform.overview.generate": True,
            "voice.interface.prompt": False,
        }

    def test_every_record_fits_its_schema_on_every_day_of_the_week(self, tmp_path: Path) -> None:
        for day in range(7):
            anchor = ANCHOR + timedelta(days=day)
            replay_checkout(FEDERATION / "catalog", tmp_path, anchor=anchor)
            kinds = set()
            for path in sorted((tmp_path / "decisions").rglob("*.yaml")):
                reading = read(path.read_bytes(), file=str(path))
                kinds.add(kind_of_record(path.relative_to(tmp_path / "decisions")))
                assert schemas().check(reading, kind_of_record(path.relative_to(tmp_path / "decisions"))) == ()
                deadlines = list((reading.value.get("sla") or {}).values())
                assert deadlines == sorted(deadlines)
                if path.stem == "SIG.mcp.orchestration.review":
                    assert deadlines[-1] == (anchor + timedelta(days=5)).date().isoformat()
            assert kinds == {"decision", "signal", "signal-event", "stewards", "waiver"}

    def test_the_waiver_lasts_thirty_days_of_which_twelve_are_left(self, demo: Path) -> None:
        data = (demo / "catalog" / "decisions" / "waivers" / "WVR-2026-014.yaml").read_bytes()
        waiver = read(data, file="waiver").value
        assert (waiver["granted_at"], waiver["expires_at"]) == ("2026-11-05", "2026-12-05")
        assert waiver["owner"] == "team-liminal"

    def test_the_catalog_repository_is_checked_out_and_clean(self, demo: Path) -> None:
        assert git(demo / "catalog", "status", "--porcelain") == ""
        names = [entry["name"] for entry in read_registry(demo)["sources"]]
        assert len(names) == 13
        assert names == sorted(names)
        missing = [name for name in names if not (demo / "sources" / f"{name}.git").is_dir()]
        assert missing == ["voice-lab"]


def kind_of_record(path: Path) -> str:
    if path.name == "stewards.yaml":
        return "stewards"
    kinds = {"log": "decision", "waivers": "waiver", "signals": "signal" if len(path.parts) == 2 else "signal-event"}
    return kinds[path.parts[0]]


def read_registry(demo: Path) -> dict[str, list[dict[str, str]]]:
    reading = read((demo / "catalog" / "catalog-sources.yaml").read_bytes(), file="catalog-sources.yaml")
    assert reading.ok
    return reading.value


def test_a_folder_that_is_no_demo_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.txt").write_text("three years of work", encoding="utf-8")
    for _ in range(2):
        assert build_demo(["--out", str(tmp_path)]) == 2
    assert (tmp_path / "site" / "thesis.txt").exists()
    assert "is no demo" in capsys.readouterr().err


@pytest.mark.parametrize("when", ["yesterday", "1970-01-01", "9999-12-31"])
def test_a_time_it_cannot_tell_of_is_refused_in_words(
    tmp_path: Path, when: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build_demo(["--as-of", when, "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("demo: ")
    assert "next: " in said
