"""What the gate says, for a terminal, a program, a pipeline and a pull request."""

from __future__ import annotations

from chora_catalog.model.checked import Checked
from chora_catalog.model.gated import Gated
from chora_catalog.model.record import to_json
from chora_catalog.render import report
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.reports.markdown import plain
from chora_catalog.render.text import cut, on_one_line, some, visible

_SHOWN = 200
_WIDE = 300


def text(gated: Gated) -> str:
    """Return the findings as frames, and what would change."""
    parts = [report.frames(gated.findings)] if gated.findings else []
    if gated.effects:
        rows = [f"  {effect.kind:<8}  {_line(effect.name)}: {_line(effect.what)}" for effect in gated.effects[:_SHOWN]]
        parts.append("\n".join(["What it changes in the catalog", *rows, *_more(gated)]))
    return "\n\n".join(parts) + "\n\n" if parts else ""


def as_json(gated: Gated) -> str:
    """Return it as the JSON text `chora.gate/v1`."""
    return json_bytes(
        {
            "schema": "chora.gate/v1",
            "base": gated.base,
            "head": gated.head,
            "verdict": verdict(gated),
            "findings": [to_json(finding) for finding in gated.findings],
            "effects": [to_json(effect) for effect in gated.effects],
            "unseen": list(gated.unseen),
        }
    ).decode()


def markdown(gated: Gated) -> str:
    """Return it for a job summary or a comment: the verdict, each refusal with what to do, and what would change."""
    parts = [f"### chora gate: {summary(gated)}"]
    if gated.findings:
        rows = [
            f"| {finding.severity.value} | {plain(str(finding.place))} | {plain(finding.rule)} "
            f"| {plain(cut(visible(finding.message), _WIDE))} | {plain(cut(visible(finding.hint), _WIDE))} |"
            for finding in gated.findings[:_SHOWN]
        ]
        parts.append("\n".join(["| | file | rule | what | next |", "|---|---|---|---|---|", *rows]))
    if gated.effects:
        rows = [
            f"| {plain(effect.kind)} | {plain(cut(visible(effect.name), _WIDE))} "
            f"| {plain(cut(visible(effect.what), _WIDE))} |"
            for effect in gated.effects[:_SHOWN]
        ]
        parts += ["#### What it changes in the catalog", "\n".join(["| | which | how |", "|---|---|---|", *rows])]
        parts += _more(gated)
    return "\n\n".join(parts) + "\n"


def checked(gated: Gated) -> Checked:
    """Return it as what a report of findings takes."""
    return Checked(files=(), capabilities=0, findings=gated.findings)


def verdict(gated: Gated) -> str:
    """Return `refused`, `cannot-tell` or `accepted`."""
    return "refused" if gated.refusals else "cannot-tell" if gated.unseen else "accepted"


def summary(gated: Gated) -> str:
    """Return the answer in one line."""
    between = f"{gated.base[:12]}..{gated.head[:12]}"
    if gated.refusals:
        return f"{some(len(gated.refusals), 'refusal')} in {between}; it may not be merged."
    if gated.unseen:
        return f"it cannot be told whether {between} may be merged: {some(len(gated.unseen), 'review')} not seen."
    return f"nothing in {between} is refused; it adds {some(len(gated.effects), 'change')} to the catalog."


def _more(gated: Gated) -> list[str]:
    left = len(gated.effects) - _SHOWN
    return [f"  and {some(left, 'more change')}"] if left > 0 else []


def _line(words: str) -> str:
    return cut(on_one_line(visible(words)), _WIDE)
