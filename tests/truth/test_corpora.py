"""Held against real data: 23 Puppet modules, the Chora pilot and the ontology, every capability and every version tag.

Run by `make truth CORPORA=DIR`; DIR holds `materialize.py`, the rows, and the answers computed by other programs. The
figures asserted here are those of its README.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.truth.federation import (
    CHORA,
    ONTOLOGY,
    PILOT,
    build,
    data,
    findings,
    git,
    materialize,
    sources_of,
    tags,
)

TAGS_OF_NO_VERSION = {
    "mcp-orchestration-pilot": {"release-b"},
    "puppetlabs-apache": {"kps_ssl_reload_and_cache_disk_combined_tag"},
    "puppetlabs-docker": {"e1.0", "e1.1", "e2.0", "e2.6"},
    "puppetlabs-haproxy": {"list"},
}


@pytest.fixture(scope="module")
def modules(repositories: Mapping[str, Path]) -> Mapping[str, Path]:
    found = {name: path for name, path in repositories.items() if name not in CHORA}
    assert len(found) == 23
    return found


@pytest.fixture(scope="module")
def oracle(corpora: Path) -> Any:
    return json.loads((corpora / "breaks-oracle.json").read_bytes())


def test_every_tag_is_accounted_for(site: Path, origins: Path, repositories: Mapping[str, Path]) -> None:
    """1,059 tags: 7 name no version; 2 versions are tagged twice; 1 is a tombstone; 1,049 versions are left.

    These are the 1,040 releases of the modules that the answer key knows, their 5 pre-releases, and 4 of the pilot.
    """
    every = {path.stem: set(git(path, "tag").split()) for path in origins.glob("*/*.git")}
    assert len(every) == 26
    assert sum(map(len, every.values())) == 1059
    other = {name: names - tags(repositories[name]).keys() for name, names in every.items() if name in repositories}
    assert {name: names for name, names in other.items() if names} == TAGS_OF_NO_VERSION
    assert sum(len(names) for name, names in every.items() if name not in repositories) == 0
    versions, tombstones = Counter[str](), []
    for name, repository in repositories.items():
        wanted = tags(repository)
        releases = data(site, f"sources/{name}.json")["releases"]
        assert sorted(item["version"] for item in releases) == sorted(set(wanted.values())), name
        assert {item["tag"] for item in releases} <= wanted.keys(), name
        versions[name] = len(releases)
        tombstones += [item["tag"] for item in releases if item["tombstone"]]
        print(f"{name}: {len(every[name])} tags, {len(wanted)} of a version, {len(releases)} versions")
    assert tombstones == ["v999.999.999"]
    assert sum(versions.values()) - len(tombstones) == 1049
    assert (versions[PILOT], versions[ONTOLOGY]) == (4, 0)
    assert sum(versions[name] for name in repositories if name not in CHORA) == 1040 + 5 + 1


def test_a_release_has_the_time_that_git_gives_its_tag(site: Path, repositories: Mapping[str, Path]) -> None:
    for name, repository in repositories.items():
        form = "--format=%(refname:short) %(creatordate:unix)"
        listed = dict(line.split(" ") for line in git(repository, "for-each-ref", form, "refs/tags").splitlines())
        earliest: dict[str, int] = {}
        for tag, version in tags(repository).items():
            earliest[version] = min(earliest.get(version, 2**40), int(listed[tag]))
        for item in data(site, f"sources/{name}.json")["releases"]:
            moment = datetime.fromtimestamp(earliest[item["version"]], tz=UTC)
            assert datetime.fromisoformat(item["released_at"]) == moment, (name, item["tag"])


def test_every_version_has_a_page(site: Path) -> None:
    entries = data(site, "index.json")["capabilities"]
    for entry in entries:
        record = data(site, f"capabilities/{entry['id']}.json")
        for row in record["versions"]:
            assert (site / "capabilities" / entry["id"] / f"{row['version']}.html").is_file()
        source = record["from"]["source"]
        if source not in CHORA:
            versions = {item["version"] for item in data(site, f"sources/{source}.json")["releases"]}
            shown = {row["version"] for row in record["versions"]}
            assert versions - shown <= {"999.999.999"}, entry["id"]
    assert Counter(entry["source"] if entry["source"] in CHORA else "modules" for entry in entries) == {
        "modules": 23,
        PILOT: 2,
        ONTOLOGY: 6,
    }


def test_a_tag_that_does_not_parse_is_a_finding_with_file_and_line(site: Path, modules: Mapping[str, Path]) -> None:
    for name, repository in modules.items():
        said = {item["subject"]: item["place"] for item in findings(site, name, "json-syntax")}
        for tag in tags(repository):
            raw = subprocess.run(
                ["git", "-C", str(repository), "show", f"{tag}:metadata.json"], check=False, capture_output=True
            )
            if raw.returncode == 0 and not _is_json(raw.stdout):
                assert said[tag]["file"] == "metadata.json"
                assert said[tag]["line"] >= 1


def _is_json(raw: bytes) -> bool:
    try:
        json.loads(raw)
    except ValueError:
        return False
    return True


def test_every_state_that_does_not_parse_and_every_deletion(
    site: Path, oracle: Any, modules: Mapping[str, Path]
) -> None:
    wanted = {repo.split("/")[1]: [row["why"] for row in rows] for repo, rows in oracle["unparseable"].items()}
    broken = deleted = 0
    for name in modules:
        every = findings(site, name, "json-syntax")
        said = [item for item in every if item["message"].startswith("at commit ")]
        assert len(said) == wanted.get(name, []).count("does not parse"), name
        assert len({item["subject"] for item in said}) == len(said), "each once"
        assert all(item["place"]["file"] == "metadata.json" and item["place"]["line"] for item in said)
        gone = [state for state in data(site, f"sources/{name}.json")["main_line"] if state["removed"]]
        assert len(gone) == wanted.get(name, []).count("file deleted"), name
        broken, deleted = broken + len(said), deleted + len(gone)
    assert (broken, deleted) == (15, 7)


def test_the_tags_that_disagree_and_the_renames(site: Path, oracle: Any, modules: Mapping[str, Path]) -> None:
    said = [(name, item) for name in modules for item in findings(site, name, "tag-version-differs")]
    # The answer key leaves out pre-releases.
    found = [(name, item["subject"]) for name, item in said if "-" not in item["subject"]]
    assert sorted(found) == sorted((row["repo"].split("/")[1], row["tag"]) for row in oracle["tag_version_mismatches"])
    assert len(found) == 17
    assert all(item["place"]["file"] == "metadata.json" and item["place"]["line"] for _, item in said)
    renamed = 0
    for repo, rows in oracle["names"].items():
        states = data(site, f"sources/{repo.split('/')[1]}.json")["main_line"]
        names = {item["id"] for state in states for item in state["declares"]}
        assert names == {row["name"] for row in rows}, repo
        renamed += len(names) > 1
    assert renamed == 11


def test_what_is_broken_at_the_horizon(site: Path, oracle: Any) -> None:
    wanted = {
        (row["consumer"].split("/")[-1], row["provider"].split("/")[-1])
        for row in oracle["status_at_horizon"]
        if not row["admitted_at_head"]
    }
    source_of = {row["id"]: row["source"] for row in data(site, "index.json")["capabilities"]}
    found = {
        (source_of[edge["consumer"]], source_of[edge["provider"]])
        for edge in data(site, "matrix.json")["edges"]
        if edge["verdict"] == "breaking"
    }
    assert found == wanted
    assert len(found) == 4


def test_the_known_defects_of_the_pilot(site: Path) -> None:
    every = findings(site, PILOT)
    said = [(item["rule"], item.get("subject", "")) for item in every]
    assert said.count(("version-behind-tag", "0.0.1")) == 1
    assert [subject for rule, subject in said if rule == "reference-missing"] == ["docs/how-to/create-doc.md"]
    undeclared = [subject for rule, subject in said if rule == "behavior-undeclared"]
    assert len(undeclared) == len(set(undeclared)) == 8, "9 behaviors in 4 feature files, 1 declared"
    assert all(item["place"]["file"] and item["place"]["line"] for item in every)


def test_how_the_pilot_came_to_its_defects(corpora: Path, tmp_path: Path) -> None:
    """Seq 15 moved four files that star.yaml names; seq 16 corrected three of the paths. The version never moved."""
    moved = [
        "docs/capabilities/mcp-registry-manage.md",
        "docs/reference/signals/SIG-capability-onboard.md",
        "docs/how-to/create-doc.md",
        "docs/capabilities/behaviors/mcp-registry-manage.feature",
    ]
    stayed = ["docs/how-to/create-doc.md"]
    none: list[str] = []
    for until, missing, behind in (
        ("2025-10-07", none, 0),  # seq 11; release-b, the tag of seq 9, names no version
        ("2025-10-24", none, 1),  # seq 14, after v0.1.0
        ("2025-10-25T05:30:00Z", moved, 1),  # seq 15
        ("2025-10-25T05:45:04Z", stayed, 1),  # seq 16
        ("2025-10-31", stayed, 1),  # seq 22, the end
    ):
        materialize(corpora, tmp_path / "origins", until=until)
        site = build(tmp_path, {PILOT: sources_of(tmp_path / "origins")[PILOT]}, as_of="2025-11-01T00:00:00Z")
        said = findings(site, PILOT, "reference-missing")
        star = git(tmp_path / "origins" / "liminalcommons" / f"{PILOT}.git", "show", "main:manifests/star.yaml")
        lines = [next(at for at, line in enumerate(star.splitlines(), 1) if line.endswith(path)) for path in missing]
        assert [(item["subject"], item["place"]["line"]) for item in said] == list(zip(missing, lines, strict=True)), (
            until
        )
        assert len(findings(site, PILOT, "version-behind-tag")) == behind, until


def test_the_ontology_and_its_edges(site: Path) -> None:
    entries = {row["id"] for row in data(site, "index.json")["capabilities"] if row["source"] == ONTOLOGY}
    edges = [edge for edge in data(site, "matrix.json")["edges"] if edge["consumer"] in entries]
    assert (len(entries), len(edges)) == (6, 17)
    absent = [edge for edge in edges if edge["provider"] not in entries]
    assert len(absent) == 14
    assert Counter(edge["rule"] for edge in edges) == {
        "in-range": 3,
        "provider-missing": 10,
        "optional-absent": 4,
    }
    said = findings(site, ONTOLOGY, "dependency-missing")
    named = [edge["written"] for edge in absent if not edge["optional"]]
    assert sorted(item["subject"] for item in said) == sorted(named)
    assert named.count("chora.quality.link_validation_reference_management") == 1
    assert all(item["place"]["file"].startswith("capabilities/") and item["place"]["line"] for item in said)


def test_the_known_defects_of_the_ontology(site: Path, repositories: Mapping[str, Path]) -> None:
    said = findings(site, ONTOLOGY, "path-backslash")
    places = [(item["place"]["file"], item["place"]["line"]) for item in said]
    wanted = [
        (path, number)
        for path in git(repositories[ONTOLOGY], "ls-tree", "--name-only", "main", "capabilities/").split()
        for number, line in enumerate(git(repositories[ONTOLOGY], "show", f"main:{path}").splitlines(), start=1)
        if path.endswith(".yaml") and "path:" in line and "\\" in line
    ]
    assert sorted(places) == sorted(wanted)
    assert len(places) == len(set(places)) == 12
    # Of the documents that the manifests name the corpus holds none: the 12, and 5 of each of the two looser files.
    missing = findings(site, ONTOLOGY, "reference-missing")
    assert len({(item["place"]["file"], item["subject"]) for item in missing}) == len(missing) == 22
    assert set(wanted) < {(item["place"]["file"], item["place"]["line"]) for item in missing}
    assert not [item for item in findings(site, ONTOLOGY) if item["severity"] == "error"]


def test_a_capability_of_the_ontology_is_taken_as_it_is_written(site: Path) -> None:
    record = data(site, "capabilities/chora.awareness.sap_adoption_verification.json")
    assert (record["version"], record["owner"]) == ("1.0.0", "Claude (AI Agent)")
    manifest = record["manifest"]
    assert (manifest["dialect"], manifest["lifecycle_stage"], manifest["stability"]) == (
        "ontology",
        "draft",
        "experimental",
    )
    assert Counter(item["type"] for item in manifest["dependencies"]) == {"requires": 3, "recommends": 2, "supports": 1}
    declared = [item for state in data(site, f"harvest/{ONTOLOGY}.json")["line"] for item in state["declares"]]
    once = {edge["id"] for item in declared for edge in item["dependencies"]}
    assert {"chora.sap-000", "chora.infrastructure.sap_framework"} <= once, "ids in capitals were read in small letters"
