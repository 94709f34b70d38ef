"""The published schemas, and the commands with their options, as pages of the documents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chora_catalog.model.command import CommandWords

_ACTS = re.compile(r"[\\*_{}\[\]#&<>|]")
# The builder of the documents knows no backslash before these.
_WRITTEN = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "mapping",
    "null": "empty",
}
_SUFFIX = ".schema.json"
_INSIDE = "#/$defs/"
_FORMATS = {"instant": "a date or an RFC 3339 time", "date": "a date"}
_OF_YOUR_OWN = "^x-"


def schemas_page(files: Mapping[str, bytes]) -> str:
    """Return the page about the schemas of `files` (file name to JSON bytes) as Markdown.

    The same files give the same bytes. Raise ValueError when a file is no JSON, or says something under a condition
    that the page has no words for.
    """
    lines = [
        "# Schemas",
        "",
        "<!-- Written by `make reference`. Do not edit, run the command again. -->",
        "",
        "The files under `schemas/` are the published standard, in JSON Schema 2020-12. An editor that is given one",
        "completes and checks while you type. This page says the same in words; where they differ, the files count.",
        "",
        "A nested field is written with dots, and an entry of a list with `[]`. *Judged by* names the rule that checks",
        "the form and says more than the schema does.",
        "",
        "| Schema | Of |",
        "|---|---|",
    ]
    schemas = {name.removesuffix(_SUFFIX): json.loads(data) for name, data in sorted(files.items())}
    lines += [f"| [`{name}`](#{name}) | {_plain(schema['title'])} |" for name, schema in schemas.items()]
    for name, schema in schemas.items():
        lines += ["", *_section(name, schema)]
    lines += [
        "",
        "## Write this page again",
        "",
        "After a change under `schemas/`, in a clone; it needs no network:",
        "",
        "```console",
        "$ make reference",
        "```",
    ]
    return "\n".join(lines) + "\n"


def options_page(commands: Sequence[CommandWords]) -> str:
    """Return the page about the options of `commands`, in their order, as Markdown."""
    lines = [
        "# Options",
        "",
        "<!-- Written by `make reference`. Do not edit, run the command again. -->",
        "",
        "What each command says of itself, as `--help` prints it. What the options mean for each other, and what comes",
        "of them, is told in [Commands](commands.md). What stands in square brackets counts when nothing is said.",
    ]
    for command in commands:
        paragraphs = [_plain(" ".join(part.split())) for part in command.help.split("\n\n")]
        lines += ["", f"## chora {command.name}", "", "```text", command.usage, "```"]
        lines += [line for paragraph in paragraphs for line in ("", paragraph)]
        if command.options:
            lines += ["", "| Option | Meaning |", "|---|---|"]
            lines += [f"| `{written}` | {_plain(meaning)} |" for written, meaning in command.options]
    lines += ["", "## Write this page again", "", "```console", "$ make reference", "```"]
    return "\n".join(lines) + "\n"


def _section(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    yield f"`schemas/{name}{_SUFFIX}`: {_plain(schema['description'])}"
    yield from _object(name, schema)
    for part, definition in schema.get("$defs", {}).items():
        yield ""
        yield f"### {name}: {part}"
        yield ""
        yield _plain(definition["description"])
        yield from _object(name, definition)


def _object(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a schema says besides its description: its form, its conditions and the table of its fields."""
    said = [*_form(name, schema, with_kind="object" not in _kinds(schema)), *_conditions(name, schema)]
    if "$ref" in schema:
        needs = _keys(schema.get("required", ()))
        said = [f"the fields of {_link(name, schema['$ref'])}{f'; {needs} must be there' if needs else ''}"]
    if _OF_YOUR_OWN in schema.get("patternProperties", {}):
        said.append("keys of your own begin with `x-`")
    if schema.get("x-unknown"):
        said.append("a key that is not known is kept, with a warning")
    if said:
        yield ""
        yield f"{'. '.join(part[:1].upper() + part[1:] for part in said)}."
    rows = list(_rows(name, schema, ""))
    if rows:
        yield ""
        yield "| Field | Need | Form | Meaning |"
        yield "|---|---|---|---|"
        yield from rows


def _rows(name: str, schema: Mapping[str, Any], above: str) -> Iterator[str]:
    required = set(schema.get("required", ()))
    for key, value in schema.get("properties", {}).items():
        yield from _row(name, f"{above}{key}", value, "required" if key in required else "optional")
    for pattern, value in schema.get("patternProperties", {}).items():
        if pattern != _OF_YOUR_OWN:
            shown = f"{pattern[1:]}…" if pattern != "^" else "(any key)"
            yield from _row(name, f"{above}{shown}", value, "optional")


def _row(name: str, path: str, schema: Mapping[str, Any], need: str) -> Iterator[str]:
    form = "; ".join(_form(name, schema, with_kind=True))
    yield f"| `{path}` | {need} | {form} | {_plain(schema.get('description', ''))} |"
    if "$ref" in schema:
        return
    yield from _rows(name, schema, f"{path}.")
    items = schema.get("items", {})
    if "$ref" not in items:
        yield from _rows(name, items, f"{path}[].")


def _form(name: str, schema: Mapping[str, Any], *, with_kind: bool) -> Iterator[str]:
    """Yield what a value may be, each as words for a cell of a table."""
    if "$ref" in schema:
        yield _link(name, schema["$ref"])
        return
    if with_kind and schema.get("type"):
        yield " or ".join(_kind(name, kind, schema) for kind in _kinds(schema))
    if "enum" in schema:
        yield f"one of {_keys(schema['enum'])}"
    if "x-words" in schema:
        yield f"known words: {_keys(schema['examples'])}"
    if "x-form" in schema:
        yield _plain(schema["x-form"])
    asked = schema.get("x-format") or schema.get("format")
    if asked:
        yield _FORMATS[asked]
    yield from _limits(schema)
    if "x-checked-by" in schema:
        yield f"judged by `{schema['x-checked-by']}`"


def _kind(name: str, kind: str, schema: Mapping[str, Any]) -> str:
    if kind != "array" or "items" not in schema:
        return _KINDS[kind]
    items = schema["items"]
    if "$ref" in items:
        return f"list of {_link(name, items['$ref'])}"
    return f"list (each: {', '.join(_form(name, items, with_kind=True))})" if items.get("type") else "list"


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    words = (("maxLength", "character"), ("maxItems", "entry"), ("maxProperties", "key"))
    for key, word in words:
        if key in schema:
            many = word if schema[key] == 1 else {"entry": "entries"}.get(word, f"{word}s")
            yield f"at most {schema[key]} {many}"
    if schema.get("minItems"):
        yield f"at least {schema['minItems']} {'entry' if schema['minItems'] == 1 else 'entries'}"
    if "minimum" in schema or "maximum" in schema:
        yield f"{schema.get('minimum', 'any')} to {schema.get('maximum', 'any')}"


def _conditions(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield each condition as a sentence without its full stop."""
    for part in (schema, *schema.get("allOf", ())):
        if "if" not in part:
            continue
        asked, then, other = part["if"], part.get("then", {}), part.get("else", {})
        if set(asked) == {"required"} and "$ref" in then and "$ref" in other:
            with_it, without = _link(name, then["$ref"]), _link(name, other["$ref"])
            yield f"with {_keys(asked['required'])} it is {with_it}, else {without}"
        elif set(asked) == {"required"} and not then and set(other) <= {"required", "properties"}:
            yield f"without {_keys(asked['required'])}, {_keys(other.get('required', ()))} must be there"
            for key, value in other.get("properties", {}).items():
                forms = ", ".join(_form(name, value, with_kind=True))
                yield f"without {_keys(asked['required'])}, `{key}` is {forms}"
        elif set(asked) == {"properties", "required"} and set(then) == {"required"} and not other:
            [(key, value)] = asked["properties"].items()
            yield f"where `{key}` is `{value['const']}`, {_keys(then['required'])} must be there"
        elif set(asked) == {"not"} and set(then) == {"properties"} and not other:
            [(key, value)] = then["properties"].items()
            yield (
                f"without {_keys(asked['not']['required'])}, each entry of `{key}` must have "
                f"{_keys(value['items']['required'])}"
            )
        else:
            raise ValueError(f"the page has no words for this condition of {name}: {json.dumps(part['if'])}")


def _kinds(schema: Mapping[str, Any]) -> tuple[str, ...]:
    kinds = schema.get("type", ())
    return (kinds,) if isinstance(kinds, str) else tuple(kinds)


def _link(name: str, reference: str) -> str:
    file, _, part = reference.partition(_INSIDE)
    return f"[{part}](#{file.removesuffix(_SUFFIX) or name}-{part})"


def _keys(words: Any) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _plain(text: str) -> str:
    """Return a description so that nothing in it starts markup or ends a cell; code between backticks stays code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _quiet(text.replace("`", "'"))
    return "`".join(part.replace("|", "\\|") if at % 2 else _quiet(part) for at, part in enumerate(parts))


def _quiet(text: str) -> str:
    return _ACTS.sub(lambda found: _WRITTEN.get(found.group(), f"\\{found.group()}"), text)
