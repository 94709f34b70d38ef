"""`chora build`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chora_catalog.cli.printing import add_to_job_summary
from chora_catalog.cli.table import print_summary, progress
from chora_catalog.errors import Exit

if TYPE_CHECKING:
    from chora_catalog.app.pipeline import Built

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


@click.command("build")
@click.option("--sources", default="catalog-sources.yaml", metavar="FILE", help="The registry. [catalog-sources.yaml]")
@click.option("--output", default="site", metavar="DIR", help="Where the publication stands. [site]")
@click.option(
    "--previous",
    default="",
    metavar="DIR|FILE|URL",
    help="The previous publication; `published` is where the registry says. [what stands at the output]",
)
@click.option("--first", is_flag=True, help="There is no previous publication, and that is right.")
@click.option("--as-of", default=None, metavar="TIME", help="Judge deadlines and ages at this instant. [now]")
@click.option("--allow-local", is_flag=True, help="Also admit paths, file:, http: and loopback addresses.")
@click.option("--jobs", default=8, metavar="N", type=click.IntRange(1, 64), help="Sources asked at once. [8]")
@click.option("--cache", default=None, metavar="DIR", help="Where clones are kept. [CHORA_CACHE, else .chora/cache]")
@click.option("--docs", default=None, metavar="DIR", help="The folder with mkdocs.yml. [the registry's]")
@click.option("--shard", default=None, metavar="I/N", help="Read the I-th of N shares of the sources, build no site.")
@click.option("--harvest", multiple=True, metavar="DIR", help="Join what a --shard run published. Once for each.")
@click.option("--accept-loss", is_flag=True, help="Publish although many capabilities vanished at once.")
@click.option("--strict", is_flag=True, help="After publishing, exit 1 on errors and 3 on sources that failed.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def command(
    sources: str,
    output: str,
    previous: str,
    first: bool,
    as_of: str | None,
    allow_local: bool,
    jobs: int,
    cache: str | None,
    docs: str | None,
    shard: str | None,
    harvest: tuple[str, ...],
    accept_loss: bool,
    strict: bool,
    quiet: bool,
) -> int:
    """Read the registered sources and publish the catalog.

    Nothing of a source is run or checked out. A source that fails costs only itself: what was known of it stands,
    with its age. 0: published. 1: the previous publication was tampered with. 2: the registry is malformed. 3: nothing
    was published, because it cannot be told what is true.
    """
    from chora_catalog.app.moment import moment
    from chora_catalog.app.pipeline import BuildOptions, build

    chosen = cache or os.environ.get("CHORA_CACHE")
    parent = _TRACEPARENT.fullmatch(os.environ.get("TRACEPARENT", ""))
    with progress(quiet=quiet) as (start, step):
        built = build(
            BuildOptions(
                sources=Path(sources),
                output=Path(output),
                previous=previous,
                first=first,
                as_of=moment(as_of),
                allow_local=allow_local,
                jobs=jobs,
                cache=Path(chosen) if chosen else None,
                docs=Path(docs) if docs else None,
                shard=_share(shard),
                shards=tuple(Path(folder) for folder in harvest),
                accept_loss=accept_loss,
                trace=parent[1] if parent else "",
                environ=os.environ,
                on_start=start,
                on_source=step,
            )
        )
    if shard:
        click.echo(f"Shard {shard}: {len(built.run.sources)} sources read. Join with --harvest {output}")
    elif not quiet:
        print_summary(built)
    _job_summary(built)
    return _code(built) if strict else Exit.YES


def _share(text: str | None) -> tuple[int, int] | None:
    """Return (I, N) of `I/N`; raise a usage error for anything else."""
    if text is None:
        return None
    part, _, whole = text.partition("/")
    if part.isdecimal() and whole.isdecimal() and 1 <= int(part) <= int(whole) <= 1000:
        return int(part), int(whole)
    raise click.UsageError(f"--shard is I/N with I from 1 to N, not {text!a}")


def _code(built: Built) -> int:
    if any(source.error for source in built.run.sources):
        return Exit.CANNOT_TELL
    return Exit.NO if built.run.errors else Exit.YES


def _job_summary(built: Built) -> None:
    """Write the summary of a CI job where the CI says where; nothing of a source's text is in it but plain names."""
    run = built.run
    failed = [source.name for source in run.sources if source.error]
    lines = [
        "## Catalog",
        "",
        f"{run.capabilities} capabilities, {len(run.sources)} sources, {run.errors} errors, {run.warnings} warnings.",
        "",
        *(f"- source `{name}` did not answer" for name in failed),
    ]
    add_to_job_summary("\n".join(lines) + "\n")
