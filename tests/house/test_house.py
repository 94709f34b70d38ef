"""The house stands as drawn: layers, types and style hold, and each contract is seen to catch what it forbids."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def run(*args: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(BIN / args[0]), *args[1:]], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",), ("lint-imports", "--no-cache")],
    ids=["style", "format", "types", "layers"],
)
def test_the_tree_is_clean(command: tuple[str, ...]) -> None:
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("model/ids.py", "import chora_catalog.check.engine", "The pipeline goes one way"),
        ("utils.py", "", "The pipeline goes one way"),
        ("edge/clock.py", "import chora_catalog.build.assemble", "Edges know only nouns"),
        ("resolve/port_rows.py", "import socket", "The core is pure"),
        ("app/pipeline.py", "import subprocess", "subprocess has one door"),
        ("app/pipeline.py", "import yaml", "yaml has one door"),
        ("parse/load.py", "import jsonschema", "jsonschema has one door"),
        ("check/engine.py", "import jinja2", "jinja2 only in render"),
        ("app/pipeline.py", "import click", "The terminal lives in cli alone"),
        ("cli/main.py", "import chora_catalog.edge.clock", "Only app calls the edge"),
        (
            "check/rules/id_contested.py",
            "import chora_catalog.check.rules.id_lookalike",
            "Rules are strangers to one another",
        ),
    ],
    ids=lambda value: value if " " in value else "",
)
def test_a_contract_catches_what_it_forbids(tmp_path: Path, file: str, line: str, contract: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "chora_catalog", tmp_path / "chora_catalog", ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path / "chora_catalog" / file
    text = target.read_text() if target.exists() else '"""Nothing."""\n'
    target.write_text(f"{text}\n{line}\n")
    # A wall of its own: the editable installation must not be what is looked at.
    done = subprocess.run(
        [str(BIN / "lint-imports"), "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(BIN), "PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout


HEAVY = ("sigstore", "tuf", "git", "mkdocs", "jinja2", "yaml", "jsonschema", "rich", "gherkin", "markdown_it", "nh3",
         "cryptography", "securesystemslib", "requests", "pydantic", "http.server",
         "chora_catalog.app.pipeline")  # fmt: skip


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from chora_catalog.cli.main import main;"
        "[main([*words, '--help']) for words in ([], ['trust', 'init'], ['sign'], ['verify'])];"
        f"print('LOADED', *[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("LOADED")
    assert "build" in done.stdout


def test_only_sources_of_ours_are_tracked() -> None:
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [name for name in names if "node_modules" in name or ".min." in name or "/vendor/" in name] == []
