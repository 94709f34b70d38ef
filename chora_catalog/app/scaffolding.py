"""Templates put into an adopting repository: only what was generated is ever changed, and never through a link."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chora_catalog.app import policy
from chora_catalog.app.own_schemas import own_schemas
from chora_catalog.app.typed import typed
from chora_catalog.edge import files
from chora_catalog.edge.workspace import Workspace
from chora_catalog.errors import ChoraError
from chora_catalog.model.ids import file_name
from chora_catalog.model.manifest import Manifest
from chora_catalog.parse.load import load_manifests
from chora_catalog.parse.reading import MAX_BYTES
from chora_catalog.render.code_owners import owned_lines
from chora_catalog.render.scaffold import (
    TEMPLATES,
    Piece,
    Template,
    UnfitValue,
    filled,
    generated,
    untouched,
    wanted,
    with_part,
)

_TOOL = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_CATALOG = re.compile(r"https://[A-Za-z0-9._~:/?#@%+,=-]{1,500}")
_UNSAID = {
    "owner": "nobody named yet",
    "contact": "no way named yet",
    "summary": "What it is for is not said yet.",
}
"""What a page says where the manifest is silent; what a machine reads has no such words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One file of one template: `state` is `new`, `updated`, `unchanged`, or `left` with the reason `why`."""

    template: str
    path: str
    state: str
    diff: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of each file, and the lines that a person adds to the manifest, by template."""

    placed: tuple[Placed, ...]
    then: tuple[tuple[str, str], ...]


def templates() -> tuple[Template, ...]:
    """Return every template, by name."""
    return tuple(template for _, template in sorted(TEMPLATES.items()))


def split_path(words: Sequence[str]) -> tuple[tuple[str, ...], Path]:
    """Return the names of templates in `words`, and the folder that may stand after them; else the present one.

    A word that names a template is that template; `./workflow` is a folder.
    """
    if len(words) > 1 and words[-1] not in TEMPLATES and Path(words[-1]).is_dir():
        return tuple(words[:-1]), Path(words[-1])
    return tuple(words), Path()


def apply(names: Sequence[str], path: Path, given: Sequence[str] = (), *, dry_run: bool = False) -> Applied:
    """Put the templates `names` into the folder `path`, filled from its manifest and from `given` (`KEY=VALUE`).

    Everything is made before anything is written. Raise ChoraError (usage) for an unknown name, and for a value that is
    missing or cannot stand where a template wants it.
    """
    chosen = [_template(name) for name in dict.fromkeys(names)]
    place = Workspace(path)
    manifests = _manifests(place)
    values = _values(manifests, _given(given))
    forge = "none"
    if any(piece.forges for template in chosen for piece in template.pieces):
        forge = policy.forge(place)
        values["stewards"] = owned_lines(policy.stewards(place), forge)
    named = {item.ref.split("#")[0] for manifest in manifests for item in manifest.behaviors}
    for scenario in (scenario for manifest in manifests for scenario in manifest.value_scenarios):
        named |= {scenario.guide, *scenario.tests}
    folder = files.data_folder("templates") / "adopt"
    made: list[tuple[Placed, Piece, str]] = []
    then = []
    for template in chosen:
        pieces = [piece for piece in template.pieces if not piece.forges or forge in piece.forges]
        texts = {piece.source: (folder / piece.source).read_text(encoding="utf-8") for piece in pieces}
        _complete(template, pieces, texts, values, path, given)
        for piece in pieces:
            target, body = _fill(piece.target, values, template), _fill(texts[piece.source], values, template)
            if not place.holds(target):
                # A second CODEOWNERS would hide the first: the code host reads one of them.
                target = next((other for other in piece.others if place.holds(other)), target)
            # Two templates may each have a part in one file.
            earlier = next((text for placed, _, text in reversed(made) if placed.path == target and text), None)
            made.append(_plan(place, template, piece, target, body, earlier))
        paths = [placed.path for placed, _, _ in made if placed.template == template.name]
        if template.then and not all(path in named for path in paths):
            then.append((template.name, _fill(template.then, values, template)))
    for placed, piece, text in made:
        if not dry_run and placed.state in ("new", "updated"):
            place.write(placed.path, text.encode(), executable=piece.executable)
    return Applied(placed=tuple(placed for placed, _, _ in made), then=tuple(then))


def _template(name: str) -> Template:
    if name not in TEMPLATES:
        near = difflib.get_close_matches(name, TEMPLATES, n=1)
        hint = f"Did you mean {near[0]}?" if near else "See them all: chora template list"
        raise ChoraError(f"there is no template {name!a}", hint=hint)
    return TEMPLATES[name]


def _manifests(place: Workspace) -> tuple[Manifest, ...]:
    name = next((name for name in ("chora.yaml", "chora.yml") if place.holds(name)), "")
    data = place.read(name, MAX_BYTES) if name else b""
    if data is None:
        raise ChoraError(
            f"{name} is no regular file of at most 256 KiB", hint="Make it a regular file, then apply the template."
        )
    if not name:
        return ()
    schemas = own_schemas()
    loaded = load_manifests(data, path=name, schemas=schemas)
    if not loaded.parsed:
        raise ChoraError(f"{name} cannot be read", hint=f"Correct what this names: {typed('validate', place.root)}")
    return loaded.manifests


def _given(given: Sequence[str]) -> Mapping[str, str]:
    known = ("tool", "commit", "catalog", "id", "owner", "contact", "summary", "version", "behavior")
    found: dict[str, str] = {}
    for item in given:
        key, sign, value = item.partition("=")
        if not sign or key not in known or not value.strip():
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean --set {near[0]}=...?" if near and near[0] != key else ""
            raise ChoraError(
                f"--set {item!a} sets nothing: it takes KEY=VALUE", hint=hint or f"The keys are {', '.join(known)}."
            )
        found[key] = value.strip()
    for key, form, words in (
        ("tool", _TOOL, "OWNER/REPOSITORY"),
        ("commit", _COMMIT, "a commit of 40 hex digits"),
        ("catalog", _CATALOG, "an address that begins with https://"),
    ):
        if key in found and not form.fullmatch(found[key]):
            raise ChoraError(f"--set {key} takes {words}, not {found[key]!a}", hint=f"Write --set {key}=...")
    return found


def _values(manifests: tuple[Manifest, ...], given: Mapping[str, str]) -> dict[str, str]:
    """Return the values by name: of the capability that `given` names, else of the first, and what `given` says."""
    first = next((item for item in manifests if item.id == given.get("id")), next(iter(manifests), None))
    values: dict[str, str] = dict(_UNSAID)
    if first is not None:
        behavior = next((item.id for item in first.behaviors if not item.ref), "")
        said = {"id": first.id, "version": first.version, "owner": first.owner, "contact": first.contact,
                "summary": first.summary, "behavior": behavior}  # fmt: skip
        values |= {name: value for name, value in said.items() if value}
        values["ids"] = ", ".join(item.id for item in manifests[:20])
    values |= given
    if "id" in values:
        values.setdefault("ids", values["id"])
        values.setdefault("behavior", values["id"])
        # `~`, which parts a slug from its digest, is a home folder to some shells.
        values["slug"] = file_name(values["id"].replace(".", "-")).replace("~", "-")
    return values


def _complete(
    template: Template,
    pieces: Sequence[Piece],
    texts: Mapping[str, str],
    values: Mapping[str, str],
    path: Path,
    given: Sequence[str],
) -> None:
    """Raise ChoraError when a template asks for a value that nobody said."""
    every = [*(piece.target for piece in pieces), *texts.values(), template.then]
    missing = [name for text in every for name in wanted(text) if name not in values]
    names = list(dict.fromkeys("id" if name in ("slug", "ids", "behavior") else name for name in missing))
    if not names:
        return
    examples = {"tool": "tool=OWNER/chora-catalog", "commit": f"commit={'0' * 40}", "id": "id=domain.capability.action",
                "catalog": "catalog=https://example.org/catalog/", "version": "version=0.1.0"}  # fmt: skip
    words = " ".join(f"--set {shlex.quote(item)}" for item in (*given, *(examples[name] for name in names)))
    apply_it = typed(f"template apply {template.name}", path)
    about = "" if set(names) <= {"tool", "commit", "catalog"} else " and no chora.yaml does"
    raise ChoraError(
        f"the template {template.name} needs {' and '.join(names)}, which nobody said{about}",
        hint=f"Say it, with your own values: {apply_it} {words}",
    )


def _fill(text: str, values: Mapping[str, str], template: Template) -> str:
    try:
        return filled(text, values)
    except UnfitValue as unfit:
        key = str(unfit).partition(" ")[0]
        raise ChoraError(
            f"the template {template.name} cannot be filled: {unfit}",
            hint=f"Say another for this template alone: --set {key}=...",
        ) from unfit


def _plan(
    place: Workspace, template: Template, piece: Piece, target: str, body: str, earlier: str | None
) -> tuple[Placed, Piece, str]:
    """Say what would become of the file at `target`, and its new text. `earlier` is what another piece makes of it."""
    fresh = body if piece.part else generated(template.name, piece, body)
    if earlier is None and not place.holds(target):
        text = with_part("", piece, body) or "" if piece.part else fresh
        return _placed(template, target, "new", "", text), piece, text
    data = place.read(target, MAX_BYTES) if earlier is None else earlier.encode("utf-8", "surrogateescape")
    if data is None:
        why = "it is no regular file of at most 256 KiB"
        return Placed(template=template.name, path=target, state="left", why=why), piece, ""
    was = data.decode("utf-8", "surrogateescape")
    if piece.part:
        joined = with_part(was, piece, body)
        if joined is None:
            why = "its marks chora:begin and chora:end are not one pair in order"
            return Placed(template=template.name, path=target, state="left", why=why), piece, ""
        if not _encodes(joined):
            why = "it is not UTF-8"
            return Placed(template=template.name, path=target, state="left", why=why), piece, ""
        state = "unchanged" if joined == was else "updated"
        return _placed(template, target, state, was, joined), piece, joined
    if was == fresh:
        return _placed(template, target, "unchanged", was, fresh), piece, fresh
    if untouched(was, template.name):
        return _placed(template, target, "updated", was, fresh), piece, fresh
    placed = _placed(template, target, "left", was, fresh, why="a person wrote or changed it")
    return placed, piece, fresh


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _placed(template: Template, path: str, state: str, was: str, now: str, why: str = "") -> Placed:
    lines = difflib.unified_diff(was.splitlines(), now.splitlines(), path, path, lineterm="")
    return Placed(template=template.name, path=path, state=state, diff="\n".join(lines), why=why)
