"""Two states of an MCP server: the packages that it is installed from, and the tools that it offers.

Of a `server.json` the settings and addresses are inputs and outputs of the capability and compared as such; here is
what the capability does not say. A tool's arguments are an input, what it answers with an output. Where a client asks a
server for its tools, the answer is a document of its own: `{"tools": [...]}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from chora_catalog.model.change import Change
from chora_catalog.parse.reading import join_pointer, quoted
from chora_catalog.resolve.contract.json_schema import compare_schemas
from chora_catalog.resolve.contract.rule import ADDITION, BREAKING, UNDECIDED, ContractRule
from chora_catalog.resolve.contract.schema_document import text_of

RULES: Final = (
    ContractRule(
        id="mcp-tool-removed",
        effect=BREAKING,
        summary="An MCP server offers a tool no more.",
        breaks="Every agent and every prompt that calls it by its name.",
        instead="Keep it beside what replaces it, say so in its description, and remove it with the next major.",
        mirror="mcp-tool-added",
    ),
    ContractRule(
        id="mcp-tool-added",
        effect=ADDITION,
        summary="An MCP server offers a new tool.",
        breaks="Nobody; an agent that chooses among all tools may choose it.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="mcp-tool-removed",
    ),
    ContractRule(
        id="mcp-tool-hint-changed",
        effect=UNDECIDED,
        summary="An MCP tool says something else about what it does to the world (its annotations).",
        breaks="Whoever lets agents call it unasked because it said that it only reads, or that it destroys nothing.",
        instead="Give what does more a name of its own.",
        mirror="mcp-tool-hint-changed",
    ),
    ContractRule(
        id="mcp-package-removed",
        effect=BREAKING,
        summary="An MCP server is not to be had from a package any more.",
        breaks="Everyone who installs it from there.",
        instead="Go on publishing the package until the next major.",
        mirror="mcp-package-added",
    ),
    ContractRule(
        id="mcp-package-added",
        effect=ADDITION,
        summary="An MCP server is to be had from a further package.",
        breaks="Nobody.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="mcp-package-removed",
    ),
    ContractRule(
        id="mcp-undecided",
        effect=UNDECIDED,
        summary="Something about an MCP server changed that these rules do not know.",
        breaks="Nobody can tell.",
        instead="Say what changed where it is reviewed.",
        mirror="mcp-undecided",
    ),
)
_BY_ID: Final = {rule.id: rule for rule in RULES}

_SAID_BY_THE_CAPABILITY: Final = frozenset(
    [
        "$schema",
        "name",
        "title",
        "description",
        "version",
        "version_detail",
        "status",
        "repository",
        "websiteUrl",
        "icons",
        "_meta",
        "remotes",
        "packages",
        "tools",
        "nextCursor",
    ]
)
"""Keys of a server that are compared elsewhere, or that nobody relies on."""
_OF_A_PACKAGE: Final = frozenset(
    [
        "registryType",
        "registry_name",
        "registryBaseUrl",
        "identifier",
        "name",
        "version",
        "fileSha256",
        "environmentVariables",
        "environment_variables",
        "runtimeHint",
        "runtime_hint",
    ]
)
_OF_A_REMOTE: Final = frozenset(["type", "transport_type", "url", "headers"])
_OF_A_TOOL: Final = frozenset(["name", "title", "description", "icons", "_meta", "inputSchema", "outputSchema"])


def is_tool_list(value: object) -> bool:
    """Tell whether a document is what a server answers when it is asked for its tools."""
    tools = value.get("tools") if isinstance(value, dict) else None
    return isinstance(tools, list) and all(isinstance(tool, dict) and "inputSchema" in tool for tool in tools)


def compare_servers(old: Any, new: Any) -> Iterator[Change]:
    """Yield what changed between two servers or lists of tools (JSON values), in no order that counts."""
    before, after = (value if isinstance(value, dict) else {} for value in (old, new))
    yield from _packages(before, after)
    yield from _remotes(before, after)
    yield from _tools(before, after)
    for key, name in (("packages", _package_name), ("remotes", _url), ("tools", _tool_name)):
        yield from _named_twice(before, after, key, name)
    yield from _unknown(before, after, _SAID_BY_THE_CAPABILITY, "", "the server")


def _change(rule: str, pointer: str, message: str, subject: str, before: str, after: str) -> Change:
    return _BY_ID[rule].change(pointer, message, subject=subject, before=before, after=after)


def _listed(value: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = value.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _named_twice(
    old: dict[str, Any], new: dict[str, Any], key: str, name: Callable[[dict[str, Any]], str]
) -> Iterator[Change]:
    """Say that nobody can tell which is which, where two of a list have one name and the list changed."""
    if text_of(old, key) == text_of(new, key):
        return
    for side in (old, new):
        names = [name(item) for item in _listed(side, key)]
        if len(names) != len(set(names)):
            message = f"two of `{key}` have one name, so nobody can tell which of them changed"
            yield _change("mcp-undecided", f"/{key}", message, "", text_of(old, key), text_of(new, key))
            return


def _packages(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    before, after = ({_package_name(package): package for package in _listed(side, "packages")} for side in (old, new))
    for name in sorted({*before, *after}):
        pointer = join_pointer("/packages", name)
        if name not in after:
            yield _change("mcp-package-removed", pointer, f"the package {quoted(name)} is gone", name, name, "")
        elif name not in before:
            yield _change("mcp-package-added", pointer, f"the package {quoted(name)} is new", name, "", name)
        else:
            yield from _unknown(before[name], after[name], _OF_A_PACKAGE, pointer, f"the package {quoted(name)}")


def _remotes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    """Yield what the capability does not say of the addresses that both sides have."""
    before, after = ({_url(remote): remote for remote in _listed(side, "remotes")} for side in (old, new))
    for url in sorted(before.keys() & after.keys()):
        pointer = join_pointer("/remotes", url)
        yield from _unknown(before[url], after[url], _OF_A_REMOTE, pointer, f"the address {quoted(url)}")


def _package_name(package: dict[str, Any]) -> str:
    registry = package.get("registryType") or package.get("registry_name") or ""
    return f"{registry}:{package.get('identifier') or package.get('name') or ''}"


def _url(remote: dict[str, Any]) -> str:
    return str(remote.get("url"))


def _tool_name(tool: dict[str, Any]) -> str:
    return str(tool.get("name"))


def _tools(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    before, after = ({_tool_name(tool): tool for tool in _listed(side, "tools")} for side in (old, new))
    for name in sorted({*before, *after}):
        pointer = join_pointer("/tools", name)
        if name not in after:
            yield _change("mcp-tool-removed", pointer, f"the tool {quoted(name)} is gone", name, name, "")
        elif name not in before:
            yield _change("mcp-tool-added", pointer, f"the tool {quoted(name)} is new", name, "", name)
        else:
            yield from _tool(name, before[name], after[name], pointer)


def _tool(name: str, old: dict[str, Any], new: dict[str, Any], pointer: str) -> Iterator[Change]:
    for key, side in (("inputSchema", "input"), ("outputSchema", "output")):
        schemas = old.get(key, {}), new.get(key, {})
        yield from compare_schemas(*schemas, side=side, pointer=f"{pointer}/{key}", subject=name)
    hints = text_of(old, "annotations"), text_of(new, "annotations")
    if _hints(old) != _hints(new):
        message = f"the tool {quoted(name)} says something else about what it does"
        yield _change("mcp-tool-hint-changed", f"{pointer}/annotations", message, name, *hints)
    yield from _unknown(old, new, _OF_A_TOOL | {"annotations"}, pointer, f"the tool {quoted(name)}")


def _hints(tool: dict[str, Any]) -> str:
    """Return the annotations of a tool as text, but for its title."""
    said = tool.get("annotations")
    return json.dumps({key: said[key] for key in sorted(said) if key != "title"}) if isinstance(said, dict) else "{}"


def _unknown(
    old: dict[str, Any], new: dict[str, Any], known: frozenset[str], pointer: str, what: str
) -> Iterator[Change]:
    for key in sorted(({*old, *new}) - known):
        before, after = text_of(old, key), text_of(new, key)
        if before != after:
            message = f"{quoted(key)} of {what} changed, which is not compared"
            yield _change("mcp-undecided", join_pointer(pointer, key), message, "", before, after)
