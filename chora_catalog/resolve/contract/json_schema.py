"""Two JSON Schemas (draft-07 or 2020-12) -> what changed between them.

Each keyword is one condition, and all must hold. So a schema admits fewer values where one condition admits fewer, and
a pair of schemas is compared keyword by keyword. What is known stands in `schema_keywords`; a difference in any other
keyword is undecided, also where only what it refers to changed. References are followed inside the document; two
schemas that were compared once are not compared again, which ends every circle, and nothing calls itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from chora_catalog.model.change import Change
from chora_catalog.parse.reading import join_pointer, quoted, split_pointer
from chora_catalog.resolve.contract.json_schema_rules import BY_ID
from chora_catalog.resolve.contract.rule import in_order
from chora_catalog.resolve.contract.schema_document import (
    Document,
    Schema,
    as_schema,
    canonical,
    conditions,
    is_annotation,
    is_schema,
    references_in,
    text_of,
)
from chora_catalog.resolve.contract.schema_forms import apart, matched
from chora_catalog.resolve.contract.schema_keywords import (
    CLOSING,
    DYNAMIC,
    KNOWN,
    LOWER,
    TYPES,
    UPPER,
    types_of,
    values_of,
)

MAX_PAIRS: Final = 20_000
"""The most pairs of schemas that are compared between two documents; a hostile one could ask for millions."""
MAX_CHANGES: Final = 1_000
"""The most changes that are told of two documents."""
MAX_POINTER: Final = 1_000
"""The longest pointer that references make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two schemas to compare. `opaque`: they stand below a keyword that is not known, so a difference is undecided."""

    old: Schema
    new: Schema
    pointer: str
    opaque: bool = False


def compare_schemas(
    old: object, new: object, *, side: str = "", pointer: str = "", subject: str = ""
) -> tuple[Change, ...]:
    """Return what changed from the schema `old` to `new` (JSON values), the worst first, then by place and rule.

    `side` is `input` for what is given, `output` for what is read; without one, what breaks either breaks. `pointer` is
    put before each place, `subject` names what the schema belongs to. What is no schema at all is not compared.
    """
    return tuple(
        sorted(SchemaComparison(old, new).schemas(old, new, side=side, pointer=pointer, subject=subject), key=in_order)
    )


def compare_definitions(old: object, new: object, *, side: str = "", pointer: str = "") -> tuple[Change, ...]:
    """Return what changed between two documents of definitions, definition by definition, sorted as `compare_schemas`.

    A change of a definition is told there and not wherever it is used.
    """
    return tuple(sorted(SchemaComparison(old, new).definitions(side=side, pointer=pointer), key=in_order))


class SchemaComparison:
    """What compares the schemas of two documents. What was compared once is told once, where it was met first."""

    def __init__(self, old: object, new: object) -> None:
        """Keep the documents that references lead into; nothing is compared yet."""
        self._old, self._new = Document(root=old), Document(root=new)
        self._side = self._subject = ""
        self._by_name = False
        self._different: bool | None = None
        self._waiting: deque[_Pair] = deque()
        self._seen: set[tuple[int, int, bool, str]] = set()
        self._kept: list[Schema] = []
        self._told = 0

    def schemas(self, old: object, new: object, *, side: str, pointer: str, subject: str = "") -> Iterator[Change]:
        """Yield what changed from the schema `old` of the old document to `new` of the new one."""
        self._side, self._subject = side, subject
        if is_schema(old) and is_schema(new):
            self._enqueue(old, new, pointer)
            yield from self._run(pointer)
        else:
            yield self._change("schema-not-compared", pointer, "one of the two is no schema", "", "no schema")

    def definitions(self, *, side: str, pointer: str) -> Iterator[Change]:
        """Yield what changed among the definitions of the documents, and in what these say besides."""
        self._side, self._by_name = side, True
        before, after = self._old.definitions, self._new.definitions
        for name in sorted({*before, *after}):
            at = join_pointer(f"{pointer}/$defs", name)
            if name not in after:
                text = canonical(before[name])
                yield self._change("definition-removed", at, f"the definition {quoted(name)} is gone", text, "")
            elif name not in before:
                text = canonical(after[name])
                yield self._change("definition-added", at, f"the definition {quoted(name)} is new", "", text)
            else:
                self._enqueue(before[name], after[name], at)
        roots = [document.root if isinstance(document.root, dict) else {} for document in (self._old, self._new)]
        self._enqueue(roots[0], roots[1], pointer)
        yield from self._run(pointer)

    def _enqueue(self, old: Any, new: Any, pointer: str, *, opaque: bool = False) -> None:
        self._waiting.append(_Pair(old=as_schema(old), new=as_schema(new), pointer=pointer, opaque=opaque))

    def _run(self, pointer: str) -> Iterator[Change]:
        while self._waiting:
            pair = self._waiting.popleft()
            key = (id(pair.old), id(pair.new), pair.opaque, self._side)
            if key in self._seen:
                continue
            if len(self._seen) >= MAX_PAIRS or self._told >= MAX_CHANGES:
                message = "the rest is not compared: there is more than is looked at"
                yield self._change("schema-not-compared", pointer, message, "", f"{len(self._seen)} places compared")
                self._waiting.clear()
                return
            self._seen.add(key)
            # What was made on the way is kept, so that no other object gets its id.
            self._kept += [pair.old, pair.new]
            for change in self._compare(pair):
                self._told += 1
                yield self._undecided(change) if pair.opaque else change

    def _differ(self) -> bool:
        """Tell whether the two documents are different at all."""
        if self._different is None:
            self._different = canonical(self._old.root) != canonical(self._new.root)
        return self._different

    def _change(self, rule: str, pointer: str, message: str, before: str, after: str) -> Change:
        return BY_ID[rule].change(
            pointer or "/", message, subject=self._subject, side=self._side, before=before, after=after
        )

    def _undecided(self, change: Change) -> Change:
        return self._change("schema-undecided", change.pointer, change.message, change.before, change.after)

    def _compare(self, pair: _Pair) -> Iterator[Change]:
        """Yield what changed between two schemas themselves; what is below them waits its turn."""
        old, new = pair.old, pair.new
        references = old.get("$ref"), new.get("$ref")
        if all(isinstance(reference, str) for reference in references):
            yield from self._references(pair, str(references[0]), str(references[1]))
            return
        old, new = self._old.flat(old), self._new.flat(new)
        known, unknown = _split(old, new)
        for keyword in unknown:
            yield from self._unknown(keyword, old, new, pair.pointer)
        was = {key: value for key, value in old.items() if key in known}
        now = {key: value for key, value in new.items() if key in known}
        yield from self._types(was, now, pair.pointer)
        yield from self._values(was, now, pair.pointer)
        yield from self._limits(was, now, pair.pointer)
        yield from self._patterns(was, now, pair.pointer)
        closing = {key: value for key, value in old.items() if key in CLOSING}
        yield from self._properties(was | closing, now, pair)
        yield from self._others(was, now, pair)
        if "items" in was or "items" in now:
            self._enqueue(was.get("items", True), now.get("items", True), f"{pair.pointer}/items", opaque=pair.opaque)
        yield from self._all_of(was, now, pair)
        for keyword in ("anyOf", "oneOf"):
            yield from self._alternatives(keyword, was, now, pair)
        before, after = text_of(was, "default"), text_of(now, "default")
        if before != after:
            message = f"{_place(pair.pointer)}: the default is {_said(after)} and was {_said(before)}"
            yield self._change("schema-default-changed", f"{pair.pointer}/default", message, before, after)

    def _references(self, pair: _Pair, old: str, new: str) -> Iterator[Change]:
        """Compare two references: what they lead to, and what stands beside them."""
        targets = self._old.target(old), self._new.target(new)
        if None in targets:
            # The same reference to another document leads to the same; inside this one it may lead to something new.
            if old != new or targets != (None, None) or (new.startswith("#") and self._differ()):
                message = f"{_place(pair.pointer)}: the reference {quoted(new)}, was {quoted(old)}, leads nowhere here"
                yield self._change("schema-not-compared", f"{pair.pointer}/$ref", message, old, new)
        elif not (self._by_name and not pair.opaque and _same_name(old, new)):
            # A chain of references could make a pointer as long as the document; the place itself is as good then.
            far = len(pair.pointer) > MAX_POINTER and new.startswith("#/")
            at = canonical(new)[2:-1] if far else pair.pointer
            self._enqueue(targets[0], targets[1], at, opaque=pair.opaque)
        beside = conditions(pair.old), conditions(pair.new)
        if any(beside):
            self._enqueue(beside[0], beside[1], pair.pointer, opaque=pair.opaque)

    def _unknown(self, keyword: str, old: Schema, new: Schema, pointer: str) -> Iterator[Change]:
        before, after = text_of(old, keyword), text_of(new, keyword)
        # What is referred to by what is in force at that moment can be anywhere in the document.
        if before != after or (keyword in DYNAMIC and self._differ()):
            message = f"{_place(pointer)}: {quoted(keyword)} changed, which is not compared"
            yield self._change("schema-undecided", join_pointer(pointer, keyword), message, before, after)
            return
        # The words are the same; what they refer to may have changed.
        for was, now in zip(references_in(old[keyword]), references_in(new[keyword]), strict=True):
            self._enqueue({"$ref": was}, {"$ref": now}, join_pointer(pointer, keyword), opaque=True)

    def _types(self, old: Schema, new: Schema, pointer: str) -> Iterator[Change]:
        before, after = types_of(old), types_of(new)
        if before == after:
            return
        gone, come = not before <= after, not after <= before
        kind = "changed" if gone and come else "narrowed" if gone else "widened"
        words = _type_words(before), _type_words(after)
        message = f"{_place(pointer)}: the type is {words[1]} and was {words[0]}"
        yield self._change(f"schema-type-{kind}", f"{pointer}/type", message, *words)

    def _values(self, old: Schema, new: Schema, pointer: str) -> Iterator[Change]:
        before, after = values_of(old), values_of(new)
        if before is None or after is None:
            if before is not after:
                kind = "limited" if before is None else "unlimited"
                words = ["" if side is None else ", ".join(sorted(side)) for side in (before, after)]
                message = f"{_place(pointer)}: {'only certain' if before is None else 'all'} values are admitted now"
                yield self._change(f"schema-values-{kind}", f"{pointer}/enum", message, *words)
            return
        for value in sorted(before - after):
            message = f"{_place(pointer)}: the value {quoted(value)} is gone"
            yield self._change("schema-value-removed", join_pointer(f"{pointer}/enum", value), message, value, "")
        for value in sorted(after - before):
            message = f"{_place(pointer)}: the value {quoted(value)} is new"
            yield self._change("schema-value-added", join_pointer(f"{pointer}/enum", value), message, "", value)

    def _limits(self, old: Schema, new: Schema, pointer: str) -> Iterator[Change]:
        for keyword in (*LOWER, *UPPER):
            none = LOWER.get(keyword)
            was, now = old.get(keyword, none), new.get(keyword, none)
            if was == now:
                continue
            up = was is None or (now is not None and now > was)
            tight = now is not None and (was is None or up == (keyword in LOWER))
            yield self._limit(keyword, tight, old, new, pointer)
        was, now = (bool(side.get("uniqueItems")) for side in (old, new))
        if was != now:
            yield self._limit("uniqueItems", now, old, new, pointer)
        was, now = old.get("multipleOf"), new.get("multipleOf")
        if was != now:
            if was is None or now is None or _divides(was, now) or _divides(now, was):
                tight = now is not None and (was is None or _divides(was, now))
                yield self._limit("multipleOf", tight, old, new, pointer)
            else:
                yield from self._unknown("multipleOf", old, new, pointer)

    def _limit(self, keyword: str, tight: bool, old: Schema, new: Schema, pointer: str) -> Change:
        before, after = text_of(old, keyword), text_of(new, keyword)
        message = f"{_place(pointer)}: {keyword} is {_said(after)} and was {_said(before)}"
        rule = "schema-limit-tightened" if tight else "schema-limit-loosened"
        return self._change(rule, f"{pointer}/{keyword}", message, before, after)

    def _patterns(self, old: Schema, new: Schema, pointer: str) -> Iterator[Change]:
        for keyword in ("pattern", "format"):
            was, now = old.get(keyword, ""), new.get(keyword, "")
            if was != now:
                kind = "changed" if was and now else "added" if now else "removed"
                message = f"{_place(pointer)}: the {keyword} is {_said(now)} and was {_said(was)}"
                yield self._change(f"schema-pattern-{kind}", f"{pointer}/{keyword}", message, was, now)

    def _properties(self, old: Schema, new: Schema, pair: _Pair) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        needed_before, needed_after = set(old.get("required", ())), set(new.get("required", ()))
        closed = any(old.get(keyword, True) not in (True, {}) for keyword in ("additionalProperties", *CLOSING))
        for name in sorted({*before, *after}):
            at = join_pointer(f"{pair.pointer}/properties", name)
            if name not in after:
                message = f"{_place(pair.pointer)}: the property {quoted(name)} is gone"
                yield self._change("schema-property-removed", at, message, canonical(before[name]), "")
            elif name not in before:
                must = name in needed_after
                rule = "-required" if must else "-to-closed" if closed else ""
                if must and closed and self._side == "output":
                    rule = "-to-closed"
                message = f"{_place(pair.pointer)}: the property {quoted(name)} is new"
                message += " and must be given" if must and self._side != "output" else ""
                yield self._change(f"schema-property-added{rule}", at, message, "", canonical(after[name]))
            else:
                self._enqueue(before[name], after[name], at, opaque=pair.opaque)
        for name in sorted(needed_before ^ needed_after):
            if (name in before) != (name in after):
                continue
            must = name in needed_after
            words = ("can be absent", "must be there") if must else ("must be there", "can be absent")
            message = f"{_place(pair.pointer)}: the property {quoted(name)} {words[1]}"
            at = join_pointer(f"{pair.pointer}/required", name)
            yield self._change(f"schema-required-{'added' if must else 'removed'}", at, message, *words)

    def _others(self, old: Schema, new: Schema, pair: _Pair) -> Iterator[Change]:
        """Compare what is said of properties that are not named."""
        was, now = old.get("additionalProperties", True), new.get("additionalProperties", True)
        at = f"{pair.pointer}/additionalProperties"
        if was is not False and now is not False:
            if was is not True or now is not True:
                self._enqueue(was, now, at, opaque=pair.opaque)
        elif was is not now:
            rule, words = ("closed", "admits no other properties") if now is False else ("opened", "admits others")
            message = f"{_place(pair.pointer)}: it {words} now"
            yield self._change(f"schema-{rule}", at, message, canonical(was), canonical(now))

    def _all_of(self, old: Schema, new: Schema, pair: _Pair) -> Iterator[Change]:
        at = f"{pair.pointer}/allOf"
        both, gone, come = matched(old.get("allOf", []), new.get("allOf", []))
        if len(gone) == len(come) == 1:
            both, gone, come = [*both, (gone[0], come[0])], [], []
        for was, now in both:
            self._enqueue(was, now, at, opaque=pair.opaque)
        if gone and come:
            message = f"{_place(pair.pointer)}: several conditions of allOf changed"
            yield self._change("schema-undecided", at, message, canonical(gone), canonical(come))
            return
        for schema in gone:
            message = f"{_place(pair.pointer)}: a condition need not hold any more"
            yield self._change("schema-condition-removed", at, message, canonical(schema), "")
        for schema in come:
            message = f"{_place(pair.pointer)}: a further condition must hold"
            yield self._change("schema-condition-added", at, message, "", canonical(schema))

    def _alternatives(self, keyword: str, old: Schema, new: Schema, pair: _Pair) -> Iterator[Change]:
        at = f"{pair.pointer}/{keyword}"
        was, now = old.get(keyword), new.get(keyword)
        if was is None or now is None:
            if was is not now:
                kind = "added" if was is None else "removed"
                words = "a further condition must hold" if was is None else "a condition need not hold any more"
                before, after = ("" if side is None else canonical(side) for side in (was, now))
                message = f"{_place(pair.pointer)}: {words} ({keyword})"
                yield self._change(f"schema-condition-{kind}", at, message, before, after)
            return
        both, gone, come = matched(was, now)
        # Of oneOf exactly one form may fit: where two could, a wider form can refuse what fitted one before.
        one_fits = keyword == "anyOf" or (apart(self._old, was) and apart(self._new, now))
        if len(gone) == len(come) == 1:
            both, gone, come = [*both, (gone[0], come[0])], [], []
        for left, right in both:
            self._enqueue(left, right, at, opaque=pair.opaque or not one_fits)
        if (gone and come) or ((gone or come) and not one_fits):
            message = f"{_place(pair.pointer)}: the forms of {keyword} changed"
            yield self._change("schema-alternatives-changed", at, message, canonical(was), canonical(now))
            return
        for schema in gone:
            message = f"{_place(pair.pointer)}: the form {quoted(_name(schema))} is admitted no more"
            yield self._change("schema-alternative-removed", at, message, canonical(schema), "")
        for schema in come:
            message = f"{_place(pair.pointer)}: the form {quoted(_name(schema))} is admitted as well"
            yield self._change("schema-alternative-added", at, message, "", canonical(schema))


def _split(old: Schema, new: Schema) -> tuple[set[str], list[str]]:
    """Return the keywords that are known on both sides, and those that are not on one; annotations are neither."""
    every = sorted(key for key in {*old, *new} if not is_annotation(key))
    known = {
        key for key in every if key in KNOWN and all(key not in side or KNOWN[key](side[key]) for side in (old, new))
    }
    return known, [key for key in every if key not in known]


def _type_words(types: frozenset[str]) -> str:
    if len(types) == len(TYPES):
        return "any"
    return " or ".join(sorted(types - {"integer"} if "number" in types else types)) or "nothing"


def _divides(small: float, large: float) -> bool:
    """Tell whether every multiple of `large` is one of `small`; of fractions nothing is said."""
    return isinstance(small, int) and isinstance(large, int) and small > 0 and large % small == 0


def _same_name(old: str, new: str) -> bool:
    return canonical(old) == canonical(new)


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
    return canonical(schema)
