"""What a record is called where it is listed."""

from __future__ import annotations

from chora_catalog.model.signal import ChangeSignal
from chora_catalog.render.text import cut


def signal_title(signal: ChangeSignal) -> str:
    """Return the title of `signal`; where it has none, what it is about: `Breaking change in a.b.c 2.0.0`."""
    if signal.title:
        return cut(signal.title, 120)
    words = signal.type.replace("-", " ").replace("_", " ") or "change"
    target = f" in {signal.capability_id}" if signal.capability_id else ""
    return cut(f"{words.capitalize()}{target}{' ' + signal.proposed_version if signal.proposed_version else ''}", 120)
