"""Tutorials as tests follow them: the files and the commands of a page, in the order in which it shows them."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chora_catalog.cli.main import main

_BLOCK = re.compile(r'^```(console|yaml title="([^"]+)")\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """A file to write (`path`, `text`), or a command to run (`line`) and what it is shown to say."""

    path: str = ""
    text: str = ""
    line: str = ""
    shown: str = ""


def steps(page: Path) -> Iterator[Step]:
    """Yield what a page asks for."""
    for kind, path, body in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind != "console":
            yield Step(path=path, text=body)
            continue
        for line, shown in _COMMAND.findall(body):
            yield Step(line=line, shown=shown)


def follow(page: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> int:
    """Do in `folder` what `page` asks for, hold each answer against what it shows, and return how many commands ran.

    A command that is shown to refuse something ends with 1, every other one with 0.
    """
    count = 0
    for step in steps(page):
        if step.path:
            (folder / step.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.path).write_text(step.text, encoding="utf-8")
            continue
        words = shlex.split(step.line)
        if words[0] == "chora":
            capsys.readouterr()
            code = main(words[1:])
            said = capsys.readouterr()
            answer = said.out + said.err
            refuses = "rejected" in step.shown or step.shown.startswith("error[")
            assert code == (1 if refuses else 0), (step.line, answer)
        else:
            done = subprocess.run(["bash", "-c", step.line], cwd=folder, check=True, capture_output=True, text=True)
            answer = done.stdout
        assert step.shown in answer, (step.line, answer)
        count += 1
    return count
