"""The standard of command lines, sentence by sentence, and what the runs of a command say of each.

The published page is docs/standards/cli-and-ux.md; a test holds that both have the same sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chora_catalog.model.readiness import Answer, Judged, Probed, Run

WRONG_OPTION: Final = "--no-such-option-here"
QUICK: Final = 1.0
WIDEST: Final = 100
_VERSION = re.compile(rb"[0-9]+\.[0-9]+")
_TRACES = (b"Traceback (most recent call last)", b"panicked at", b"\n    at ", b"goroutine 1 [", b"Stack trace:")
_NEXT = (b"next:", b"--help", b"did you mean", b"try ", b"usage:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of the standard; `judge` returns why it is not met, empty when it is, and is None for no check."""

    text: str
    check: str = ""
    judge: Callable[[Probed], str] | None = None


def judge(probed: Probed) -> tuple[Judged, ...]:
    """Return each sentence with its verdict, in the order of the page."""
    found = []
    for sentence in SENTENCES:
        if sentence.judge is None:
            found.append(Judged(check="", text=sentence.text, verdict=Answer.NOT_EVALUATED))
            continue
        why = sentence.judge(probed)
        verdict = Answer.MISSING if why else Answer.MET
        found.append(Judged(check=sentence.check, text=sentence.text, verdict=verdict, why=why))
    return tuple(found)


def _code(run: Run, expected: int) -> str:
    if not run.ended:
        return f"{' '.join(run.words)} did not end by itself"
    return "" if run.code == expected else f"{' '.join(run.words)} ended with {run.code}"


def _help_exit(probed: Probed) -> str:
    return _code(probed.help, 0) or ("" if probed.help.out.strip() else "the help is not on standard output")


def _help_usage(probed: Probed) -> str:
    return "" if b"usage" in probed.help.out.lower() else "the help has no usage line"


def _help_exit_codes(probed: Probed) -> str:
    said = b" ".join(probed.help.out.lower().split())
    return "" if re.search(rb"exit (?:codes?|status(?:es)?)", said) else "the help does not speak of exit codes"


def _help_same(probed: Probed) -> str:
    return "" if probed.help.out == probed.help_again.out else "the second time it said something else"


def _help_quick(probed: Probed) -> str:
    best = min(probed.help.seconds, probed.help_again.seconds, probed.help_plain.seconds)
    return "" if best <= QUICK else f"the quickest of three took {best:.1f} s"


def _help_width(probed: Probed) -> str:
    widest = max((len(line) for line in probed.help.out.decode("utf-8", "replace").splitlines()), default=0)
    return "" if widest <= WIDEST else f"a line has {widest} columns"


def _version_exit(probed: Probed) -> str:
    run = probed.version
    lines = run.out.strip().splitlines()
    if problem := _code(run, 0):
        return problem
    if len(lines) != 1:
        return f"it said {len(lines)} lines on standard output"
    return "" if _VERSION.search(lines[0]) else "the line has no version number"


def _wrong_exit(probed: Probed) -> str:
    return _code(probed.wrong, 2)


def _wrong_stderr(probed: Probed) -> str:
    if probed.wrong.out.strip():
        return "it wrote to standard output"
    return "" if probed.wrong.err.strip() else "it said nothing on standard error"


def _wrong_named(probed: Probed) -> str:
    return "" if WRONG_OPTION.encode() in probed.wrong.both else "the error does not repeat the option"


def _wrong_next(probed: Probed) -> str:
    said = probed.wrong.both.lower()
    return "" if any(word in said for word in _NEXT) else "the error names no next step"


def _wrong_trace(probed: Probed) -> str:
    shown = any(trace in run.both for run in probed.every for trace in _TRACES)
    return "a stack trace is shown" if shown else ""


def _no_color(probed: Probed) -> str:
    return _escapes(probed.help_plain, probed.wrong_plain)


def _pipe_plain(probed: Probed) -> str:
    return _escapes(probed.help, probed.version, probed.wrong)


def _escapes(*runs: Run) -> str:
    found = next((run for run in runs if b"\x1b" in run.both), None)
    return f"{' '.join(found.words)} writes escape sequences" if found else ""


def _no_input(probed: Probed) -> str:
    found = next((run for run in probed.every if not run.ended), None)
    return f"{' '.join(found.words)} did not end by itself" if found else ""


def _utf_8(probed: Probed) -> str:
    for run in probed.every:
        try:
            run.both.decode()
        except UnicodeDecodeError:
            return f"{' '.join(run.words)} says bytes that are no UTF-8"
    return ""


SENTENCES: Final = (
    Sentence(
        check="help-exit", judge=_help_exit, text="`--help` MUST end with 0 and write the help to standard output."
    ),
    Sentence(check="help-usage", judge=_help_usage, text="The help MUST show how the command is called."),
    Sentence(check="help-exit-codes", judge=_help_exit_codes, text="The help MUST say what the exit codes mean."),
    Sentence(check="help-same", judge=_help_same, text="The help MUST be the same each time."),
    Sentence(check="help-quick", judge=_help_quick, text="The help SHOULD be there within one second."),
    Sentence(check="help-width", judge=_help_width, text="No line of the help SHOULD be wider than 100 columns."),
    Sentence(
        check="version-exit",
        judge=_version_exit,
        text="`--version` MUST end with 0 and write one line with the version to standard output.",
    ),
    Sentence(check="wrong-exit", judge=_wrong_exit, text="An option that is not there MUST end the command with 2."),
    Sentence(
        check="wrong-stderr",
        judge=_wrong_stderr,
        text="What went wrong MUST be said on standard error, and standard output MUST stay empty then.",
    ),
    Sentence(check="wrong-named", judge=_wrong_named, text="An error MUST repeat the word that was wrong."),
    Sentence(check="wrong-next", judge=_wrong_next, text="An error MUST name the next step."),
    Sentence(check="wrong-trace", judge=_wrong_trace, text="A person MUST NOT be shown a stack trace unasked."),
    Sentence(check="no-color", judge=_no_color, text="With `NO_COLOR` set, output MUST hold no escape sequence."),
    Sentence(check="pipe-plain", judge=_pipe_plain, text="Output that is no terminal MUST hold no escape sequence."),
    Sentence(
        check="no-input",
        judge=_no_input,
        text="With nothing on standard input, help, version and errors MUST come without waiting.",
    ),
    Sentence(check="utf-8", judge=_utf_8, text="Output MUST be UTF-8."),
    Sentence(text="Exit codes MUST mean the same in every command: 0 yes, 1 no, 2 you asked wrongly, 3 cannot tell."),
    Sentence(text="What was not evaluated MUST be said, and MUST NOT count as a yes."),
    Sentence(text="Progress MUST go to standard error, and only when that is a terminal."),
    Sentence(text="What somebody else wrote MUST be shown with its control characters made visible."),
    Sentence(text="A command MUST say what it wrote, and MUST NOT overwrite what a person wrote."),
    Sentence(text="A command that writes SHOULD have `--dry-run`."),
    Sentence(text="A command that was done SHOULD change nothing when it is done again."),
    Sentence(text="A command that finds things SHOULD be able to say them as JSON with a named schema."),
    Sentence(text="A command MUST NOT send anything anywhere that it was not asked to send."),
)
