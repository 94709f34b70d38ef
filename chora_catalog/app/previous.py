"""The previous publication as an input: which one it is, and when there is none.

Rules (DESIGN section 2, "Previous publication"): by default it is what stands at the output. One that is named and
cannot be read, or belongs to another catalog, is exit 3. None at all needs `--first`, implied only when nothing is
named and the output is absent. `published` means the place that the registry names: `catalog.previous`, else
`catalog.url`; there "it does not answer" and "there is nothing yet" are different answers, and neither is a first run.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from chora_catalog.app.verified_files import open_held, verified
from chora_catalog.edge import files, http
from chora_catalog.edge.tarball import TornError
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.source import Registry
from chora_catalog.parse.kept import Previous, UnreadableError, load_previous

PUBLISHED = "published"


def catalog_name(registry: Registry) -> str:
    """Return what tells one catalog from another: its address, else its title."""
    return registry.url or registry.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The previous publication, and the signatures that go with it into the next one until that is signed itself.

    `head` are their files by path in the publication; `stands` tells that they lie in the output already.
    """

    previous: Previous = field(default_factory=Previous)
    head: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    stands: bool = False


def find_previous(named: str, output: Path, *, first: bool, registry: Registry, base: Path, as_of: datetime) -> Found:
    """Return the previous publication of the registry's catalog.

    `named` is what `--previous` says (a folder, a bundle, an address, `published`, or empty), `base` the folder that
    the registry's paths are relative to. Where the registry names a root, a publication that is named is verified
    against it, each file when it is read; how old it is does not matter, because an outage must not end all builds. The
    output itself is not: what stands there this machine has built, and may not have signed yet.

    Raise ChoraError: exit 2 where the request contradicts itself, exit 1 where the publication was tampered with, exit
    3 where it cannot be had or verified.
    """
    catalog = catalog_name(registry)
    if named == PUBLISHED:
        named = registry.previous or registry.url
        if not named:
            raise ChoraError(
                "--previous=published needs an address, and the registry names none",
                hint="Set catalog.url (or catalog.previous) in the registry.",
            )
    if first:
        if named:
            raise ChoraError(
                "--first and --previous contradict each other",
                hint="Leave out --previous for a first build, or --first for every other.",
            )
        _refuse_foreign(output)
        return Found()
    if not named:
        _refuse_foreign(output)
        if not _is_publication(output):
            return Found()
    where = named or str(output)
    try:
        with contextlib.ExitStack() as opened:
            held = opened.enter_context(open_held(where))
            head = held.head() if named else {}
            files = held.files()
            if named and registry.root:
                files = verified(files, head, base / registry.root, where=where, as_of=as_of)
            previous = load_previous(files)
            if held.closes:
                # What is read late would be read from a file that is closed by then.
                previous = replace(previous, harvests=dict(previous.harvests))
    except http.HttpFailed as error:
        missing = "Nothing is published there yet? Then this is the first build: run it once with --first."
        raise ChoraError(
            f"the previous publication cannot be read: {error}",
            hint=missing if error.missing else "Run the same command again when the address answers.",
            code=Exit.CANNOT_TELL,
        ) from error
    except (UnreadableError, OSError, TornError) as error:
        raise _unreadable(where, error) from error
    if previous.catalog != catalog:
        raise ChoraError(
            f"the previous publication {where} belongs to another catalog ({previous.catalog}, not {catalog})",
            hint="Name this catalog's own with --previous, another --output, or start anew with --first.",
            code=Exit.CANNOT_TELL,
        )
    return Found(previous=previous, head={f"mirror/{path}": data for path, data in head.items()}, stands=not named)


@contextlib.contextmanager
def readable(where: str) -> Iterator[None]:
    """Turn an unreadable record of the previous publication `where`, met late, into ChoraError (exit 3)."""
    try:
        yield
    except UnreadableError as error:
        raise _unreadable(where, error) from error


def _unreadable(where: str, error: Exception) -> ChoraError:
    return ChoraError(
        f"the previous publication {where} cannot be read: {error}",
        hint="Name a good one with --previous, or start anew with --first (what only it knew is lost then).",
        code=Exit.CANNOT_TELL,
    )


def read_folder(folder: Path) -> Mapping[str, bytes]:
    """Return the files of the publication in `folder`, each read when it is asked for."""
    return files.Folder(folder)


def _is_publication(folder: Path) -> bool:
    return (folder / "data" / "v1" / "harvest.json").is_file()


def _refuse_foreign(output: Path) -> None:
    """Never replace a folder that is not ours: a mistyped --output must cost nothing."""
    if not output.exists() or _is_publication(output):
        return
    if not output.is_dir():
        raise ChoraError(f"{output} is a file, not a folder", hint="Name another folder with --output.")
    inside = sorted(path.name for path in output.iterdir())
    if inside and inside != ["README.md"]:
        raise ChoraError(
            f"{output} holds files that are no publication of this tool ({', '.join(inside[:3])}), so it is left alone",
            hint="Name an empty or new folder with --output.",
        )
