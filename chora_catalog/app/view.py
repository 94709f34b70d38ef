"""What may stand around manifests that are judged; apart, so that naming it loads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What stands around manifests: the folder of a publication, which of its sources they are, and the instant.

    Without `source` they are those of the source whose address their repository was cloned from, else of a new one.
    """

    catalog: Path
    as_of: datetime
    source: str = ""
