"""Where the corpora are, the repositories made from them, and one catalog of them all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.truth import federation


@pytest.fixture(scope="session")
def corpora() -> Path:
    named = os.environ.get("CHORA_CORPORA", "")
    assert named, "name the folder of the corpora: make truth CORPORA=DIR"
    assert Path(named, "materialize.py").is_file(), f"{named} holds no materialize.py"
    return Path(named).resolve()


@pytest.fixture(scope="session")
def origins(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all repositories at their end, by owner."""
    target = tmp_path_factory.mktemp("catalog") / "origins"
    federation.materialize(corpora, target)
    return target


@pytest.fixture(scope="session")
def repositories(origins: Path) -> Mapping[str, Path]:
    """The repositories of the federation at their end, by the name their source gets."""
    found = federation.sources_of(origins)
    assert len(found) == 25
    return found


@pytest.fixture(scope="session")
def site(origins: Path, repositories: Mapping[str, Path]) -> Path:
    """The catalog of the whole federation, built at once."""
    return federation.build(origins.parent, repositories)
