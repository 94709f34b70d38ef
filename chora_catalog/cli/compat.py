"""`chora compat`: its parts are loaded when they are asked for."""

from __future__ import annotations

import importlib
from typing import Final

import click

PARTS: Final = {
    "check": ("chora_catalog.cli.compat_check", "Judge the manifests at hand against a published catalog."),
    "diff": ("chora_catalog.cli.compat_diff", "Say what changed between two states of a contract."),
    "impact": ("chora_catalog.cli.compat_impact", "Say who would break if a capability went to a version."),
    "matrix": (
        "chora_catalog.cli.compat_matrix",
        "Print what depends on what in a published catalog, with the reason.",
    ),
}
"""name: (module, one line for the list); the module has a click command called `command`."""


class _Parts(click.Group):
    """The parts by name, with their words known before their modules are loaded."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(PARTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in PARTS:
            return None
        command: click.Command = importlib.import_module(PARTS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in sorted(PARTS.items())])


@click.command("compat", cls=_Parts)
def command() -> None:
    """Say what fits, what breaks, for whom, since when, and what to do.

    0: everything that was judged fits. 1: something breaks. 3: it cannot be told.
    """
