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
from typing import Any, Union, get_args, get_origin, get_type_hints

type_hints = cache(get_type_hints)
_SCALARS = frozenset({str, int, float, bool, type(None)})


def to_json(value: object) -> Any:
    """Return `value` (a noun, enum, tuple or JSON scalar) as JSON types. Raise TypeError for anything else."""
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is tuple:
        return [to_json(item) for item in value]  # type: ignore[attr-defined]
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        said = {}
        for name, default in _defaults(type(value)):
            item = getattr(value, name)
            if item != default:
                said[name] = item if type(item) in _SCALARS else to_json(item)
        return said
    raise TypeError(f"no JSON form for {kind.__name__}")


@cache
def _defaults(kind: type) -> tuple[tuple[str, object], ...]:
    """Return the fields of a noun with their defaults; MISSING, which equals nothing, for one that has none."""
    return tuple((field.name, field.default) for field in fields(kind))


def from_json(kind: Any, data: object, *, at: str = "") -> Any:
    """Return the noun of type `kind` that `data` describes; raise ValueError that names the place `at`."""
    try:
        return _reader(kind)(data)
    except (ValueError, TypeError, KeyError):
        # Read once more, slowly, to say where it goes wrong.
        return _placed(kind, data, at)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return what reads `kind` as `_placed` does, prepared once, without knowing its place."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = type_hints(kind)
        parts = {field.name: _reader(hints[field.name]) for field in fields(kind)}

        def noun(data: Any) -> Any:
            return kind(**{name: parts[name](item) for name, item in _only(dict, data).items()})

        return noun
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        each = _reader(args[0])
        return lambda data: tuple([each(item) for item in _only(list, data)])
    if origin is tuple:
        some = [_reader(part) for part in args]
        return lambda data: tuple([read(item) for read, item in zip(some, _only(list, data), strict=True)])
    if origin in (Union, types.UnionType):
        option = _reader(next(option for option in args if option is not type(None)))
        return lambda data: None if data is None else option(data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if kind in (str, int, bool):
        return partial(_only, kind)
    raise TypeError(f"no JSON form for {kind}")


def _only(kind: type, data: Any) -> Any:
    if type(data) is not kind:
        raise ValueError
    return data


def _placed(kind: Any, data: object, at: str) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        return _noun(kind, data, at)
    origin = get_origin(kind)
    if origin is tuple:
        return _tuple(get_args(kind), data, at)
    if origin in (Union, types.UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        return None if data is None else _placed(options[0], data, at)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if kind is bool and isinstance(data, bool):
        return data
    if kind in (str, int) and type(data) is kind:
        return data
    raise ValueError(f"{at or 'record'}: expected {getattr(kind, '__name__', kind)}, found {type(data).__name__}")


def _noun(kind: type, data: object, at: str) -> Any:
    if not isinstance(data, dict):
        raise ValueError(f"{at or 'record'}: expected an object for {kind.__name__}")
    hints = type_hints(kind)
    known = {field.name for field in fields(kind)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise ValueError(f"{at or 'record'}: unknown {unknown[0]!r} for {kind.__name__}")
    try:
        return kind(**{name: _placed(hints[name], item, f"{at}/{name}") for name, item in data.items()})
    except TypeError as error:
        raise ValueError(f"{at or 'record'}: {error}") from error


def _tuple(args: tuple[Any, ...], data: object, at: str) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise ValueError(f"{at or 'record'}: expected a list")
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(_placed(args[0], item, f"{at}/{index}") for index, item in enumerate(data))
    if len(args) != len(data):
        raise ValueError(f"{at or 'record'}: expected {len(args)} items, found {len(data)}")
    return tuple(
        _placed(kind, item, f"{at}/{index}") for index, (kind, item) in enumerate(zip(args, data, strict=True))
    )
