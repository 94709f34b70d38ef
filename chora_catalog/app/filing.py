"""Records written by hand of a command: made, judged as the gate would, written as new files, and never committed."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from chora_catalog.app.governing import govern
from chora_catalog.app.own_schemas import own_schemas
from chora_catalog.check.gate.every import judge
from chora_catalog.check.gate.proposed import FOLDER, Proposed
from chora_catalog.edge import files, git
from chora_catalog.edge.workspace import Workspace
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.finding import Finding, Severity
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.judgement import Paper
from chora_catalog.model.proposal import FILE, NOTHING, Change
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.parse.records import Added, Records, load_records
from chora_catalog.render.report import frames

_LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The records of the repository at `root` as its folder holds them, committed or not, folded, at `as_of`.

    `me` is the name that git would write into a commit, empty where it knows none.
    """

    root: Path
    paths: Mapping[str, bytes]
    added: Mapping[str, Added]
    records: Records
    as_of: datetime
    me: str

    @property
    def now(self) -> str:
        """Return the instant as records write it."""
        return instant_text(self.as_of)

    def is_committed(self, file: str) -> bool:
        """Tell whether `file` is in a commit."""
        return file in self.added

    def names(self, folder: str) -> list[str]:
        """Return the names, without their endings, of the files below `folder` of `decisions/`."""
        inside = f"{FOLDER}{folder}/"
        return [file.rpartition("/")[2].rpartition(".")[0] for file in self.paths if file.startswith(inside)]

    def signal(self, name: str) -> ChangeSignal:
        """Return the signal with the id `name`, whatever its capital letters; raise ChoraError for an unknown one."""
        found = _one(name, self.records.signals)
        if found is None:
            raise _unknown("signal", name, [one.id for one in self.records.signals], "chora signal list --all")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A record that was written: the paper, what is worth knowing about it, and the records with it."""

    paper: Paper
    notes: tuple[Finding, ...]
    records: Records
    then: tuple[str, ...]
    """The commands that come next."""


def open_desk(root: Path, as_of: datetime) -> Desk:
    """Read `decisions/` of the catalog's repository at `root`. Raise ChoraError (usage) where there is none."""
    folder = root / "decisions"
    if not folder.is_dir() and not (root / "catalog-sources.yaml").is_file():
        raise ChoraError(
            f"{root.resolve().name or root} holds no decisions/ and no catalog-sources.yaml",
            hint="Run it in the catalog's own repository, or name that with --root.",
        )
    own = git.own_files(root, "decisions")
    known = own.added if own else {}
    paths = _folder(root)
    facts = {path: Added(commit=fact.commit, at=fact.at, author=fact.author) for path, fact in known.items()}
    desk = Desk(
        root=root, paths=paths, added=facts, records=Records(), as_of=as_of, me=git.own_identity(root) if own else ""
    )
    return replace(desk, records=govern(_load(desk, paths)))


def file_paper(desk: Desk, paper: Paper, *, message: str) -> Filed:
    """Write `paper` as a new file, unless the gate would refuse it, and say what comes next; `message` is for a commit.

    Raise ChoraError: usage where the file is there; exit 1 with all that is wrong where it would be refused.
    """
    if paper.file in desk.paths or (desk.root / paper.file).exists():
        raise ChoraError(f"{paper.file} is there already, and a record is never changed", hint="Choose another id.")
    data = paper.text.encode()
    after = govern(_load(desk, {**desk.paths, paper.file: data}), desk.records.stewards)
    change = Change(path=paper.file, status="A", old_mode=NOTHING, new_mode=FILE, old_id="0" * 40, new_id=f"{1:040x}")
    found = judge(
        Proposed(
            changes=(change,),
            before=desk.records,
            after=after,
            policy=desk.records.stewards,
            as_of=desk.as_of,
            head="",
            base_paths=frozenset(desk.paths),
            added=frozenset({paper.file}),
        )
    )
    if any(finding.severity is Severity.ERROR for finding in found):
        wrong = [finding for finding in found if finding.severity is Severity.ERROR]
        raise ChoraError(
            f"{paper.file} was not written, because it would be refused",
            detail=frames(wrong),
            hint=wrong[0].hint,
            code=Exit.NO,
        )
    Workspace(desk.root).write(paper.file, data, new=True)
    return Filed(paper=paper, notes=found, records=after, then=_then(paper.file, message))


def _then(file: str, message: str) -> tuple[str, ...]:
    return (f"git add {shlex.quote(file)}", f"git commit --message {shlex.quote(message)}")


def _load(desk: Desk, paths: Mapping[str, bytes]) -> Records:
    # What is in no commit yet would be committed now, by whoever sits here.
    new = Added(commit="", at=desk.now, author=desk.me)
    facts = {path.removeprefix(FOLDER): desk.added.get(path, new) for path in paths}
    inside = {path.removeprefix(FOLDER): data for path, data in paths.items()}
    return load_records(inside, added=facts, schemas=own_schemas())


def _folder(root: Path) -> Mapping[str, bytes]:
    place, found = Workspace(root), {}
    for path, mode in files.list_folder(root / "decisions")[0].items() if place.is_folder("decisions") else ():
        if mode == FILE:
            data = place.read(FOLDER + path, _LIMIT)
            found[FOLDER + path] = b"\0" * (_LIMIT + 1) if data is None else data
    return found


def _one(name: str, signals: Iterable[ChangeSignal]) -> ChangeSignal | None:
    """Return the signal with exactly this id, else the only one that has it in other capital letters."""
    every = list(signals)
    exact = [signal for signal in every if signal.id == name]
    alike = [signal for signal in every if signal.id.casefold() == name.casefold()]
    return exact[0] if exact else alike[0] if len(alike) == 1 else None


def _unknown(kind: str, name: str, known: list[str], command: str) -> ChoraError:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"See them all: {command}"
    return ChoraError(f"there is no {kind} {name!a}", hint=hint)
