"""Value scenario of chora.catalog.build: registered repositories in, a catalog out, and the last good one stands.

The guide is docs/how-to/register-a-source.md. The first line of each test is a scenario of build.feature.
"""

from __future__ import annotations

import json
import shutil
from typing import Any

from tests.letters import GREETING, Federation


def capability(federation: Federation, name: str) -> dict[str, Any]:
    path = federation.site / "data" / "v1" / "capabilities" / f"{name}.json"
    twin: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return twin


def test_page_and_twin(built: Federation) -> None:
    """A registered capability gets a page and a JSON twin"""
    page = (built.site / "capabilities" / "hello.greeting.say.html").read_text(encoding="utf-8")
    assert "team-hello" in page
    assert "#hello" in page
    twin = json.dumps(capability(built, "hello.greeting.say"))
    assert '"team-hello"' in twin
    assert '"#hello"' in twin


def test_break(continued: Federation) -> None:
    """A dependent that no longer fits is shown as breaking"""
    before = json.dumps(capability(continued, "hello.letter.write"))
    assert '"compatible"' in before
    assert '"breaking"' not in before
    continued.commit("greeting", "chora.yaml", GREETING.format(version="2.0.0", output="salutation"))
    done = continued.build()
    assert done.returncode == 0, done.stderr
    after = json.dumps(capability(continued, "hello.letter.write"))
    assert '"breaking"' in after
    assert ">=1 <2" in after
    page = (continued.site / "capabilities" / "hello.letter.write.html").read_text(encoding="utf-8")
    assert "breaking" in page
    assert "outside-range" in page


def test_last_good(continued: Federation) -> None:
    """A source that stops answering keeps its last good state"""
    shutil.rmtree(continued.root / "greeting")
    done = continued.build()
    assert done.returncode == 0, done.stderr
    assert capability(continued, "hello.greeting.say")
    run = json.loads((continued.site / "run.json").read_text(encoding="utf-8"))
    outcomes = {source["name"]: source["outcome"] for source in run["sources"]}
    assert outcomes["greeting"] == "kept"
    assert outcomes["letter"] != "kept"


def test_nothing_answers(federation: Federation) -> None:
    """A first build in which nothing answers publishes nothing"""
    registry = 'sources:\n  - name: "nobody"\n    url: "../nobody"\n'
    federation.commit("catalog", "catalog-sources.yaml", registry)
    done = federation.build("--first")
    assert done.returncode == 3
    assert "defect" not in done.stderr
    assert "nobody" in done.stderr
    assert not (federation.site / "index.html").exists()
