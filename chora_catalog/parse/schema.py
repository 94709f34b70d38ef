"""Documents against the published JSON Schemas, as findings in plain words; the only module that imports jsonschema.

The schemas use four annotations of ours, each without meaning to other validators:
`x-unknown: "warning"` report keys that `properties` does not name; `x-words: "warning"` report a word that is not in
`examples`; `x-checked-by: RULE` the form is judged by that rule, which says more than `pattern` could;
`x-form` the form that `pattern` asks for, in words. `x-format: "instant"` is a date or an RFC 3339 time.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from chora_catalog.model.finding import Edit, Finding, Severity, sort_findings
from chora_catalog.parse.instants import has_offset, is_date, moment
from chora_catalog.parse.reading import MAX_FINDINGS, Reading, field_name, join_pointer, quoted, split_pointer, too_many

_SUFFIX = ".schema.json"
_LONGEST_COMPARED = 64
_FORMATS = FormatChecker(formats=())
_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "empty",
}
_RULES: dict[str, str] = {
    "required": "schema-required",
    "dependentRequired": "schema-required",
    "type": "schema-type",
    "enum": "schema-enum",
    "const": "schema-enum",
    "x-words": "schema-enum",
    "pattern": "schema-pattern",
    "format": "schema-format",
    "x-format": "schema-format",
    "x-unknown": "schema-unknown-key",
    "minimum": "schema-range",
    "maximum": "schema-range",
    "minLength": "schema-range",
    "maxLength": "schema-range",
    "minItems": "schema-range",
    "maxItems": "schema-range",
    "minProperties": "schema-range",
    "maxProperties": "schema-range",
}
_LIMITS = {
    "minimum": "it must be at least {limit}",
    "maximum": "it must be at most {limit}",
    "minLength": "it must have at least {limit} characters, and has {size}",
    "maxLength": "it may have at most {limit} characters, and has {size}",
    "minItems": "it must have at least {limit} entries, and has {size}",
    "maxItems": "it may have at most {limit} entries, and has {size}",
    "minProperties": "it must have at least {limit} keys, and has {size}",
    "maxProperties": "it may have at most {limit} keys, and has {size}",
}
_FORMS = {
    "date": ("a date", "2026-01-31"),
    "date-time": ("a time with an offset", "2026-01-31T12:00:00Z"),
    "instant": ("a date or a time", "2026-01-31 or 2026-01-31T12:00:00Z"),
}
_WARNINGS = frozenset(["x-unknown", "x-words"])
_ANNOTATIONS = frozenset(["description"])
_Keyword = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]


class _Validators(dict[str, Any]):
    """The compiled validator of each schema, by name; one is compiled when it is first asked for.

    A source has manifests of one dialect, seldom of two, and there is a schema for each.
    """

    def __init__(self, documents: Mapping[str, Any]) -> None:
        super().__init__()
        resources = [(name + _SUFFIX, DRAFT202012.create_resource(schema)) for name, schema in documents.items()]
        self.documents = documents
        self.registry: Registry[Any] = Registry().with_resources(resources)
        self.whole: dict[int, _Schema] = {}

    def __missing__(self, name: str) -> Any:
        schema = _inlined(self.documents[name], self.registry.resolver(name + _SUFFIX), self.whole)
        made = self[name] = _Validator(schema, registry=Registry(), format_checker=_FORMATS)
        return made


class Schemas:
    """One validator for each schema, with no way to fetch another.

    It is pickled as the files it was compiled from, and compiled from them once in each process.
    """

    def __init__(self, documents: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
        """Keep the schemas by name (`capability`, `star`, ...) and the files they were read from."""
        self._validators = _Validators(documents)
        self._files = tuple(sorted(files.items()))

    def __reduce__(self) -> tuple[Callable[..., Schemas], tuple[tuple[tuple[str, bytes], ...]]]:
        """Return how to make it again elsewhere."""
        return _compiled_again, (self._files,)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that `check` knows, sorted."""
        return tuple(sorted(self._validators.documents))

    def check(self, reading: Reading, name: str, *, at: str = "") -> tuple[Finding, ...]:
        """Return what schema `name` (with or without `.schema.json`) says of the value at JSON pointer `at`.

        A reading that failed is checked as far as it was understood. Raises KeyError for a schema that is not there.
        """
        validator = self._validators[name.removesuffix(_SUFFIX)]
        if not reading.ok and reading.partial is None:
            return ()
        value = reading.value if reading.ok else reading.partial
        for segment in split_pointer(at):
            value = value[int(segment)] if isinstance(value, list) else value[segment]
        # Errors first: a flood of unknown keys must not hide that the document is wrong.
        errors = sorted(validator.iter_errors(value), key=lambda error: error.validator in _WARNINGS)
        findings = [_finding(error, reading, at) for error in errors[:MAX_FINDINGS]]
        if len(errors) > MAX_FINDINGS:
            findings.append(too_many(findings[-1].place))
        return sort_findings(findings)


def compile_schemas(files: Mapping[str, bytes]) -> Schemas:
    """Return the schemas of `files` (name to JSON bytes), ready to check documents.

    References resolve among these files only. Raises ValueError when a file is no JSON.
    """
    documents = {name.removesuffix(_SUFFIX): json.loads(data) for name, data in sorted(files.items())}
    return Schemas(documents, files)


@cache
def _compiled_again(files: tuple[tuple[str, bytes], ...]) -> Schemas:
    return compile_schemas(dict(files))


@_FORMATS.checks("date")
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or (is_date(value) and moment(value) is not None)


@_FORMATS.checks("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or (has_offset(value) and moment(value) is not None)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # `$` of Python admits a final line break, that of JSON Schema does not.
    return re.compile(re.sub(r"\$(?=$|\))", r"\\Z", pattern))


class _Schema(dict[str, Any]):
    """A subschema, with the validator of the library for it and the library's functions for the keywords it has.

    The library by itself makes a validator for each value that it meets, which takes far longer than to judge it.
    """

    __slots__ = ("calls", "validator")

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.calls: tuple[tuple[_Keyword, Any], ...] = ()
        self.validator: Any = None

    def fits(self, near: Any, value: object) -> bool:
        """Tell whether `value` gives no error at all; `near` is the validator of a schema around this one."""
        if self.validator is None:
            self.validator = near.evolve(schema=self)
            self.calls = tuple((near.VALIDATORS[key], self[key]) for key in self if self._says(key, near.VALIDATORS))
        for call, wanted in self.calls:
            errors = call(self.validator, wanted, value, self)
            if errors is not None:
                for _ in errors:
                    return False
        return True

    def _says(self, key: str, known: Mapping[str, Any]) -> bool:
        """Tell whether the keyword `key` can ever give an error."""
        if key == "pattern":
            return "x-checked-by" not in self and "x-format" not in self
        if key == "patternProperties":
            return not all(below.keys() <= _ANNOTATIONS for below in self[key].values())
        return key in known


def _inlined(schema: Any, resolver: Any, whole: dict[int, _Schema]) -> Any:
    """Return `schema` with each reference replaced by what it names; `whole` holds what was made of which mapping."""
    if isinstance(schema, list):
        return [_inlined(item, resolver, whole) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if id(schema) in whole:
        return whole[id(schema)]
    target = None
    if isinstance(schema.get("$ref"), str):
        found = resolver.lookup(schema["$ref"])
        target = _inlined(found.contents, found.resolver, whole)
        if len(schema) == 1:
            return target
    made = whole[id(schema)] = _Schema()
    for key, value in schema.items():
        if key == "$ref" and target is not None:
            made["allOf"] = [target]
        else:
            made[key] = _inlined(value, resolver, whole)
    return made


# Values that fit are passed over; for all others the library says what is wrong.


def _properties(validator: Any, properties: Mapping[str, Any], value: object, _: Any) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for key, below in properties.items():
            if key in value and not below.fits(validator, value[key]):
                yield from validator.descend(value[key], below, path=key, schema_path=key)


def _items(validator: Any, below: _Schema, value: object, _: Any) -> Iterator[ValidationError]:
    if isinstance(value, list):
        for index, entry in enumerate(value):
            if not below.fits(validator, entry):
                yield from validator.descend(entry, below, path=index)


def _all_of(validator: Any, parts: list[_Schema], value: object, _: Any) -> Iterator[ValidationError]:
    for index, part in enumerate(parts):
        if not part.fits(validator, value):
            yield from validator.descend(value, part, schema_path=index)


def _if(validator: Any, condition: _Schema, value: object, schema: Any) -> Iterator[ValidationError]:
    branch = "then" if condition.fits(validator, value) else "else"
    if branch in schema and not schema[branch].fits(validator, value):
        yield from validator.descend(value, schema[branch], schema_path=branch)


def _pattern_properties(
    validator: Any, patterns: Mapping[str, _Schema], value: object, _: Any
) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for pattern, below in patterns.items():
            for key, entry in value.items():
                if _compiled(pattern).search(key) and not below.fits(validator, entry):
                    yield from validator.descend(entry, below, path=key, schema_path=pattern)


def _kind(validator: Any, kinds: str | list[str], value: object, schema: Any) -> Iterable[ValidationError] | None:
    if kinds == "string" and isinstance(value, str):
        return None
    return _library("type", validator, kinds, value, schema)


def _shortest(validator: Any, least: int, value: object, schema: Any) -> Iterable[ValidationError] | None:
    if isinstance(value, str) and len(value) >= least:
        return None
    return _library("minLength", validator, least, value, schema)


def _longest(validator: Any, most: int, value: object, schema: Any) -> Iterable[ValidationError] | None:
    if isinstance(value, str) and len(value) <= most:
        return None
    return _library("maxLength", validator, most, value, schema)


def _library(keyword: str, validator: Any, wanted: Any, value: object, schema: Any) -> Iterator[ValidationError]:
    errors: Iterator[ValidationError] = Draft202012Validator.VALIDATORS[keyword](validator, wanted, value, schema)
    return errors


def _pattern(_: Any, pattern: str, value: object, schema: Mapping[str, Any]) -> Iterable[ValidationError] | None:
    if not isinstance(value, str) or "x-checked-by" in schema or "x-format" in schema:
        return None
    # What is too long is told so, and no pattern runs over it.
    if len(value) > schema["maxLength"] or _compiled(pattern).search(value):
        return None
    return [ValidationError("pattern")]


def _instant(_: Any, __: str, value: object, ___: Mapping[str, Any]) -> Iterable[ValidationError] | None:
    return [ValidationError("x-format")] if isinstance(value, str) and moment(value) is None else None


def _words(_: Any, __: str, value: object, schema: Mapping[str, Any]) -> Iterable[ValidationError] | None:
    return [ValidationError("x-words")] if isinstance(value, str) and value not in schema["examples"] else None


def _required(_: Any, names: list[str], value: object, __: Mapping[str, Any]) -> Iterable[ValidationError] | None:
    return [ValidationError(name) for name in names if name not in value] if isinstance(value, dict) else None


def _unknown(_: Any, __: str, value: object, schema: Mapping[str, Any]) -> Iterable[ValidationError] | None:
    if not isinstance(value, dict) or value.keys() <= schema["properties"].keys():
        return None
    known = schema["properties"]
    patterns = [_compiled(pattern) for pattern in schema["patternProperties"]]
    return [
        ValidationError(key)
        for key in value
        if key not in known and not any(pattern.search(key) for pattern in patterns)
    ]


_extend: Any = extend
_Validator = _extend(
    Draft202012Validator,
    {
        "allOf": _all_of,
        "if": _if,
        "items": _items,
        "maxLength": _longest,
        "minLength": _shortest,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "properties": _properties,
        "required": _required,
        "type": _kind,
        "x-format": _instant,
        "x-unknown": _unknown,
        "x-words": _words,
    },
)


def _finding(error: ValidationError, reading: Reading, at: str) -> Finding:
    keyword = str(error.validator)
    pointer = join_pointer(at, *error.absolute_path)
    rule = _RULES.get(keyword, "schema-type")
    severity = Severity.WARNING if keyword in _WARNINGS else Severity.ERROR
    if keyword == "x-unknown":
        return _unknown_key(error, reading, pointer)
    if keyword in ("required", "dependentRequired"):
        message, hint = _missing(error, pointer)
        return reading.finding(rule, message, pointer, severity=severity, hint=hint, key=True)
    message, hint = _WORDS_FOR.get(rule, _other)(error, keyword)
    edit = _edit(error, keyword, reading, pointer)
    return reading.finding(rule, f"{field_name(pointer)} {message}", pointer, severity=severity, hint=hint, edit=edit)


def _edit(error: ValidationError, keyword: str, reading: Reading, pointer: str) -> Edit | None:
    """Return the correction where it is certain: a known word in another case, a number where text is asked for."""
    value: Any = error.instance
    if keyword == "x-words" and isinstance(error.schema, Mapping):
        lower = value.lower()
        return reading.edit(pointer, value, lower) if lower in error.schema["examples"] else None
    if keyword == "type" and error.validator_value == "string" and type(value) in (int, float):
        return reading.edit(pointer, value, json.dumps(value))
    return None


def _unknown_key(error: ValidationError, reading: Reading, pointer: str) -> Finding:
    key = error.message
    known = sorted(error.schema["properties"]) if isinstance(error.schema, Mapping) else []
    place = field_name(pointer)
    message = f"{quoted(key)} is not a known key" + (f" of {place}" if pointer else "") + "; it is kept and not used"
    near = did_you_mean(key, known)
    return reading.finding(
        "schema-unknown-key",
        message,
        join_pointer(pointer, key),
        severity=Severity.WARNING,
        hint=near or "Correct the spelling, or begin a key of your own with `x-`.",
        key=True,
    )


def did_you_mean(word: str, known: list[str]) -> str:
    """Return the sentence `Did you mean ...?` for the nearest of `known`, or empty text."""
    if len(word) > _LONGEST_COMPARED:
        return ""
    near = difflib.get_close_matches(word, known[:200], n=1, cutoff=0.7)
    return f"Did you mean {quoted(near[0])}?" if near else ""


def _missing(error: ValidationError, pointer: str) -> tuple[str, str]:
    name = error.message
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    about = schema.get("properties", {}).get(name, {}).get("description", "")
    where = f" in {field_name(pointer)}" if pointer else ""
    return f"{quoted(name)} is missing{where}", f"Add `{name}:`" + (f" ({about.rstrip('.')})." if about else ".")


def _type(error: ValidationError, _: str) -> tuple[str, str]:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    words = [_KINDS[str(kind)] for kind in wanted]
    asked = words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
    value = error.instance
    message = f"must be {asked}, and is {kind_of(value)}"
    form = error.schema.get("x-form") if isinstance(error.schema, Mapping) else None
    if form:
        return message, f"Write {form}."
    if "string" in wanted and isinstance(value, (bool, int, float)):
        written = json.dumps(value)
        return f"{message} ({written} without quotes)", f'Quote it: "{written}"'
    if value is None:
        return message, "Give it a value, or remove the line."
    return message, f"Write {asked} here."


def kind_of(value: object) -> str:
    """Name the JSON type of `value` as people do."""
    match value:
        case None:
            return "empty"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
    return "a mapping"


def _enum(error: ValidationError, keyword: str) -> tuple[str, str]:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    words = schema["examples"] if keyword == "x-words" else schema.get("enum", [schema.get("const")])
    kept = "; it is kept as written" if keyword == "x-words" else ""
    known = [str(word) for word in words]
    message = f"is {quoted(error.instance)}; the known words are {', '.join(known)}{kept}"
    near = did_you_mean(error.instance, known) if isinstance(error.instance, str) else ""
    return message, near or "Use one of the known words."


def _form(error: ValidationError, _: str) -> tuple[str, str]:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    form = schema.get("x-form", f"the pattern {schema.get('pattern', '')}")
    return f"is {quoted(error.instance)}, which is not {form}", f"Write {form}."


def _format(error: ValidationError, _: str) -> tuple[str, str]:
    what, example = _FORMS.get(str(error.validator_value), _FORMS["instant"])
    return f"is {quoted(error.instance)}, which is not {what} of the calendar", f"Write it as {example}."


def _range(error: ValidationError, keyword: str) -> tuple[str, str]:
    size = len(error.instance) if isinstance(error.instance, (str, list, dict)) else error.instance
    if size == 0 and keyword.startswith("min"):
        return "is empty", "Give it a value, or remove it."
    words = str(_LIMITS[keyword]).format(limit=error.validator_value, size=size)
    return f"is out of bounds: {words}", "Shorten it." if keyword.startswith("max") else "Give more."


def _other(error: ValidationError, keyword: str) -> tuple[str, str]:
    return f"does not fit the schema ({keyword})", "See the schema."


_WORDS_FOR = {
    "schema-type": _type,
    "schema-enum": _enum,
    "schema-pattern": _form,
    "schema-format": _format,
    "schema-range": _range,
}
