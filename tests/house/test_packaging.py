"""The tool finds its schemas and templates from a wheel, from an sdist, and from a checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOW = (
    "from chora_catalog.edge.files import data_folder, read_folder;"
    "print(sorted(read_folder(data_folder('schemas'))), sorted(read_folder(data_folder('templates'))))"
)


def python(*args: str, path: Path | None = None, cwd: Path = ROOT) -> str:
    env = {"PATH": str(Path(sys.executable).parent)} | ({"PYTHONPATH": str(path)} if path else {})
    done = subprocess.run(
        [sys.executable, *args], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    python("-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT))
    return folder


def test_checkout_wheel_and_sdist_carry_the_same_data(built: Path, tmp_path: Path) -> None:
    from_checkout = python("-c", SHOW, path=ROOT, cwd=tmp_path)
    assert "capability.schema.json" in from_checkout
    (wheel,) = built.glob("*.whl")
    (sdist,) = built.glob("*.tar.gz")
    assert _installed(wheel, tmp_path / "wheel") == from_checkout
    assert _installed(sdist, tmp_path / "sdist") == from_checkout


def _installed(archive: Path, target: Path) -> str:
    python(
        "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", str(target),
        str(archive),
    )  # fmt: skip
    return python("-c", SHOW, path=target, cwd=target)
