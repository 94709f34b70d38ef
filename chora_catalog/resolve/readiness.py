"""What a repository holds -> what it still lacks to be adopted, each with the lines that bring it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from chora_catalog.model.manifest import Manifest
from chora_catalog.model.readiness import Answer, Need

HOOK: Final = "chora-validate"
_CALLED = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+/\.github/workflows/validate\.ya?ml@.+")
_COMPONENT = re.compile(r".+/validate@.+")
_RUN = re.compile(r"(?:^|[\s;&|/])chora(?:-catalog)? validate\b", re.MULTILINE)
_PROMISED = ("plan", "draft")
_EVENTS = ("pull_request", "push", "merge_group")

MET, MISSING, CANNOT_TELL = Answer.MET, Answer.MISSING, Answer.CANNOT_TELL


def of_manifests(manifests: tuple[Manifest, ...]) -> Iterator[Need]:
    """Yield whether each capability names its owner and contact, and has a behavior that a scenario carries."""
    yield _each("owner", manifests, [item for item in manifests if not item.owner], "no owner", 'owner: "team-name"\n')
    lines = 'contact: "https://git.example.org/team/repository/issues"\n'
    yield _each("contact", manifests, [item for item in manifests if not item.contact], "no contact", lines)
    there = tuple(item for item in manifests if item.lifecycle_stage not in _PROMISED)
    bare = [item for item in there if not any(seen.scenarios for seen in item.observed_behaviors)]
    first = bare[0].id if bare else ""
    lines = f'behaviors:\n  - id: "{first}"\n    ref: "features/{first.replace(".", "-")}.feature"\n'
    yield _each("behaviors", there, bare, "no behavior that a scenario carries", lines, "chora template apply behavior")


def _each(
    name: str, manifests: tuple[Manifest, ...], lacking: list[Manifest], what: str, lines: str, command: str = ""
) -> Need:
    if not lacking:
        said = "every capability has one" if manifests else "every capability is still a plan"
        return Need(name=name, verdict=MET, words=said)
    some = ", ".join(item.id for item in lacking[:3]) + (f" and {len(lacking) - 3} more" if len(lacking) > 3 else "")
    words = f"{some}: {what}"
    if lacking[0].imported:
        words += "; a manifest of your own can say it"
        return Need(name=name, verdict=MISSING, words=words, command="chora adopt")
    return Need(name=name, verdict=MISSING, words=words, file=lacking[0].path, lines=lines, command=command)


def of_pipelines(documents: Mapping[str, Any], unread: Iterable[str], lines: str, command: str) -> Iterator[Need]:
    """Yield whether a pipeline judges the manifest, and with no more rights than it needs.

    `documents` are the workflows and the GitLab pipeline by path, `unread` those that could not be read.
    """
    for path, document in sorted(documents.items()):
        if path == ".gitlab-ci.yml":
            if any(_COMPONENT.fullmatch(str(item.get("component", ""))) for item in _items(document, "include")):
                yield Need(name="workflow", verdict=MET, words=f"{path} includes the component")
                yield Need(name="permissions", verdict=MET, words="a component gets no token of this workflow")
                return
            continue
        jobs = document.get("jobs") if isinstance(document, dict) and _runs(document.get("on")) else None
        for name, job in jobs.items() if isinstance(jobs, dict) else ():
            if isinstance(job, dict) and _judges(job):
                yield Need(name="workflow", verdict=MET, words=f"{path} judges the manifest in its job {name}")
                yield _rights(path, name, document, job)
                return
    missed = sorted(unread)
    if missed:
        words = f"{', '.join(missed[:3])} cannot be read"
        yield Need(name="workflow", verdict=CANNOT_TELL, words=words, command="chora template apply workflow")
        yield Need(name="permissions", verdict=CANNOT_TELL, words=words)
        return
    where = ".github/workflows/chora.yml"
    words = "no workflow judges the manifest of a pull request"
    yield Need(name="workflow", verdict=MISSING, words=words, file=where, lines=lines, command=command)
    yield Need(name="permissions", verdict=Answer.NOT_EVALUATED, words="there is no workflow to give any")


def of_hooks(document: Any, readable: bool, lines: str, command: str) -> Need:
    """Tell whether pre-commit judges the manifest; `document` is its configuration, None where there is none."""
    if not readable:
        return Need(name="pre-commit", verdict=CANNOT_TELL, words=".pre-commit-config.yaml cannot be read")
    for repository in _items(document, "repos"):
        for hook in _items(repository, "hooks"):
            if hook.get("id") == HOOK or _RUN.search(str(hook.get("entry", ""))):
                return Need(name="pre-commit", verdict=MET, words=".pre-commit-config.yaml has the hook")
    there = isinstance(document, dict)
    return Need(
        name="pre-commit",
        verdict=MISSING,
        words="no hook judges the manifest before a commit",
        file=".pre-commit-config.yaml",
        lines=lines,
        command="" if there else command,
    )


def _runs(on: object) -> bool:
    """Tell whether a workflow runs for a change by itself, and not only when another calls it."""
    return any(event in _EVENTS for event in (on if isinstance(on, list | dict) else [on]))


def _judges(job: Mapping[str, Any]) -> bool:
    if _CALLED.fullmatch(str(job.get("uses", ""))):
        return True
    return any(_RUN.search(str(step.get("run", ""))) for step in _items(job, "steps"))


def _rights(path: str, name: str, document: Mapping[str, Any], job: Mapping[str, Any]) -> Need:
    given = job.get("permissions", document.get("permissions"))
    lines = "    permissions:\n      contents: read\n"
    if isinstance(given, dict) and given.get("contents") == "read" and set(given.values()) <= {"read", "none"}:
        return Need(name="permissions", verdict=MET, words=f"the job {name} may read and nothing else")
    said = "says no permissions" if given is None else "has other permissions than to read"
    return Need(
        name="permissions", verdict=MISSING, words=f"the job {name} {said}; give it these", file=path, lines=lines
    )


def _items(document: Any, key: str) -> list[dict[str, Any]]:
    found = document.get(key) if isinstance(document, dict) else None
    entries = found if isinstance(found, list) else [found]
    return [item for item in entries if isinstance(item, dict)]
