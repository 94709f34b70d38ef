"""Findings as Markdown, for a job summary or a comment. What a source wrote starts no markup, link or mention."""

from __future__ import annotations

import re
from typing import Final

from chora_catalog.model.checked import Checked
from chora_catalog.model.finding import Severity
from chora_catalog.render.report import frame
from chora_catalog.render.text import cut, some, visible

LIMIT: Final = 200_000
"""Characters of a summary; a step of GitHub Actions may write a MiB, and nobody reads more than this."""
_ROWS = 100
_FRAMES = 20
_ACTS = re.compile(r"[\\`*_{}\[\]()<>#+!|~&:$^-]")


def markdown(checked: Checked) -> str:
    """Return a verdict, a table of at most 100 findings, the frames of the first 20, and what was not judged."""
    counts = ", ".join(some(checked.count(severity), severity.value) for severity in Severity)
    held = f"{some(checked.capabilities, 'capability', 'capabilities')} in {some(len(checked.files), 'manifest')}"
    parts = [f"### chora validate: {counts}", f"{held}.{f' {plain(checked.basis)}' if checked.basis else ''}"]
    if checked.findings:
        rows = [
            f"| {finding.severity.value} | {plain(str(finding.place))} | {plain(finding.rule)} "
            f"| {plain(cut(visible(finding.message), 300))} | {plain(cut(visible(finding.hint), 300))} |"
            for finding in checked.findings[:_ROWS]
        ]
        parts.append("\n".join(["| | place | rule | what | next |", "|---|---|---|---|---|", *rows]))
        if len(checked.findings) > _ROWS:
            parts.append(f"and {some(len(checked.findings) - _ROWS, 'more finding')}")
        frames = "\n\n".join(frame(finding) for finding in checked.findings[:_FRAMES])
        parts.append(f"<details><summary>Where it stands</summary>\n\n{fenced(frames)}\n\n</details>")
    if checked.not_evaluated:
        names = ", ".join(f"`{rule}`" for rule in sorted(checked.not_evaluated))
        parts.append(f"Not evaluated here: {names}. `chora explain RULE` says what each of them needs.")
    text = "\n\n".join(parts) + "\n"
    return text if len(text) <= LIMIT else text[:LIMIT].rpartition("\n")[0] + "\n\nThe rest was cut.\n"


def plain(text: str) -> str:
    """Return `text` on one line of Markdown that shows it and does nothing else."""
    line = " ".join(visible(text).split())
    # A forge makes a mention of what stands after an @, however that is written, but not inside of code.
    return _ACTS.sub(lambda match: f"&#{ord(match.group())};", line).replace("@", "`@`")


def fenced(text: str, language: str = "text") -> str:
    """Return `text` as a block that shows it as it is, whatever it holds."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
