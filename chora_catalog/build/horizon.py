"""Until when a catalog stays as it is if no source, record or document changes."""

from __future__ import annotations

from datetime import datetime

from chora_catalog.model.catalog import Catalog
from chora_catalog.model.instant_text import instant_text
from chora_catalog.resolve.clock import instant


def next_instant(catalog: Catalog, as_of: datetime) -> str:
    """Return the first instant after `as_of` at which a verdict may change by itself (RFC 3339 UTC), empty for none.

    Verdicts depend on the clock by waivers (granted, expired) and by sunsets alone.
    """
    moments = [instant(waiver.granted_at) for waiver in catalog.waivers]
    moments += [instant(waiver.expires_at, end=True) for waiver in catalog.waivers]
    moments += [instant(entry.manifest.sunset_at) for entry in catalog.entries]
    later = [moment for moment in moments if moment is not None and moment > as_of]
    return instant_text(min(later)) if later else ""
