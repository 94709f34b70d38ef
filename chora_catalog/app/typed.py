"""A command of this tool as a person types it, for next steps that work as printed."""

from __future__ import annotations

import shlex
from pathlib import Path


def typed(name: str, path: Path) -> str:
    """Return the command `name` on `path`; the present folder need not be named."""
    return f"chora {name}" + ("" if path == Path() else f" {shlex.quote(str(path))}")
