"""A command whose parts are loaded when they are asked for, with their words known before."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class Parts(click.Group):
    """The parts of a command by name: (module, one line for the list). A module has a click command `command`."""

    def __init__(self, *args: Any, parts: Mapping[str, tuple[str, str]], **named: Any) -> None:
        """Keep the parts; the rest is click's."""
        super().__init__(*args, **named)
        self._parts = parts

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the parts."""
        return sorted(self._parts)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a part, loaded now; None where there is none of that name."""
        if cmd_name not in self._parts:
            return None
        command: click.Command = importlib.import_module(self._parts[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of the parts; none is loaded for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in sorted(self._parts.items())])
