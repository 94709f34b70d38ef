"""The real data as a federation: its repositories made anew, its registry, and builds of its catalog."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chora_catalog.cli.main import main

PILOT = "mcp-orchestration-pilot"
ONTOLOGY = "chora-base"
CHORA = (PILOT, ONTOLOGY)
END = "2025-11-30T23:59:59Z"
"""After the last commit of all."""
VERSION_TAG = re.compile(r"v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)")


def materialize(corpora: Path, target: Path, *, until: str = "") -> None:
    """Make the repositories below `target` as they stood at `until` (a day or an instant; empty: the end).

    Called again with a later `until` they move on; one that has not begun yet is not there.
    """
    command = [sys.executable, str(corpora / "materialize.py"), str(target), "--quiet"]
    subprocess.run([*command, *(["--until", until] if until else [])], check=True, capture_output=True)


def sources_of(target: Path) -> Mapping[str, Path]:
    """Return the repositories of the federation by the name their source gets, sorted."""
    found = {path.stem: path for owner in ("puppetlabs", "voxpupuli") for path in (target / owner).glob("*.git")}
    found |= {name: path for name in CHORA if (path := target / "liminalcommons" / f"{name}.git").exists()}
    return dict(sorted(found.items()))


def write_registry(folder: Path, repositories: Mapping[str, Path]) -> Path:
    """Register `repositories`, which lie in `folder`, in its catalog-sources.yaml, and return that file."""
    lines = ['catalog:\n  title: "Real data"\nsources:\n']
    for name, path in repositories.items():
        lines.append(f'  - name: "{name}"\n    url: "{path.relative_to(folder)}"\n    versions: tags\n')
        if name == ONTOLOGY:
            lines.append('    manifests: ["capabilities/*.yaml"]\n')
        elif name != PILOT:
            lines.append('    manifests: ["metadata.json"]\n    owner: vox\n')
    registry = folder / "catalog-sources.yaml"
    registry.write_text("".join(lines))
    return registry


def build(folder: Path, repositories: Mapping[str, Path], *, as_of: str = END) -> Path:
    """Build the catalog of `repositories` at `folder`/site, on top of what stands there, and return the site."""
    registry = write_registry(folder, repositories)
    command = ["build", "--sources", str(registry), "--output", str(folder / "site"), "--allow-local"]
    code = main([*command, "--cache", str(folder / "cache"), "--as-of", as_of, "--quiet"])
    assert code == 0
    return folder / "site"


def data(site: Path, path: str) -> Any:
    """Return a JSON file of the publication."""
    return json.loads((site / "data" / "v1" / path).read_bytes())


def findings(site: Path, name: str, rule: str = "") -> list[Any]:
    """Return what was found in a source, by one rule where `rule` is given."""
    said = data(site, f"findings/{name}.json")["findings"]
    return [item for item in said if item["rule"] == rule] if rule else said


def git(repository: Path, *arguments: str) -> str:
    """Return what git says about a repository."""
    return subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True, text=True).stdout


def tags(repository: Path) -> dict[str, str]:
    """The version tags of a repository as git itself lists them: tag to version."""
    found = git(repository, "tag").split()
    return {tag: match[1] for tag in found if (match := VERSION_TAG.fullmatch(tag))}
