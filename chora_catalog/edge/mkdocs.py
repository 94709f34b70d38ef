"""The documents of the catalog's own repository, built by mkdocs with mkdocs-material, in a process of their own.

mkdocs changes the logging of the process it runs in and reads a configuration that may name code, so it runs apart and
under a configuration of ours that inherits the repository's: no plugins, no hooks, our overrides, `docs/` as folder.
Only the repository that holds the registry is ever built this way. A source's files never come here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from chora_catalog.edge import documents, process
from chora_catalog.edge.files import data_folder
from chora_catalog.errors import ChoraError, Exit

SECONDS = 120
"""How long mkdocs may take. Twenty pages take one."""
KEPT = 4
"""Builds that the cache holds; older ones are removed when one is added."""

_FORM = "1"
_MAKERS = ("mkdocs", "mkdocs-material", "Markdown", "pymdown-extensions", "Pygments", "Jinja2")
# What lets mkdocs.yml reach beyond the folders whose bytes are the cache's key.
_REACHES_OUT = (b"INHERIT", b"!ENV", b"!relative", b"snippets")
_COMPLAINT = re.compile(r"^(?:WARNING|ERROR|CRITICAL)\s+-\s+(?P<words>.*)$")
_SOURCE_MAP = re.compile(r"\n?/[*/]# sourceMappingURL=\S+(?: ?\*/)?\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocsBuilt:
    """What was written: the files below the output folder, and the lines that the search index takes in.

    Each line of `search` is (page title, heading, address from the site's root, first words of the section); the
    heading is empty for the page itself.
    """

    files: tuple[str, ...]
    search: tuple[tuple[str, str, str, str], ...]


def build_docs(root: Path, output: Path, *, chrome: Mapping[str, str], cache: Path | None) -> DocsBuilt | None:
    """Build the documents of the repository at `root` into `output`, the `docs/` folder of a site.

    In: `root` with `mkdocs.yml` and `docs/`; `chrome` with the HTML of `header` and `footer` for a page directly in
    `docs/`; a folder to keep mkdocs' own result in, or None. The pages load `chora.css`, `chora.js` and `run.js` from
    the folder above `output`. Out: what was written, or None where `root` has no mkdocs.yml. Same inputs, same bytes.

    Raises ChoraError (2) with mkdocs' own sentences when it warns or fails, or when a page would load something from
    another host or hold what the policy of the site refuses; nothing is written then.
    """
    settings = root / "mkdocs.yml"
    if not settings.is_file():
        return None
    with tempfile.TemporaryDirectory(prefix="chora-docs-") as scratch:
        raw = _raw_build(root, Path(scratch), cache)
        made = dict(_finished(raw, chrome))
        search = [
            line
            for path in sorted(made, key=_reading_order)
            if path.endswith(".html")
            for line in documents.sections((raw / path).read_text("utf-8"), url=f"docs/{path}")
        ]
    for path, content in made.items():
        target = output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return DocsBuilt(files=tuple(sorted(made)), search=tuple(search))


def _raw_build(root: Path, scratch: Path, cache: Path | None) -> Path:
    """Return the folder that holds mkdocs' own result: kept from an equal build, or made now and kept."""
    overrides = data_folder("templates") / "docs"
    if cache is None or any(word in (root / "mkdocs.yml").read_bytes() for word in _REACHES_OUT):
        return _run_mkdocs(root, overrides, scratch)
    shelf = cache / "docs"
    kept = shelf / _key(root, overrides)
    if not kept.is_dir():
        made = _run_mkdocs(root, overrides, scratch)
        shelf.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=shelf) as fresh:
            shutil.copytree(made, Path(fresh) / "raw")
            # Another build may have put the same bytes there meanwhile; then ours are not needed.
            if not kept.is_dir():
                os.replace(Path(fresh) / "raw", kept)
        _sweep(shelf)
        return made
    return kept


def _run_mkdocs(root: Path, overrides: Path, scratch: Path) -> Path:
    """Run mkdocs over `root` in a process of its own; return the folder it wrote."""
    raw, settings = scratch / "raw", scratch / "mkdocs.yml"
    ours = {
        "INHERIT": str((root / "mkdocs.yml").resolve()),
        "docs_dir": str((root / "docs").resolve()),
        "site_dir": str(raw),
        "site_url": "",
        "use_directory_urls": False,
        "plugins": [],
        "hooks": [],
        "strict": True,
        "theme": {"name": "material", "custom_dir": str(overrides), "font": False},
    }
    # JSON is YAML; a quoted path needs no further care.
    settings.write_text(json.dumps(ours), encoding="utf-8")
    done = process.run(
        [sys.executable, "-P", "-m", "mkdocs", "build", "--config-file", str(settings)],
        env={
            "PATH": os.defpath,
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONHASHSEED": "0",
            "SOURCE_DATE_EPOCH": "0",
            "NO_MKDOCS_2_WARNING": "1",
        },
        cwd=scratch,
        timeout=SECONDS,
    )
    if done.timed_out:
        raise ChoraError(
            f"The documents were not built: mkdocs did not end within {SECONDS} seconds.",
            hint="Run `python -m mkdocs build --strict` in the repository to see where it stays.",
        )
    if done.code != 0:
        raise _refused(done.err.decode("utf-8", "replace"))
    return raw


def _refused(said: str) -> ChoraError:
    """Turn what mkdocs printed into one error with its sentences."""
    lines = said.splitlines()
    sentences = [found["words"].strip() for line in lines if (found := _COMPLAINT.match(line))]
    # A fault of the configuration, or a crash, ends with the line that says what it was.
    sentences = sentences or [line.strip() for line in lines if line.strip()][-1:] or ["mkdocs gave no reason."]
    count = f"{len(sentences)} fault" + ("" if len(sentences) == 1 else "s")
    return ChoraError(
        f"The documents of this repository were not built: mkdocs names {count}.",
        detail="\n".join(f"  {sentence}" for sentence in sentences),
        hint="Correct docs/ or mkdocs.yml and build again.",
        code=Exit.USAGE,
    )


def _finished(raw: Path, chrome: Mapping[str, str]) -> Iterable[tuple[str, bytes]]:
    """Give (path, bytes) of each file that belongs on the site, pages finished."""
    pages: dict[str, str] = {}
    for path in _files(raw):
        if path.endswith(".html") and path != "404.html":
            page = documents.finish((raw / path).read_text("utf-8"), path=path, chrome=chrome)
            if refused := documents.refusals(page):
                raise ChoraError(
                    f"The documents were not built: {path} holds {' and '.join(refused)}.",
                    hint=f"Take it out of docs/{path.removesuffix('.html')}.md: pages load nothing from elsewhere and "
                    "hold nothing inline.",
                )
            pages[path] = page
    everything = "\n".join(pages.values())
    for path in _files(raw):
        if path in pages:
            yield path, pages[path].encode()
        elif path.endswith(".css") and path.rsplit("/", 1)[-1] in everything:
            text = (raw / path).read_text("utf-8")
            yield path, (_SOURCE_MAP.sub("", text).rstrip("\n") + "\n").encode()
        elif not _of_the_theme(path):
            yield path, (raw / path).read_bytes()


def _of_the_theme(path: str) -> bool:
    """Tell what is left out: pages and scripts of the theme that nothing links, and files that hold a clock."""
    return (
        path in ("404.html", "sitemap.xml", "sitemap.xml.gz", "assets/images/favicon.png")
        or path.startswith(("assets/javascripts/", "assets/stylesheets/"))
        or path.endswith(".map")
    )


def _key(root: Path, overrides: Path) -> str:
    """Return the digest of everything that mkdocs' result depends on."""
    digest = hashlib.sha256()

    def add(name: str, content: bytes) -> None:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)

    add("form", _FORM.encode())
    for maker in _MAKERS:
        add(maker, version(maker).encode())
    add("mkdocs.yml", (root / "mkdocs.yml").read_bytes())
    for folder in (root / "docs", overrides):
        for path in _files(folder):
            add(f"{folder.name}/{path}", (folder / path).read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> list[str]:
    """Return the paths of the files below `folder`, sorted, with forward slashes."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _sweep(shelf: Path) -> None:
    """Remove all but the newest kept builds; a name with a dot is one that another build is still writing."""
    whole = (path for path in shelf.iterdir() if path.is_dir() and not path.name.startswith("."))
    kept = sorted(whole, key=lambda path: path.stat().st_mtime_ns)
    for path in kept[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def _reading_order(path: str) -> tuple[int, str]:
    """Put pages directly in docs/ before those in its folders."""
    return (path.count("/"), path)
