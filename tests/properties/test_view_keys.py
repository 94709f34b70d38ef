"""Keys of pages: two equal ones mean equal bytes, however the catalog around them changed.

A key that is too coarse costs time; one that is too fine leaves an old page standing, and nobody would see it. So each
part of a catalog is changed here by itself, and every page of it is looked at.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from chora_catalog.build.assemble import assemble
from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.model.catalog import Catalog
from chora_catalog.model.source import Outcome
from chora_catalog.render import site, templating
from chora_catalog.render.view_key import ViewKeys
from tests import sample_catalog

TEMPLATES = {path: data.decode() for path, data in read_folder(data_folder("templates") / "site").items()}
AS_OF = sample_catalog.INSTANT


def looked_at(catalog: Catalog, tool: str = "tool") -> dict[str, tuple[str, bytes]]:
    """The key and the bytes of every page that has a key."""
    found = {}
    for output in site.pages(catalog, TEMPLATES, tool=tool):
        if output.look is not None:
            look = output.look()
            found[output.path] = (look.key, look.make())
            assert look.key != ""
    return found


def changed() -> Iterator[tuple[str, Catalog]]:
    """The sample with one thing changed at a time: sources, manifests and their fields, records, the registry."""
    base = sample_catalog.gathered()

    def build(name: str, **what: Any) -> tuple[str, Catalog]:
        return name, assemble(replace(base, **what), as_of=AS_OF)

    for name in sorted(base.harvests):
        yield build(f"without {name}", harvests={key: item for key, item in base.harvests.items() if key != name})
        yield f"{name} is silent", sample_catalog.sample(silent=(name,))
        head = base.harvests[name].head
        for number, manifest in enumerate(head.manifests if head else ()):
            for field in fields(manifest):
                other = _other(getattr(manifest, field.name))
                if other is None or head is None:
                    continue
                manifests = [*head.manifests]
                manifests[number] = replace(manifest, **{field.name: other})
                harvest = replace(base.harvests[name], head=replace(head, manifests=tuple(manifests)))
                yield build(f"{name} {manifest.id} {field.name}", harvests={**base.harvests, name: harvest})
    for kind in ("signals", "decisions", "waivers"):
        records = getattr(base, kind)
        for number, record in enumerate(records):
            yield build(f"without {record.id}", **{kind: (*records[:number], *records[number + 1 :])})
            for field in fields(record):
                other = _other(getattr(record, field.name))
                if other is not None:
                    one = replace(record, **{field.name: other})
                    yield build(f"{record.id} {field.name}", **{kind: (*records[:number], one, *records[number + 1 :])})
    yield build("nothing is gone", gone_before=())
    yield build("with documents", has_docs=True)
    for field in fields(base.registry):
        other = _other(getattr(base.registry, field.name))
        if other is not None and field.name != "sources":
            yield build(f"registry {field.name}", registry=replace(base.registry, **{field.name: other}))
    for number, spec in enumerate(base.registry.sources):
        for field in fields(spec):
            other = _other(getattr(spec, field.name))
            if other is None or field.name == "name":
                continue
            one = replace(spec, **{field.name: other})
            chosen = (*base.registry.sources[:number], one, *base.registry.sources[number + 1 :])
            yield build(f"{spec.name} spec {field.name}", registry=replace(base.registry, sources=chosen))


def _other(value: Any) -> Any:
    """Another value of the same kind; None where there is no plain one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, Enum):
        return None
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return re.sub(r"[0-9](?=[^0-9]*$)", lambda digit: str((int(digit[0]) + 1) % 10), value) if value else "other"
    if isinstance(value, tuple) and value:
        return value[1:]
    return None


def test_equal_keys_mean_equal_bytes() -> None:
    """Over catalogs with one thing changed each; most of their pages keep their key. CHORA_KEYS=all takes every one."""
    step = 1 if os.environ.get("CHORA_KEYS") == "all" else 8
    seen: dict[tuple[str, str], tuple[str, bytes]] = {}
    kept = new = catalogs = 0
    for name, catalog in [("sample", sample_catalog.sample()), *islice(changed(), step // 2, None, step)]:
        catalogs += 1
        for path, (key, data) in looked_at(catalog).items():
            first = seen.setdefault((path, key), (name, data))
            assert first[1] == data, f"{path} has one key and other bytes: {first[0]}, and {name}"
            kept += first[0] != name
            new += first[0] == name
    assert catalogs * step > 300
    assert kept > 5 * new, "keys that always change save nothing"


def test_other_bytes_have_other_keys_and_equal_bytes_mostly_equal_ones() -> None:
    """A neighbour that changes its summary, which no page of others shows, leaves their keys alone."""
    base = sample_catalog.gathered()
    name = next(name for name, item in sorted(base.harvests.items()) if item.head and item.head.manifests)
    head = base.harvests[name].head
    assert head is not None
    one = replace(head.manifests[0], summary="Another summary.")
    harvest = replace(base.harvests[name], head=replace(head, manifests=(one, *head.manifests[1:])))
    other = assemble(replace(base, harvests={**base.harvests, name: harvest}), as_of=AS_OF)
    before, after = looked_at(sample_catalog.sample()), looked_at(other)
    differing = {path for path in before if before[path][0] != after[path][0]}
    assert f"capabilities/{one.id}.html" in differing
    assert all(one.id in path or name in path or path.startswith("owners/") for path in differing)


def test_another_tool_or_another_page_is_another_key() -> None:
    one, other = looked_at(sample_catalog.sample()), looked_at(sample_catalog.sample(), tool="newer")
    assert not {key for key, _ in one.values()} & {key for key, _ in other.values()}
    assert len({key for key, _ in one.values()}) == len(one)


def test_a_page_that_appears_changes_the_keys_of_those_that_would_link_to_it() -> None:
    """A decision that a manifest names comes to be: nothing of the capability changed, but its page now has a link."""
    base = sample_catalog.gathered()
    # Without a forge the link can lead to our own record alone.
    base = replace(base, registry=replace(base.registry, repository=""))
    name = next(name for name, item in sorted(base.harvests.items()) if item.head and item.head.manifests)
    head = base.harvests[name].head
    assert head is not None
    one = replace(head.manifests[0], adr_links=("DEC-NEW",))
    harvest = replace(base.harvests[name], head=replace(head, manifests=(one, *head.manifests[1:])))
    named = replace(base, harvests={**base.harvests, name: harvest})
    taken = replace(named, decisions=(*base.decisions, replace(base.decisions[0], id="DEC-NEW")))
    before, after = (looked_at(assemble(what, as_of=AS_OF)) for what in (named, taken))
    path = f"capabilities/{one.id}.html"
    assert before[path][1] != after[path][1]
    assert before[path][0] != after[path][0]


def test_without_a_tool_there_are_no_keys() -> None:
    assert all(output.look is None for output in site.pages(sample_catalog.sample(), TEMPLATES))


@pytest.mark.parametrize("make", [sample_catalog.sample, sample_catalog.hostile], ids=["sample", "hostile"])
def test_templates_ask_for_names_in_their_view_alone(make: Callable[[], Catalog], monkeypatch: Any) -> None:
    """Whatever a template asks of the catalog is a word of its view, which the key is made of."""
    asked: set[str] = set()
    views: list[object] = []
    real, key = templating._environment, ViewKeys.key

    def listening(*args: Any) -> Any:
        environment = real(*args)

        def heard(ask: Callable[[str], Any]) -> Callable[[str], Any]:
            def call(name: str) -> Any:
                asked.add(name)
                return ask(name)

            return call

        names = [name for name in environment.tests if name.endswith("_known")]
        assert {*environment.globals} - {*Environment().globals} == {
            "root",
            "catalog",
            "soft",
            "said",
            "broken",
            "kept",
            "m",
        }
        for name in names:
            environment.tests[name] = heard(environment.tests[name])
        environment.globals["kept"] = heard(environment.globals["kept"])
        return environment

    monkeypatch.setattr(templating, "_environment", listening)
    monkeypatch.setattr(templating._Macros, "KEPT", ())
    monkeypatch.setattr(ViewKeys, "key", lambda self, view, *about: views.append(view) or key(self, view, *about))
    pages = heard_of = 0
    for output in site.pages(make(), TEMPLATES, tool="tool"):
        if output.look is None:
            continue
        views.clear()
        look = output.look()
        asked.clear()
        look.make()
        words = set(_words(views[0]))
        assert asked <= words | {""}, f"{output.path}: {sorted(asked - words)}"
        heard_of += len(asked)
        pages += 1
    assert pages > 20
    assert heard_of > pages


def test_keyed_templates_read_the_catalog_in_no_other_way() -> None:
    """`catalog` is there for the few pages that are rendered each time; no keyed template may use it."""
    for name in sorted(site.KEYED):
        for text in _with_parts(f"{name}.html.j2"):
            assert not re.search(r"\bcatalog\s*[.\[|)]", text), name


def test_a_key_is_the_same_whatever_the_hash_seed() -> None:
    code = (
        "import hashlib\n"
        "from tests import sample_catalog\n"
        "from tests.properties.test_view_keys import looked_at\n"
        "keys = sorted((path, key) for path, (key, _) in looked_at(sample_catalog.sample()).items())\n"
        "print(hashlib.sha256(repr(keys).encode()).hexdigest())\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_a_value_that_is_no_part_of_a_view_is_refused() -> None:
    keys = ViewKeys({}, "base")
    for value in ({"a"}, [1], b"a", object()):
        with pytest.raises(TypeError):
            keys.key((value,))
    assert keys.key((Outcome.READ,)) == keys.key(("read",))


def test_values_that_are_told_apart_by_nobody_but_a_page_have_keys_of_their_own() -> None:
    """Each of these is printed differently, though Python holds some of them to be equal."""
    keys = ViewKeys({}, "base")
    values = (1, True, 1.0, "1", None, "", (), ("",), ("", ""), ((), ""), "a", "\ud800")
    assert len({keys.key((value,)) for value in values}) == len(values)


def test_a_key_does_not_tell_one_object_from_its_equal() -> None:
    keys = ViewKeys({}, "base")
    word = "".join(["a", "b"])
    assert keys.key((word, word)) == keys.key((word, "".join(["a", "b"])))


def _with_parts(name: str) -> Iterator[str]:
    """The text of a template and of all that it extends, includes or takes macros from."""
    waiting, seen = [name, "_macros.html.j2"], set()
    while waiting:
        part = waiting.pop()
        if part not in seen:
            seen.add(part)
            text = TEMPLATES[part]
            waiting += re.findall(r'{% (?:include|extends) "([^"]+)"', text)
            yield text


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, tuple):
        for item in value:
            yield from _words(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _words(key)
            yield from _words(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _words(getattr(value, field.name))
