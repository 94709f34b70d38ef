"""The letters federation: as its repositories, built once for everybody to read, and built for one test to change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.letters import Federation, make_federation


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    return make_federation(tmp_path)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    """A federation whose catalog was built once, with documents; tests only read it."""
    made = make_federation(tmp_path_factory.mktemp("built"))
    docs = made.root / "catalog" / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Letters\n\nHow we write them. See [the guide](guide.md).\n", encoding="utf-8")
    (docs / "guide.md").write_text("# The guide\n\nBegin with a greeting.\n", encoding="utf-8")
    made.commit("catalog", "mkdocs.yml", 'site_name: "Letters"\ntheme:\n  name: material\n')
    done = made.build("--first")
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def continued(built: Federation, tmp_path: Path) -> Federation:
    """A copy of the built federation, site included, for a test that builds it again."""
    shutil.copytree(built.root, tmp_path / "copy", symlinks=True)
    return Federation(tmp_path / "copy")
