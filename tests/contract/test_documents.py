"""OpenAPI documents and MCP servers: what is followed, what stays undecided, and that no document is a defect."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.model.change import Effect
from chora_catalog.model.contract import ContractKind
from chora_catalog.resolve.contract import operations
from chora_catalog.resolve.contract.documents import compare_documents, kind_of, version_of

USER = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
API: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Users", "version": "1.4.0"},
    "paths": {
        "/users/{id}": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "put": {
                "requestBody": {"$ref": "#/components/requestBodies/User"},
                "responses": {"200": {"$ref": "#/components/responses/User"}},
            },
        }
    },
    "components": {
        "parameters": {"Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}},
        "requestBodies": {"User": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}}},
        "responses": {
            "User": {
                "description": "It was stored.",
                "headers": {"Rate": {"$ref": "#/components/headers/Rate"}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}},
            }
        },
        "headers": {"Rate": {"schema": {"type": "integer"}}},
        "schemas": {"User": USER},
    },
}


def changed(path: str, value: Any, document: Any = API) -> Any:
    """The document with the value at `path` (with `|` between its steps) replaced; None removes it."""
    made = copy.deepcopy(document)
    *steps, last = path.split("|")
    place = made
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return made


def found(new: Any, old: Any = API, kind: ContractKind = ContractKind.OPENAPI) -> list[tuple[str, str, str]]:
    return [(change.rule, change.side, change.effect.value) for change in compare_documents(old, new, kind=kind)]


USERS = "paths|/users/{id}|put"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("components|schemas|User|properties|age", None,
         {("schema-property-removed", "input", "breaking"), ("schema-property-removed", "output", "breaking")}),
        ("components|schemas|User|properties|age|type", "number",
         {("schema-type-widened", "input", "addition"), ("schema-type-widened", "output", "breaking")}),
        ("components|schemas|User|required", ["name", "age"],
         {("schema-required-added", "input", "breaking"), ("schema-required-added", "output", "addition")}),
        ("components|parameters|Id|schema|maxLength", 8, {("schema-limit-tightened", "input", "breaking")}),
        ("components|headers|Rate|schema|type", "string", {("schema-undecided", "", "undecided")}),
        (f"{USERS}|security", [{"key": []}], {("schema-undecided", "", "undecided")}),
        (f"{USERS}|operationId", "store", {("schema-undecided", "", "undecided")}),
        ("servers", [{"url": "https://example.org"}], {("schema-undecided", "", "undecided")}),
        (f"{USERS}|summary", "Stores a user.", set()),
        ("components|schemas|Team", {"type": "object"}, set()),
        ("openapi", "3.1.0", set()),
        ("openapi", "4.0.0", {("schema-not-compared", "", "undecided")}),
    ],
)  # fmt: skip
def test_what_is_referred_to_is_judged_where_it_is_used(path: str, value: Any, said: set[Any]) -> None:
    assert set(found(changed(path, value))) == said


def test_a_parameter_of_the_path_may_be_renamed() -> None:
    renamed = changed("components|parameters|Id|name", "user")
    renamed["paths"] = {"/users/{user}": renamed["paths"]["/users/{id}"]}
    assert found(renamed) == []


def test_the_version_is_that_of_the_document() -> None:
    assert kind_of(API) is ContractKind.OPENAPI
    assert version_of(API, ContractKind.OPENAPI) == "1.4.0"
    assert version_of({"openapi": "3.1.0", "info": []}, ContractKind.OPENAPI) == ""


def test_more_changes_than_are_told_are_not_called_compatible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MAX_CHANGES", 3)
    wide = changed("paths", {f"/p{number}": {"get": {"responses": {}}} for number in range(10)})
    rules = [rule for rule, _, _ in found(wide)]
    assert len(rules) == 4
    assert rules.count("schema-not-compared") == 1


KEYS = st.one_of(
    st.sampled_from(["openapi", "paths", "/a", "get", "put", "parameters", "name", "in", "required", "schema", "200"]),
    st.sampled_from(["requestBody", "content", "application/json", "responses", "tools", "inputSchema", "remotes"]),
    st.sampled_from(["outputSchema", "annotations", "packages", "identifier", "url", "$ref", "type", "properties"]),
    st.sampled_from(["items", "$defs", "allOf", "oneOf", "anyOf", "enum", "const", "not"]),
)
TEXTS = st.sampled_from(["3.0.0", "#", "#/$defs/a", "#/paths/~1a", "query", "path", "string", "object", "", "x"])
ANY = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-1, 2), st.just(1.5), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@pytest.mark.parametrize("kind", [ContractKind.OPENAPI, ContractKind.MCP, ContractKind.SCHEMA])
@settings(max_examples=40, deadline=None)
@given(old=ANY, new=ANY, paths=st.tuples(ANY, ANY))
def test_no_document_is_a_defect_and_none_differs_from_itself(
    kind: ContractKind, old: Any, new: Any, paths: tuple[Any, Any]
) -> None:
    sides = (old, new)
    if kind is ContractKind.OPENAPI:
        sides = ({**API, "paths": {"/a": paths[0]}, "x": old}, {**API, "paths": {"/a": paths[1]}, "x": new})
    compare_documents(*sides, kind=kind)
    for side in sides:
        kind_of(side)
        assert {change.effect for change in compare_documents(side, side, kind=kind)} <= {Effect.UNDECIDED}
        if isinstance(side, dict):
            assert compare_documents(side, copy.deepcopy(side), kind=kind) == ()
