"""What changed between two contracts, for a terminal, for a program, and for a comment in a review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from chora_catalog.model.change import Change, Effect
from chora_catalog.model.contract import ContractDiff
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.text import cut, visible

_SHOWN: Final = 80
_ANSWERS: Final = {True: "it fits", False: "it breaks", None: "cannot tell"}


def as_text(diffs: Sequence[ContractDiff]) -> str:
    """Return the changes of each contract, worst first, the step, and what to do next."""
    return "\n\n".join("\n".join(_text(diff)) for diff in diffs) + "\n"


def as_json(diffs: Sequence[ContractDiff]) -> str:
    """Return the same as the JSON text `chora.contract-diff/v1`."""
    return json_bytes({"schema": "chora.contract-diff/v1", "contracts": [_record(diff) for diff in diffs]}).decode()


def as_markdown(diffs: Sequence[ContractDiff]) -> str:
    """Return the same as a table for a comment or a job summary."""
    return "\n".join(line for diff in diffs for line in _markdown(diff))


def _text(diff: ContractDiff) -> Iterator[str]:
    yield _title(diff)
    if not diff.changes:
        yield "  nothing that others rely on changed"
    rows = (*diff.changes, *(diff.step.problems if diff.step else ()))
    width = max((len(change.rule) for change in rows), default=0)
    for change in rows:
        yield f"  {change.effect.value:<9}  {change.rule:<{width}}  {_line(change.pointer)}"
        yield f"             {_line(change.message)}"
        if change.before or change.after:
            yield f"             {_shown(change.before)} -> {_shown(change.after)}"
    for doubt in diff.doubts:
        yield f"  not sure   {_line(doubt)}"
    yield _step(diff)
    if diff.fits is not True and diff.changes:
        yield f"next: chora explain {_worst(diff).rule}"


def _title(diff: ContractDiff) -> str:
    versions = f" {_line(diff.old_version) or 'no version'} -> {_line(diff.new_version) or 'no version'}"
    return f"{_line(diff.name)} ({diff.kind.value}){versions if diff.step else ''}"


def _step(diff: ContractDiff) -> str:
    counts = [(sum(change.effect is effect for change in diff.changes), effect.value) for effect in Effect]
    said = ", ".join(f"{count} {word}" for count, word in counts if count) or "no change"
    said += f"; smallest legal step: {diff.smallest.value}"
    if diff.step is not None:
        said += f", declared: {diff.step.declared.value if diff.step.declared else 'cannot be compared'}"
        if not diff.step.suffices and diff.next_version:
            said += f"; {diff.next_version} would do"
    return f"{said}: {_ANSWERS[diff.fits]}"


def _worst(diff: ContractDiff) -> Change:
    return min(diff.changes, key=lambda change: list(Effect).index(change.effect))


def _record(diff: ContractDiff) -> dict[str, Any]:
    return {
        "name": diff.name,
        "kind": diff.kind.value,
        "old_version": diff.old_version,
        "new_version": diff.new_version,
        "fits": {True: "yes", False: "no", None: "unknown"}[diff.fits],
        "smallest_bump": diff.smallest.value,
        "declared_bump": diff.step.declared.value if diff.step and diff.step.declared else None,
        "next_version": diff.next_version,
        "changes": [_change(change) for change in diff.changes],
        "step": [_change(change) for change in (diff.step.problems if diff.step else ())],
        "doubts": list(diff.doubts),
    }


def _change(change: Change) -> dict[str, str]:
    return {
        "rule": change.rule,
        "effect": change.effect.value,
        "pointer": change.pointer,
        "subject": change.subject,
        "side": change.side,
        "before": change.before,
        "after": change.after,
        "message": change.message,
    }


def _markdown(diff: ContractDiff) -> Iterator[str]:
    yield from (f"### {_cell(_title(diff))}", "")
    rows = (*diff.changes, *(diff.step.problems if diff.step else ()))
    if rows:
        yield from ("| Effect | Rule | Where | What |", "|---|---|---|---|")
        for change in rows:
            cells = (change.effect.value, f"`{change.rule}`", _cell(change.pointer), _cell(change.message))
            yield f"| {' | '.join(cells)} |"
        yield ""
    for doubt in diff.doubts:
        yield f"Not sure: {_cell(doubt)}"
    yield from (f"{_step(diff)}.", "")


def _cell(text: str) -> str:
    """Return what a source wrote so that it starts no markup and ends no cell."""
    line = _line(text)
    return "".join(f"&#{ord(char)};" if char in "<>&|[]*_`#!\\~@" else char for char in line)


def _shown(text: str) -> str:
    return visible(cut(text, _SHOWN)) if text else "(absent)"


def _line(text: str) -> str:
    return visible(cut(text, 400))
