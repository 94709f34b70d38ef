"""Who has to agree: teams with their people, how many it takes, and the days that count (`decisions/stewards.yaml`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

COUNCIL = "council"
SOLO = "solo"
_KEY_TYPE = re.compile(r"(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[A-Za-z0-9@.-]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may vote. `keys` are public SSH keys as written; `until` is their last day (empty: none is set)."""

    name: str
    handle: str = ""
    contact: str = ""
    keys: tuple[str, ...] = ()
    until: str = ""

    def holds(self, key: str) -> bool:
        """Tell whether the public key `key` (`<type> <base64>`) is one of theirs."""
        return bool(key) and any(public_key(line) == key for line in self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team that answers for `capabilities`: ids, or prefixes followed by `.*`."""

    name: str
    contact: str = ""
    capabilities: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    def answers_for(self, capability: str) -> bool:
        """Tell whether the id `capability` is one that this team answers for."""
        return any(
            capability == pattern or (pattern.endswith(".*") and capability.startswith(pattern[:-1]))
            for pattern in self.capabilities
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stewards:
    """The policy of a catalog. Without teams and without a mode nobody is known who could agree.

    `approvals` and `humans` are what a breaking change needs beyond one approval of each team. `notice` is how long a
    decision of one person is published before it counts, as a duration.
    """

    mode: str = ""
    notice: str = ""
    approvals: int = 0
    humans: int = 2
    teams: tuple[Team, ...] = ()
    people: tuple[Person, ...] = ()
    holidays: frozenset[str] = frozenset()
    file: str = ""

    @property
    def is_known(self) -> bool:
        """Tell whether anybody said who has to agree."""
        return bool(self.mode or self.teams)

    @property
    def is_solo(self) -> bool:
        """Tell whether one person decides, after a published notice."""
        return self.mode == SOLO

    def person(self, who: str) -> Person | None:
        """Return the person with the name or the handle `who`, or None."""
        wanted = who.strip().casefold().removeprefix("@")
        if not wanted:
            return None
        return next((one for one in self.people if wanted in (one.name.casefold(), one.handle.casefold())), None)

    def account(self, user: str) -> Person | None:
        """Return the person whose account at the forge is `user`, or None: somebody's name is no account of theirs."""
        wanted = user.strip().casefold().removeprefix("@")
        return next((one for one in self.people if wanted and wanted == one.handle.casefold()), None)

    def holder_of(self, key: str) -> Person | None:
        """Return the person whose key `key` is, or None."""
        return next((one for one in self.people if one.holds(key)), None)

    def team(self, name: str) -> Team | None:
        """Return the team `name`, or None."""
        return next((team for team in self.teams if team.name == name), None)

    def is_member(self, person: Person, team: str) -> bool:
        """Tell whether `person` is listed by the team `team`."""
        found = self.team(team)
        names = {person.name.casefold(), person.handle.casefold()} - {""}
        return found is not None and any(member.casefold().removeprefix("@") in names for member in found.members)

    def teams_for(self, capability: str) -> tuple[str, ...]:
        """Return the names of the teams that answer for `capability`, sorted."""
        return tuple(sorted(team.name for team in self.teams if team.answers_for(capability)))


def public_key(line: str) -> str:
    """Return `<type> <base64>` of a line of an authorized-keys or allowed-signers file; empty where it holds none."""
    words = line.split()
    for kind, body in pairwise(words):
        if _KEY_TYPE.fullmatch(kind):
            return f"{kind} {body}"
    return ""
