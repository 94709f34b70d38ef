"""Where a publication goes: the folder itself, and the places where none can take another's place in one step."""

from __future__ import annotations

import os
from pathlib import Path

from chora_catalog.errors import ChoraError


def real_place(target: Path) -> Path:
    """Return the folder itself, absolute and without symbolic links, so that all ways to it meet in one lock."""
    return Path(os.path.realpath(target))


def refuse_fixed(target: Path, place: Path) -> None:
    """Refuse, before any work is done, what cannot be replaced as a whole."""
    if _is_mount(place):
        raise ChoraError(
            f"{target} is a mount point, which no build can replace in one step",
            hint=f"Name a folder inside it: --output {place / 'site'}",
        )
    if Path.cwd().is_relative_to(place):
        raise ChoraError(
            f"{target} is the folder this runs in, or one above it; a build replaces it whole, and this would go on in "
            "a removed folder",
            hint="Run it from elsewhere, or name another folder with --output.",
        )


def _is_mount(place: Path) -> bool:
    """Tell a mount point; Linux lists those within one file system too, whose device number gives nothing away."""
    if os.path.ismount(place):
        return True
    try:
        lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    except OSError:
        return False
    name = os.fsencode(place)
    for char in (b"\\", b" ", b"\t", b"\n"):
        name = name.replace(char, b"\\%03o" % ord(char))
    return any(line.split(b" ")[4:5] == [name] for line in lines)
