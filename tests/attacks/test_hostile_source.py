"""A hostile source, from its commit to the pages, the JSON and the terminal: everything it wrote is inert.

Each text field of a manifest, of a signal and of a path carries every payload. Harm stays on that source's page.
"""

from __future__ import annotations

import html
import json
import os
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chora_catalog.cli.main import main

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    "{{7*7}} {% include '/etc/passwd' %} ${7*7}",
    '--8<-- "/etc/passwd"',
    "</script><svg/onload=alert(1)>",
    "[link=file:///etc/passwd]x[/link] [/x]",
    "%0A::error::injected",
)
HOSTILE = " ".join(PAYLOADS)


def manifest(text: str) -> str:
    quoted = json.dumps(text)
    return f"""\
id: "hostile.source.speak"
version: "1.0.0"
title: {quoted}
summary: {quoted}
owner: {quoted}
contact: {quoted}
lifecycle_stage: {quoted}
stability: {quoted}
security_tier: {quoted}
inputs:
  - {{name: {quoted}, type: {quoted}, description: {quoted}}}
outputs:
  - {{name: {quoted}, type: {quoted}}}
dependencies:
  - {{id: "nobody.has.this", version: ">=1", type: {quoted}, scope: {quoted}}}
behaviors:
  - {{id: {quoted}, ref: {quoted}, status: {quoted}}}
value_scenarios:
  - {{id: {quoted}, title: {quoted}, guide: {quoted}, tests: [{quoted}]}}
adr_links: [{quoted}]
tags: [{quoted}]
replacement: {quoted}
x-more: {quoted}
{quoted}: {quoted}
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog of one hostile and one honest source, with a hostile signal in its decisions."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "catalog").mkdir()
    feature = f"@behavior:evil<script> @status:{{{{7*7}}}}\nFeature: {HOSTILE}\n  Scenario: {HOSTILE}\n    Given x\n"
    _repository(
        folder / "hostile", {"chora.yaml": manifest(HOSTILE), "<b>.feature": feature, "mkdocs.yml": "hooks: [x.py]\n"}
    )
    _repository(folder / "honest", {"chora.yaml": 'id: "honest.source.speak"\nversion: "1.0.0"\nowner: "team"\n'})
    quoted = json.dumps(HOSTILE)
    signal = (
        f'type: "breaking-change"\ncapability_id: "hostile.source.speak"\nproposed_version: "2.0.0"\nimpact: {quoted}\n'
        f'priority: "high"\ntitle: {quoted}\nlinks: [{quoted}, "javascript:alert(1)"]\n'
    )
    registry = "sources:\n  - name: hostile\n    url: ../hostile\n  - name: honest\n    url: ../honest\n"
    _repository(
        folder / "catalog", {"catalog-sources.yaml": registry, "decisions/signals/SIG-evil.yaml": signal}, make=False
    )
    code = main(
        ["build", "--sources", str(folder / "catalog" / "catalog-sources.yaml"), "--output", str(folder / "site"),
         "--cache", str(folder / "cache"), "--allow-local", "--as-of", "2026-11-01", "--quiet"]
    )  # fmt: skip
    assert code == 0
    return folder / "site"


def _repository(folder: Path, files: dict[str, str], *, make: bool = True) -> None:
    folder.mkdir(exist_ok=not make)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": HOSTILE.replace("<", ""),
           "GIT_AUTHOR_EMAIL": "t@example.org", "GIT_COMMITTER_NAME": "T", "GIT_COMMITTER_EMAIL": "t@example.org",
           "GIT_AUTHOR_DATE": "2026-10-31T00:00:00Z", "GIT_COMMITTER_DATE": "2026-10-31T00:00:00Z"}  # fmt: skip
    for words in (["init", "--quiet", "--initial-branch=main"], ["add", "--all"], ["commit", "--quiet", "-m", HOSTILE]):
        subprocess.run(["git", *words], cwd=folder, env=env, check=True, capture_output=True)


class _Page(HTMLParser):
    """What a browser would act on."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


def pages(site: Path) -> dict[str, _Page]:
    found = {}
    for path in sorted(site.rglob("*.html")):
        parser = _Page()
        parser.feed(path.read_text())
        found[path.relative_to(site).as_posix()] = parser
    return found


def test_nothing_on_a_page_is_live(built: Path) -> None:
    seen = 0
    for name, page in pages(built).items():
        for tag, attributes in page.tags:
            assert tag not in ("iframe", "object", "embed", "base", "animate", "img"), (name, tag)
            assert not [key for key in attributes if key.startswith("on") or key == "style"], (name, attributes)
            if tag == "script":
                assert attributes["src"].endswith((".js",)), name
                assert ":" not in attributes["src"], name
            for key in ("href", "src", "action", "formaction"):
                value = attributes.get(key, "")
                assert not value.strip().lower().startswith(("javascript:", "vbscript:")), (name, value)
        assert "49" not in page.text.replace("4949", ""), f"{name} evaluated a template"
        assert "root:x:0" not in page.text
        seen += html.unescape(PAYLOADS[0]) in page.text
    assert seen >= 4, "the text itself is shown, as text"


def test_scripts_and_json_hold_the_text_as_data(built: Path) -> None:
    record = json.loads((built / "data/v1/capabilities/hostile.source.speak.json").read_bytes())
    assert record["manifest"]["summary"] == HOSTILE
    for path in [*built.rglob("*.js"), built / "search" / "index.js"]:
        assert "<script>" not in path.read_text(), path
        assert "</script" not in path.read_text(), path


def test_the_honest_source_is_untouched(built: Path) -> None:
    page = (built / "capabilities" / "honest.source.speak.html").read_text()
    assert "alert(1)" not in page
    assert json.loads((built / "data/v1/findings/honest.json").read_bytes())["findings"] != []


@pytest.mark.parametrize("form", ["text", "github", "json"])
def test_the_terminal_gets_no_control_character(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    escapes = HOSTILE + " \x1b]8;;file:///etc/passwd\x1b\\x \x07 \u202e \r::error::x"
    (tmp_path / "chora.yaml").write_text(manifest(escapes.replace("\x1b", "ESC")))
    (tmp_path / "e.feature").write_text(f"Feature: x\n  nonsense {escapes}\n")
    code = main(["validate", str(tmp_path), "--format", form])
    assert code == 1
    said = "".join(capsys.readouterr())
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "\u202e" not in said
    commands = [line for line in said.splitlines() if "::" in line and line.lstrip().startswith("::")]
    assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in commands)
