"""The one way this project writes JSON: a field a line and an item a line, so that a change is a short diff."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

_text: Callable[[str], str] = json.encoder.encode_basestring
_make = getattr(json.encoder, "c_make_encoder", None)
_slowly = json.JSONEncoder(ensure_ascii=False).encode


def _refuse(value: object) -> object:
    raise TypeError(f"no JSON form for {type(value).__name__}")


# What `JSONEncoder.encode` makes anew for each value is made once here: a site has hundreds of thousands of lines.
# Where a Python has no such encoder, the way of its own gives the same bytes.
_chunks = _make and _make(None, _refuse, _text, None, ": ", ", ", False, False, True)


def _line(value: object) -> str:
    if type(value) is str:
        return _text(value)
    return "".join(_chunks(value, 0)) if _chunks else _slowly(value)


def json_bytes(value: object) -> bytes:
    """Return `value` (JSON types, keys are text) as UTF-8 with a newline at the end.

    An object stands with one field a line; a field that is a list or an object stands with one item a line; everything
    below stands on its line. Raises TypeError for what has no JSON form.
    """
    if not isinstance(value, dict) or not value:
        return f"{_line(value)}\n".encode()
    fields = ",\n".join(f" {_line(name)}: {_field(item)}" for name, item in value.items())
    return f"{{\n{fields}\n}}\n".encode()


def _field(value: Any) -> str:
    if isinstance(value, dict) and value:
        items = ",\n".join(f"  {_line(name)}: {_line(item)}" for name, item in value.items())
        return f"{{\n{items}\n }}"
    if isinstance(value, list) and value:
        items = ",\n".join(f"  {_line(item)}" for item in value)
        return f"[\n{items}\n ]"
    return _line(value)
