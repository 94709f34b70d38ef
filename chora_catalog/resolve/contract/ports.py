"""Inputs and outputs: whoever uses a capability gives what its inputs ask for and reads what its outputs promise.

So the input side is contravariant (asking for more breaks) and the output side covariant (promising less breaks), as
in the substitution principle of Liskov and Wing (1994). Ports are compared by name. Their types are free text: that
one is narrower than another cannot be told from it, so a changed type breaks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, Protocol

from chora_catalog.model.change import Change
from chora_catalog.model.manifest import Manifest, Port
from chora_catalog.parse.reading import join_pointer, quoted
from chora_catalog.resolve.contract.documents import compare_named
from chora_catalog.resolve.contract.rule import ADDITION, BREAKING, UNDECIDED, ContractRule

_GIVERS: Final = "Everyone who calls the capability"
_READERS: Final = "Everyone who reads the output"
_INPUT_RULES: Final = (
    ContractRule(
        id="input-required-added",
        effect=BREAKING,
        summary="There is a new input that must be given.",
        breaks=f"{_GIVERS} as before does not give it, and is refused.",
        instead="Add it as `optional: true` with a default that keeps the old result; require it with the next major.",
        mirror="input-removed",
    ),
    ContractRule(
        id="input-optional-added",
        effect=ADDITION,
        summary="There is a new input that may be given.",
        breaks="Nobody: what was given before is still enough.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="input-removed",
    ),
    ContractRule(
        id="input-removed",
        effect=BREAKING,
        summary="An input is gone.",
        breaks="Everyone who gives it: they are refused, or what they say is ignored without a word.",
        instead="Keep it as `optional: true` and without effect until the next major, and say so in its description.",
        mirror="input-optional-added",
    ),
    ContractRule(
        id="input-became-required",
        effect=BREAKING,
        summary="An input that could be left out must be given.",
        breaks="Everyone who leaves it out.",
        instead="Keep `optional: true` and a default; require it with the next major.",
        mirror="input-became-optional",
    ),
    ContractRule(
        id="input-became-optional",
        effect=ADDITION,
        summary="An input that had to be given can be left out.",
        breaks="Nobody: whoever gives it may go on.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="input-became-required",
    ),
    ContractRule(
        id="input-type-changed",
        effect=BREAKING,
        summary="An input takes another type.",
        breaks="Everyone who gives what the old type says; that the new one admits it cannot be told from its name.",
        instead="Add a second, optional input of the new type and keep the old one until the next major; or keep the "
        "word and name a schema: it tells whether the new form admits the old one.",
        mirror="input-type-changed",
    ),
    ContractRule(
        id="input-type-declared",
        effect=UNDECIDED,
        summary="An input that did not say its type says one.",
        breaks="Nobody, if the type says what was always so; otherwise everyone who gives something else.",
        instead="Make sure that what was accepted before is still accepted, and say so where the change is reviewed.",
        mirror="input-type-withdrawn",
    ),
    ContractRule(
        id="input-type-withdrawn",
        effect=ADDITION,
        summary="An input does not say its type any more.",
        breaks="Nobody: no type admits all that the old one did.",
        instead="Say the type again where it is known: without it nobody can be told what breaks.",
        mirror="input-type-declared",
    ),
)
_OUTPUT_RULES: Final = (
    ContractRule(
        id="output-removed",
        effect=BREAKING,
        summary="An output is gone.",
        breaks=f"{_READERS}: there is nothing to read.",
        instead="Keep it beside what replaces it, announce the end with `deprecated_at` and `sunset_at`, and remove it "
        "with the next major after the sunset.",
        mirror="output-added",
    ),
    ContractRule(
        id="output-added",
        effect=ADDITION,
        summary="There is a new output.",
        breaks="Nobody: what was read before is still there.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="output-removed",
    ),
    ContractRule(
        id="output-became-optional",
        effect=BREAKING,
        summary="An output that was always there can be absent.",
        breaks=f"{_READERS} without asking whether it is there.",
        instead="Go on giving it, empty where there is nothing to say; make it optional with the next major.",
        mirror="output-became-required",
    ),
    ContractRule(
        id="output-became-required",
        effect=ADDITION,
        summary="An output that could be absent is always there.",
        breaks="Nobody: whoever copes without it copes with it.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="output-became-optional",
    ),
    ContractRule(
        id="output-type-changed",
        effect=BREAKING,
        summary="An output has another type.",
        breaks=f"{_READERS} as the old type; that the new one is a kind of it cannot be told from its name.",
        instead="Give the new type as a second output and keep the old one until the next major; or keep the word "
        "and name a schema: it tells whether the new form is a kind of the old one.",
        mirror="output-type-changed",
    ),
    ContractRule(
        id="output-type-declared",
        effect=ADDITION,
        summary="An output that did not say its type says one.",
        breaks="Nobody: more is promised than before.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="output-type-withdrawn",
    ),
    ContractRule(
        id="output-type-withdrawn",
        effect=UNDECIDED,
        summary="An output does not say its type any more.",
        breaks=f"{_READERS} as the type it had, unless it still is that.",
        instead="Say the type again; where it did change, give the new one as a second output.",
        mirror="output-type-declared",
    ),
)
_SCHEMA_RULES: Final = (
    ContractRule(
        id="port-type-renamed",
        effect=UNDECIDED,
        summary="The type of an input or output has another name, and a schema says on both sides what it is.",
        breaks="Nobody, if it is another name for the same form; otherwise whoever gives or reads the old form.",
        instead="Keep the word for the type, and let the schema say what is new.",
        mirror="port-type-renamed",
    ),
    ContractRule(
        id="port-schema-declared",
        effect=UNDECIDED,
        on_output=ADDITION,
        summary="An input or output names a schema for the first time.",
        breaks="Of an input: everyone who gives something that the schema refuses and that was accepted before.",
        instead="Make sure that what was accepted before fits the schema, and say so where the change is reviewed.",
        mirror="port-schema-withdrawn",
    ),
    ContractRule(
        id="port-schema-withdrawn",
        effect=ADDITION,
        on_output=UNDECIDED,
        summary="An input or output names no schema any more.",
        breaks="Of an output: everyone who reads it as the schema said, unless it still is that.",
        instead="Name the schema again; without it nobody can be told what breaks.",
        mirror="port-schema-declared",
    ),
    ContractRule(
        id="port-schema-unread",
        effect=UNDECIDED,
        summary="An input or output names a schema that was not read on one of the two sides.",
        breaks="Nobody can tell.",
        instead="Commit the schema beside the manifest, as one document of at most 128 KiB. Where two files are "
        "compared, let each stand in a folder of its own, with the schemas that it names.",
        mirror="port-schema-unread",
    ),
)
_BOTH: Final = ContractRule(
    id="port-ambiguous",
    effect=UNDECIDED,
    summary="A name stands twice among the inputs, or among the outputs, and something about it changed.",
    breaks="Whoever uses the one that changed, if it is the one they mean; which one that is nobody can tell.",
    instead="Give each input and each output a name of its own.",
    mirror="port-ambiguous",
)
RULES: Final = (*_INPUT_RULES, *_OUTPUT_RULES, *_SCHEMA_RULES, _BOTH)
_BY_ID: Final = {rule.id: rule for rule in RULES}


class _Changed(Protocol):
    def __call__(self, rule: str, message: str, was: str = ..., now: str = ..., /) -> Change: ...


def compare_ports(old: Manifest, new: Manifest) -> Iterator[Change]:
    """Yield what changed among the inputs and outputs of two manifests, in no order that counts."""
    for side, was, now in (("input", old.inputs, new.inputs), ("output", old.outputs, new.outputs)):
        if was == now and all(port.contract or not port.schema for port in was):
            continue
        before, after = _by_name(was), _by_name(now)
        for name in sorted({*before, *after}):
            yield from _compare(side, name, before.get(name, ()), after.get(name, ()))


def _by_name(ports: tuple[Port, ...]) -> dict[str, tuple[Port, ...]]:
    found: dict[str, tuple[Port, ...]] = {}
    for port in ports:
        found[port.name] = (*found.get(port.name, ()), port)
    return found


def _compare(side: str, name: str, old: tuple[Port, ...], new: tuple[Port, ...]) -> Iterator[Change]:
    what = f"the {side} {quoted(name)}"
    pointer = join_pointer(f"/{side}s", name)
    before, after = ", or ".join(sorted(map(port_words, old))), ", or ".join(sorted(map(port_words, new)))

    def change(rule: str, message: str, was: str = before, now: str = after) -> Change:
        return _BY_ID[rule].change(pointer, message, subject=name, side=side, before=was, after=now)

    if len(old) > 1 or len(new) > 1:
        if before != after:
            yield change("port-ambiguous", f"{what} stands more than once, and is not what it was")
    elif not old:
        must = side == "input" and not new[0].optional
        kind = ("-required" if must else "-optional") if side == "input" else ""
        yield change(f"{side}{kind}-added", f"{what} is new{' and must be given' if must else ''}")
    elif not new:
        yield change(f"{side}-removed", f"{what} is gone")
    else:
        yield from _compare_two(side, what, old[0], new[0], change)


def _compare_two(side: str, what: str, old: Port, new: Port, change: _Changed) -> Iterator[Change]:
    if old.optional != new.optional:
        must, may = ("must be given", "can be left out") if side == "input" else ("is always there", "can be absent")
        word, now = ("optional", may) if new.optional else ("required", must)
        yield change(f"{side}-became-{word}", f"{what} {now} now", _need(old), _need(new))
    yield from _schemas(side, what, old, new, change)
    if old.type == new.type:
        return
    if old.contract and new.contract:
        message = f"{what} is called {quoted(new.type)} and was {quoted(old.type)}; both have a schema"
        yield change("port-type-renamed", message, old.type, new.type)
    elif not old.type:
        yield change(f"{side}-type-declared", f"{what} says a type: {quoted(new.type)}", old.type, new.type)
    elif not new.type:
        yield change(f"{side}-type-withdrawn", f"{what} says no type any more; it was {quoted(old.type)}", old.type, "")
    else:
        message = f"{what} is {quoted(new.type)} and was {quoted(old.type)}"
        yield change(f"{side}-type-changed", message, old.type, new.type)


def _schemas(side: str, what: str, old: Port, new: Port, change: _Changed) -> Iterator[Change]:
    if old.schema and new.schema:
        if not (old.contract and new.contract):
            unread = old.schema if not old.contract else new.schema
            message = f"the schema {quoted(unread)} of {what} was not read"
            yield change("port-schema-unread", message, _read_words(old), _read_words(new))
        elif old.contract != new.contract:
            pointer = join_pointer(f"/{side}s", new.name) + "/schema"
            documents = json.loads(old.contract), json.loads(new.contract)
            yield from compare_named(*documents, side=side, pointer=pointer, subject=new.name)
    elif new.schema:
        yield change("port-schema-declared", f"{what} names a schema: {quoted(new.schema)}", "", new.schema)
    elif old.schema:
        message = f"{what} names no schema any more; it was {quoted(old.schema)}"
        yield change("port-schema-withdrawn", message, old.schema, "")


def _read_words(port: Port) -> str:
    return port.schema if port.contract else f"{port.schema}, not read"


def port_words(port: Port) -> str:
    """Return a port as the text that stands for it in a change: its type, and whether it may be absent."""
    return (port.type or "no type") + (", optional" if port.optional else "")


def _need(port: Port) -> str:
    return "optional" if port.optional else "required"
