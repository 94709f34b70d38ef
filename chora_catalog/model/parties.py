"""What a verdict of compatibility stands on: a provider's releases and a consumer's needs, whoever told of them.

A build makes these from harvests, `chora compat check` from a published catalog and the manifest at hand; the rules
(`resolve/compat.py`) cannot tell the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from chora_catalog.model.change import Change
from chora_catalog.model.manifest import Dependency
from chora_catalog.model.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvidedVersion:
    """One release of a provider; `changes` are what is not neutral against the release before it."""

    version: str
    released_at: str = ""
    changes: tuple[Change, ...] = ()
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One capability as somebody's provider; `releases` are in order of precedence, the oldest first.

    `version` is what its head declares: it counts where there is no release. `inputs` and `outputs` are the names of
    its head's.
    """

    id: str
    source: str = ""
    owner: str = ""
    contact: str = ""
    version: str = ""
    stability: str = ""
    is_deprecated: bool = False
    sunset_at: str = ""
    replacement: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    releases: tuple[ProvidedVersion, ...] = ()
    repair_days: tuple[int, ...] = ()
    """How long its past breaks stood until their consumers were repaired, in whole days, sorted."""

    @property
    def newest(self) -> Version | None:
        """The newest release (a pre-release only where there is nothing else), else the head's version."""
        versions = [version for item in self.releases if (version := Version.parse(item.version))]
        full = [version for version in versions if not version.is_prerelease]
        if not versions:
            return Version.parse(self.version)
        return max(full or versions, key=lambda version: version.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """One capability as somebody's consumer: what it needs, and the names of its own inputs and outputs.

    It reads an output of a provider where one of its inputs has that name, and feeds an input where one of its outputs
    has. `is_readable` is False where the head of its source does not parse and this is the last good state.
    """

    id: str
    version: str = ""
    source: str = ""
    owner: str = ""
    contact: str = ""
    needs: tuple[Dependency, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    is_readable: bool = True
