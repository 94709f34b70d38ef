"""`chora compat impact` and `chora compat matrix` end to end, and the graph they walk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chora_catalog.cli.main import main
from chora_catalog.resolve.graph import circles, shortest_ways
from tests.journeys.test_compat_check import publish
from tests.sample_catalog import AS_OF, empty, run_of, sample, wide

PROVIDER = "privacy.policy.check"
Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    catalog = sample()
    return publish(tmp_path_factory.mktemp("site"), catalog, run_of(catalog))


@pytest.fixture
def ask(site: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def call(*words: str, catalog: Path = site, as_of: str = AS_OF) -> tuple[int, str, str]:
        code = main(["compat", *words, "--catalog", str(catalog), "--as-of", as_of])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_a_major_reaches_everybody_who_does_not_admit_it(ask: Ask) -> None:
    code, out, _ = ask("impact", PROVIDER, "2.0.0", "--format", "json")
    said = json.loads(out)
    broken = {row["consumer"] for row in said["direct"] if row["verdict"] == "breaking"}
    assert code == 1
    assert "agent.runtime.execute" in broken
    assert all(row["owner"] for row in said["direct"] if row["verdict"] == "breaking")
    ways = {row["consumer"]: row["way"] for row in said["beyond"]}
    for name, way in ways.items():
        assert (way[0], way[-1]) == (PROVIDER, name)
        assert name not in broken
    assert ways, "somebody depends on those"


def test_a_minor_reaches_nobody_unless_it_takes_something_away(ask: Ask, site: Path) -> None:
    newest = json.loads((site / f"data/v1/capabilities/{PROVIDER}.json").read_bytes())["version"]
    major, minor, _ = newest.split(".")
    version = f"{major}.{int(minor) + 1}.0"
    code, out, _ = ask("impact", PROVIDER, version)
    assert code == 0
    assert "breaking:" not in out
    assert f"{PROVIDER} {version}, newest today {newest}" in out


def test_what_it_would_not_have_any_more(ask: Ask) -> None:
    """Whoever says nothing of what is used cannot be judged: not green, and not red either."""
    name = "mcp.orchestration.serve"
    code, out, _ = ask("impact", name, "2.1.0", "--without", "session", "--format", "json")
    rules = {row["consumer"]: row["rule"] for row in json.loads(out)["direct"]}
    assert code == 3
    assert rules["platform.overview.generate"] == "use-undeclared"
    assert ask("impact", name, "2.1.0", "--without", "no-such-output")[0] == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("impact", "privacy.policy.chek", "2.0.0"), 2, "Did you mean privacy.policy.check?"),
        (("impact", "zzz", "2.0.0"), 2, "lists what it holds"),
        (("impact", PROVIDER, "two"), 2, "is no version"),
        (("impact", PROVIDER, "0.9.0"), 2, "Name a version above"),
        (("matrix", "--verdict", "fine"), 2, "--verdict"),
        (("matrix", "--consumer", "agent.runtime.exec"), 2, "Did you mean agent.runtime.execute"),
        (("matrix", "--provider", "nobody.holds.this"), 2, "the catalog holds no 'nobody.holds.this'"),
    ],
)
def test_asked_wrongly(ask: Ask, words: tuple[str, ...], code: int, said: str) -> None:
    found = ask(*words)
    assert found[0] == code
    assert said in found[2]


def test_the_matrix_says_why(ask: Ask) -> None:
    code, out, _ = ask("matrix")
    assert code == 1
    lines = out.splitlines()
    assert lines[0].startswith("breaking")
    assert any(line.startswith("waived") and "until" in line for line in lines)
    code, out, _ = ask("matrix", "--verdict", "compatible", "--format", "json")
    said = json.loads(out)
    assert code == 0
    assert {row["verdict"] for row in said["edges"]} == {"compatible"}
    assert 0 < len(said["edges"]) < said["total"]
    one = json.loads(ask("matrix", "--consumer", "agent.runtime.execute", "--format", "json")[1])
    assert {row["consumer"] for row in one["edges"]} == {"agent.runtime.execute"}


def test_an_empty_matrix_is_no_pass(ask: Ask, tmp_path: Path) -> None:
    nothing = empty(sources=2)
    site = publish(tmp_path / "empty", nothing, run_of(nothing))
    code, _, err = ask("matrix", catalog=site)
    assert code == 3
    assert "that is no pass" in err


def test_an_old_matrix_proves_nothing(ask: Ask) -> None:
    assert ask("matrix", "--verdict", "compatible", as_of="2026-11-22T14:00:00Z")[0] == 3
    assert ask("matrix", "--verdict", "breaking", as_of="2026-11-22T14:00:00Z")[0] == 1
    assert ask("impact", PROVIDER, "1.3.1", as_of="2026-11-22T14:00:00Z")[0] == 3


def test_a_long_chain_is_walked(ask: Ask, tmp_path: Path) -> None:
    catalog = wide(40)
    site = publish(tmp_path / "wide", catalog, run_of(catalog))
    first = next(edge for edge in catalog.edges if edge.provider.endswith("part-00010"))
    code, out, _ = ask("impact", first.provider, "9.0.0", "--format", "json", catalog=site)
    assert code in (0, 1)
    assert sorted(len(row["way"]) for row in json.loads(out)["beyond"]) == list(range(3, 11))


def test_ways_are_shortest_and_always_the_same() -> None:
    graph = {"a": ["c", "b"], "b": ["d"], "c": ["d"], "d": ["a", "e"]}
    assert shortest_ways(graph, ["a"]) == {
        "b": ("a", "b"),
        "c": ("a", "c"),
        "d": ("a", "b", "d"),
        "e": ("a", "b", "d", "e"),
    }
    assert shortest_ways(graph, []) == {}


def test_a_circle_of_ten_thousand_is_found_without_recursion() -> None:
    count = 10_000
    graph = {f"n{at:05d}": [f"n{(at + 1) % count:05d}"] for at in range(count)}
    (group,) = circles(graph)
    assert len(group) == count
    assert len(shortest_ways(graph, ["n00000"])) == count - 1
