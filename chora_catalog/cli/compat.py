"""`chora compat`: its parts are loaded when they are asked for."""

from __future__ import annotations

from typing import Final

import click

from chora_catalog.cli.parts import Parts

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


@click.command("compat", cls=Parts, parts=PARTS)
def command() -> None:
    """Say what fits, what breaks, for whom, since when, and what to do.

    0: everything that was judged fits. 1: something breaks. 3: it cannot be told.
    """
