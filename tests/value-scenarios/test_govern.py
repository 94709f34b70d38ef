"""Value scenario of chora.signal.govern: a change said in five lines, by a terminal or a browser, and held to.

The guide is docs/tutorials/file-a-change-signal.md, which is followed here to the letter. The first line of each test
is a scenario of govern.feature.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from chora_catalog.cli.main import main
from tests.letters import REGISTRY, Federation
from tests.tutorials import follow

TUTORIAL = Path(__file__).resolve().parents[2] / "docs/tutorials/file-a-change-signal.md"
SIGNAL = "SIG-hello.greeting.say-3.0.0"


@pytest.fixture
def catalog(continued: Federation, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the tutorial begins in."""
    folder = continued.root / "catalog"
    monkeypatch.chdir(folder)
    for name, value in continued.environment().items():
        monkeypatch.setenv(name, value)
    return folder


def told(site: Path) -> dict[str, object]:
    (path,) = (site / "data/v1/signals").glob("sig-hello*.json")
    found: dict[str, object] = json.loads(path.read_bytes())
    return found


def test_tutorial(catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tutorial works as it is written"""
    assert follow(TUTORIAL, catalog, capsys) == 13
    signal = told(catalog / "site")
    assert (signal["id"], signal["state"], signal["priority"]) == (SIGNAL, "proposed", "high")
    assert signal["derived"] == ["asked", "author", "created_at", "id"]
    (page,) = (catalog / "site/signals").glob("sig-hello*.html")
    text = page.read_text(encoding="utf-8")
    assert "derived" in text
    for name in ("capabilities/hello.greeting.say.html", "owners/team-hello.html", "signals/index.html"):
        assert page.name in (catalog / "site" / name).read_text(encoding="utf-8"), name


def test_browser(continued: Federation, catalog: Path) -> None:
    """The web editor ends in the same file"""
    forge = '  title: "Letters"\n  repository: "https://github.com/example/catalog"\n  branch: main\n  forge: github\n'
    continued.commit("catalog", "catalog-sources.yaml", REGISTRY.replace('  title: "Letters"\n', forge))
    assert main(["build", "--allow-local", "--quiet"]) == 0
    text = (catalog / "site/capabilities/hello.greeting.say.html").read_text(encoding="utf-8")
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', text)]
    (link,) = {link for link in links if link.startswith("https://github.com/example/catalog/new/main")}
    filled = parse_qs(urlsplit(link).query, keep_blank_values=True)
    assert set(filled) == {"filename", "value"}
    ((path,), (body,)) = (filled["filename"], filled["value"])
    assert path.startswith("decisions/signals/SIG-hello.greeting.say-2.0.0")
    # What a person does there: write what it means, and propose the file.
    assert 'impact: ""' in body
    (catalog / path).parent.mkdir(parents=True, exist_ok=True)
    continued.commit("catalog", path, body.replace('impact: ""', 'impact: "the greeting is spoken"'))
    assert main(["gate", "--base", "HEAD~1"]) == 0
    assert main(["build", "--allow-local", "--quiet"]) == 0
    signal = told(catalog / "site")
    assert signal["impact"] == "the greeting is spoken"
    assert signal["author"] == "A Person"
