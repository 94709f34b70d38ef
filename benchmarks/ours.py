"""Our side, in a process of its own that notes what it used: `python -m benchmarks.ours RECORD build WORDS...`.

`build` is the command line as a person runs it, with two marks around the fetching. `fetch REGISTRY CACHE WIDTH` asks
every source as a build does and reads nothing; `read REGISTRY CACHE` reads every source from that cache, one by one.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

MARKS: dict[str, float] = {}


def mark(name: str) -> None:
    """Note the time, and the CPU seconds of this process and of its children, under `name`."""
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    MARKS[f"{name}.at"] = time.monotonic()
    MARKS[f"{name}.own"] = own.ru_utime + own.ru_stime
    MARKS[f"{name}.git"] = others.ru_utime + others.ru_stime
    MARKS[f"{name}.own_rss"] = own.ru_maxrss / 1024
    MARKS[f"{name}.git_rss"] = others.ru_maxrss / 1024


def between(work: Callable[..., Any]) -> Callable[..., Any]:
    """Return `work` with a mark before and after it."""

    def marked(*args: Any, **named: Any) -> Any:
        mark("asking")
        try:
            return work(*args, **named)
        finally:
            mark("asked")

    return marked


def build(*words: str) -> int:
    from chora_catalog.app import pipeline
    from chora_catalog.cli.main import begin, main

    begin()
    pipeline.ask_all = between(pipeline.ask_all)
    return main(["build", *words])


def fetch(registry: str, cache: str, width: str) -> int:
    from chora_catalog.edge import git

    specs, _ = _registry(registry)

    def ask(spec: Any) -> None:
        git.fetch(spec, spec.url, _place(cache, spec), allow_local=True, known={}, environ=os.environ)

    with ThreadPoolExecutor(max_workers=int(width)) as pool:
        between(lambda: list(pool.map(ask, specs)))()
    return 0


def read(registry: str, cache: str) -> int:
    from chora_catalog.app.reading import load_reader, read_source
    from chora_catalog.edge.git_cache import read_note

    specs, schemas = _registry(registry)
    # As the processes are prepared in which a build reads.
    load_reader(schemas)

    def look(spec: Any) -> None:
        place = _place(cache, spec)
        note = read_note(place)
        assert note is not None
        refs = dict(note.refs)
        harvest = read_source(
            spec, place, refs, refs["HEAD"], schemas, before=None, same_reading=False, environ=os.environ
        )
        assert harvest.head is not None

    between(lambda: [look(spec) for spec in specs])()
    return 0


def _registry(path: str) -> tuple[Any, Any]:
    from chora_catalog.edge import files
    from chora_catalog.parse.registry import load_registry
    from chora_catalog.parse.schema import compile_schemas

    schemas = compile_schemas(files.read_folder(files.data_folder("schemas"), "*.json"))
    registry, _ = load_registry(Path(path).read_bytes(), file=path, schemas=schemas)
    assert registry is not None
    return registry.sources, schemas


def _place(cache: str, spec: Any) -> Path:
    return Path(cache) / "alone" / f"{spec.name}.git"


if __name__ == "__main__":
    from chora_catalog.cli.main import leave

    record, kind, *rest = sys.argv[1:]
    code = {"build": build, "fetch": fetch, "read": read}[kind](*rest)
    mark("ended")
    Path(record).write_text(json.dumps(MARKS), encoding="utf-8")
    leave(code)
