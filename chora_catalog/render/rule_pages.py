"""The reference page of all rules, from their files."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, Final

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope
from chora_catalog.render.json_out import json_bytes

COMMAND = "chora explain --list --format markdown"
_HEAD: Final = f"""\
# Rules

Every rule about a manifest, a repository or the catalog, from the file that holds it. An id is stable for ever.
`chora explain RULE` prints the same in a terminal. This page is made by `{COMMAND}`.

**error**: wrong in itself. **warning**: it refers to something that is not there, or breaks a recommendation.
**notice**: it could not be judged here. What `--fix` corrects is said with the rule.
"""
_SCOPES = {
    Scope.DOCUMENT: ("One document", "Judged by one manifest alone."),
    Scope.TREE: ("One repository", "Judged by what the tree of one repository holds, and some by its tags."),
    Scope.CATALOG: ("The whole catalog", "Judged where all registered sources are in view: by the build."),
}
_PARTS = re.compile(r"(What it says|Why it matters|How to fix): ")


def rules_page(pages: Iterable[tuple[Rule, str]]) -> str:
    """Return the page (Markdown) of rules with their texts, grouped by scope, each under a heading that is its id."""
    rows = sorted(pages, key=lambda pair: pair[0].id)
    lines = [_HEAD]
    for scope, (title, words) in _SCOPES.items():
        mine = [(rule, page) for rule, page in rows if rule.scope is scope]
        if not mine:
            continue
        lines += [f"## {title}", "", words, "", "| Rule | Severity | What it says |", "|---|---|---|"]
        lines += [f"| [`{rule.id}`](#{rule.id}) | {severity(rule)} | {rule.summary} |" for rule, _ in mine]
        lines.append("")
        for rule, page in mine:
            lines += _section(rule, page)
    return "\n".join(lines).rstrip("\n") + "\n"


def rules_json(pages: Iterable[tuple[Rule, str]], contract: Iterable[dict[str, Any]] = ()) -> str:
    """Return the same as the JSON text `chora.rules/v1`, by id; `contract` are the rules about two contracts."""
    rows = [
        {
            "id": rule.id,
            "severity": rule.severity.value,
            "also": [level.value for level in rule.also],
            "scope": rule.scope.value,
            "fixable": rule.fixable,
            "summary": rule.summary,
            "page": page,
        }
        for rule, page in sorted(pages, key=lambda pair: pair[0].id)
    ]
    return json_bytes({"schema": "chora.rules/v1", "rules": rows, "contract_rules": list(contract)}).decode()


def severity(rule: Rule) -> str:
    """Return the severity of a rule in words: `warning`, or `warning or error`."""
    return " or ".join(level.value for level in (rule.severity, *rule.also))


def _section(rule: Rule, page: str) -> Iterator[str]:
    fixed = " Some of it is corrected by `chora validate --fix`." if rule.fixable else ""
    yield from (f"### {rule.id}", "", f"*{severity(rule).capitalize()}.* {rule.summary}{fixed}", "")
    _, *parts = _PARTS.split(" ".join(page.partition("\n\n")[2].split()))
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        words = text.strip()
        paragraph = f"**{name}.** {words[:1].upper()}{words[1:]}"
        yield from (*textwrap.wrap(paragraph, 120, break_long_words=False, break_on_hyphens=False), "")
