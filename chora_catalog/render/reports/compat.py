"""What a check of compatibility says: for a person, for a program, and as findings for whatever shows those."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from chora_catalog.errors import Exit
from chora_catalog.model.checked import Checked
from chora_catalog.model.finding import Finding, Place, Severity, sort_findings
from chora_catalog.model.judgement import Checkup, Judgement, Looked, Owned, StepSaid
from chora_catalog.model.record import to_json
from chora_catalog.model.ruling import Age, Side
from chora_catalog.model.verdict import Verdict
from chora_catalog.parse.deadlines import MAX_WAIVER
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.report import frame, workflow_commands
from chora_catalog.render.reports.markdown import fenced, plain
from chora_catalog.render.text import on_one_line, some, visible

SCHEMA: Final = "chora.compat-check/v1"
_FINE: Final = ("compatible", "deprecated", "waived", "pending")
_WIDTH: Final = 10
_UNTOLD: Final = "It could not be told whether everything fits, and that is no pass."
_VERDICTS: Final = {Exit.YES: "compatible", Exit.NO: "not compatible", Exit.CANNOT_TELL: "cannot tell"}


def findings(checkup: Checkup) -> tuple[Finding, ...]:
    """Return what does not fit, or cannot be told, as findings: a no is an error, else a warning or a notice.

    A dependency that broke before the provider's change is a warning there.
    """
    rows = [_finding(item) for item in checkup.judgements if item.ruling.status != "compatible"]
    return sort_findings([*rows, *(_step_finding(step) for step in checkup.steps if step.suffices is not True)])


def annotated(checkup: Checkup) -> str:
    """Return the findings as annotations of a CI job, and first of all that it cannot be told, where it cannot."""
    rows = findings(checkup)
    if checkup.exit == Exit.CANNOT_TELL:
        rows = (_about_all(f"{_UNTOLD} {basis(checkup.looked)}", rule="cannot-tell"), *rows)
    return "".join(f"{line}\n" for line in workflow_commands(rows))


def not_judged(what: str, hint: str, code: Exit) -> tuple[str, str]:
    """Return the annotation and the summary of a CI job in which nothing was judged, because of `what`."""
    untold = code is Exit.CANNOT_TELL
    verdict = _VERDICTS[Exit.CANNOT_TELL] if untold else "nothing was compared"
    said = f"{_UNTOLD} {what}" if untold else what
    rule = "cannot-tell" if untold else "not-compared"
    (annotation,) = workflow_commands([_about_all(said, rule=rule, hint=hint)])
    return f"{annotation}\n", f"### chora compat check: {verdict}\n\n{plain(said)}.\n\n{plain(hint)}\n"


def _about_all(said: str, *, rule: str, hint: str = "") -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, message=said, place=Place(file=""), hint=hint)


def checked(checkup: Checkup) -> Checked:
    """Return the findings with what was looked at, for the reports that every command shares."""
    return Checked(
        files=checkup.files,
        capabilities=len(checkup.capabilities),
        findings=findings(checkup),
        not_evaluated={},
        basis=basis(checkup.looked),
    )


def _finding(item: Judgement) -> Finding:
    return Finding(
        rule=item.edge.rule,
        severity=_severity(item),
        message=headline(item),
        place=item.place,
        hint=next_step(item),
        subject=item.edge.fingerprint or f"{item.edge.consumer} {item.edge.provider}",
    )


def _severity(item: Judgement) -> Severity:
    if item.ruling.exit is Exit.NO:
        return Severity.ERROR
    if item.ruling.exit is Exit.CANNOT_TELL or item.ruling.status in ("breaking", "invalid", "deprecated", "stale"):
        return Severity.WARNING
    return Severity.NOTICE


def _step_finding(step: StepSaid) -> Finding:
    return Finding(
        rule=step.rule or "version-unreadable",
        severity=Severity.ERROR if step.exit is Exit.NO else Severity.WARNING,
        message=f"{step.capability}: {'; '.join([*step.said, *step.changes])}",
        place=step.place,
        hint=_step_next(step),
        subject=step.capability,
    )


def _step_next(step: StepSaid) -> str:
    if step.suggested and step.suggested != step.new:
        return f"Raise `version` to {step.suggested}, or take back what breaks."
    return "Say what the change means where it is reviewed."


def headline(item: Judgement) -> str:
    """Return what is said of one dependency, in one sentence that needs nothing around it."""
    edge = item.edge
    if item.side is Side.CONSUMER:
        renamed = f" ({edge.provider} today)" if edge.provider != edge.written else ""
        return f"{edge.consumer} needs {edge.written}{renamed} {edge.range or '*'}: {edge.reason}"
    provider = f"{edge.provider} {edge.provider_version}".rstrip()
    word = "breaks" if edge.verdict is Verdict.BREAKING else "and"
    already = " (it broke before this change already)" if _is_old(item) else ""
    return f"{provider} {word} {edge.consumer}: {edge.reason}{already}"


def _is_old(item: Judgement) -> bool:
    """Tell whether it is a break that the change at hand is not to blame for."""
    return item.side is Side.PROVIDER and item.ruling.status == "breaking" and item.ruling.exit is Exit.YES


def next_step(item: Judgement) -> str:
    """Return what to do next, empty where there is nothing to do."""
    edge = item.edge
    whom = _whom(item.consumer if item.side is Side.PROVIDER else item.provider)
    if item.ruling.status == "stale":
        return "The catalog is old: let it be built again, then run the same command again."
    if edge.verdict is Verdict.INVALID:
        return "Write a range such as >=1.2 <2." if item.side is Side.CONSUMER else f"Tell {whom}."
    if edge.verdict is Verdict.MISSING:
        return "Correct the id, register the source that provides it, or mark the dependency optional."
    if edge.verdict is Verdict.UNKNOWN:
        return _UNKNOWN_NEXT.get(edge.rule, f"Ask {whom} what the change means, or say what is used: `inputs`.")
    if edge.verdict is Verdict.DEPRECATED:
        return f"Move to {item.replacement}." if item.replacement else f"Ask {whom} what takes its place."
    if edge.verdict is not Verdict.BREAKING or item.ruling.status == "pending":
        return ""
    if _is_old(item):
        return f"Nothing for this change; {whom} has it to repair."
    if item.side is Side.PROVIDER:
        window = f" for {item.window} days" if item.window else ""
        return f"Keep what {edge.consumer} uses{window}, or file a change signal and agree with {whom}."
    if edge.rule == "outside-range":
        return f"Try {edge.provider_version}, then widen the range; or ask {whom} for a way."
    return (
        f"Stay on {edge.fits} until you have moved, or ask {whom} for a way." if edge.fits else f"Ask {whom} for a way."
    )


_UNKNOWN_NEXT: Final = {
    "provider-unread": "Let the catalog read that source, then run the same command again.",
    "provider-contested": "Let the registry say who holds the id (`claims`).",
    "provider-unversioned": "The provider has to name a version.",
    "consumer-unreadable": "The dependent's manifest has to be corrected before it can be judged.",
    "use-undeclared": "Say in `inputs` what is read of the provider, so that it can be judged.",
}


def _whom(owned: Owned) -> str:
    if not owned.owner:
        return "its owner (nobody is named: owner-unresolved)"
    return f"{owned.owner} ({owned.contact})" if owned.contact else owned.owner


def basis(looked: Looked) -> str:
    """Return in one line what was compared with, and how old it is."""
    return f"Compared with the catalog of {looked.as_of}, {_age(looked)}, trace {looked.trace}."


def _age(looked: Looked) -> str:
    if looked.age is None:
        return "whose age cannot be told: it is from the future"
    minutes, hours = looked.age // 60, looked.age // 3600
    old = some(minutes, "minute") if minutes < 120 else some(hours, "hour") if hours < 48 else some(hours // 24, "day")
    words = {Age.FRESH: "", Age.LATE: ", past its TTL", Age.OVERDUE: ", past its alert age"}
    return f"{old} old{words[looked.word]}"


def text(checkup: Checkup) -> str:
    """Return the report for a terminal: what does not fit in full, then a line for each other dependency."""
    parts = [_full(item) for item in checkup.judgements if not _is_short(item)]
    parts += [frame(_step_finding(step)) for step in checkup.steps if step.suffices is not True]
    rest = [item for item in checkup.judgements if _is_short(item)]
    if rest:
        parts.append("\n".join(_short(item) for item in rest))
    return "\n\n".join(parts) + ("\n\n" if parts else "")


def _is_short(item: Judgement) -> bool:
    """Tell whether a line is enough: it fits, or the change at hand is not to blame for it."""
    return item.ruling.status in _FINE or _is_old(item)


def _short(item: Judgement) -> str:
    edge = item.edge
    arrow = (
        f"needs {edge.written} {edge.range or '*'}" if item.side is Side.CONSUMER else f"is needed by {edge.consumer}"
    )
    who = edge.consumer if item.side is Side.CONSUMER else edge.provider
    already = "already " if _is_old(item) else ""
    return _line(f"{already}{item.ruling.status}: {who} {arrow}: {edge.reason}")


def _line(words: str) -> str:
    """Return `words` on one line: nothing that a source or a catalog wrote begins another."""
    return on_one_line(visible(words))


def _full(item: Judgement, ready: str = "--format json has it ready") -> str:
    head = frame(_finding(item))
    lines, _, last = head.partition("\n  = next: ")
    rows = [f"  {name:<{_WIDTH}} {_line(value)}" for name, value in _facts(item, ready)]
    return "\n".join([lines.replace(f"{_severity(item).value}[", f"{item.ruling.status}[", 1), *rows]) + (
        f"\n  = next: {last}" if last else ""
    )


def _facts(item: Judgement, ready: str) -> Iterator[tuple[str, str]]:
    edge = item.edge
    provider = " ".join(filter(None, [edge.provider, edge.provider_version]))
    since = f", released {edge.since[:10]}" if edge.since and item.side is Side.CONSUMER else ""
    yield "provider", f"{provider}{since}, {_whom(item.provider)}"
    yield "consumer", f"{edge.consumer} {edge.consumer_version}".strip() + f", {_whom(item.consumer)}"
    yield "required", f"{edge.range or '*'}{f'; {edge.fits} still fits' if edge.fits else ''}"
    if edge.before or edge.after:
        yield "before", edge.before or "absent"
        yield "after", edge.after or "absent"
    for evidence in item.evidence:
        said = evidence.verdict.value if evidence.verdict else ""
        told = f", {evidence.source}" if evidence.source else ""
        at = f" at {evidence.at}" if evidence.at else ""
        yield (
            "evidence",
            f"{evidence.layer.value}: {said}{' (' if said else ''}{evidence.words}{')' if said else ''}{told}{at}",
        )
    if item.window is not None:
        yield "window", f"{some(item.window, 'day')} suggested; announced now, not before {item.earliest_removal}"
    if edge.fingerprint:
        yield "print", edge.fingerprint
    paper = item.excuse.paper
    if paper:
        yield "waiver", f"possible, up to {MAX_WAIVER.days} days: file {paper.file} ({ready})"
    elif item.excuse.why_not:
        yield "waiver", f"not possible: {item.excuse.why_not}"
    if item.draft:
        yield "signal", f"a draft for {item.draft.file} ({ready})"


def summary(checkup: Checkup) -> str:
    """Return the counts in one line, what was compared with in the next, and what the check does not know."""
    lines = []
    for side, noun in ((Side.CONSUMER, "dependency"), (Side.PROVIDER, "dependent")):
        rows = [item for item in checkup.judgements if item.side is side]
        counts = Counter(item.ruling.status for item in rows)
        order = {item.ruling.status: item.edge.verdict.rank for item in reversed(rows)}
        said = ", ".join(f"{counts[status]} {status}" for status in sorted(counts, key=lambda one: (order[one], one)))
        many = "dependencies" if noun == "dependency" else "dependents"
        lines.append(f"{some(len(rows), noun, many)} judged{f': {said}' if said else ''}.")
    return "\n".join(_line(said) for said in [*lines, *checkup.notes, basis(checkup.looked)])


def as_json(checkup: Checkup) -> str:
    """Return the whole check as JSON, `chora.compat-check/v1`."""
    looked = checkup.looked
    return json_bytes(
        {
            "schema": SCHEMA,
            "exit_code": checkup.exit,
            "detected_at": checkup.judged_at,
            "trace_id": looked.trace,
            "catalog": {
                "where": looked.where,
                "as_of": looked.as_of,
                "age_seconds": looked.age,
                "age": looked.word.value,
                "capabilities": looked.capabilities,
                "unread_sources": list(looked.unread),
            },
            "capabilities": list(checkup.capabilities),
            "judgements": [_record(item) for item in checkup.judgements],
            "steps": [_step(step) for step in checkup.steps],
            "notes": list(checkup.notes),
        }
    ).decode()


def _record(item: Judgement) -> dict[str, Any]:
    edge = item.edge
    paper, draft = item.excuse.paper, item.draft
    return {
        "side": item.side.value,
        "status": item.ruling.status,
        "exit_code": int(item.ruling.exit),
        "capability_id": edge.provider if item.side is Side.PROVIDER else edge.consumer,
        "rule_id": edge.rule,
        "reason": edge.reason,
        "next": next_step(item),
        "fingerprint": edge.fingerprint,
        "provider": {"id": edge.provider, "written": edge.written, "version": edge.provider_version},
        "consumer": {"id": edge.consumer, "version": edge.consumer_version},
        "required_range": edge.range,
        "still_fits": edge.fits,
        "since": edge.since,
        "was": item.before,
        "pointer": edge.pointer,
        "before": edge.before,
        "after": edge.after,
        "place": {"file": item.place.file, "line": item.place.line, "column": item.place.column},
        "owners": {"provider": to_json(item.provider), "consumer": to_json(item.consumer)},
        "evidence": [to_json(evidence) for evidence in item.evidence],
        "age": item.age.value,
        "suggested_deprecation_window_days": item.window,
        "earliest_removal": item.earliest_removal,
        "replacement": item.replacement,
        "waiver": {
            "possible": paper is not None,
            "why_not": item.excuse.why_not,
            "file": paper.file if paper else "",
            "text": paper.text if paper else "",
        },
        "signal_draft": {"file": draft.file, "text": draft.text} if draft else None,
    }


def _step(step: StepSaid) -> dict[str, Any]:
    return {
        "capability_id": step.capability,
        "version_current": step.old,
        "version_proposed": step.new,
        "declared_bump": step.declared.value if step.declared else None,
        "required_bump": step.smallest.value,
        "suffices": step.suffices,
        "suggested_version": step.suggested,
        "rule_id": step.rule,
        "changes": list(step.changes),
    }


def markdown(checkup: Checkup) -> str:
    """Return the report as Markdown: for a job summary or a comment."""
    verdict = _VERDICTS[Exit(checkup.exit)]
    parts = [f"### chora compat check: {verdict}", " ".join(plain(line) for line in summary(checkup).split("\n"))]
    rows = [
        f"| {item.ruling.status} | {plain(item.edge.consumer)} | {plain(item.edge.provider)} "
        f"{plain(item.edge.provider_version)} | {plain(item.edge.range or '*')} | {plain(item.edge.reason)} "
        f"| {plain(next_step(item))} |"
        for item in checkup.judgements[:_ROWS]
    ]
    if rows:
        head = ["| | consumer | provider | required | why | next |", "|---|---|---|---|---|---|"]
        parts.append("\n".join([*head, *rows]))
    if len(checkup.judgements) > _ROWS:
        parts.append(f"and {some(len(checkup.judgements) - _ROWS, 'more')}")
    steps = [
        f"- {plain(step.capability)}: from {plain(step.old)} to {plain(step.new)}; what changed needs a step of "
        f"{step.smallest.value} ({plain(step.suggested)})"
        for step in checkup.steps
        if step.suffices is not True
    ]
    if steps:
        parts.append("\n".join(steps))
    full = [_full(item, "its text stands below") for item in checkup.judgements if not _is_short(item)]
    parts += [fenced(said) for said in full[:_FULL]]
    for item in checkup.judgements[:_ROWS]:
        for paper in filter(None, [item.draft, item.excuse.paper]):
            shown = fenced(paper.text.rstrip("\n"), "yaml")
            parts.append(f"<details><summary>{plain(paper.file)}</summary>\n\n{shown}\n\n</details>")
    return "\n\n".join(parts) + "\n"


_ROWS: Final = 100
_FULL: Final = 20
