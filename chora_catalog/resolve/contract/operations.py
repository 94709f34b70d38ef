"""Two OpenAPI documents (3.0 or 3.1) -> what changed between their operations.

What a caller sends is an input, what is answered an output; their schemas are compared as such. Two paths are the same
when they differ in the names of their parameters alone. What is not known of an operation, such as its security, is
undecided where it changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from chora_catalog.model.change import Change
from chora_catalog.parse.reading import join_pointer, quoted
from chora_catalog.resolve.contract.json_schema import MAX_CHANGES, SchemaComparison
from chora_catalog.resolve.contract.json_schema_rules import BY_ID as SCHEMA_RULES
from chora_catalog.resolve.contract.operations_rules import BY_ID
from chora_catalog.resolve.contract.schema_document import Document, canonical

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NAME: Final = re.compile(r"\{([^{}/]*)\}")
_SAID: Final = frozenset(["summary", "description", "externalDocs", "tags", "deprecated", "example", "examples"])
"""Words for people, wherever they stand; nobody's program relies on them."""
_OF_DOCUMENT: Final = _SAID | {"openapi", "info", "paths", "components"}
_OF_PATH: Final = _SAID | {"parameters", *_METHODS}
_OF_OPERATION: Final = _SAID | {"parameters", "requestBody", "responses"}
_OF_PARAMETER: Final = _SAID | {"name", "in", "required", "schema"}
_OF_BODY: Final = _SAID | {"required", "content"}
_OF_RESPONSE: Final = _SAID | {"content"}
_OF_MEDIA: Final = _SAID | {"schema"}

_PARAMETERS: Final = "a list of parameters, none of them twice"

Parts = dict[str, Any]


def is_openapi(value: object) -> bool:
    """Tell whether a document says that it is one of OpenAPI, of whatever version."""
    return isinstance(value, dict) and ("openapi" in value or "swagger" in value)


def compare_operations(old: Any, new: Any) -> Iterator[Change]:
    """Yield what changed between two OpenAPI documents (JSON values), in no order that counts."""
    for told, change in enumerate(_Operations(old, new).all()):
        if told >= MAX_CHANGES:
            message = "the rest is not compared: more changed than is told"
            yield SCHEMA_RULES["schema-not-compared"].change("/paths", message, after=f"{MAX_CHANGES} changes")
            return
        yield change


class _Operations:
    def __init__(self, old: Any, new: Any) -> None:
        self.old, self.new = Document(root=old), Document(root=new)
        self.roots = (_parts(old), _parts(new))
        self.schemas = SchemaComparison(old, new)

    def all(self) -> Iterator[Change]:
        if not all(str(root.get("openapi", "")).startswith(("3.0", "3.1")) for root in self.roots):
            message = "only OpenAPI 3.0 and 3.1 are compared"
            yield SCHEMA_RULES["schema-not-compared"].change("/openapi", message, after="another version")
            return
        yield from self.unknown(*self.roots, _OF_DOCUMENT, "")
        listed = [root.get("paths", {}) for root in self.roots]
        yield from self.odd(listed, dict, "/paths")
        others = [
            {key: held for key, held in _parts(paths).items() if not key.startswith(("/", "x-"))} for paths in listed
        ]
        if any(others):
            yield from self.odd(others, type(None), "/paths")
        before, after = (_by_shape(_parts(paths)) for paths in listed)
        for shape in sorted({*before, *after}):
            was, now = before.get(shape, {}), after.get(shape, {})
            if len(was) < 2 and len(now) < 2:
                yield from self.path(next(iter(was.items()), ("", {})), next(iter(now.items()), ("", {})))
                continue
            # Which of them one that is named otherwise was before, nobody can tell.
            for path in sorted({*was, *now}):
                left, right = ((path, side[path]) if path in side else ("", {}) for side in (was, now))
                yield from self.path(left, right)

    def path(self, old: tuple[str, Any], new: tuple[str, Any]) -> Iterator[Change]:
        name = new[0] or old[0]
        pointer = join_pointer("/paths", name)
        yield from self.odd((old[1], new[1]), dict, pointer)
        was, now = self.resolved(self.old, old[1]), self.resolved(self.new, new[1])
        if (old[0] and new[0]) or "$ref" in was:
            yield from self.unknown(was, now, _OF_PATH, pointer)
        for method in _METHODS:
            if method not in was and method not in now:
                continue
            what = f"{method.upper()} {name}"
            if method not in now:
                message = f"the operation {quoted(what)} is gone"
                yield BY_ID["openapi-operation-removed"].change(
                    f"{pointer}/{method}", message, subject=what, before=what
                )
            elif method not in was:
                message = f"the operation {quoted(what)} is new"
                yield BY_ID["openapi-operation-added"].change(f"{pointer}/{method}", message, subject=what, after=what)
            else:
                yield from self.odd((was[method], now[method]), dict, f"{pointer}/{method}")
                sides = _parts(was[method]), _parts(now[method])
                yield from self.unknown(*sides, _OF_OPERATION, f"{pointer}/{method}")
                for held in ((was, now), sides):
                    yield from self.odd(
                        [side.get("parameters", []) for side in held], _PARAMETERS, f"{pointer}/{method}"
                    )
                parameters = (
                    self.parameters(self.old, old[0], was, sides[0]),
                    self.parameters(self.new, new[0], now, sides[1]),
                )
                yield from self.compare_parameters(*parameters, f"{pointer}/{method}", what)
                yield from self.body(*sides, f"{pointer}/{method}", what)
                yield from self.responses(*sides, f"{pointer}/{method}", what)

    def resolved(self, document: Document, value: Any) -> Parts:
        """Return what a value is, or what it refers to inside its document."""
        return document.flat(value) if isinstance(value, dict) else {}

    def parameters(self, document: Document, path: str, holder: Parts, operation: Parts) -> dict[str, Parts]:
        """Return the parameters of an operation and of its path, by place and name; in the path by order."""
        order = _NAME.findall(path)
        found: dict[str, Parts] = {}
        for listed in (holder.get("parameters"), operation.get("parameters")):
            for item in listed if isinstance(listed, list) else ():
                parameter = self.resolved(document, item)
                place, name = str(parameter.get("in")), str(parameter.get("name"))
                if place == "path":
                    name = str(order.index(name)) if name in order else name
                if place == "header":
                    name = name.lower()
                found[f"{place}:{name}"] = parameter
        return found

    def compare_parameters(
        self, old: dict[str, Parts], new: dict[str, Parts], pointer: str, what: str
    ) -> Iterator[Change]:
        for key in sorted({*old, *new}):
            at = join_pointer(f"{pointer}/parameters", key)
            was, now = old.get(key), new.get(key)
            shown = quoted(str((now or was or {}).get("name")))
            if was is None or now is None:
                must = now is not None and now.get("required") is True
                kind = "removed" if now is None else "required-added" if must else "added"
                words = {"removed": "is gone", "required-added": "is new and must be sent", "added": "is new"}[kind]
                message = f"the parameter {shown} of {quoted(what)} {words}"
                sides = ("" if was is None else key, "" if now is None else key)
                yield self.change(f"openapi-parameter-{kind}", at, message, what, *sides)
                continue
            yield from self.need("parameter", was, now, at, f"the parameter {shown} of {quoted(what)}", what)
            yield from self.unknown(was, now, _OF_PARAMETER, at)
            yield from self.schema(was, now, "input", at, what)

    def need(self, kind: str, old: Parts, new: Parts, pointer: str, words: str, what: str) -> Iterator[Change]:
        was, now = (side.get("required") is True for side in (old, new))
        if was != now:
            word, said = ("required", "must be sent") if now else ("optional", "can be left out")
            sides = ("required", "optional") if was else ("optional", "required")
            yield self.change(f"openapi-{kind}-became-{word}", pointer, f"{words} {said} now", what, *sides)

    def body(self, old: Parts, new: Parts, pointer: str, what: str) -> Iterator[Change]:
        at, words = f"{pointer}/requestBody", f"the body of {quoted(what)}"
        yield from self.odd([side.get("requestBody", {}) for side in (old, new)], dict, at)
        was = self.resolved(self.old, old["requestBody"]) if "requestBody" in old else None
        now = self.resolved(self.new, new["requestBody"]) if "requestBody" in new else None
        if was is None or now is None:
            if now is not None:
                must = now.get("required") is True
                kind = "required-added" if must else "added"
                message = f"{words} is new{' and must be sent' if must else ''}"
                yield self.change(f"openapi-body-{kind}", at, message, what, "", "required" if must else "optional")
            elif was is not None:
                before = "required" if was.get("required") is True else "optional"
                yield self.change("openapi-body-removed", at, f"{words} is gone", what, before, "")
            return
        yield from self.need("body", was, now, at, words, what)
        yield from self.unknown(was, now, _OF_BODY, at)
        yield from self.content(was, now, "input", at, what)

    def responses(self, old: Parts, new: Parts, pointer: str, what: str) -> Iterator[Change]:
        yield from self.odd([side.get("responses", {}) for side in (old, new)], dict, f"{pointer}/responses")
        before, after = _parts(old.get("responses")), _parts(new.get("responses"))
        for code in sorted({*before, *after}):
            if code.startswith("x-"):
                continue
            at = join_pointer(f"{pointer}/responses", code)
            if code not in after:
                message = f"the answer {quoted(code)} of {quoted(what)} is gone"
                yield self.change("openapi-response-removed", at, message, what, code, "")
            elif code not in before:
                message = f"the answer {quoted(code)} of {quoted(what)} is new"
                yield self.change("openapi-response-added", at, message, what, "", code)
            else:
                yield from self.odd((before[code], after[code]), dict, at)
                was, now = self.resolved(self.old, before[code]), self.resolved(self.new, after[code])
                yield from self.unknown(was, now, _OF_RESPONSE, at)
                yield from self.content(was, now, "output", at, what)

    def content(self, old: Parts, new: Parts, side: str, pointer: str, what: str) -> Iterator[Change]:
        yield from self.odd([side.get("content", {}) for side in (old, new)], dict, f"{pointer}/content")
        before, after = _parts(old.get("content")), _parts(new.get("content"))
        for kind in sorted({*before, *after}):
            at = join_pointer(f"{pointer}/content", kind)
            if kind not in after:
                message = f"the media type {quoted(kind)} of {quoted(what)} is gone"
                yield self.change("openapi-media-type-removed", at, message, what, kind, "")
            elif kind not in before:
                message = f"the media type {quoted(kind)} of {quoted(what)} is new"
                yield self.change("openapi-media-type-added", at, message, what, "", kind)
            else:
                yield from self.odd((before[kind], after[kind]), dict, at)
                was, now = _parts(before[kind]), _parts(after[kind])
                yield from self.unknown(was, now, _OF_MEDIA, at)
                yield from self.schema(was, now, side, at, what)

    def schema(self, old: Parts, new: Parts, side: str, pointer: str, what: str) -> Iterator[Change]:
        was, now = old.get("schema", {}), new.get("schema", {})
        yield from self.schemas.schemas(was, now, side=side, pointer=f"{pointer}/schema", subject=what)

    def unknown(self, old: Parts, new: Parts, known: frozenset[str], pointer: str) -> Iterator[Change]:
        """Compare what is not known as a schema compares a keyword that it does not know: a difference is undecided."""
        left = [_rest(side, known) for side in (old, new)]
        if any(left):
            yield from self.schemas.schemas(*left, side="", pointer=pointer)

    @staticmethod
    def odd(sides: Sequence[Any], form: type | str, pointer: str) -> Iterator[Change]:
        """Say that nobody can tell what changed where one of two values has not the form that it should have."""
        old, new = sides
        if old != new and not (_has_form(old, form) and _has_form(new, form)):
            message = "what stands here has not the form that it has in OpenAPI"
            yield SCHEMA_RULES["schema-not-compared"].change(
                pointer, message, before=canonical(old), after=canonical(new)
            )

    @staticmethod
    def change(rule: str, pointer: str, message: str, subject: str, before: str, after: str) -> Change:
        return BY_ID[rule].change(pointer, message, subject=subject, before=before, after=after)


def _rest(value: Parts, known: frozenset[str]) -> Parts:
    return {key: held for key, held in value.items() if key not in known and not key.startswith("x-")}


def _parts(value: Any) -> Parts:
    return value if isinstance(value, dict) else {}


def _has_form(value: Any, form: type | str) -> bool:
    if form != _PARAMETERS:
        return isinstance(value, form) if isinstance(form, type) else False
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return False
    named = [(str(item["in"]), str(item["name"])) for item in value if "in" in item and "name" in item]
    return len(named) == len(set(named))


def _by_shape(paths: Parts) -> dict[str, dict[str, Any]]:
    """Return the paths and their operations by the path without the names of its parameters."""
    found: dict[str, dict[str, Any]] = {}
    for path, held in paths.items():
        if path.startswith("/"):
            found.setdefault(_NAME.sub("{}", path), {})[path] = held
    return found
