"""The key of a page: the digest of exactly the view it is rendered from.

A view is nouns, tuples and plain values. Besides the view a template may ask one thing of the catalog: whether there is
a page for a name that stands in the view, and what hangs on that (`Lookup.names`). So the key is of the view's values,
and of what the catalog knows of each word in it; two equal keys of one template mean equal bytes.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any

from chora_catalog.model.catalog import Edge, Entry, SourceView
from chora_catalog.model.manifest import Manifest
from chora_catalog.render.pages.lookup import EdgeView

_PLAIN = frozenset({int, bool, float, type(None)})
_SHARED = frozenset({Edge, EdgeView, Entry, Manifest, SourceView})
"""Nouns that stand in several views: each is read once."""


class ViewKeys:
    """Makes the keys of one catalog's views.

    `names` says what the catalog knows of a name, `base` stands for everything that all pages share.
    """

    def __init__(self, names: Mapping[str, tuple[str, ...]], base: str) -> None:
        self._names = names
        self._base = base
        self._seen: dict[int, tuple[object, str, frozenset[str]]] = {}

    def key(self, view: object, *about: str) -> str:
        """Return the key (hex) of `view`; `about` tells pages apart that show it differently.

        Raises TypeError for a value that is neither noun nor plain: its key could be that of another.
        """
        words: set[str] = set()
        plain = self._plain(view, words)
        known = [(word, self._names[word]) for word in sorted(words & self._names.keys())]
        return _digest((self._base, about, known, plain))

    def _plain(self, value: Any, words: set[str]) -> Any:
        """Return `value` as nested tuples of plain values, equal for equal values alone; add the words in it."""
        kind: type = type(value)
        if kind is str:
            words.add(value)
            return value
        if kind in _PLAIN:
            return value
        if kind is tuple:
            return self._all_plain(value, words)
        if kind in _SHARED:
            return self._shared(kind, value, words)
        if kind is dict:
            return tuple([(self._plain(key, words), self._plain(item, words)) for key, item in value.items()])
        if isinstance(value, Enum):
            return self._plain(value.value, words)
        return (kind.__qualname__, self._all_plain(_reader(kind)(value), words))

    def _all_plain(self, values: tuple[Any, ...], words: set[str]) -> tuple[Any, ...]:
        # A loop of its own, because nearly all values are words or numbers, and a call for each would double the cost.
        made = []
        for value in values:
            kind = type(value)
            if kind is str:
                words.add(value)
            elif kind is tuple:
                value = self._all_plain(value, words) if value else value
            elif kind not in _PLAIN:
                value = self._plain(value, words)
            made.append(value)
        return tuple(made)

    def _shared(self, kind: type, value: object, words: set[str]) -> str:
        """Return the digest of a noun that stands in several views. It is held, so that its id stays its own."""
        seen = self._seen.get(id(value))
        if seen is None:
            inside: set[str] = set()
            digest = _digest((kind.__qualname__, self._all_plain(_reader(kind)(value), inside)))
            seen = self._seen[id(value)] = (value, digest, frozenset(inside & self._names.keys()))
        words |= seen[2]
        return seen[1]


def _digest(plain: Any) -> str:
    # Version 0 writes values alone, and not which of them are the same object: its bytes are equal where they are.
    return hashlib.sha256(marshal.dumps(plain, 0)).hexdigest()


@cache
def _reader(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives all the fields of a noun; its own `repr` would leave some out."""
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__qualname__} is no part of a view")
    names = [field.name for field in fields(kind)]
    if len(names) == 1:
        one = attrgetter(names[0])
        return lambda value: (one(value),)
    return attrgetter(*names)
