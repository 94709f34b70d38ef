"""Show a built site on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chora_catalog.edge import serve


def show(folder: Path, port: int, *, ready: Callable[[str], None]) -> None:
    """Serve `folder` on the loopback address until interrupted; raise ChoraError as `edge.serve.serve` does."""
    serve.serve(folder, port, ready=ready)
