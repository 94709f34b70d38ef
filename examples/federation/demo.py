"""Build the demo: a miniature federation of real git repositories, and its catalog.

    python examples/federation/demo.py [--as-of TIME] [--out DIR]

The histories in `world/` and `catalog/` are replayed into DIR. The first build happens 26 hours before the day of TIME,
when every source still answers; then one source goes out of reach, and the second build is the one to look at. Run
again on the same day, only the second build happens, and it fetches nothing. What is built is signed with a key that is
made from a fixed phrase: it shows how signing works, and proves nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STALE = "liminal-inbox"
EARLIER = timedelta(hours=26)
"""How long before the anchor every source still answered."""


def main(argv: Sequence[str] | None = None) -> int:
    """Build the demo as `argv` asks and return the exit code; say in words what went wrong."""
    parser = argparse.ArgumentParser(description="Build the demo federation and its catalog.")
    parser.add_argument("--as-of", metavar="TIME", help="the instant to build at, RFC 3339 or a date [now]")
    parser.add_argument("--out", metavar="DIR", type=Path, default=HERE / "out", help="where to build [out/]")
    asked = parser.parse_args(argv)
    # `examples` is no installed package; it is found from the root of the repository.
    sys.path.insert(0, str(ROOT))
    from chora_catalog.errors import ChoraError

    try:
        return Demo(out=asked.out.resolve()).build(asked.as_of)
    except ChoraError as error:
        return _say(int(error.code), error.what, error.detail, f"next: {error.hint}")
    except OSError as error:
        return _say(3, str(error), "next: see that there is room and that the folder may be written, then try again.")
    except KeyboardInterrupt:
        return _say(130, "stopped. Run it again; it starts where it has to.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """One demo in the folder `out`, which `build` fills: catalog/, sources/, cache/, site/, trust/ and unreachable/."""

    out: Path

    def build(self, text: str | None) -> int:
        """Build at the instant that `text` names (None: now), print what to look at, and return the exit code."""
        from chora_catalog.app.moment import moment
        from examples.replay import floor_to_day

        as_of = moment(text)
        anchor = floor_to_day(as_of)
        story = _digest(anchor)
        code = 0 if self.is_told(story) else self.tell(anchor, story)
        code = code or self.chora(as_of)
        if not code:
            self.sign(anchor, as_of)
            self.point_around()
        return code

    def is_told(self, story: str) -> bool:
        """Tell whether the repositories of this story are there, and a site to go on from."""
        told = self.out / "story"
        return told.is_file() and told.read_text(encoding="utf-8") == story and (self.out / "site/index.html").is_file()

    def tell(self, anchor: datetime, story: str) -> int:
        """Start anew: replay up to the earlier instant, build, replay the rest, and take one source out of reach."""
        from chora_catalog.errors import ChoraError
        from examples.replay import replay, replay_checkout

        if not 1980 <= anchor.year <= 9000:
            raise ChoraError("the story needs a year from 1980 to 9000", hint="Choose another --as-of.")
        told, unreachable = self.out / "story", self.out / "unreachable"
        if not told.exists() and self.out.is_dir() and any(self.out.iterdir()):
            raise ChoraError(
                f"{self.out} holds something that is no demo, so it is left alone",
                hint="Name an empty or new folder with --out.",
            )
        if told.exists():
            for made in (self.out / "site", self.out / "cache" / "git", self.out / "trust", unreachable):
                shutil.rmtree(made, ignore_errors=True)
        self.out.mkdir(parents=True, exist_ok=True)
        told.write_text("unfinished", encoding="utf-8")
        for until in (anchor - EARLIER, None):
            replay(HERE / "world", self.out / "sources", anchor=anchor, until=until)
            replay_checkout(HERE / "catalog", self.out / "catalog", anchor=anchor, until=until)
            if until is not None:
                code = self.chora(until, "--first", "--quiet")
                if code:
                    return code
        print(
            f"Built an invented federation as of {_words(anchor - EARLIER)}, when {STALE} still answered.\n"
            "Since then it went out of reach and others moved on. That is what the second build finds:\n",
            flush=True,
        )
        unreachable.mkdir()
        (self.out / "sources" / f"{STALE}.git").rename(unreachable / f"{STALE}.git")
        told.write_text(story, encoding="utf-8")
        return 0

    def chora(self, as_of: datetime, *more: str) -> int:
        """Run the product's own `build` at `as_of` and return its exit code."""
        from chora_catalog.cli.main import main as chora

        return chora(
            [
                "build",
                *("--sources", str(self.out / "catalog" / "catalog-sources.yaml")),
                *("--output", str(self.out / "site")),
                *("--cache", str(self.out / "cache")),
                *("--docs", str(HERE.parent.parent)),
                *("--docs", str(ROOT)),
                *("--as-of", as_of.isoformat()),
                "--allow-local",
                *more,
            ]
        )

    def sign(self, anchor: datetime, as_of: datetime) -> None:
        """Sign the site with the demo's own key, and put it into one file; raise ChoraError where that fails."""
        from chora_catalog.app import trusting
        from chora_catalog.app.exporting import export_mirror
        from chora_catalog.app.signing import sign
        from examples.demo_keys import seed

        trust, site = self.out / "trust", self.out / "site"
        if not (trust / "root.json").exists():
            seeds = {kind: seed(f"the catalog ({kind})") for kind in ("root", "online")}
            trusting.init(trust, trusting.Profile(name="key"), as_of=anchor, seeds=seeds)
        stamp = site / "mirror/trust.json"
        if stamp.is_file() and datetime.fromisoformat(json.loads(stamp.read_bytes())["checked_at"]) > as_of:
            # Looked at from an earlier hour the story begins anew; a real catalog would refuse to go back.
            for made in ("metadata", "targets", "bundles"):
                shutil.rmtree(site / "mirror" / made, ignore_errors=True)
        trusted = sign(site, trust, as_of=as_of, environ={})
        export_mirror(site, root=trust / "root.json", output=None, as_of=as_of)
        print(f"Signed with a key that everybody knows and that is worth nothing, sequence {trusted.sequence}.")

    def page(self, kind: str, name: str) -> str:
        """Return the address of a page of the site."""
        from chora_catalog.model.ids import file_name

        return f"{(self.out / 'site').as_uri()}/{kind}/{file_name(name)}.html"

    def point_around(self) -> None:
        """Print three things to look at, and the next command."""
        print(
            f"""
Open that address in a browser. Where files cannot be opened: make serve

Three things to look at
  1. A release that breaks two of its dependents, and why
     {self.page("capabilities", "mcp.orchestration.serve")}
  2. What is being decided about it, and what a claim without evidence counts for
     {self.page("signals", "SIG.mcp.orchestration.review")}
  3. One team's morning: a break, a stale source, a waiver that ends
     {self.page("owners", "team-liminal")}

{self.carry()}

{self.next()}"""
        )

    def carry(self) -> str:
        """Return the command that takes the catalog offline, with the words that introduce it."""
        bundle, root, mirror = (
            shlex.quote(str(self.shown() / path)) for path in ("site/mirror/latest.tar.gz", "trust/root.json", "mirror")
        )
        return (
            "Take it offline: it is one signed file, and nothing of it is placed before it is verified\n"
            f"  .venv/bin/chora mirror import {bundle} \\\n"
            f"    --root {root} --output {mirror}"
        )

    def shown(self) -> Path:
        """Return the folder as it is typed from here."""
        return self.out.relative_to(Path.cwd()) if self.out.is_relative_to(Path.cwd()) else self.out

    def next(self) -> str:
        """Return the next command, with the words that introduce it."""
        out = self.shown()
        if not (self.out / "unreachable" / f"{STALE}.git").exists():
            return "Next, ask what a finding means:\n  .venv/bin/chora explain version-behind-tag"
        moved = f"mv {out}/unreachable/{STALE}.git {out}/sources/"
        return f"Next, let the stale source answer again and see what changes:\n  {moved} && make demo"


def _digest(anchor: datetime) -> str:
    """Return what the replayed repositories depend on: the anchor, the histories, and the programs that replay them."""
    digest = hashlib.sha256(anchor.isoformat().encode())
    files = [HERE.parent / "replay.py", Path(__file__).resolve()]
    for folder in ("world", "catalog"):
        files += sorted(path for path in (HERE / folder).rglob("*") if path.is_file())
    for path in files:
        content = path.read_bytes()
        digest.update(f"\0{path.relative_to(HERE.parent).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _words(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC")


def _say(code: int, *lines: str) -> int:
    print("demo:", "\n".join(line for line in lines if line), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
