"""Templates of what an adopting repository needs, filled from its manifest, and how a file of it is brought up to date.

A whole file ends in a mark with the digest of what was generated, so that a file that a person changed is known from
one that nobody touched. A part of a file stands between two marks of its own. Values come from a repository nobody
vouches for: each place in a template names the form its value takes there.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from chora_catalog.render.text import on_one_line, visible
from chora_catalog.render.yaml_out import quoted

_PLACE = re.compile(r"@@([a-z]+):([a-z]+)@@")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")
_OWNER = re.compile(r"@[A-Za-z0-9_.-]{1,100}(?:/[A-Za-z0-9_.-]{1,100})?")
_OWNED = re.compile(
    r"#[^\r\n]{0,400}|/[A-Za-z0-9._/-]{0,200}(?: @[A-Za-z0-9_.-]{1,100}(?:/[A-Za-z0-9_.-]{1,100})?){1,1000}"
)
_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,199})")
_MARK = re.compile(r"(?:# |<!-- )chora:generated ([a-z-]{1,40}) sha256:([0-9a-f]{64})(?: -->)?\n?")
BEGIN, END = "chora:begin", "chora:end"


class UnfitValue(ValueError):  # noqa: N818  (it says what was found)
    """A value cannot stand where a template wants it; the words say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file of a template: where its text is kept, where it goes, and how a comment looks there."""

    source: str
    target: str
    comment: str = "#"
    part: bool = False
    executable: bool = False
    others: tuple[str, ...] = ()
    """Where the same file may lie instead; where one of them is there, it is that one."""
    forges: tuple[str, ...] = ()
    """The forges that read it there; none named: all."""
    mark: str = ""
    """What tells the marks of this part from those of another template in the same file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What `chora template apply NAME` writes; `then` are lines for the manifest that a person adds."""

    name: str
    summary: str
    pieces: tuple[Piece, ...]
    then: str = ""


_HTML: Final = "<!--"
_FOLDERS: Final = ((".github", ("github", "none")), (".gitea", ("gitea",)), (".gitlab", ("gitlab",)))
"""Where a forge looks for what it shows; a catalog that names no forge gets what GitHub reads."""


def _governance(folder: str, forges: tuple[str, ...]) -> tuple[Piece, ...]:
    if folder == ".gitlab":
        form = Piece(
            source="governance-issue.tmpl",
            target=".gitlab/issue_templates/change-signal.md",
            comment=_HTML,
            forges=forges,
        )
        request = ".gitlab/merge_request_templates/Default.md"
    else:
        form = Piece(
            source="governance-form.tmpl", target=f"{folder}/ISSUE_TEMPLATE/chora-change-signal.yml", forges=forges
        )
        request = f"{folder}/pull_request_template.md"
    owners = Piece(
        source="governance-owners.tmpl",
        target=f"{folder}/CODEOWNERS",
        part=True,
        others=("CODEOWNERS", "docs/CODEOWNERS"),
        forges=forges,
        mark="governance",
    )
    return (form, Piece(source="governance-request.tmpl", target=request, comment=_HTML, forges=forges), owners)


TEMPLATES: Final = {
    template.name: template
    for template in (
        Template(
            name="agents",
            summary="what an agent must know of the manifest, between marks in AGENTS.md",
            pieces=(Piece(source="agents.tmpl", target="AGENTS.md", comment=_HTML, part=True),),
        ),
        Template(
            name="behavior",
            summary="a .feature file with a first behavior, as a draft",
            pieces=(Piece(source="behavior.tmpl", target="features/@@slug:plain@@.feature"),),
            then='behaviors:\n  - id: @@behavior:yaml@@\n    ref: "features/@@slug:plain@@.feature"\n',
        ),
        Template(
            name="cli",
            summary="a small command in Python that obeys the standard of command lines",
            pieces=(Piece(source="cli.tmpl", target="bin/@@slug:plain@@", executable=True),),
        ),
        Template(
            name="codeowners",
            summary="who must agree to a change of the manifest, between marks in CODEOWNERS",
            pieces=(
                Piece(
                    source="codeowners.tmpl",
                    target=".github/CODEOWNERS",
                    part=True,
                    others=("CODEOWNERS", "docs/CODEOWNERS"),
                ),
            ),
        ),
        Template(
            name="compat",
            summary="a GitHub workflow that judges a pull request against a published catalog",
            pieces=(Piece(source="compat.tmpl", target=".github/workflows/chora-compat.yml"),),
        ),
        Template(
            name="gate",
            summary="for a catalog: the pipeline that judges what a pull request does to its records",
            pieces=(
                Piece(source="gate.tmpl", target=".github/workflows/gate.yml", forges=("github", "gitea", "none")),
                Piece(source="gate-gitlab.tmpl", target=".gitlab/chora-gate.yml", forges=("gitlab",)),
            ),
        ),
        Template(
            name="gitlab",
            summary="a GitLab pipeline that judges the manifest of a merge request",
            pieces=(Piece(source="gitlab.tmpl", target=".gitlab-ci.yml"),),
        ),
        Template(
            name="governance",
            summary="for a catalog: issue form, pull-request template, and code owners from decisions/stewards.yaml",
            pieces=tuple(piece for folder, forges in _FOLDERS for piece in _governance(folder, forges)),
        ),
        Template(
            name="issue-form",
            summary="an issue form for change signals",
            pieces=(Piece(source="issue-form.tmpl", target=".github/ISSUE_TEMPLATE/change-signal.yml"),),
        ),
        Template(
            name="overview",
            summary="a page that says what the repository is, from its manifest",
            pieces=(Piece(source="overview.tmpl", target="docs/overview.md", comment=_HTML),),
        ),
        Template(
            name="pre-commit",
            summary="a pre-commit hook that judges the manifest",
            pieces=(Piece(source="pre-commit.tmpl", target=".pre-commit-config.yaml"),),
        ),
        Template(
            name="scenario",
            summary="a value scenario: the guide, and the test that walks through it",
            pieces=(
                Piece(source="scenario-guide.tmpl", target="docs/how-to/use-@@slug:plain@@.md", comment=_HTML),
                Piece(source="scenario-test.tmpl", target="tests/value-scenarios/@@slug:plain@@.sh", executable=True),
            ),
            then=(
                'value_scenarios:\n  - id: @@id:yaml@@\n    guide: "docs/how-to/use-@@slug:plain@@.md"\n'
                '    tests: ["tests/value-scenarios/@@slug:plain@@.sh"]\n'
            ),
        ),
        Template(
            name="skill",
            summary="a skill file by which an agent keeps the manifest true",
            pieces=(Piece(source="skill.tmpl", target=".agents/skills/chora-adopt/SKILL.md", comment=_HTML),),
        ),
        Template(
            name="workflow",
            summary="a GitHub workflow that judges the manifest of a pull request",
            pieces=(Piece(source="workflow.tmpl", target=".github/workflows/chora.yml"),),
        ),
    )
}


def wanted(text: str) -> list[str]:
    """Return the names of the values that a template's text asks for, each once, in order."""
    return list(dict.fromkeys(name for name, _ in _PLACE.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a template's text with its values in their forms; raise UnfitValue for one that has no such form."""

    def put(match: re.Match[str]) -> str:
        name, form = match.groups()
        try:
            return _FORMS[form](values[name])
        except UnfitValue as unfit:
            raise UnfitValue(f"{name} {unfit}") from None

    return _PLACE.sub(put, text)


def generated(template: str, piece: Piece, body: str) -> str:
    """Return a whole file: its body, and the mark that says by which template and with which digest."""
    mark = f"chora:generated {template} sha256:{_digest(body)}"
    return body + (f"\n<!-- {mark} -->\n" if piece.comment == _HTML else f"# {mark}\n")


def untouched(text: str, template: str) -> bool:
    """Tell whether a file is as `template` generated it, whatever its values were then."""
    text = text.replace("\r\n", "\n")
    body, _, last = text.rstrip("\n").rpartition("\n")
    found = _MARK.fullmatch(last)
    if not found or found[1] != template:
        return False
    body = body.removesuffix("\n") if last.startswith("<") else body
    return found[2] == _digest(body + "\n")


def with_part(text: str, piece: Piece, part: str) -> str | None:
    """Return a file with `part` between its marks, which are added at its end where there are none.

    None when the marks are there and not one pair in order: nobody can say what between them was generated.
    """
    begin, end = (" ".join(filter(None, (word, piece.mark))) for word in (BEGIN, END))
    begin, end = (f"<!-- {begin} -->", f"<!-- {end} -->") if piece.comment == _HTML else (f"# {begin}", f"# {end}")
    lines = text.split("\n")
    begins = [number for number, line in enumerate(lines) if line.strip() == begin]
    ends = [number for number, line in enumerate(lines) if line.strip() == end]
    block = [begin, *part.rstrip("\n").split("\n"), end]
    if not begins and not ends:
        before = text.rstrip("\n")
        return (before + "\n\n" if before else "") + "\n".join(block) + "\n"
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
        return None
    return "\n".join([*lines[: begins[0]], *block, *lines[ends[0] + 1 :]])


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def _markdown(value: str) -> str:
    return _MARKUP.sub(r"\\\1", on_one_line(visible(value)))


def _plain(value: str) -> str:
    if not _PLAIN.fullmatch(value) or ".." in value or "//" in value:
        raise UnfitValue(f"is {value!a}, which is no plain name")
    return value


def _codeowner(value: str) -> str:
    if not _OWNER.fullmatch(value):
        raise UnfitValue(f"is {value!a}; a CODEOWNERS file names @person or @organisation/team")
    return value


def _lines(value: str) -> str:
    wrong = next((line for line in value.split("\n") if not _OWNED.fullmatch(line)), None)
    if wrong is not None:
        raise UnfitValue(f"holds {wrong!a}, which is no line of a CODEOWNERS file")
    return value


def _python(value: str) -> str:
    return json.dumps(on_one_line(visible(value)))


_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "yaml": quoted,
    "md": _markdown,
    "plain": _plain,
    "codeowner": _codeowner,
    "lines": _lines,
    "python": _python,
}
