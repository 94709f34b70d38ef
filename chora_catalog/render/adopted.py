"""What was adopted, or begun, as a manifest: values in quotes, evidence beside them, the rest as questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chora_catalog.model.adoption import FIELDS, QUESTIONS, SCALARS, Adoption, Shown, Value
from chora_catalog.render.yaml_out import comment, quoted

SCHEMA_FILE = "chora.schema.json"
MODELINE = f"# yaml-language-server: $schema={SCHEMA_FILE}"
_ADOPTED = (
    "Written by `chora adopt` from what this repository shows: beside each field where it was seen, and how sure that",
    "is. Nothing is invented. A line that ends in a question mark asks you: write the field in its place, or leave it.",
)
_BEGUN = (
    "Written by `chora init`. A line that ends in a question mark asks you: write the field in its place, or leave it.",
)


def manifest_text(adoption: Adoption) -> str:
    """Return the manifest that `adoption` says, with its evidence as comments."""
    lines = [MODELINE, *map(comment, _ADOPTED)]
    lines += [comment(f"Not used: {item.place}: {item.why}") for item in adoption.unused if not item.field]
    lines.append("")
    answers = dict(adoption.answers)
    for field in FIELDS:
        found = adoption.of(field)
        if field in answers:
            lines.append(f"{field}: {quoted(answers[field])}  # answered")
        elif found and field in SCALARS:
            lines.append(f"{field}: {_scalar(found[0].value)}  {_evidence(found[0])}")
        elif found:
            lines.append(f"{field}:")
            lines += [line for item in found for line in _entry(item)]
        else:
            lines.append(comment(f"{field}: {QUESTIONS[field]}"))
        lines += [comment(f"  not used: {item.place}: {item.why}") for item in adoption.unused if item.field == field]
    return "\n".join(lines) + "\n"


def begun_text(identifier: str, version: str) -> str:
    """Return the least manifest that is valid, with everything else as a question."""
    lines = [MODELINE, *map(comment, _BEGUN), ""]
    said = {"id": f"{quoted(identifier)}  # by custom <domain>.<capability>.<action>", "version": quoted(version)}
    lines += [f"{field}: {said[field]}" if field in said else comment(f"{field}: {QUESTIONS[field]}")
              for field in FIELDS]  # fmt: skip
    return "\n".join(lines) + "\n"


def values(adoption: Adoption) -> Mapping[str, Any]:
    """Return what a strict reader must read out of `manifest_text(adoption)`."""
    said: dict[str, Any] = dict(adoption.answers)
    for field in FIELDS:
        found = adoption.of(field)
        if found and field in SCALARS:
            said[field] = found[0].value
        elif found:
            said[field] = [item.value if isinstance(item.value, str) else dict(item.value) for item in found]
    return said


def _scalar(value: Value) -> str:
    return quoted(value if isinstance(value, str) else "")


def _entry(item: Shown) -> Iterator[str]:
    if isinstance(item.value, str):
        yield f"  - {quoted(item.value)}  {_evidence(item)}"
        return
    (key, text), *rest = item.value
    yield f"  - {key}: {quoted(text)}  {_evidence(item)}"
    for key, text in rest:
        yield f"    {key}: {quoted(text)}"


def _evidence(item: Shown) -> str:
    return comment(f"{item.place}, {item.confidence.value}" + (f": {item.why}" if item.why else ""))
