"""Two JSON Schemas (draft-07 or 2020-12) -> what changed between them.

Each keyword is one condition, and all must hold. So a schema admits fewer values where one condition admits fewer, and
a pair of schemas is compared keyword by keyword. What is known stands in `_KNOWN`; a difference in any other keyword is
undecided, also where only what it refers to changed. References are followed inside the document; two schemas that
were compared once are not compared again, which ends every circle, and nothing calls itself.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final
from urllib.parse import unquote

from chora_catalog.model.change import Change
from chora_catalog.parse.reading import join_pointer, quoted, split_pointer
from chora_catalog.resolve.contract.json_schema_rules import BY_ID
from chora_catalog.resolve.contract.rule import in_order

MAX_PAIRS: Final = 20_000
"""The most pairs of schemas that are compared between two documents; a hostile one could ask for millions."""
MAX_CHANGES: Final = 1_000
"""The most changes that are told of two documents."""
MAX_POINTER: Final = 1_000
"""The longest pointer that references make."""
CONTAINERS: Final = ("definitions", "$defs")
"""Where a document keeps its definitions: up to draft-07, and since 2019-09. Both are read as one."""

Schema = dict[str, Any]

_TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")
_ANNOTATIONS: Final = frozenset(
    ["$schema", "$id", "id", "$comment", "title", "description", "examples", "example", "deprecated", *CONTAINERS]
)
"""They say something about values and refuse none."""
_DYNAMIC: Final = ("$dynamicRef", "$recursiveRef")
_CLOSING: Final = ("unevaluatedProperties",)
"""Not compared, but enough to know that the schema admits no other properties."""
_LOWER: Final = {"minimum": None, "exclusiveMinimum": None, "minLength": 0, "minItems": 0, "minProperties": 0}
_UPPER: Final = dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_schema(value: object) -> bool:
    return isinstance(value, dict | bool)


def _is_list_of(kind: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(map(kind, value))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_type(value: object) -> bool:
    return value in _TYPES if isinstance(value, str) else _is_list_of(lambda item: item in _TYPES)(value)


_KNOWN: Final[Mapping[str, Callable[[object], bool]]] = {
    "type": _is_type,
    "nullable": lambda value: isinstance(value, bool),
    "enum": lambda value: isinstance(value, list),
    "const": lambda _: True,
    "properties": lambda value: isinstance(value, dict) and all(map(_is_schema, value.values())),
    "required": _is_list_of(_is_text),
    "additionalProperties": _is_schema,
    "items": _is_schema,
    **dict.fromkeys((*_LOWER, *_UPPER, "multipleOf"), _is_number),
    "uniqueItems": lambda value: isinstance(value, bool),
    "pattern": _is_text,
    "format": _is_text,
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), _is_list_of(_is_schema)),
    "default": lambda _: True,
}
"""The keywords that are compared, each with the form in which it is: in another form nothing is known of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two schemas to compare. `opaque`: they stand below a keyword that is not known, so a difference is undecided."""

    old: Schema
    new: Schema
    pointer: str
    opaque: bool = False


@dataclass(slots=True, kw_only=True)
class _Document:
    """One document, and the schemas that were made of references with something beside them (kept: ids must last)."""

    root: object
    definitions: dict[str, Any] = field(init=False)
    merged: dict[int, tuple[Schema, Schema]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the definitions once: every reference asks for them."""
        self.definitions = definitions(self.root)

    def target(self, reference: str) -> Schema | None:
        """Return what a reference inside this document leads to, None where it leads nowhere or elsewhere."""
        found: Any = self.root
        if isinstance(found, dict) and isinstance(found.get("$id"), str):
            reference = reference.removeprefix(found["$id"].rstrip("#"))
        if reference not in ("", "#") and not reference.startswith("#/"):
            return None
        for place, segment in enumerate(split_pointer(unquote(reference[1:]))):
            if place == 0 and segment in CONTAINERS:
                found = self.definitions
            elif isinstance(found, dict):
                found = found.get(segment)
            elif isinstance(found, list) and segment.isdecimal() and len(segment) < 6:
                found = found[int(segment)] if int(segment) < len(found) else None
            else:
                return None
        return _as_schema(found) if _is_schema(found) else None

    def flat(self, schema: Schema) -> Schema:
        """Return `schema` with its reference replaced by what it leads to; as it is where that cannot be told."""
        seen: set[int] = set()
        while isinstance(schema.get("$ref"), str) and id(schema) not in seen:
            seen.add(id(schema))
            target = self.target(schema["$ref"])
            if target is None:
                return schema
            schema = self.joined(schema, target) if _conditions(schema) else target
        return schema

    def joined(self, schema: Schema, target: Schema) -> Schema:
        """Return a reference and the keywords beside it as one schema: both must hold."""
        if id(schema) not in self.merged:
            rest = _conditions(schema)
            if rest.keys() & _conditions(target).keys() or "$ref" in target:
                rest["allOf"] = [*rest.get("allOf", ()), {"$ref": schema["$ref"]}]
                made = rest
            else:
                made = {**target, **rest}
            self.merged[id(schema)] = (schema, made)
        return self.merged[id(schema)][1]


def _conditions(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "$ref" and not _is_annotation(key)}


def _is_annotation(key: str) -> bool:
    return key in _ANNOTATIONS or key.startswith("x-")


_ANY: Final[Schema] = {}
_NONE: Final[Schema] = {"not": {}}


def _as_schema(value: Any) -> Schema:
    """Return a schema as a mapping: `true` admits everything, `false` nothing."""
    return value if isinstance(value, dict) else _ANY if value else _NONE


def definitions(document: object) -> dict[str, Any]:
    """Return the definitions of a document by name, from `definitions` and `$defs`."""
    found: dict[str, Any] = {}
    for key in CONTAINERS:
        held = document.get(key) if isinstance(document, dict) else None
        if isinstance(held, dict):
            found |= {name: schema for name, schema in held.items() if _is_schema(schema)}
    return found


def compare_schemas(
    old: object, new: object, *, side: str = "", pointer: str = "", subject: str = ""
) -> tuple[Change, ...]:
    """Return what changed from the schema `old` to `new` (JSON values), the worst first, then by place and rule.

    `side` is `input` for what is given, `output` for what is read; without one, what breaks either breaks. `pointer` is
    put before each place, `subject` names what the schema belongs to. What is no schema at all is not compared.
    """
    return tuple(sorted(_Comparison(old, new, side=side, subject=subject).from_root(pointer), key=in_order))


def compare_definitions(old: object, new: object, *, side: str = "", pointer: str = "") -> tuple[Change, ...]:
    """Return what changed between two documents of definitions, definition by definition, sorted as `compare_schemas`.

    A change of a definition is told there and not wherever it is used.
    """
    return tuple(sorted(_Comparison(old, new, side=side).by_definition(pointer), key=in_order))


class _Comparison:
    """One comparison under way."""

    def __init__(self, old: object, new: object, *, side: str, subject: str = "") -> None:
        self.old, self.new = _Document(root=old), _Document(root=new)
        self.side, self.subject = side, subject
        self.by_name = False
        self.different: bool | None = None
        self.waiting: deque[_Pair] = deque()
        self.seen: set[tuple[int, int, bool]] = set()
        self.kept: list[Schema] = []

    def from_root(self, pointer: str) -> Iterator[Change]:
        if not (_is_schema(self.old.root) and _is_schema(self.new.root)):
            yield self.change("schema-not-compared", pointer, "one of the two is no schema", "", "no schema")
            return
        self.enqueue(self.old.root, self.new.root, pointer)
        yield from self.run(pointer)

    def by_definition(self, pointer: str) -> Iterator[Change]:
        self.by_name = True
        before, after = self.old.definitions, self.new.definitions
        for name in sorted({*before, *after}):
            at = join_pointer(f"{pointer}/$defs", name)
            if name not in after:
                text = _canonical(before[name])
                yield self.change("definition-removed", at, f"the definition {quoted(name)} is gone", text, "")
            elif name not in before:
                text = _canonical(after[name])
                yield self.change("definition-added", at, f"the definition {quoted(name)} is new", "", text)
            else:
                self.enqueue(before[name], after[name], at)
        roots = [document.root if isinstance(document.root, dict) else {} for document in (self.old, self.new)]
        self.enqueue(roots[0], roots[1], pointer)
        yield from self.run(pointer)

    def enqueue(self, old: Any, new: Any, pointer: str, *, opaque: bool = False) -> None:
        self.waiting.append(_Pair(old=_as_schema(old), new=_as_schema(new), pointer=pointer, opaque=opaque))

    def run(self, pointer: str) -> Iterator[Change]:
        told = 0
        while self.waiting:
            pair = self.waiting.popleft()
            key = (id(pair.old), id(pair.new), pair.opaque)
            if key in self.seen:
                continue
            if len(self.seen) >= MAX_PAIRS or told >= MAX_CHANGES:
                message = "the rest is not compared: there is more than is looked at"
                yield self.change("schema-not-compared", pointer, message, "", f"{len(self.seen)} places compared")
                return
            self.seen.add(key)
            # What was made on the way is kept, so that no other object gets its id.
            self.kept += [pair.old, pair.new]
            for change in self.compare(pair):
                told += 1
                yield self.undecided(change) if pair.opaque else change

    def differ(self) -> bool:
        """Tell whether the two documents are different at all."""
        if self.different is None:
            self.different = _canonical(self.old.root) != _canonical(self.new.root)
        return self.different

    def change(self, rule: str, pointer: str, message: str, before: str, after: str) -> Change:
        return BY_ID[rule].change(
            pointer or "/", message, subject=self.subject, side=self.side, before=before, after=after
        )

    def undecided(self, change: Change) -> Change:
        return self.change("schema-undecided", change.pointer, change.message, change.before, change.after)

    def compare(self, pair: _Pair) -> Iterator[Change]:
        """Yield what changed between two schemas themselves; what is below them waits its turn."""
        old, new = pair.old, pair.new
        references = old.get("$ref"), new.get("$ref")
        if all(isinstance(reference, str) for reference in references):
            yield from self.references(pair, str(references[0]), str(references[1]))
            return
        old, new = self.old.flat(old), self.new.flat(new)
        known, unknown = _split(old, new)
        for keyword in unknown:
            yield from self.unknown(keyword, old, new, pair.pointer)
        was = {key: value for key, value in old.items() if key in known}
        now = {key: value for key, value in new.items() if key in known}
        yield from self.types(was, now, pair.pointer)
        yield from self.values(was, now, pair.pointer)
        yield from self.limits(was, now, pair.pointer)
        yield from self.patterns(was, now, pair.pointer)
        closing = {key: value for key, value in old.items() if key in _CLOSING}
        yield from self.properties(was | closing, now, pair)
        yield from self.others(was, now, pair)
        if "items" in was or "items" in now:
            self.enqueue(was.get("items", True), now.get("items", True), f"{pair.pointer}/items", opaque=pair.opaque)
        yield from self.all_of(was, now, pair)
        for keyword in ("anyOf", "oneOf"):
            yield from self.alternatives(keyword, was, now, pair)
        before, after = text_of(was, "default"), text_of(now, "default")
        if before != after:
            message = f"{_place(pair.pointer)}: the default is {_said(after)} and was {_said(before)}"
            yield self.change("schema-default-changed", f"{pair.pointer}/default", message, before, after)

    def references(self, pair: _Pair, old: str, new: str) -> Iterator[Change]:
        """Compare two references: what they lead to, and what stands beside them."""
        targets = self.old.target(old), self.new.target(new)
        if None in targets:
            # The same reference to another document leads to the same; inside this one it may lead to something new.
            if old != new or targets != (None, None) or (new.startswith("#") and self.differ()):
                message = f"{_place(pair.pointer)}: the reference {quoted(new)}, was {quoted(old)}, leads nowhere here"
                yield self.change("schema-not-compared", f"{pair.pointer}/$ref", message, old, new)
        elif not (self.by_name and not pair.opaque and _same_name(old, new)):
            # A chain of references could make a pointer as long as the document; the place itself is as good then.
            far = len(pair.pointer) > MAX_POINTER and new.startswith("#/")
            at = _canonical(new)[2:-1] if far else pair.pointer
            self.enqueue(targets[0], targets[1], at, opaque=pair.opaque)
        beside = _conditions(pair.old), _conditions(pair.new)
        if any(beside):
            self.enqueue(beside[0], beside[1], pair.pointer, opaque=pair.opaque)

    def unknown(self, keyword: str, old: Schema, new: Schema, pointer: str) -> Iterator[Change]:
        before, after = text_of(old, keyword), text_of(new, keyword)
        # What is referred to by what is in force at that moment can be anywhere in the document.
        if before != after or (keyword in _DYNAMIC and self.differ()):
            message = f"{_place(pointer)}: {quoted(keyword)} changed, which is not compared"
            yield self.change("schema-undecided", join_pointer(pointer, keyword), message, before, after)
            return
        # The words are the same; what they refer to may have changed.
        for was, now in zip(_references_in(old[keyword]), _references_in(new[keyword]), strict=True):
            self.enqueue({"$ref": was}, {"$ref": now}, join_pointer(pointer, keyword), opaque=True)

    def types(self, old: Schema, new: Schema, pointer: str) -> Iterator[Change]:
        before, after = _types(old), _types(new)
        if before == after:
            return
        gone, come = not before <= after, not after <= before
        kind = "changed" if gone and come else "narrowed" if gone else "widened"
        words = _type_words(before), _type_words(after)
        message = f"{_place(pointer)}: the type is {words[1]} and was {words[0]}"
        yield self.change(f"schema-type-{kind}", f"{pointer}/type", message, *words)

    def values(self, old: Schema, new: Schema, pointer: str) -> Iterator[Change]:
        before, after = _values(old), _values(new)
        if before is None or after is None:
            if before is not after:
                kind = "limited" if before is None else "unlimited"
                words = ["" if side is None else ", ".join(sorted(side)) for side in (before, after)]
                message = f"{_place(pointer)}: {'only certain' if before is None else 'all'} values are admitted now"
                yield self.change(f"schema-values-{kind}", f"{pointer}/enum", message, *words)
            return
        for value in sorted(before - after):
            message = f"{_place(pointer)}: the value {quoted(value)} is gone"
            yield self.change("schema-value-removed", join_pointer(f"{pointer}/enum", value), message, value, "")
        for value in sorted(after - before):
            message = f"{_place(pointer)}: the value {quoted(value)} is new"
            yield self.change("schema-value-added", join_pointer(f"{pointer}/enum", value), message, "", value)

    def limits(self, old: Schema, new: Schema, pointer: str) -> Iterator[Change]:
        for keyword in (*_LOWER, *_UPPER):
            none = _LOWER.get(keyword)
            was, now = old.get(keyword, none), new.get(keyword, none)
            if was == now:
                continue
            up = was is None or (now is not None and now > was)
            tight = now is not None and (was is None or up == (keyword in _LOWER))
            yield self.limit(keyword, tight, old, new, pointer)
        was, now = (bool(side.get("uniqueItems")) for side in (old, new))
        if was != now:
            yield self.limit("uniqueItems", now, old, new, pointer)
        was, now = old.get("multipleOf"), new.get("multipleOf")
        if was != now:
            if was is None or now is None or _divides(was, now) or _divides(now, was):
                tight = now is not None and (was is None or _divides(was, now))
                yield self.limit("multipleOf", tight, old, new, pointer)
            else:
                yield from self.unknown("multipleOf", old, new, pointer)

    def limit(self, keyword: str, tight: bool, old: Schema, new: Schema, pointer: str) -> Change:
        before, after = text_of(old, keyword), text_of(new, keyword)
        message = f"{_place(pointer)}: {keyword} is {_said(after)} and was {_said(before)}"
        rule = "schema-limit-tightened" if tight else "schema-limit-loosened"
        return self.change(rule, f"{pointer}/{keyword}", message, before, after)

    def patterns(self, old: Schema, new: Schema, pointer: str) -> Iterator[Change]:
        for keyword in ("pattern", "format"):
            was, now = old.get(keyword, ""), new.get(keyword, "")
            if was != now:
                kind = "changed" if was and now else "added" if now else "removed"
                message = f"{_place(pointer)}: the {keyword} is {_said(now)} and was {_said(was)}"
                yield self.change(f"schema-pattern-{kind}", f"{pointer}/{keyword}", message, was, now)

    def properties(self, old: Schema, new: Schema, pair: _Pair) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        needed_before, needed_after = set(old.get("required", ())), set(new.get("required", ()))
        closed = any(old.get(keyword, True) not in (True, {}) for keyword in ("additionalProperties", *_CLOSING))
        for name in sorted({*before, *after}):
            at = join_pointer(f"{pair.pointer}/properties", name)
            if name not in after:
                message = f"{_place(pair.pointer)}: the property {quoted(name)} is gone"
                yield self.change("schema-property-removed", at, message, _canonical(before[name]), "")
            elif name not in before:
                must = name in needed_after
                rule = "-required" if must else "-to-closed" if closed else ""
                if must and closed and self.side == "output":
                    rule = "-to-closed"
                message = f"{_place(pair.pointer)}: the property {quoted(name)} is new"
                message += " and must be given" if must and self.side != "output" else ""
                yield self.change(f"schema-property-added{rule}", at, message, "", _canonical(after[name]))
            else:
                self.enqueue(before[name], after[name], at, opaque=pair.opaque)
        for name in sorted(needed_before ^ needed_after):
            if (name in before) != (name in after):
                continue
            must = name in needed_after
            words = ("can be absent", "must be there") if must else ("must be there", "can be absent")
            message = f"{_place(pair.pointer)}: the property {quoted(name)} {words[1]}"
            at = join_pointer(f"{pair.pointer}/required", name)
            yield self.change(f"schema-required-{'added' if must else 'removed'}", at, message, *words)

    def others(self, old: Schema, new: Schema, pair: _Pair) -> Iterator[Change]:
        """Compare what is said of properties that are not named."""
        was, now = old.get("additionalProperties", True), new.get("additionalProperties", True)
        at = f"{pair.pointer}/additionalProperties"
        if was is not False and now is not False:
            if was is not True or now is not True:
                self.enqueue(was, now, at, opaque=pair.opaque)
        elif was is not now:
            rule, words = ("closed", "admits no other properties") if now is False else ("opened", "admits others")
            message = f"{_place(pair.pointer)}: it {words} now"
            yield self.change(f"schema-{rule}", at, message, _canonical(was), _canonical(now))

    def all_of(self, old: Schema, new: Schema, pair: _Pair) -> Iterator[Change]:
        at = f"{pair.pointer}/allOf"
        both, gone, come = _matched(old.get("allOf", []), new.get("allOf", []))
        if len(gone) == len(come) == 1:
            both, gone, come = [*both, (gone[0], come[0])], [], []
        for was, now in both:
            self.enqueue(was, now, at, opaque=pair.opaque)
        if gone and come:
            message = f"{_place(pair.pointer)}: several conditions of allOf changed"
            yield self.change("schema-undecided", at, message, _canonical(gone), _canonical(come))
            return
        for schema in gone:
            message = f"{_place(pair.pointer)}: a condition need not hold any more"
            yield self.change("schema-condition-removed", at, message, _canonical(schema), "")
        for schema in come:
            message = f"{_place(pair.pointer)}: a further condition must hold"
            yield self.change("schema-condition-added", at, message, "", _canonical(schema))

    def alternatives(self, keyword: str, old: Schema, new: Schema, pair: _Pair) -> Iterator[Change]:
        at = f"{pair.pointer}/{keyword}"
        was, now = old.get(keyword), new.get(keyword)
        if was is None or now is None:
            if was is not now:
                kind = "added" if was is None else "removed"
                words = "a further condition must hold" if was is None else "a condition need not hold any more"
                before, after = ("" if side is None else _canonical(side) for side in (was, now))
                message = f"{_place(pair.pointer)}: {words} ({keyword})"
                yield self.change(f"schema-condition-{kind}", at, message, before, after)
            return
        both, gone, come = _matched(was, now)
        # Of oneOf exactly one form may fit: where two could, a wider form can refuse what fitted one before.
        apart = keyword == "anyOf" or (self.apart(self.old, was) and self.apart(self.new, now))
        if len(gone) == len(come) == 1:
            both, gone, come = [*both, (gone[0], come[0])], [], []
        for left, right in both:
            self.enqueue(left, right, at, opaque=pair.opaque or not apart)
        if (gone and come) or ((gone or come) and not apart):
            message = f"{_place(pair.pointer)}: the forms of {keyword} changed"
            yield self.change("schema-alternatives-changed", at, message, _canonical(was), _canonical(now))
            return
        for schema in gone:
            message = f"{_place(pair.pointer)}: the form {quoted(_name(schema))} is admitted no more"
            yield self.change("schema-alternative-removed", at, message, _canonical(schema), "")
        for schema in come:
            message = f"{_place(pair.pointer)}: the form {quoted(_name(schema))} is admitted as well"
            yield self.change("schema-alternative-added", at, message, "", _canonical(schema))

    @staticmethod
    def apart(document: _Document, forms: list[Any]) -> bool:
        """Tell whether no value can fit two of `forms`: their types differ, or a property that both require does."""
        if len(forms) > 50:
            return False
        marks = [_marks(document, document.flat(_as_schema(form))) for form in forms]
        return all(_differ(left, right) for left, right in combinations(marks, 2))


def _split(old: Schema, new: Schema) -> tuple[set[str], list[str]]:
    """Return the keywords that are known on both sides, and those that are not on one; annotations are neither."""
    every = sorted(key for key in {*old, *new} if not _is_annotation(key))
    known = {
        key for key in every if key in _KNOWN and all(key not in side or _KNOWN[key](side[key]) for side in (old, new))
    }
    return known, [key for key in every if key not in known]


def _canonical(value: object) -> str:
    """Return a JSON value as text: equal values, equal text, wherever the definitions stand."""
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.replace('"#/definitions/', '"#/$defs/')


def text_of(schema: Schema, keyword: str) -> str:
    """Return the value of a keyword as canonical text, empty where it is absent."""
    return _canonical(schema[keyword]) if keyword in schema else ""


def _plain(value: object) -> object:
    """Return a number that is whole as one, because to JSON Schema 1.0 is 1; numbers inside others are left."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _types(schema: Schema) -> frozenset[str]:
    """Return the types that a schema admits; `number` includes `integer`; where it lists values, their types count."""
    named = schema.get("type", list(_TYPES))
    types = {named} if isinstance(named, str) else set(named)
    if schema.get("nullable") is True:
        types.add("null")
    if "number" in types:
        types.add("integer")
    values = _values(schema)
    if "type" not in schema and values is not None:
        types = {_type_of(json.loads(value)) for value in values}
        types |= {"integer"} if "number" in types else set()
    return frozenset(types)


def _type_of(value: object) -> str:
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "object" if isinstance(value, dict) else "null"


def _type_words(types: frozenset[str]) -> str:
    if len(types) == len(_TYPES):
        return "any"
    return " or ".join(sorted(types - {"integer"} if "number" in types else types)) or "nothing"


def _values(schema: Schema) -> set[str] | None:
    """Return the values that a schema lists, as text; None where it lists none."""
    if "const" in schema:
        only = {_canonical(schema["const"])}
        return only & set(map(_canonical, schema["enum"])) if "enum" in schema else only
    return set(map(_canonical, schema["enum"])) if "enum" in schema else None


def _divides(small: float, large: float) -> bool:
    """Tell whether every multiple of `large` is one of `small`; of fractions nothing is said."""
    return isinstance(small, int) and isinstance(large, int) and small > 0 and large % small == 0


def _matched(old: list[Any], new: list[Any]) -> tuple[list[tuple[Any, Any]], list[Any], list[Any]]:
    """Return the schemas that stand in both lists as pairs, those that are gone, and those that are new."""
    left: dict[str, list[Any]] = {}
    for schema in old:
        left.setdefault(_canonical(schema), []).append(schema)
    both, come = [], []
    for schema in new:
        same = left.get(_canonical(schema))
        if same:
            both.append((same.pop(0), schema))
        else:
            come.append(schema)
    gone = [schema for schemas in left.values() for schema in schemas]
    again, gone, come = _by_kind(gone, come)
    return [*both, *again], gone, come


def _by_kind(gone: list[Any], come: list[Any]) -> tuple[list[tuple[Any, Any]], list[Any], list[Any]]:
    """Pair what is left by its title or its one type, where only one on each side has it."""
    before, after = _sole(gone), _sole(come)
    shared = sorted(before.keys() & after.keys())
    pairs = [(before[kind], after[kind]) for kind in shared]
    taken = {id(schema) for pair in pairs for schema in pair}
    return pairs, [item for item in gone if id(item) not in taken], [item for item in come if id(item) not in taken]


def _sole(schemas: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for schema in schemas:
        kind = schema.get("title", schema.get("type")) if isinstance(schema, dict) else None
        if isinstance(kind, str):
            found.setdefault(kind, []).append(schema)
    return {kind: schemas[0] for kind, schemas in found.items() if len(schemas) == 1}


Marks = tuple[frozenset[str], Mapping[str, set[str]]]


def _marks(document: _Document, schema: Schema) -> Marks:
    """Return what tells a form from others: its types, and the values of the properties that it requires."""
    known = {key: value for key, value in schema.items() if key in _KNOWN and _KNOWN[key](value)}
    marks = {}
    for name in known.get("required", ()):
        held = known.get("properties", {}).get(name)
        values = _values(document.flat(held)) if isinstance(held, dict) else None
        if values is not None:
            marks[name] = values
    return _types(known), marks


def _differ(left: Marks, right: Marks) -> bool:
    if not left[0] & right[0]:
        return True
    # A required property tells apart objects only, so both forms have to admit nothing else.
    objects = left[0] == right[0] == {"object"}
    return objects and any(not left[1][name] & right[1][name] for name in left[1].keys() & right[1].keys())


def _references_in(value: object) -> list[str]:
    """Return the references inside a value, in the order of its canonical text."""
    found: list[str] = []
    waiting: list[Any] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [item[key] for key in sorted(item)]
            if isinstance(item.get("$ref"), str):
                found.append(item["$ref"])
        elif isinstance(item, list):
            waiting += item
    return found


def _same_name(old: str, new: str) -> bool:
    return _canonical(old) == _canonical(new)


def _place(pointer: str) -> str:
    """Return where a pointer leads, without the steps that every schema has: `items/items/price`."""
    steps = split_pointer(pointer)
    return quoted("/".join(step for step in steps if step not in ("properties", "schema", "$defs")) or "the schema", 80)


def _said(text: str) -> str:
    return quoted(text) if text else "not said"


def _name(schema: object) -> str:
    if isinstance(schema, dict):
        for key in ("title", "$ref", "type"):
            if isinstance(schema.get(key), str):
                return str(schema[key]).rpartition("/")[2]
    return _canonical(schema)
