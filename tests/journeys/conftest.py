"""What journeys begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.two_repositories import make_world


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return make_world(tmp_path)
