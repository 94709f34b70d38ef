"""Adoption held against real repositories, field by field: what is written stands in the file and line it names.

The expectation is computed here from the files themselves by Python's own JSON and a reader of single lines, not by the
code that adopts.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.app.adopting import adopt
from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.parse.load import load_manifests
from chora_catalog.parse.schema import compile_schemas
from chora_catalog.parse.spans import read
from tests.truth.federation import CHORA, tags

SCHEMAS = compile_schemas(read_folder(data_folder("schemas"), "*.json"))
ASKED = ("lifecycle_stage", "security_tier", "inputs", "outputs", "value_scenarios")
"""What nothing in any of these repositories shows."""
OWNERS = {"catalog-info.yaml": r"^ *owner: *\S*?([^\s/]+)$", "publiccode.yml": r"^ *repoOwner: *(.+)$"}
EVIDENCE = re.compile(r"  # (?P<file>.+?)(?::(?P<line>[0-9]+))?, (?:high|medium|low)(?:: .*)?$")


def written(folder: Path) -> dict[str, Any]:
    reading = read((folder / "chora.yaml").read_bytes(), file="chora.yaml")
    assert reading.ok, reading.findings
    return dict(reading.value)


def holds_its_evidence(folder: Path) -> None:
    """Each value of the manifest stands, word for word, in the line that its comment names."""
    for line in (folder / "chora.yaml").read_text(encoding="utf-8").splitlines():
        found = EVIDENCE.search(line)
        if not found or line.startswith("#") or found["file"].startswith("tag "):
            continue
        value = json.loads(re.search(r'"(?:[^"\\]|\\.)*"', line)[0])  # type: ignore[index]
        source = (folder / found["file"]).read_text(encoding="utf-8").splitlines()
        shown = " ".join(source[int(found["line"] or 1) - 1 :][:3]) if found["line"] else found["file"]
        near = shown.lower().replace("/", "-")
        key = line.partition(":")[0].strip(" -")
        if key == "stability":
            assert re.search(r"(?:lifecycle|developmentstatus|deprecated|status)\W", near), line
            continue
        # Before the name an id has what its dialect's rule puts there.
        if key == "id":
            value, near = value.rpartition(".")[2], "-".join(near.split())
        if key:
            assert " ".join(value.lower().replace("/", "-").split()) in " ".join(near.split()), line


@pytest.fixture(scope="module")
def clones(repositories: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A working tree of each Puppet module, at its end."""
    target = tmp_path_factory.mktemp("adopted")
    modules = {name: path for name, path in repositories.items() if name not in CHORA}
    for name, path in modules.items():
        subprocess.run(["git", "clone", "--quiet", str(path), str(target / name)], check=True, capture_output=True)
    return {name: target / name for name in modules}


def test_every_module_is_adopted_and_no_field_is_invented(clones: Mapping[str, Path]) -> None:
    assert len(clones) == 23
    for name, folder in clones.items():
        module = json.loads((folder / "metadata.json").read_bytes())
        done = adopt(folder)
        assert done.state == "written", name
        said = written(folder)
        needs = [
            {"id": item["name"].lower().replace("/", "-")}
            | ({"version": item["version_requirement"]} if item.get("version_requirement") else {})
            for item in module.get("dependencies", [])
        ]
        expected = {
            "id": module["name"].lower().replace("/", "-"),
            "version": module["version"],
            "summary": " ".join(module["summary"].split()),
            "contact": module.get("issues_url"),
            "dependencies": needs or None,
            "tags": module.get("tags") or None,
        }
        if str(expected["contact"]).startswith("http:"):
            expected["contact"] = said.get("contact")
        assert said == {key: value for key, value in expected.items() if value}, name
        assert set(ASKED) | {"owner", "stability", "behaviors", "adr_links"} <= set(done.open), name
        holds_its_evidence(folder)
        before = (folder / "chora.yaml").read_bytes()
        assert adopt(folder).state == "unchanged", name
        assert (folder / "chora.yaml").read_bytes() == before


def test_the_version_is_said_beside_the_newest_release(clones: Mapping[str, Path]) -> None:
    for name, folder in clones.items():
        adopt(folder)
        line = next(item for item in (folder / "chora.yaml").read_text().splitlines() if item.startswith("version:"))
        assert re.search(r"tag \S+ (agrees|is newer)$|ahead of tag \S+$", line), name
        assert line.split("tag ")[1].split()[0] in tags(folder), name
        assert "999.999.999" not in line


@pytest.mark.parametrize(
    ("name", "form", "least"),
    [("catalog-info.yaml", "backstage/backstage-examples/*.yaml", 8), ("Chart.yaml", "helm/*/Chart.yaml", 4),
     ("server.json", "mcp/**/*.json", 8), ("publiccode.yml", "publiccode/*.yml", 1)],
)  # fmt: skip
def test_importer_files_fill_nothing_by_invention(
    corpora: Path, tmp_path: Path, name: str, form: str, least: int
) -> None:
    found = sorted((corpora / "importers").glob(form))
    assert found
    states: list[str] = []
    for number, path in enumerate(found):
        folder = tmp_path / str(number)
        folder.mkdir()
        shutil.copyfile(path, folder / name)
        (folder / name).chmod(0o644)
        done = adopt(folder, ["version=0.0.1"] if name == "catalog-info.yaml" else [])
        if done.state == "incomplete":
            assert not (folder / "chora.yaml").exists()
            assert {"id", "version"} & set(done.open)
            continue
        states.append(path.name)
        said = written(folder)
        assert {"security_tier", "inputs", "outputs", "value_scenarios", "behaviors", "contact"}.isdisjoint(said)
        said_owner = {"catalog-info.yaml": r"^ *owner: *\S*?([^\s/]+)$", "publiccode.yml": r"^ *repoOwner: *(.+)$"}.get(
            name
        )
        owner = re.search(said_owner, path.read_text(encoding="utf-8"), re.MULTILINE) if said_owner else None
        assert said.get("owner") == (owner[1].strip("'\"") if owner else None), path
        assert said["id"] == load_manifests(path.read_bytes(), path=name, schemas=SCHEMAS).manifests[0].id
        holds_its_evidence(folder)
    assert len(states) >= least, states


def test_the_entities_and_charts_that_can_be_adopted_are(corpora: Path, tmp_path: Path) -> None:
    chart = tmp_path / "chart"
    chart.mkdir()
    shutil.copyfile(corpora / "importers/helm/prometheus/Chart.yaml", chart / "Chart.yaml")
    assert adopt(chart).state == "written"
    said = written(chart)
    assert said["id"] == "helm.prometheus"
    assert said["version"] == "29.27.0"
    assert "owner" not in said
    entity = tmp_path / "entity"
    entity.mkdir()
    source = corpora / "importers/backstage/backstage-examples/artist-lookup-component.yaml"
    shutil.copyfile(source, entity / "catalog-info.yaml")
    assert adopt(entity).state == "incomplete"
    assert adopt(entity, ["version=1.0.0"]).state == "written"
    assert written(entity) == {
        "id": "default.component.artist-lookup",
        "version": "1.0.0",
        "summary": "Artist Lookup",
        "owner": "team-a",
        "stability": "experimental",
        "tags": ["java", "data"],
        "dependencies": [{"id": "default.resource.artists-db"}],
    }
