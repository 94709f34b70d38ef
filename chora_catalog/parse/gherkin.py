"""`.feature` files -> the behaviors their scenarios carry; the only module that imports gherkin.

A scenario belongs to the `@behavior:<id>` tags nearest to it: its own (or its examples'), else its rule's, else its
feature's. `@status:<word>` is read the same way. Tags inside comments do not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from chora_catalog.model.finding import Finding, Severity, sort_findings
from chora_catalog.model.manifest import Behavior
from chora_catalog.parse.reading import Text, decode, quoted

_MAX_LINES = 20_000
_BEHAVIOR = "@behavior:"
_STATUS = "@status:"
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,127})")
MIXED = "mixed"
"""The status of a behavior whose scenarios have different ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The behaviors of one file, in the order of their first tags, and what is wrong with the file."""

    behaviors: tuple[Behavior, ...]
    findings: tuple[Finding, ...]


def read_features(data: bytes, *, file: str) -> Features:
    """Read one feature file. Never raises: a file that is no Gherkin is a `feature-syntax` warning with its line.

    `Behavior.scenarios` counts the scenarios (an outline is one) that carry the behavior, `line` is the line of its
    first tag, `status` the word all of them have, or `mixed`.
    """
    text, found = decode(data, file)
    if found.any:
        return Features(behaviors=(), findings=found.sorted())
    lines = len(found.text.lines)
    if lines > _MAX_LINES:
        message = f"the file has {lines:,} lines; at most {_MAX_LINES:,} are read"
        found.add("file-too-large", message, _MAX_LINES, 1, hint="Split it into several files.")
        return Features(behaviors=(), findings=found.sorted())
    feature, findings = _parse(text, found.text)
    if feature is None:
        return Features(behaviors=(), findings=findings)
    return _collect(feature, found.text)


def _parse(text: str, lines: Text) -> tuple[Mapping[str, Any] | None, tuple[Finding, ...]]:
    # Here, not above: the parser and its 80 languages are slow to load, and most builds read no feature.
    from gherkin.errors import CompositeParserException, ParserError

    try:
        # The parser ends lines at LF alone; a lone CR ends one here too.
        document: Mapping[str, Any] = _parser()().parse(re.sub("\r\n?", "\n", text) + "\n")
    except CompositeParserException as errors:
        return None, sort_findings(_syntax(error, lines) for error in errors.errors[:10])
    except ParserError as error:
        return None, (_syntax(error, lines),)
    return document.get("feature"), ()


@cache
def _parser() -> Callable[[], Any]:
    from gherkin.parser import Parser

    class Quick(Parser):  # type: ignore[misc, unused-ignore]
        """The parser, without the table of all its states that it makes anew for each line."""

        def match_token(self, state: int, token: Any, context: Any) -> int:
            """Return the state after `token`."""
            after: int = getattr(self, f"match_token_at_{state}")(token, context)
            return after

    return Quick


def _syntax(error: Any, lines: Text) -> Finding:
    location = getattr(error, "location", {"line": 1})
    problem = str(error).partition(": ")[2] or str(error)
    if problem.startswith("expected: "):
        problem = f"{quoted(problem.partition(', got ')[2][1:-1])} does not belong here"
    elif problem.startswith("unexpected end"):
        problem = "it ends too early"
    return _warning(
        f"this is not a feature file: {problem[:200]}",
        lines,
        min(location["line"], max(len(lines.lines), 1)),
        location.get("column") or 1,
        "Check the keyword at the start of the line, and the tables.",
    )


def _warning(message: str, lines: Text, line: int, column: int, hint: str) -> Finding:
    place = lines.place(line, column)
    return Finding(rule="feature-syntax", severity=Severity.WARNING, message=message, place=place, hint=hint)


@dataclass(slots=True)
class _Seen:
    line: int
    scenarios: int
    statuses: set[str]


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a node inherits: behaviors with the line of their tags, and the status."""

    behaviors: Mapping[str, int]
    status: str

    def inside(self, tags: Iterable[Mapping[str, Any]]) -> _Scope:
        tags = list(tags)
        behaviors = {tag["name"][len(_BEHAVIOR) :]: tag["location"]["line"] for tag in _named(tags, _BEHAVIOR)}
        statuses = [tag["name"][len(_STATUS) :] for tag in _named(tags, _STATUS)]
        return _Scope(behaviors or self.behaviors, statuses[-1] if statuses else self.status)


def _named(tags: Iterable[Mapping[str, Any]], prefix: str) -> Iterator[Mapping[str, Any]]:
    return (tag for tag in tags if tag["name"].startswith(prefix))


def _collect(feature: Mapping[str, Any], lines: Text) -> Features:
    seen: dict[str, _Seen] = {}
    findings = []
    outer = _Scope({}, "").inside(feature["tags"])
    for identifier, line in outer.behaviors.items():
        seen[identifier] = _Seen(line, 0, set())
    for scopes in _scenarios(feature["children"], outer):
        statuses: dict[str, set[str]] = {}
        for scope in scopes:
            for identifier, line in scope.behaviors.items():
                seen.setdefault(identifier, _Seen(line, 0, set()))
                statuses.setdefault(identifier, set()).add(scope.status)
        for identifier, words in statuses.items():
            seen[identifier].scenarios += 1
            seen[identifier].statuses |= words
    for identifier in [name for name in seen if not _ID.fullmatch(name)]:
        line = seen.pop(identifier).line
        message = f"{quoted(_BEHAVIOR + identifier)} does not name a behavior"
        hint = "Write an id of letters, digits, dots, hyphens and underscores."
        findings.append(_warning(message, lines, line, 1, hint))
    behaviors = [
        Behavior(id=name, ref=lines.file, status=_one(was, outer), scenarios=was.scenarios, line=was.line)
        for name, was in seen.items()
    ]
    behaviors.sort(key=lambda behavior: (behavior.line, behavior.id))
    return Features(behaviors=tuple(behaviors), findings=sort_findings(findings))


def _one(was: _Seen, outer: _Scope) -> str:
    if not was.scenarios:
        return outer.status
    return next(iter(was.statuses)) if len(was.statuses) == 1 else MIXED


def _scenarios(children: Iterable[Mapping[str, Any]], outer: _Scope) -> Iterator[list[_Scope]]:
    """Yield for each scenario its scopes: one, or one for each of its tables of examples."""
    for child in children:
        if "rule" in child:
            rule = child["rule"]
            yield from _scenarios(rule["children"], outer.inside(rule["tags"]))
        elif "scenario" in child:
            scenario = child["scenario"]
            scope = outer.inside(scenario["tags"])
            yield [scope.inside(examples["tags"]) for examples in scenario["examples"]] or [scope]
