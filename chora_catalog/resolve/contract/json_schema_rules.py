"""The rules about what a JSON Schema admits.

A schema is the set of values that it admits. Fewer values than before is a break for who gives them (an input) and a
firmer promise for who reads them (an output); more values the other way round. Properties follow the use of the field,
as every tool for OpenAPI has it: one that is new and optional hurts nobody, one that is gone is missed on both sides.
"""

from __future__ import annotations

from typing import Final

from chora_catalog.resolve.contract.rule import ADDITION, BREAKING, NEUTRAL, UNDECIDED, ContractRule

_NARROWED: Final = "Whoever gives what is admitted no more. Whoever only reads is promised more than before."
_WIDENED: Final = "Whoever reads and does not expect what is new. Whoever gives may go on as before."
_MINOR: Final = "Nothing is to be done: a minor step carries it."
_KEEP_IN: Final = "For an input, go on admitting what was admitted and judge it later; narrow it with the next major."
_KEEP_OUT: Final = (
    "For an output, go on giving only what was promised; give more under a new name or with the next major."
)


def _pair(narrow: tuple[str, str], widen: tuple[str, str]) -> tuple[ContractRule, ContractRule]:
    """Return the rule for fewer values and the rule for more, each the mirror of the other."""
    return (
        ContractRule(
            id=narrow[0],
            effect=BREAKING,
            on_output=ADDITION,
            summary=narrow[1],
            breaks=_NARROWED,
            instead=_KEEP_IN,
            mirror=widen[0],
        ),
        ContractRule(
            id=widen[0],
            effect=ADDITION,
            on_output=BREAKING,
            summary=widen[1],
            breaks=_WIDENED,
            instead=_KEEP_OUT,
            mirror=narrow[0],
        ),
    )


RULES: Final = (
    ContractRule(
        id="schema-property-removed",
        effect=BREAKING,
        summary="A property is gone.",
        breaks="Everyone who reads it, and everyone who gives it: what they say is ignored or refused.",
        instead="Keep it beside what replaces it until the next major; in an input it may be without effect.",
        mirror="schema-property-added",
    ),
    ContractRule(
        id="schema-property-added",
        effect=ADDITION,
        summary="There is a new property that may be absent, or that an output always has.",
        breaks="Nobody: whoever does not know it passes over it.",
        instead=_MINOR,
        mirror="schema-property-removed",
    ),
    ContractRule(
        id="schema-property-added-required",
        effect=BREAKING,
        on_output=ADDITION,
        summary="There is a new property that must be given.",
        breaks="Everyone who gives the value as before: they are refused. Whoever only reads is promised more.",
        instead="Add it without `required` and with a default that keeps the old result, until the next major.",
        mirror="schema-property-removed",
    ),
    ContractRule(
        id="schema-property-added-to-closed",
        effect=ADDITION,
        on_output=UNDECIDED,
        summary="There is a new property where the old schema said that there are no others.",
        breaks="Whoever judges what they read by the old schema: it refuses the property.",
        instead="Say `additionalProperties: true` in a release before, or wait for the next major.",
        mirror="schema-property-removed",
    ),
    *_pair(
        ("schema-required-added", "A property that could be absent must be there."),
        ("schema-required-removed", "A property that had to be there can be absent."),
    ),
    *_pair(
        ("schema-type-narrowed", "Fewer types of value are admitted."),
        ("schema-type-widened", "More types of value are admitted."),
    ),
    ContractRule(
        id="schema-type-changed",
        effect=BREAKING,
        summary="Other types of value are admitted: one that was is not any more, and another is new.",
        breaks="Whoever gives the old type, and whoever reads it.",
        instead="Add a second property of the new type and keep the old one until the next major.",
        mirror="schema-type-changed",
    ),
    *_pair(
        ("schema-value-removed", "A value of an enumeration is gone."),
        ("schema-value-added", "An enumeration has a new value."),
    ),
    *_pair(
        ("schema-values-limited", "Only certain values are admitted; before, all of the type were."),
        ("schema-values-unlimited", "All values of the type are admitted; before, only certain ones were."),
    ),
    *_pair(
        ("schema-limit-tightened", "A limit of number, length, size or count is tighter."),
        ("schema-limit-loosened", "A limit of number, length, size or count is looser."),
    ),
    *_pair(
        ("schema-pattern-added", "A text must match a pattern or a format; before, any text was admitted."),
        ("schema-pattern-removed", "Any text is admitted; before, it had to match a pattern or a format."),
    ),
    ContractRule(
        id="schema-pattern-changed",
        effect=UNDECIDED,
        summary="A text must match another pattern or another format.",
        breaks="Whoever gives or reads what only one of the two admits; patterns are not compared.",
        instead="Keep the old one in `anyOf` beside the new one, or wait for the next major.",
        mirror="schema-pattern-changed",
    ),
    ContractRule(
        id="schema-closed",
        effect=BREAKING,
        on_output=ADDITION,
        summary="Properties that the schema does not name are admitted no more.",
        breaks="Whoever gives such a property. Whoever only reads is promised more than before.",
        instead=_KEEP_IN,
        mirror="schema-opened",
    ),
    ContractRule(
        id="schema-opened",
        effect=ADDITION,
        on_output=UNDECIDED,
        summary="Properties that the schema does not name are admitted.",
        breaks="Whoever judges what they read by the old schema: it refuses them.",
        instead=_KEEP_OUT,
        mirror="schema-closed",
    ),
    *_pair(
        ("schema-alternative-removed", "One of several forms is admitted no more."),
        ("schema-alternative-added", "A further form is admitted."),
    ),
    ContractRule(
        id="schema-alternatives-changed",
        effect=UNDECIDED,
        summary="The forms of `anyOf` or `oneOf` changed in more than one way, or can admit the same value.",
        breaks="Whoever gives or reads what only one of the two admits; nobody can tell.",
        instead="Change one form at a time, and tell forms apart by a property with a `const`.",
        mirror="schema-alternatives-changed",
    ),
    *_pair(
        ("schema-condition-added", "A further condition must hold (`allOf`, or a first `anyOf` or `oneOf`)."),
        ("schema-condition-removed", "A condition need not hold any more (`allOf`, or a last `anyOf` or `oneOf`)."),
    ),
    ContractRule(
        id="schema-default-changed",
        effect=UNDECIDED,
        on_output=NEUTRAL,
        summary="Another value stands for one that is not given.",
        breaks="Whoever leaves it out and relied on what that meant.",
        instead="Keep the default; whoever wants the other value can say so.",
        mirror="schema-default-changed",
    ),
    ContractRule(
        id="schema-undecided",
        effect=UNDECIDED,
        summary="A keyword changed that these rules do not know.",
        breaks="Whoever gives or reads what only one of the two admits; nobody can tell.",
        instead="Say what changed where it is reviewed, or express it by properties, types, enumerations and limits.",
        mirror="schema-undecided",
    ),
    ContractRule(
        id="schema-not-compared",
        effect=UNDECIDED,
        summary="A schema could not be compared to its end: it is too large, or one of its references leads nowhere.",
        breaks="Nobody can tell.",
        instead="Keep references inside the document, and split a schema that is too large.",
        mirror="schema-not-compared",
    ),
    ContractRule(
        id="definition-removed",
        effect=BREAKING,
        summary="A definition is gone from a document of definitions.",
        breaks="Everyone who refers to it by its name, and everyone who gives or reads what it describes.",
        instead="Keep it beside what replaces it, marked `deprecated: true`, until the next major.",
        mirror="definition-added",
    ),
    ContractRule(
        id="definition-added",
        effect=ADDITION,
        summary="There is a new definition.",
        breaks="Nobody: what uses it is judged where it is used.",
        instead=_MINOR,
        mirror="definition-removed",
    ),
)
BY_ID: Final = {rule.id: rule for rule in RULES}
