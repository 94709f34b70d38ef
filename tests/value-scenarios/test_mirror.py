"""Value scenario of chora.mirror.distribute: a catalog opened without a network, and refused when it was changed.

The guide is docs/tutorials/take-the-catalog-offline.md, which is followed here to the letter. The first line of each
test is a scenario of mirror.feature.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from chora_catalog.cli.main import main
from tests.letters import Federation
from tests.tutorials import follow

TUTORIAL = Path(__file__).resolve().parents[2] / "docs/tutorials/take-the-catalog-offline.md"
AS_OF = "2026-11-02T09:00:00Z"
LATER = "2026-11-02T09:10:00Z"


@pytest.fixture
def catalog(continued: Federation, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the tutorial begins in."""
    folder = continued.root / "catalog"
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1793610600")
    return folder


def test_tutorial(catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tutorial works as it is written"""
    followed = follow(TUTORIAL, catalog, capsys)
    assert followed > 15
    assert (catalog / "far/catalog/site/index.html").is_file()
    assert (catalog / "far/catalog/previous/index.html").is_file()
    assert (catalog / "far/plain/index.html").read_bytes() == (catalog / "far/catalog/site/index.html").read_bytes()


def signed_and_exported(folder: Path, at: str) -> Path:
    if not (folder / "trust").exists():
        assert main(["trust", "init", "--profile", "key", "--output", "trust", "--as-of", at]) == 0
    assert main(["sign", "site", "--trust", "trust", "--as-of", at]) == 0
    assert main(["mirror", "export", "site", "--root", "trust/root.json", "--as-of", at]) == 0
    return folder / "site/mirror/latest.tar.gz"


def test_copy(catalog: Path) -> None:
    """The copy is the catalog, page for page"""
    bundle = signed_and_exported(catalog, AS_OF)
    words = ["mirror", "import", str(bundle), "--root", "trust/root.json", "--output", "far", "--as-of", AS_OF]
    assert main(words) == 0
    here, there = catalog / "site", catalog / "far/site"
    published = {path.relative_to(here) for path in here.rglob("*") if path.is_file()}
    placed = {path.relative_to(there) for path in there.rglob("*") if path.is_file()}
    assert {path.as_posix() for path in published - placed} == {
        "mirror/latest.tar.gz",
        "mirror/bundles/chora-mirror-1.tar.gz",
        "mirror/bundles/chora-mirror-1.tar.gz.sha256",
    }
    assert not placed - published
    for path in placed - {Path("mirror/bundles.json"), Path("mirror/bundles.js")}:
        assert (here / path).read_bytes() == (there / path).read_bytes(), path
    for page in there.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"#?:]+)[#?]?[^":]*"', page.read_text(encoding="utf-8")):
            assert link.startswith("/") or (page.parent / link).is_file(), (page, link)


def test_changed(catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bundle that was changed on the way is not placed"""
    bundle = signed_and_exported(catalog, AS_OF)
    words = ["--root", "trust/root.json", "--output", "far", "--as-of", LATER]
    assert main(["mirror", "import", str(bundle), *words]) == 0
    shutil.copytree(catalog / "far", catalog / "as-it-was")
    data = bytearray(signed_and_exported(catalog, LATER).read_bytes())
    data[len(data) // 2] ^= 1
    (catalog / "changed.tar.gz").write_bytes(data)
    capsys.readouterr()
    assert main(["mirror", "import", "changed.tar.gz", *words]) == 1
    assert capsys.readouterr().err.startswith("chora: rejected: ")
    same = subprocess.run(["diff", "-r", "far", "as-it-was"], cwd=catalog, capture_output=True, text=True, check=False)
    assert (same.returncode, same.stdout) == (0, "")
