"""A federation made from a seed: the same repositories, byte for byte, on every machine.

Each repository holds one manifest of about sixty lines in the shape that `docs/reference/manifest.md` describes, one
feature file that its behaviors name, one decision record that it links, twenty-nine files of made-up prose, and ten
commits. Nobody chose the words: syllables are drawn, and put together.
"""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

SEED = 20_261_101
FILES = 32
COMMITS = 10
DEPENDENCIES = 5
_START = 1_788_000_000
_DAY = 86_400
_ONSETS = ("b", "br", "d", "dr", "f", "g", "gl", "k", "l", "m", "n", "p", "pl", "r", "s", "st", "t", "tr", "v", "z")
_RHYMES = ("a", "al", "an", "e", "el", "en", "i", "il", "in", "o", "ol", "on", "u", "ul", "un", "ar", "er", "or")
_CONFIG = """[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
"""
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "TZ": "UTC",
}
"""What every git command of a benchmark gets, ours and the peer's alike: no configuration of this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    """What was made: bare repositories `<root>/<name>.git`, by name in order."""

    root: Path
    names: tuple[str, ...]


def make(root: Path, count: int) -> Federation:
    """Make `count` repositories below `root`, which may be there already from an earlier call with the same count."""
    words = syllables()
    ids = ids_of(count, words)
    names = tuple(name.replace(".", "-") for name in ids)
    root.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        made = [pool.submit(_repository, root / f"{name}.git", number, ids, words) for number, name in enumerate(names)]
        for outcome in made:
            outcome.result()
    return Federation(root=root, names=names)


def registry(federation: Federation, address: str) -> str:
    """Return the registry that names every repository of `federation` below the server's `address`."""
    lines = ['catalog:\n  title: "A seeded federation"\n  url: "https://example.org/catalog/"\nsources:\n']
    lines += [f"  - name: {name}\n    url: {address}/{name}.git\n" for name in federation.names]
    return "".join(lines)


def syllables() -> list[str]:
    """Return the words that everything is made of."""
    draw = random.Random(SEED)
    made = {
        "".join(draw.choice(_ONSETS) + draw.choice(_RHYMES) for _ in range(draw.randint(2, 4))) for _ in range(3000)
    }
    return draw.sample(sorted(made), len(made))


def ids_of(count: int, words: list[str]) -> list[str]:
    """Return `count` different capability ids."""
    draw = random.Random(SEED + 1)
    found: dict[str, None] = {}
    while len(found) < count:
        found[f"{draw.choice(words[:40])}.{draw.choice(words)}.{draw.choice(words)}"] = None
    return list(found)


def _repository(path: Path, number: int, ids: list[str], words: list[str]) -> None:
    if (path / "refs" / "heads" / "main").is_file():
        return
    for folder in ("objects", "refs/heads"):
        (path / folder).mkdir(parents=True, exist_ok=True)
    (path / "HEAD").write_text("ref: refs/heads/main\n", encoding="ascii")
    (path / "config").write_text(_CONFIG, encoding="ascii")
    stream = b"".join(_history(number, ids, words))
    command = ["git", "-c", "fastimport.unpackLimit=1", f"--git-dir={path}", "fast-import", "--quiet"]
    subprocess.run(command, input=stream, env=ENVIRONMENT, check=True)


def _history(number: int, ids: list[str], words: list[str]) -> Iterator[bytes]:
    """Give the commits of one repository in the format of git-fast-import(1)."""
    draw = random.Random(f"{SEED}/{number}")
    folders = ["", *(f"{draw.choice(words)}/" for _ in range(4))]
    prose = [f"src/{folders[place % 5]}{place:02}-{draw.choice(words)}.txt" for place in range(FILES - 3)]
    feature = f"features/{ids[number].rpartition('.')[2]}.feature"
    body = manifest_of(draw, number, ids, words, feature)
    for commit in range(COMMITS):
        at = _START + (number % 365) * _DAY // 2 + commit * _DAY
        changed = {"chora.yaml": body.replace("@version@", f"1.{commit}.0")}
        if commit == 0:
            changed[feature] = _feature(draw, ids[number], words)
            changed["adr/0001-form.md"] = f"# {_sentence(draw, words, 4)}\n\n{_prose(draw, words)}"
        for path in prose if commit == 0 else draw.sample(prose, 2):
            changed[path] = _prose(draw, words)
        said = f"Change {commit}\n".encode()
        yield b"commit refs/heads/main\n"
        yield f"committer A Writer <writer@example.org> {at} +0000\ndata {len(said)}\n".encode() + said
        for path, text in sorted(changed.items()):
            data = text.encode()
            yield f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"
    yield b"done\n"


def _prose(draw: random.Random, words: list[str]) -> str:
    return "".join(" ".join(draw.choices(words, k=12)) + "\n" for _ in range(draw.randint(10, 80)))


def _sentence(draw: random.Random, words: list[str], count: int = 9) -> str:
    return " ".join(draw.choices(words, k=count)).capitalize() + "."


def manifest_of(draw: random.Random, number: int, ids: list[str], words: list[str], feature: str) -> str:
    """Return the manifest of `ids[number]`; its version is still `@version@`."""
    team = f"team-{draw.choice(words[:60])}"
    lines = [
        f'id: "{ids[number]}"',
        'version: "@version@"',
        f'title: "{_sentence(draw, words, 3)[:-1]}"',
        f'summary: "{_sentence(draw, words)}"',
        f'owner: "{team}"',
        f'contact: "#{team}"',
        f'lifecycle_stage: "{draw.choice(("design", "build", "validate", "operate"))}"',
    ]
    for kind, items in (("inputs", 3), ("outputs", 3)):
        lines.append(f"{kind}:")
        for _ in range(items):
            lines.append(f'  - name: "{draw.choice(words)}"')
            lines.append(f'    type: "{draw.choice(("text", "json", "sarif", "oci-image"))}"')
            lines.append(f'    description: "{_sentence(draw, words, 5)}"')
    # Towards lower numbers alone, so that there is no circle; the very first ones have fewer.
    others = draw.sample(range(number), min(DEPENDENCIES, number))
    if others:
        lines.append("dependencies:")
    for other in sorted(others):
        lines.append(f'  - id: "{ids[other]}"')
        lines.append(f'    version: "{draw.choice((">=1 <2", "^1.4.0", "~1.9.0", ">=1.2", "<2"))}"')
    lines.append("behaviors:")
    for part in range(3):
        lines.append(f'  - id: "{ids[number]}.{part}"')
        lines.append(f'    ref: "{feature}"')
    lines += [
        "value_scenarios:",
        f'  - id: "{ids[number]}.worth"',
        f'    title: "{_sentence(draw, words, 6)}"',
        f'    tests: ["{feature}"]',
        f'security_tier: "{draw.choice(("low", "medium", "high"))}"',
        f'stability: "{draw.choice(("alpha", "beta", "stable"))}"',
        'validation_status: "passing"',
        'adr_links: ["adr/0001-form.md"]',
        f"tags: {[draw.choice(words[:200]) for _ in range(4)]}".replace("'", '"'),
        "",
    ]
    return "\n".join(lines)


def _feature(draw: random.Random, name: str, words: list[str]) -> str:
    lines = [f"Feature: {_sentence(draw, words, 4)}", ""]
    for part in range(3):
        lines += [f"  @behavior:{name}.{part} @status:passing", f"  Scenario: {_sentence(draw, words, 5)}"]
        lines += [f"    {word} {_sentence(draw, words, 6)}" for word in ("Given", "When", "Then")]
        lines.append("")
    return "\n".join(lines)
