"""A repository that describes itself for other tools, up to its pages, and what a manifest of ours does to that."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.cli.main import main
from examples.replay import replay
from tests.properties.test_foreign_dialects import CHART, SERVER, SOFTWARE, STREAM
from tests.two_repositories import ANCHOR, build, commit, data, tag

HISTORY = """\
commits:
  - at: -9d
    author: A Writer
    message: For another tool
    tags: [v2.4.0]
    files:
      catalog-info.yaml: |
"""
REGISTRY = """\
catalog:
  title: "World"
sources:
  - name: books
    url: sources/books.git
    versions: tags
"""
OWN = 'id: "books.ledger.keep"\nversion: "3.0.0"\nowner: "team-books"\ncontact: "#books"\n'
LEDGER = "default.component.ledger"


@pytest.fixture
def books(tmp_path: Path) -> Path:
    world = tmp_path / "world"
    (tmp_path / "histories" / "books").mkdir(parents=True)
    indented = "".join(f"        {line}\n" for line in STREAM.splitlines())
    (tmp_path / "histories" / "books" / "history.yaml").write_text(HISTORY + indented)
    replay(tmp_path / "histories", world / "sources", anchor=ANCHOR)
    (world / "catalog-sources.yaml").write_text(REGISTRY)
    return world


def ids(site: Path) -> list[str]:
    return [item["id"] for item in data(site, "data/v1/index.json")["capabilities"]]


def found(site: Path) -> list[tuple[str, str]]:
    return [(item["rule"], item["place"]["file"]) for item in data(site, "data/v1/findings/books.json")["findings"]]


def line(site: Path) -> list[tuple[str, list[str]]]:
    states: list[dict[str, Any]] = data(site, "data/v1/harvest/books.json")["line"]
    return [(item["path"], sorted(declared["id"] for declared in item.get("declares", []))) for item in states]


def test_a_backstage_repository_is_in_the_catalog_and_never_validated(books: Path) -> None:
    assert build(books, "--first") == 0
    site = books / "site"
    assert ids(site) == [LEDGER, "market.api.rates"]
    page = (site / "capabilities" / f"{LEDGER}.html").read_text()
    assert "imported: backstage" in page
    assert "team-books" in page
    assert "books@example.org" in page
    assert data(site, "data/v1/capabilities/market.api.rates.json")["id"] == "market.api.rates"
    assert data(site, "run.json")["recent"][-1]["valid"] == 0


def test_every_format_at_once_is_read(books: Path) -> None:
    commit(books, "books", {"server.json": SERVER, "Chart.yaml": CHART, "publiccode.yml": SOFTWARE})
    assert build(books, "--first") == 0
    assert ids(books / "site") == [
        *(LEDGER, "helm.harbour-lights", "market.api.rates", "org.example.tide.tables", "publiccode.citta-sub-desk")
    ]


def test_a_manifest_of_ours_counts_alone_from_its_commit_on(books: Path) -> None:
    assert build(books, "--first") == 0
    commit(books, "books", {"chora.yaml": OWN})
    tag(books, "books", "v3.0.0")
    commit(books, "books", {"catalog-info.yaml": STREAM.replace("The ledger", "Another ledger"), "Chart.yaml": CHART})
    assert build(books, "--accept-loss") == 0
    site = books / "site"
    assert ids(site) == ["books.ledger.keep"]
    covered = [file for rule, file in found(site) if rule == "manifest-covered"]
    assert covered == ["Chart.yaml", "catalog-info.yaml"]
    assert line(site) == [
        ("catalog-info.yaml", [LEDGER, "market.api.rates"]),
        ("chora.yaml", ["books.ledger.keep"]),
        ("catalog-info.yaml", []),
    ]
    harvest = data(site, "data/v1/harvest/books.json")
    released = [(item["tag"], len(item["manifests"])) for item in harvest["releases"]]
    assert released == [("v2.4.0", 2), ("v3.0.0", 1)]
    record = data(site, "data/v1/capabilities/books.ledger.keep.json")
    assert [row["version"] for row in record["versions"]] == ["3.0.0"]


def test_when_ours_says_nothing_any_more_the_others_count_again(books: Path) -> None:
    commit(books, "books", {"chora.yaml": OWN})
    commit(books, "books", {"chora.yaml": "apiVersion: v1\nkind: ConfigMap\n"})
    assert build(books, "--first") == 0
    site = books / "site"
    assert ids(site) == [LEDGER, "market.api.rates"]
    assert [file for _, file in line(site)][-1] == [LEDGER, "market.api.rates"]
    assert "manifest-covered" not in [rule for rule, _ in found(site)]


def test_one_of_ours_that_cannot_be_read_hands_over_to_nobody(books: Path) -> None:
    commit(books, "books", {"chora.yaml": OWN})
    assert build(books, "--first") == 0
    commit(books, "books", {"chora.yaml": "id: [\n"})
    assert build(books, as_of="2026-11-02T12:00:00Z") == 0
    assert ids(books / "site") == ["books.ledger.keep"]


def test_who_names_both_gets_both(books: Path) -> None:
    commit(books, "books", {"chora.yaml": OWN})
    (books / "catalog-sources.yaml").write_text(REGISTRY + '    manifests: ["chora.yaml", "catalog-info.yaml"]\n')
    assert build(books, "--first") == 0
    assert ids(books / "site") == ["books.ledger.keep", LEDGER, "market.api.rates"]
    assert "manifest-covered" not in [rule for rule, _ in found(books / "site")]


def test_a_build_upon_another_equals_a_clean_one(books: Path) -> None:
    assert build(books, "--first") == 0
    commit(books, "books", {"chora.yaml": OWN, "Chart.yaml": CHART})
    assert build(books, "--accept-loss") == 0
    commit(books, "books", {"chora.yaml": "apiVersion: v1\nkind: ConfigMap\n"})
    assert build(books, "--accept-loss") == 0
    upon = line(books / "site")
    assert upon[-1] == ("catalog-info.yaml", [LEDGER, "market.api.rates"])
    shutil.rmtree(books / "site")
    shutil.rmtree(books / "cache")
    assert build(books, "--first") == 0
    assert line(books / "site") == upon


def test_validate_says_which_file_was_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "chora.yaml").write_text(OWN)
    (tmp_path / "server.json").write_text(SERVER)
    assert main(["validate", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "server.json is not read: chora.yaml is this repository's manifest" in out
    assert "1 capability in 1 manifest" in out
    assert main(["validate", str(tmp_path / "server.json")]) == 0


def test_a_link_in_the_place_of_ours_hands_over_to_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "elsewhere.yaml").write_text(OWN)
    (tmp_path / "chora.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    (tmp_path / "server.json").write_text(SERVER)
    assert main(["validate", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "the manifest is a symbolic link" in out
    assert "server.json is not read" in out
