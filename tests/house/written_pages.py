"""The pages of the documents that are written from something else: `make reference` after a change of it.

`docs/reference/schemas.md` says what is under `schemas/`, `docs/reference/options.md` what the commands say of
themselves; what `chora validate` prints of the examples in `docs/reference/manifest-example.md` is printed anew, and
`docs/reference/breaking-changes.md` has the rules about two contracts. The tests hold all four, and name this command.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import tempfile
from pathlib import Path

import click

from chora_catalog.cli.main import COMMANDS
from chora_catalog.cli.main import chora as group
from chora_catalog.cli.main import main as chora
from chora_catalog.edge.files import read_folder
from chora_catalog.model.command import CommandWords
from chora_catalog.render import reference
from chora_catalog.render.contract_pages import contract_page
from chora_catalog.resolve.contract.every import GROUPS

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "docs/reference/schemas.md"
BREAKING = ROOT / "docs/reference/breaking-changes.md"
OPTIONS = ROOT / "docs/reference/options.md"
EXAMPLE = ROOT / "docs/reference/manifest-example.md"
FENCE = re.compile(r'^```\w+ title="(?P<name>[^"]+)"\n(?P<body>.*?)^```$', re.MULTILINE | re.DOTALL)
_ANSWER = re.compile(r"^(?P<asked>```console\n\$ chora validate\n)(?P<answer>.*?)^```$", re.MULTILINE | re.DOTALL)


def schemas_page() -> str:
    """Return the page about the schemas as it should be."""
    return reference.schemas_page(read_folder(ROOT / "schemas", "*.json"))


def breaking_page() -> str:
    """Return the page about the rules between two contracts as it should be."""
    return contract_page(GROUPS)


def options_page() -> str:
    """Return the page about the options as it should be."""
    return reference.options_page([_words(name) for name in sorted(COMMANDS)])


def _words(name: str) -> CommandWords:
    command = group.get_command(click.Context(group, info_name="chora"), name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=click.Context(group, info_name="chora"))
    options = [option for option in command.params if isinstance(option, click.Option)]
    return CommandWords(
        name=name,
        usage=" ".join(["chora", name, *command.collect_usage_pieces(context)]),
        help=inspect.cleandoc(command.help or ""),
        options=tuple((_written(option), option.help or "") for option in options),
    )


def _written(option: click.Option) -> str:
    if option.is_flag:
        return ", ".join(option.opts)
    choices = " or ".join(map(str, option.type.choices)) if isinstance(option.type, click.Choice) else ""
    value = choices or (option.metavar or "VALUE").replace("|", " or ")
    return f"{', '.join(option.opts)} {value}"


def parts(text: str) -> list[str]:
    """Return the sections of a page, each from its heading of the second level on, and before them its beginning."""
    return re.split(r"^(?=## )", text, flags=re.MULTILINE)


def validated(section: str, folder: Path) -> tuple[int, str]:
    """Write the titled files of a section into `folder`; return what `chora validate` ends with there, and prints."""
    for found in FENCE.finditer(section):
        path = folder / found["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found["body"], encoding="utf-8")
    with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()) as printed:
        code = chora(["validate", "--format", "text"])
    return code, printed.getvalue()


def example_page() -> str:
    """Return the page of the examples with what is printed of them today."""
    return "".join(_answered(section) for section in parts(EXAMPLE.read_text(encoding="utf-8")))


def _answered(section: str) -> str:
    if not _ANSWER.search(section):
        return section
    with tempfile.TemporaryDirectory() as folder:
        _, printed = validated(section, Path(folder))
    return _ANSWER.sub(lambda found: f"{found['asked']}{printed}```", section)


def main() -> None:
    """Write the pages."""
    for path, text in (
        (SCHEMAS, schemas_page()),
        (OPTIONS, options_page()),
        (EXAMPLE, example_page()),
        (BREAKING, breaking_page()),
    ):
        path.write_text(text, encoding="utf-8")
        print(f"Wrote {path.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
