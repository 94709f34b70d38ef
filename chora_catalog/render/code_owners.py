"""Who has to agree -> the lines of a CODEOWNERS file that ask them."""

from __future__ import annotations

import re

from chora_catalog.model.steward import Stewards, Team
from chora_catalog.render.text import cut, listed
from chora_catalog.render.yaml_out import comment

_HANDLE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,99})")
_PIPELINES = {"gitlab": ("/.gitlab-ci.yml", "/.gitlab/"), "gitea": ("/.gitea/", "/.github/")}
"""What runs on a change, by forge; elsewhere `/.github/`."""


def owned_lines(stewards: Stewards, forge: str) -> str:
    """Return the lines: each team with its people as a comment, then what needs one of them.

    Whoever has no handle that a forge could ask is named in a comment: nobody is left out silently. A record is about
    any capability, so everybody who may vote on some is asked for all; the gate counts who may.
    """
    lines = [_of_team(stewards, team) for team in stewards.teams]
    members = [member for team in stewards.teams for member in team.members]
    handles = sorted(
        {f"@{handle}" for handle in (_handle(stewards, name) for name in members) if handle}, key=str.lower
    )
    if not handles:
        why = "names nobody with a handle" if stewards.is_known else "is not there, or names nobody"
        return "\n".join([*lines, f"# decisions/stewards.yaml {why}, so nobody is asked yet."])
    paths = ["/decisions/", "/catalog-sources.yaml", *_PIPELINES.get(forge, ("/.github/",))]
    return "\n".join([*lines, *(f"{path} {' '.join(handles)}" for path in paths)])


def _of_team(stewards: Stewards, team: Team) -> str:
    known = [f"@{handle}" for name in team.members if (handle := _handle(stewards, name))]
    silent = [name for name in team.members if not _handle(stewards, name)]
    words = " ".join(known) or ("" if silent else "nobody is listed")
    if silent:
        words += f"{'; ' if words else ''}without a handle: {listed(silent)}"
    return cut(comment(f"{team.name}: {words}"), 400)


def _handle(stewards: Stewards, name: str) -> str:
    person = stewards.person(name)
    handle = (person.handle if person else "").removeprefix("@")
    return handle if _HANDLE.fullmatch(handle) else ""
