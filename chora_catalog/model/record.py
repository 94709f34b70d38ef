"""Nouns to JSON values and back, strictly: what was written is what is read, and anything else is refused.

Fields that hold their default are left out, so that a record says only what it knows and a new optional field changes
no older record.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache, partial
from operator import attrgetter
from typing import Any, Union, get_args, get_origin, get_type_hints

type_hints = cache(get_type_hints)
_SCALARS = frozenset({str, int, float, bool, type(None)})
_WORDS = {dict: "an object", list: "a list", str: "text", int: "a whole number", bool: "true or false"}


def to_json(value: object) -> Any:
    """Return `value` (a noun, enum, tuple or JSON scalar) as JSON types. Raise TypeError for anything else."""
    kind: Any = type(value)
    return value if kind in _SCALARS else _writer(kind)(value)


@cache
def _writer(kind: type) -> Callable[[Any], Any]:
    """Return what gives the JSON types for a value of `kind`, which is no scalar."""
    if kind is tuple:
        return lambda value: [item if type(item) in _SCALARS else to_json(item) for item in value]
    if issubclass(kind, Enum):
        return attrgetter("value")
    if not is_dataclass(kind):
        raise TypeError(f"no JSON form for {kind.__name__}")
    # The default of a field that has none is MISSING, which equals nothing.
    rows = [(field.name, field.default) for field in fields(kind)]

    def write(noun: Any) -> dict[str, Any]:
        said = {}
        for name, default in rows:
            item = getattr(noun, name)
            if item is not default and item != default:
                said[name] = item if type(item) in _SCALARS else to_json(item)
        return said

    return write


def from_json(kind: Any, data: object, *, at: str = "") -> Any:
    """Return the noun of type `kind` that `data` describes; raise ValueError that names the place `at`."""
    try:
        return _reader(kind)(data)
    except _Misfit as misfit:
        place = "/".join([at or "record", *reversed(misfit.path)])
        raise ValueError(f"{place}: {misfit}") from None


class _Misfit(Exception):  # noqa: N818  (the error is made of it)
    """A value that does not fit; `path` gathers where it stands, innermost first."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.path: list[str] = []

    def below(self, name: str) -> _Misfit:
        """Return it as it is seen from outside of the field or item `name`."""
        self.path.append(name)
        return self


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return what reads values of `kind`, prepared once; it raises _Misfit."""
    if is_dataclass(kind) and isinstance(kind, type):
        return _noun_reader(kind)
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _list_reader(args[0]) if len(args) == 2 and args[1] is Ellipsis else _row_reader(args)
    if origin in (Union, types.UnionType):
        option = _reader(next(option for option in args if option is not type(None)))
        return lambda data: None if data is None else option(data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return partial(_member, kind)
    if kind in (str, int, bool):
        return partial(_only, kind)
    raise TypeError(f"no JSON form for {kind}")


def _noun_reader(kind: type) -> Callable[[Any], Any]:
    hints = type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}

    def read(data: Any) -> Any:
        said = {}
        for name, item in _only(dict, data).items():
            if name not in readers:
                raise _Misfit(f"unknown {name!r} for {kind.__name__}")
            try:
                said[name] = readers[name](item)
            except _Misfit as misfit:
                raise misfit.below(name) from None
        try:
            return kind(**said)
        except TypeError as error:
            raise _Misfit(str(error)) from None

    return read


def _list_reader(kind: Any) -> Callable[[Any], Any]:
    each = _reader(kind)

    def read(data: Any) -> Any:
        made: list[Any] = []
        try:
            for item in _only(list, data):
                made.append(each(item))  # noqa: PERF401  (how many were made says which one does not fit)
        except _Misfit as misfit:
            raise (misfit.below(str(len(made))) if type(data) is list else misfit) from None
        return tuple(made)

    return read


def _row_reader(kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
    readers = [_reader(kind) for kind in kinds]

    def read(data: Any) -> Any:
        if len(_only(list, data)) != len(readers):
            raise _Misfit(f"expected {len(readers)} items, found {len(data)}")
        return tuple([one(item) for one, item in zip(readers, data, strict=True)])

    return read


def _member(kind: type[Enum], data: Any) -> Any:
    try:
        return kind(data)
    except ValueError as error:
        raise _Misfit(str(error)) from None


def _only(kind: type, data: Any) -> Any:
    if type(data) is not kind:
        raise _Misfit(f"expected {_WORDS[kind]}, found {type(data).__name__}")
    return data
