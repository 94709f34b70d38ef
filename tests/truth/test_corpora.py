"""Held against real data: 23 Puppet modules and the Chora pilot, every capability and every version tag.

Run by `make truth CORPORA=DIR`; DIR holds `materialize.py`, the rows, and the answers computed by other programs.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.cli.main import main

PILOT = "mcp-orchestration-pilot"
VERSION_TAG = re.compile(r"v?(\d+\.\d+\.\d+)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")


@pytest.fixture(scope="module")
def corpora() -> Path:
    named = os.environ.get("CHORA_CORPORA", "")
    assert named, "name the folder of the corpora: make truth CORPORA=DIR"
    assert Path(named, "materialize.py").is_file(), f"{named} holds no materialize.py"
    return Path(named).resolve()


@pytest.fixture(scope="module")
def repositories(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The rebuilt repositories of the federation, by the name their source gets."""
    target = tmp_path_factory.mktemp("corpora")
    subprocess.run([sys.executable, str(corpora / "materialize.py"), str(target)], check=True, capture_output=True)
    found = {path.stem: path for owner in ("puppetlabs", "voxpupuli") for path in (target / owner).glob("*.git")}
    found[PILOT] = target / "liminalcommons" / f"{PILOT}.git"
    assert len(found) == 24
    return dict(sorted(found.items()))


@pytest.fixture(scope="module")
def site(repositories: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalog")
    lines = ['catalog:\n  title: "Real data"\nsources:\n']
    for name, path in repositories.items():
        globs = "" if name == PILOT else '    manifests: ["metadata.json"]\n    owner: vox\n'
        lines.append(f'  - name: "{name}"\n    url: "{path}"\n    versions: tags\n{globs}')
    (folder / "catalog-sources.yaml").write_text("".join(lines))
    code = main(
        ["build", "--sources", str(folder / "catalog-sources.yaml"), "--output", str(folder / "site"), "--allow-local",
         "--cache", str(folder / "cache"), "--as-of", "2022-12-31T23:59:59Z", "--quiet"]
    )  # fmt: skip
    assert code == 0
    return folder / "site"


def data(site: Path, path: str) -> Any:
    return json.loads((site / "data" / "v1" / path).read_bytes())


def tags(repository: Path) -> dict[str, str]:
    """The version tags of a repository as git itself lists them: tag to version."""
    out = subprocess.run(["git", "-C", str(repository), "tag"], check=True, capture_output=True, text=True).stdout
    return {tag: tag.removeprefix("v") for tag in out.split() if VERSION_TAG.fullmatch(tag)}


def test_every_version_tag_is_there(site: Path, repositories: Mapping[str, Path]) -> None:
    counted = 0
    for name, repository in repositories.items():
        wanted = tags(repository)
        releases = data(site, f"sources/{name}.json")["releases"]
        assert {item["version"] for item in releases} == set(wanted.values()), name
        assert {item["tag"] for item in releases} <= set(wanted), name
        assert [item["tag"] for item in releases if item["tombstone"]] == [
            tag for tag in wanted if tag.startswith("v999.")
        ]
        counted += len(wanted)
    print(f"{counted} version tags of {len(repositories)} repositories")
    assert counted >= 1040


def test_every_version_has_a_page(site: Path, repositories: Mapping[str, Path]) -> None:
    for entry in data(site, "index.json")["capabilities"]:
        record = data(site, f"capabilities/{entry['id']}.json")
        for row in record["versions"]:
            assert (site / "capabilities" / entry["id"] / f"{row['version']}.html").is_file()
        if record["from"]["source"] != PILOT:
            versions = {item["version"] for item in data(site, f"sources/{record['from']['source']}.json")["releases"]}
            shown = {row["version"] for row in record["versions"]}
            assert versions - shown <= {"999.999.999"}, entry["id"]
    assert len(data(site, "index.json")["capabilities"]) == 25


def unreadable(site: Path, name: str) -> list[Any]:
    """The findings about the past of a source: what did not parse, at a tag or at a commit."""
    return [item for item in data(site, f"findings/{name}.json")["findings"] if item["rule"] == "json-syntax"]


def test_a_tag_that_does_not_parse_is_a_finding_with_file_and_line(
    site: Path, repositories: Mapping[str, Path]
) -> None:
    for name, repository in repositories.items():
        if name == PILOT:
            continue
        said = {item["subject"]: item["place"] for item in unreadable(site, name)}
        for tag in tags(repository):
            raw = subprocess.run(
                ["git", "-C", str(repository), "show", f"{tag}:metadata.json"], check=False, capture_output=True
            )
            if raw.returncode == 0 and not _is_json(raw.stdout):
                assert said[tag]["file"] == "metadata.json"
                assert said[tag]["line"] >= 1


def test_every_state_that_does_not_parse_and_every_deletion(
    site: Path, corpora: Path, repositories: Mapping[str, Path]
) -> None:
    oracle = json.loads((corpora / "breaks-oracle.json").read_bytes())["unparseable"]
    wanted = {repo.split("/")[1]: [row["why"] for row in rows] for repo, rows in oracle.items()}
    broken = deleted = 0
    for name in repositories:
        if name == PILOT:
            continue
        said = [item for item in unreadable(site, name) if item["message"].startswith("at commit ")]
        assert len(said) == wanted.get(name, []).count("does not parse"), name
        assert len({item["subject"] for item in said}) == len(said), "each once"
        assert all(item["place"]["file"] == "metadata.json" and item["place"]["line"] for item in said)
        gone = [state for state in data(site, f"sources/{name}.json")["main_line"] if state["removed"]]
        assert len(gone) == wanted.get(name, []).count("file deleted"), name
        broken, deleted = broken + len(said), deleted + len(gone)
    assert (broken, deleted) == (15, 7)


def test_the_tags_that_disagree_and_the_renames(site: Path, corpora: Path, repositories: Mapping[str, Path]) -> None:
    oracle = json.loads((corpora / "breaks-oracle.json").read_bytes())
    found = {
        (name, item["subject"])
        for name in repositories
        if name != PILOT
        for item in data(site, f"findings/{name}.json")["findings"]
        if item["rule"] == "tag-version-differs"
        and "-" not in item["subject"]  # the answer key leaves out pre-releases
    }
    assert found == {(row["repo"].split("/")[1], row["tag"]) for row in oracle["tag_version_mismatches"]}
    assert len(found) == 17
    renamed = 0
    for repo, rows in oracle["names"].items():
        states = data(site, f"sources/{repo.split('/')[1]}.json")["main_line"]
        names = {item["id"] for state in states for item in state["declares"]}
        assert names == {row["name"] for row in rows}, repo
        renamed += len(names) > 1
    assert renamed == 11


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def test_what_is_broken_at_the_horizon(site: Path, corpora: Path) -> None:
    oracle = json.loads((corpora / "breaks-oracle.json").read_bytes())["status_at_horizon"]
    wanted = {
        (row["consumer"].split("/")[-1], row["provider"].split("/")[-1])
        for row in oracle
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
    findings = data(site, f"findings/{PILOT}.json")["findings"]
    said = [(item["rule"], item.get("subject", "")) for item in findings]
    assert said.count(("version-behind-tag", "0.0.1")) == 1
    assert said.count(("reference-missing", "docs/how-to/create-doc.md")) == 1
    undeclared = [subject for rule, subject in said if rule == "behavior-undeclared"]
    assert len(undeclared) == len(set(undeclared)) == 8, "9 behaviors in 4 feature files, 1 declared"
    assert all(item["place"]["file"] and item["place"]["line"] for item in findings)
