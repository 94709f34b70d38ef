"""The previous publication as an input: which one it is, and when there is none.

Rules (DESIGN section 2, "Previous publication"): by default it is what stands at the output. One that is named and
cannot be read, or belongs to another catalog, is exit 3. None at all needs `--first`, implied only when nothing is
named and the output is absent. `published` means the place that the registry names: `catalog.previous`, else
`catalog.url`; there "it does not answer" and "there is nothing yet" are different answers, and neither is a first run.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from chora_catalog.edge import files, http
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.source import Registry
from chora_catalog.parse.kept import Previous, UnreadableError, load_previous

PUBLISHED = "published"


def catalog_name(registry: Registry) -> str:
    """Return what tells one catalog from another: its address, else its title."""
    return registry.url or registry.title


def find_previous(named: str, output: Path, *, first: bool, registry: Registry) -> Previous:
    """Return the previous publication of the registry's catalog.

    `named` is what `--previous` says (a folder, an address, `published`, or empty). Raise ChoraError: exit 2 where the
    request contradicts itself, exit 3 where the publication cannot be had.
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
        return Previous()
    if not named:
        _refuse_foreign(output)
        if not _is_publication(output):
            return Previous()
    where = named or str(output)
    try:
        remote = named.startswith(("https://", "http://"))
        previous = load_previous(
            http.read_publication(named) if remote else read_folder(Path(named) if named else output)
        )
    except http.HttpFailed as error:
        missing = "Nothing is published there yet? Then this is the first build: run it once with --first."
        raise ChoraError(
            f"the previous publication cannot be read: {error}",
            hint=missing if error.missing else "Run the same command again when the address answers.",
            code=Exit.CANNOT_TELL,
        ) from error
    except (UnreadableError, OSError) as error:
        raise _unreadable(where, error) from error
    if previous.catalog != catalog:
        raise ChoraError(
            f"the previous publication {where} belongs to another catalog ({previous.catalog}, not {catalog})",
            hint="Name this catalog's own with --previous, another --output, or start anew with --first.",
            code=Exit.CANNOT_TELL,
        )
    return previous


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
