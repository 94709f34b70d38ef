"""The reference page of the rules about two contracts, from the rules themselves."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, Final

from chora_catalog.resolve.contract.rule import ContractRule

_HEAD: Final = """\
# Breaking changes

What can change between two states of a contract, what it means for those who rely on it, and how to do it without
hurting anybody. `chora compat diff OLD NEW` finds these; `chora explain RULE` prints one. This page is written from the
rules by `make reference`.

**breaking**: somebody who relied on the old contract can fail with the new one; it needs a major step. **undecided**:
nobody can tell, because the rules do not know all that changed; it is never taken for compatible. **addition**: there
is more than before; it needs a minor step. **neutral**: nobody who relied on the old contract can notice; a patch
carries it. Before 1.0 the minor version counts as the major one (SemVer 4).

Where two effects are given, the first is for an input (what others give) and the second for an output (what others
read). A schema of which neither is said has the worse of the two.
"""


def contract_page(groups: Iterable[tuple[str, tuple[ContractRule, ...]]]) -> str:
    """Return the page (Markdown) of rules in groups, each rule under a heading that is its id."""
    lines = [_HEAD]
    for title, rules in groups:
        lines += [f"## {title}", "", "| Rule | Effect | What changed |", "|---|---|---|"]
        lines += [f"| [`{rule.id}`](#{rule.id}) | {effects(rule)} | {_cell(rule.summary)} |" for rule in rules]
        lines.append("")
        for rule in rules:
            lines += _section(rule)
    return "\n".join(lines).rstrip("\n") + "\n"


def contract_text(rule: ContractRule) -> str:
    """Return one rule as plain text, for a terminal."""
    parts = [f"{rule.id} ({effects(rule)}, between two contracts)", rule.summary]
    parts += [f"Whom it breaks: {rule.breaks}", f"How to do it without breaking: {rule.instead}", _mirror(rule)]
    return "\n\n".join("\n".join(_wrapped(part)) for part in parts)


def contract_record(rule: ContractRule) -> dict[str, Any]:
    """Return one rule as a JSON value."""
    return {
        "id": rule.id,
        "input": rule.effect_on("input").value,
        "output": rule.effect_on("output").value,
        "summary": rule.summary,
        "breaks": rule.breaks,
        "instead": rule.instead,
        "mirror": rule.mirror,
        "alone": rule.alone,
    }


def effects(rule: ContractRule) -> str:
    """Return the effect of a rule in words: `breaking`, or for input and output `breaking / addition`."""
    sides = [rule.effect_on(side).value for side in ("input", "output")]
    return sides[0] if sides[0] == sides[1] else " / ".join(sides)


def _section(rule: ContractRule) -> Iterator[str]:
    yield from (f"### {rule.id}", "", f"*{effects(rule).capitalize()}.* {rule.summary}", "")
    for words in (
        f"**Whom it breaks.** {rule.breaks}",
        f"**How to do it without breaking.** {rule.instead}",
        f"**The other way round.** {_mirror(rule, link=True)}",
    ):
        yield from (*_wrapped(words), "")


def _mirror(rule: ContractRule, *, link: bool = False) -> str:
    if not rule.mirror:
        return rule.alone
    name = f"[`{rule.mirror}`](#{rule.mirror})" if link else f"`{rule.mirror}`"
    return f"Where old and new change places it is {name}."


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 120, break_long_words=False, break_on_hyphens=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
