"""The letters federation, fresh for each test or built once for all tests of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.letters import Federation, make_federation


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    return make_federation(tmp_path)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    """A federation whose catalog was built once, with documents; tests only read it."""
    made = make_federation(tmp_path_factory.mktemp("built"))
    docs = made.root / "catalog" / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Letters\n\nHow we write them. See [the guide](guide.md).\n", encoding="utf-8")
    (docs / "guide.md").write_text("# The guide\n\nBegin with a greeting.\n", encoding="utf-8")
    made.commit("catalog", "mkdocs.yml", 'site_name: "Letters"\ntheme:\n  name: material\n')
    done = made.build()
    assert done.returncode == 0, done.stderr
    return made
