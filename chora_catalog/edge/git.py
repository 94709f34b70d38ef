"""Git over the network, and the history of our own repository.

Nothing of a source runs: fetches are bare, without checkout, hook, helper or configuration of anybody else, over the
protocols that `address_problem` admits, inside limits of time, size and memory.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from chora_catalog.edge.address import address_problem
from chora_catalog.edge.clock import monotonic
from chora_catalog.edge.git_cache import (
    HEAD_REF,
    Note,
    address_digest,
    beside,
    came_in_packs,
    head_here,
    held,
    make_empty,
    packs_of,
    put_in_place,
    read_note,
    tidy,
    usable,
    write_note,
)
from chora_catalog.edge.git_command import NO_PROTOCOL, RELAXED, environment, on_repository, visible
from chora_catalog.edge.git_failure import FetchFailed
from chora_catalog.edge.git_visit import BLOB_LIMIT, Visit
from chora_catalog.edge.objects import CacheBroken, Objects, ObjectUnreadable, Tree
from chora_catalog.edge.process import Done, run
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.proposal import Change
from chora_catalog.model.source import SourceSpec

__all__ = [
    "AddedFact",
    "FetchFailed",
    "Fetched",
    "OwnChanges",
    "OwnHistory",
    "address_problem",
    "fetch",
    "fetch_objects",
    "own_changes",
    "own_file",
    "own_files",
    "own_identity",
]

MAX_REFS = 50_000
_FETCH = (
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--no-recurse-submodules",
    "--no-show-forced-updates",
)
_FILTERED = (f"--filter=blob:limit={BLOB_LIMIT}",)
_PROMISES = (
    ("remote.origin.promisor", "true"),
    ("remote.origin.partialclonefilter", f"blob:limit={BLOB_LIMIT}"),
)
_NOT_FILTERED = b"filtering not recognized by server"
_OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_OWN_SECONDS = 120
_OWN_ENTRIES = 1_000_000
_OWN_HEADER = re.compile(r"([0-9a-f]{40,64}) ([0-9]+) (.*)", re.DOTALL)
_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a source's refs are now, all of them in the cache.

    `refs` is sorted: the head under its own name (`HEAD`, `refs/heads/main`), and with `versions: tags` every
    `refs/tags/x`, an annotated one also peeled as `refs/tags/x^{}`. `head` is the head's commit id, `changed` whether
    `refs` differ from the `known` ones, `requests` how many git commands went to the network.
    """

    refs: tuple[tuple[str, str], ...]
    head: str
    changed: bool
    requests: int


def fetch(
    spec: SourceSpec,
    address: str,
    repository: Path,
    *,
    allow_local: bool,
    known: Mapping[str, str],
    environ: Mapping[str, str],
    anew: bool = False,
) -> Fetched:
    """Bring the cache `repository` of one source up to date and report its refs.

    With a cache the refs are listed first, and nothing is fetched when it has them all. Without one, or when it is
    broken, of another address or `anew` is asked for, it is made from nothing in a sibling folder and renamed.
    `known` are the refs of the previous publication (empty: everything is new), `environ` the caller's environment,
    which holds the token that `spec.auth_env` names. Raises FetchFailed; a cache that was there stays usable.
    """
    visit = Visit.of(spec, address, repository, allow_local=allow_local, environ=environ)
    try:
        with held(repository, visit.deadline) as mine:
            if not mine:
                raise FetchFailed("Another build is using the cache of this source.", "Wait for it, then build again.")
            refs = _update(visit, repository, anew=anew)
    except OSError as error:
        raise _cache_failed(error) from error
    return Fetched(
        refs=tuple(sorted(refs.items())),
        head=refs[visit.head],
        changed=not known or dict(known) != refs,
        requests=visit.requests,
    )


def fetch_objects(
    spec: SourceSpec,
    address: str,
    repository: Path,
    ids: Sequence[str],
    *,
    allow_local: bool,
    environ: Mapping[str, str],
) -> int:
    """Fetch the objects `ids` (hex) that a finished fetch lacks, all in one request; return the number of requests.

    The size filter does not hold for objects asked for by id: ask only for what is known to be small. Raises
    FetchFailed.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return 0
    if not all(_OBJECT_ID.fullmatch(name) for name in wanted):
        raise ValueError("an object id is 40 or 64 hex digits")
    visit = Visit.of(spec, address, repository, allow_local=allow_local, environ=environ)
    try:
        with held(repository, visit.deadline) as mine:
            note = read_note(repository)
            if not mine or note is None:
                raise FetchFailed("The cache of this source is not there or in use.", "Build again.")
            words = [*_FETCH, *_FILTERED, "--stdin", "--", "origin"]
            config = [*_PROMISES, ("fetch.negotiationAlgorithm", "noop")]
            visit.network(repository, words, stdin="".join(f"{name}\n" for name in wanted).encode(), config=config)
            write_note(repository, replace(note, packs=packs_of(repository)))
    except OSError as error:
        raise _cache_failed(error) from error
    return visit.requests


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedFact:
    """The commit that first added a file: its id, its committer date (RFC 3339 UTC) and its author's name."""

    commit: str
    at: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHistory:
    """A folder of our own repository at its HEAD.

    Paths are relative to the `root` that was asked for. A file is missing from `added` where the history is shallow
    and the commit that added it is not there: nobody can say then.
    """

    head: str
    files: Mapping[str, bytes]
    added: Mapping[str, AddedFact]
    shallow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnChanges:
    """What a proposal changes: paths are those of the repository, `prefix` is the folder that was asked for in it.

    `start` is the commit where base and head parted; empty where they have nothing in common.
    """

    base: str
    head: str
    start: str
    prefix: str
    changes: tuple[Change, ...]


def own_files(root: Path, folder: str, *, at: str = "HEAD", limit: int = 256 * 1024) -> OwnHistory | None:
    """Return the regular files below `root/folder` as the commit `at` has them, and who added each when.

    None when `root` is in no repository, or the repository has no such commit. What the working tree holds counts for
    nothing. A file over `limit` bytes is not read: it is given as `limit + 1` zero bytes, which every reader with
    that limit refuses. Raises ChoraError (exit 3) for a damaged or partial clone.
    """
    place = _own_repository(root)
    if place is None:
        return None
    private, shared, prefix = place
    env = environment(os.environ, protocols=NO_PROTOCOL)
    head = _own_commit(private, at, env)
    if not head:
        return None
    try:
        with Objects(shared) as objects:
            top = objects.folder(objects.commit(head).tree, prefix + folder)
            tree = objects.tree(top, max_entries=_OWN_ENTRIES) if top else Tree()
            files = {
                f"{folder}/{path}": _own_bytes(objects, path, entry.id, limit)
                for path, entry in sorted(tree.items())
                if entry.is_file
            }
            boundary = objects.boundary
    except (CacheBroken, ObjectUnreadable) as error:
        raise _own_unreadable(shared, str(error)) from error
    if tree.truncated:
        raise _own_unreadable(shared, f"{folder} holds more than {_OWN_ENTRIES:,} entries, or folders over 32 deep.")
    added = _own_additions(shared, head, f"{prefix}{folder}/", env) if files else {}
    facts = {path.removeprefix(prefix): fact for path, fact in sorted(added.items()) if fact.commit not in boundary}
    return OwnHistory(
        head=head,
        files=files,
        added={path: fact for path, fact in facts.items() if path in files},
        shallow=bool(boundary),
    )


def _own_repository(root: Path) -> tuple[Path, Path, str] | None:
    """Return where the repository around `root` keeps its HEAD and its objects, and the path of `root` inside it.

    The two folders differ in a linked worktree; the path is empty or ends in /.
    """
    import git  # 0.1 s that only the commands which read decisions pay

    try:
        with git.Repo(root, search_parent_directories=True) as repo:
            top = repo.working_tree_dir
            inside = Path(root).resolve().relative_to(Path(top).resolve()).as_posix() if top else "."
            return Path(repo.git_dir), Path(repo.common_dir), "" if inside == "." else f"{inside}/"
    except (git.InvalidGitRepositoryError, git.NoSuchPathError, ValueError):
        return None


def own_file(root: Path, path: str, *, at: str = "HEAD", limit: int = 256 * 1024) -> bytes | None:
    """Return the regular file `root/path` as the commit `at` has it; None where there is none, or it is too large."""
    place = _own_repository(root)
    if place is None:
        return None
    private, shared, prefix = place
    commit = _own_commit(private, at, environment(os.environ, protocols=NO_PROTOCOL))
    if not commit:
        return None
    try:
        with Objects(shared) as objects:
            entry = objects.entry(objects.commit(commit).tree, prefix + path)
            return objects.blob(entry.id, limit=limit).data if entry is not None and entry.is_file else None
    except (CacheBroken, ObjectUnreadable) as error:
        raise _own_unreadable(shared, str(error)) from error


def own_identity(root: Path) -> str:
    """Return the name that git would write into a commit of our own repository, empty where it knows none."""
    import git  # 0.1 s that only the commands which read decisions pay

    said = os.environ.get("GIT_AUTHOR_NAME", "")
    if said:
        return visible(said)
    try:
        with git.Repo(root, search_parent_directories=True) as repo:
            return visible(str(repo.config_reader().get_value("user", "name", "")))
    except (git.InvalidGitRepositoryError, git.NoSuchPathError, OSError, ValueError):
        return ""


def own_changes(root: Path, base: str, head: str) -> OwnChanges:
    """Return what changed from where `base` and `head` parted to `head`, in our own repository around `root`.

    Branches that were merged into each other crosswise parted at several commits, and from each of them alone a file
    that the other one brought seems never to have been there. So whatever differs from any of them is a change, unless
    both branches have it by now: merging them changes nothing there.

    Raises ChoraError: usage where `root` is in no repository or a ref is not there; exit 3 where the clone is shallow,
    so that nobody can tell what was there before.
    """
    place = _own_repository(root)
    if place is None:
        raise ChoraError(f"{root} is in no git repository", hint="Run it in a clone of the catalog's repository.")
    private, shared, prefix = place
    env = environment(os.environ, protocols=NO_PROTOCOL)
    commits = {name: _own_commit(private, name, env) for name in (base, head)}
    for name, commit in commits.items():
        if not commit:
            raise ChoraError(f"there is no commit {name!a}", hint="Fetch it first: git fetch origin <branch>.")
    with Objects(shared) as objects:
        if objects.boundary:
            raise ChoraError(
                "this clone is shallow, so it cannot be told what was there before",
                hint="Fetch the whole history: git fetch --unshallow (in CI: fetch-depth: 0).",
                code=Exit.CANNOT_TELL,
            )
    parted = _own_run(private, ["merge-base", "--all", commits[base], commits[head]], env)
    found = parted.out.decode("ascii", "replace").split()
    if parted.code not in (0, 1) or (parted.code == 0 and not found):
        raise _own_unreadable(private, visible(parted.err.decode("utf-8", "replace")))
    starts = found if parted.code == 0 else []
    changes = {change for start in starts for change in _own_difference(private, start, commits[head])}
    if starts != [commits[base]]:
        differing = {change.path for change in _own_difference(private, commits[base], commits[head])}
        changes = {change for change in changes if change.path in differing}
    return OwnChanges(
        base=commits[base],
        head=commits[head],
        start=starts[0] if starts else "",
        prefix=prefix,
        changes=tuple(sorted(changes, key=lambda change: (change.path, change.status, change.old_id))),
    )


def _own_difference(repository: Path, start: str, end: str) -> tuple[Change, ...]:
    """Return every path that differs between two commits, by path; a renamed file is one deleted and one added."""
    words = ["diff-tree", "-r", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-ext-diff", start, end]
    done = _own_run(repository, words, environment(os.environ, protocols=NO_PROTOCOL))
    if not done.ok:
        raise _own_unreadable(repository, visible(done.err.decode("utf-8", "replace")))
    # A name that is no UTF-8 is shown in escapes; no reader takes it by any name.
    tokens = done.out.decode("utf-8", "backslashreplace").split("\0")
    found = []
    for head, path in zip(tokens[0::2], tokens[1::2], strict=False):
        old_mode, new_mode, old_id, new_id, status = head.removeprefix(":").split(" ")
        found.append(
            Change(path=path, status=status, old_mode=old_mode, new_mode=new_mode, old_id=old_id, new_id=new_id)
        )
    return tuple(sorted(found, key=lambda change: change.path))


def _own_commit(repository: Path, name: str, env: Mapping[str, str]) -> str:
    """Return the id of the commit that `name` means, or empty text."""
    words = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
    found = _own_run(repository, words, env)
    return found.out.decode("ascii").strip() if found.code == 0 else ""


def _own_run(repository: Path, words: Sequence[str], env: Mapping[str, str]) -> Done:
    return run(on_repository(repository, *words), env=env, cwd=repository, timeout=_OWN_SECONDS)


def _own_additions(repository: Path, head: str, inside: str, env: Mapping[str, str]) -> dict[str, AddedFact]:
    """Return for each path below `inside` the oldest commit that added it, from one walk of the history.

    `-c` makes git also name a file that a merge itself brought in.
    """
    words = ["log", "--topo-order", "--reverse", "--full-history", "-c", "--diff-filter=A", "--no-renames"]
    words += ["--name-only", "-z", "--encoding=UTF-8", "--format=%H %ct %an", head, "--", inside]
    done = _own_run(repository, words, env)
    if not done.ok:
        raise _own_unreadable(repository, visible(done.err.decode("utf-8", "replace")))
    facts: dict[str, AddedFact] = {}
    commit = None
    for token in done.out.split(b"\0"):
        text = token.removeprefix(b"\n").decode("utf-8", "surrogateescape")
        header = _OWN_HEADER.fullmatch(text)
        if header:
            moment = instant_text(datetime.fromtimestamp(min(int(header[2]), _LAST_SECOND), UTC))
            commit = AddedFact(commit=header[1], at=moment, author=visible(header[3]))
        elif commit is not None and text.startswith(inside):
            facts.setdefault(text, commit)
    return facts


def _own_bytes(objects: Objects, path: str, name: str, limit: int) -> bytes:
    blob = objects.blob(name, limit=limit)
    if blob.state == "missing":
        raise CacheBroken(f"{path} is missing in this clone")
    return b"\0" * (limit + 1) if blob.data is None else blob.data


def _own_unreadable(repository: Path, why: str) -> ChoraError:
    return ChoraError(
        "The history of our own repository cannot be read.",
        detail=why,
        hint=f"Run git fsck in {repository}; clone it without a filter if objects are missing.",
        code=Exit.CANNOT_TELL,
    )


def _update(visit: Visit, repository: Path, *, anew: bool) -> dict[str, str]:
    note = None if anew else read_note(repository)
    spec = visit.spec
    if note is None or not usable(
        repository, note, address=visit.address, versions=spec.versions, max_pack=spec.max_pack
    ):
        return _make(visit, repository)
    listed = _list(visit)
    if listed == dict(note.refs):
        return listed
    try:
        return _fill(visit, repository, filtered=note.held_back)
    except FetchFailed:
        tidy(repository)
        # The server has just answered, so the cache is the likelier culprit. Should the server be it after all, this
        # fails again with the server's reason and the cache stays as it is.
        if monotonic() >= visit.deadline:
            raise
        return _make(visit, repository)


def _make(visit: Visit, repository: Path) -> dict[str, str]:
    try:
        return _make_in_place(visit, repository, filtered=True)
    except FetchFailed as failure:
        if failure.check not in RELAXED:
            raise
    # Some versions of git (2.39 is one) relax these checks in an unfiltered fetch alone.
    return _make_in_place(visit, repository, filtered=False)


def _make_in_place(visit: Visit, repository: Path, *, filtered: bool) -> dict[str, str]:
    with beside(repository) as fresh:
        make_empty(fresh)
        refs = _fill(visit, fresh, filtered=filtered)
        put_in_place(fresh, repository)
    return refs


def _fill(visit: Visit, repository: Path, *, filtered: bool) -> dict[str, str]:
    """Fetch what is selected into `repository` and note it."""
    words = [*_FETCH, *(_FILTERED if filtered else ())]
    refspecs = [f"+{visit.head}:{HEAD_REF}"]
    if visit.spec.versions == "tags":
        refspecs.append("+refs/tags/*:refs/tags/*")
        words.append("--prune")
    else:
        words.append("--depth=1")
    done = visit.network(repository, [*words, "--", "origin", *refspecs], config=_PROMISES if filtered else ())
    if not came_in_packs(repository, promised=filtered):
        # Over this protocol git takes single files, unfiltered and without transfer.fsckObjects.
        raise FetchFailed(
            f"{visit.asked.place} serves the repository as plain files, which is not read.",
            "Serve it over smart HTTP (git http-backend), as every forge does.",
        )
    refs = _refs_here(visit, repository)
    note = Note(
        address=address_digest(visit.address),
        versions=visit.spec.versions,
        held_back=filtered and _NOT_FILTERED not in done.err,
        refs=tuple(sorted(refs.items())),
        packs=packs_of(repository),
    )
    write_note(repository, note)
    return refs


def _list(visit: Visit) -> dict[str, str]:
    """Ask the source for the selected refs."""
    patterns = [visit.head, *(["refs/tags/*"] if visit.spec.versions == "tags" else [])]
    # Outside of any repository: a damaged cache must not look like a source that does not answer.
    done = visit.network(None, ["ls-remote", "--quiet", "--", "origin", *patterns])
    refs = {name: value for name, value in _ref_lines(done.out, b"\t") if visit.selected(name)}
    if visit.head not in refs:
        raise visit.refuse(Done(code=1, out=b"", err=b"fatal: couldn't find remote ref"))
    return refs


def _refs_here(visit: Visit, repository: Path) -> dict[str, str]:
    """Return the selected refs of the cache under the source's names."""
    if visit.spec.versions == "head" and (head := head_here(repository)):
        return {visit.head: head}
    done = visit.local(repository, ["show-ref", "--dereference"])
    names = {HEAD_REF: visit.head}
    listed = {names.get(name, name): value for name, value in _ref_lines(done.out, b" ")}
    refs = {name: value for name, value in listed.items() if visit.selected(name)}
    if len(refs) > MAX_REFS:
        raise FetchFailed(f"The repository has more than {MAX_REFS:,} refs.", "Register it with versions: head.")
    return refs


def _ref_lines(out: bytes, separator: bytes) -> list[tuple[str, str]]:
    pairs = [line.split(separator, 1) for line in out.split(b"\n") if separator in line]
    return [(name.decode("utf-8", "surrogateescape"), value.decode("ascii", "replace")) for value, name in pairs]


def _cache_failed(error: OSError) -> FetchFailed:
    why = os.strerror(error.errno) if error.errno else "input or output failed"
    return FetchFailed(
        f"The cache folder could not be used: {why}.", "Free space, or name another folder with --cache."
    )
