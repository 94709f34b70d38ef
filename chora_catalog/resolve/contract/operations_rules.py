"""The rules about the operations of an OpenAPI document."""

from __future__ import annotations

from typing import Final

from chora_catalog.resolve.contract.rule import ADDITION, BREAKING, ContractRule

_MINOR: Final = "Nothing is to be done: a minor step carries it."
_KEEP: Final = "Keep it until the next major, marked `deprecated: true`, beside what replaces it."

RULES: Final = (
    ContractRule(
        id="openapi-operation-removed",
        effect=BREAKING,
        summary="An operation is gone.",
        breaks="Everyone who calls it.",
        instead=_KEEP,
        mirror="openapi-operation-added",
    ),
    ContractRule(
        id="openapi-operation-added",
        effect=ADDITION,
        summary="There is a new operation.",
        breaks="Nobody.",
        instead=_MINOR,
        mirror="openapi-operation-removed",
    ),
    ContractRule(
        id="openapi-parameter-removed",
        effect=BREAKING,
        summary="A parameter of an operation is gone.",
        breaks="Everyone who sends it: it is refused, or ignored without a word.",
        instead=_KEEP,
        mirror="openapi-parameter-added",
    ),
    ContractRule(
        id="openapi-parameter-added",
        effect=ADDITION,
        summary="An operation has a new parameter that may be left out.",
        breaks="Nobody.",
        instead=_MINOR,
        mirror="openapi-parameter-removed",
    ),
    ContractRule(
        id="openapi-parameter-required-added",
        effect=BREAKING,
        summary="An operation has a new parameter that must be sent.",
        breaks="Everyone who calls the operation as before.",
        instead="Add it without `required` and with a default that keeps the old result, until the next major.",
        mirror="openapi-parameter-removed",
    ),
    ContractRule(
        id="openapi-parameter-became-required",
        effect=BREAKING,
        summary="A parameter that could be left out must be sent.",
        breaks="Everyone who leaves it out.",
        instead="Keep a default until the next major.",
        mirror="openapi-parameter-became-optional",
    ),
    ContractRule(
        id="openapi-parameter-became-optional",
        effect=ADDITION,
        summary="A parameter that had to be sent can be left out.",
        breaks="Nobody.",
        instead=_MINOR,
        mirror="openapi-parameter-became-required",
    ),
    ContractRule(
        id="openapi-body-removed",
        effect=BREAKING,
        summary="An operation takes no body any more.",
        breaks="Everyone who sends one.",
        instead="Go on taking it, without effect, until the next major.",
        mirror="openapi-body-added",
    ),
    ContractRule(
        id="openapi-body-added",
        effect=ADDITION,
        summary="An operation takes a body that may be left out.",
        breaks="Nobody.",
        instead=_MINOR,
        mirror="openapi-body-removed",
    ),
    ContractRule(
        id="openapi-body-required-added",
        effect=BREAKING,
        summary="An operation takes a body that must be sent.",
        breaks="Everyone who calls the operation as before.",
        instead="Take it without `required: true` until the next major.",
        mirror="openapi-body-removed",
    ),
    ContractRule(
        id="openapi-body-became-required",
        effect=BREAKING,
        summary="A body that could be left out must be sent.",
        breaks="Everyone who leaves it out.",
        instead="Keep what an absent body meant until the next major.",
        mirror="openapi-body-became-optional",
    ),
    ContractRule(
        id="openapi-body-became-optional",
        effect=ADDITION,
        summary="A body that had to be sent can be left out.",
        breaks="Nobody.",
        instead=_MINOR,
        mirror="openapi-body-became-required",
    ),
    ContractRule(
        id="openapi-media-type-removed",
        effect=BREAKING,
        summary="A body or an answer is not to be had in one of its media types any more.",
        breaks="Everyone who sends it, or asks for it, in that type.",
        instead="Go on taking and giving it until the next major.",
        mirror="openapi-media-type-added",
    ),
    ContractRule(
        id="openapi-media-type-added",
        effect=ADDITION,
        summary="A body or an answer is to be had in a further media type.",
        breaks="Nobody: whoever asks for no type gets what they got.",
        instead=_MINOR,
        mirror="openapi-media-type-removed",
    ),
    ContractRule(
        id="openapi-response-removed",
        effect=BREAKING,
        summary="An operation does not answer with one of its status codes any more.",
        breaks="Everyone who waits for that answer.",
        instead="Go on giving it until the next major.",
        mirror="openapi-response-added",
    ),
    ContractRule(
        id="openapi-response-added",
        effect=ADDITION,
        summary="An operation can answer with a further status code.",
        breaks="Nobody who treats an unknown code as its class (RFC 9110, section 15).",
        instead=_MINOR,
        mirror="openapi-response-removed",
    ),
)
BY_ID: Final = {rule.id: rule for rule in RULES}
