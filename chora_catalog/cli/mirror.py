"""`chora mirror`: its parts are loaded when they are asked for."""

from __future__ import annotations

from typing import Final

import click

from chora_catalog.cli.parts import Parts

PARTS: Final = {
    "export": ("chora_catalog.cli.mirror_export", "Write a signed site into one file that carries its own proof."),
    "import": ("chora_catalog.cli.mirror_import", "Verify such a file and put the catalog in it into a folder."),
    "status": ("chora_catalog.cli.mirror_status", "Say how old an imported catalog is."),
    "verify": ("chora_catalog.cli.mirror_verify", "Verify such a file, or an imported catalog; nothing is written."),
}
"""name: (module, one line for the list); the module has a click command called `command`."""


@click.command("mirror", cls=Parts, parts=PARTS)
def command() -> None:
    """Carry a signed catalog to a place without a network, as one file.

    0: yes. 1: the file or the folder was refused. 2: asked wrongly, or nothing was imported. 3: it cannot be told, or
    what was imported is past its alert age.
    """
