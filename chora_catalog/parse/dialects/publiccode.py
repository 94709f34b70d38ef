"""publiccode.yml, the description of public software, in its versions 0.3 and 0.4.

Mapping rule: dependencies are named by the name of the software alone, so the id is made of nothing else:
`publiccode.<name>`, in small letters, accents dropped, whatever lies between letters and digits read as one `-`. The
spelling stays in `name`. `softwareVersion` is the version, `categories` the tags, `inputTypes` and `outputTypes` the
inputs and outputs. Marked derived: the id; the summary, which is `shortDescription` in English, else in the first
language of the file; the owner, which is `legal.repoOwner`; the contact, which is the e-mail address of the first of
`maintenance.contacts`, the persons whom the format calls the contacts (contractors are none); the stability, by
`developmentStatus` (concept is draft, development experimental, obsolete deprecated); the dependencies, whose range is
made of `version`, or of `versionMin` and `versionMax`, both included. Hardware is no capability and stays in the
original. Stage, tier and behaviors have no counterpart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from chora_catalog.model.finding import Finding, Severity
from chora_catalog.model.manifest import Dependency, Manifest, Origin
from chora_catalog.parse.fields import Fields, original
from chora_catalog.parse.reading import Reading

NAMES = frozenset(["publiccode.yml", "publiccode.yaml"])
KEY = "publiccodeYmlVersion"
KEYS = frozenset([KEY, "developmentStatus", "softwareType"])
"""A publiccode.yml without any of these was written for something else."""

_BETWEEN = re.compile(r"[\W_]+")
_BOUNDS = (("version", ""), ("versionMin", ">="), ("versionMax", "<="))
_STABILITY = {
    "concept": "draft",
    "development": "experimental",
    "beta": "beta",
    "stable": "stable",
    "obsolete": "deprecated",
}


def publiccode(reading: Reading) -> tuple[tuple[Manifest, ...], tuple[Finding, ...]]:
    """Return the software as a capability, and what is wrong with it."""
    document = Fields(reading=reading, value=reading.value)
    name = document.text("name")
    identifier = document.check_id(software_id(name), "/name") if name else ""
    summary = _summary(document)
    owner = document.inner("legal").text("repoOwner")
    contact = _contact(document)
    stability = _STABILITY.get(document.text("developmentStatus"), "")
    dependencies = tuple(_dependencies(document))
    derived = {
        "contact": bool(contact),
        "dependencies": bool(dependencies),
        "id": True,
        "owner": bool(owner),
        "stability": bool(stability),
        "summary": bool(summary),
    }
    manifest = Manifest(
        id=identifier,
        name=name,
        path=reading.file,
        dialect="publiccode",
        version=document.version("softwareVersion", severity=Severity.WARNING),
        summary=summary,
        owner=owner,
        contact=contact,
        stability=stability,
        inputs=document.ports("inputTypes"),
        outputs=document.ports("outputTypes"),
        dependencies=dependencies,
        tags=document.texts("categories"),
        origins=tuple((field, Origin.DERIVED) for field, so in derived.items() if so),
        original=original(reading.value),
        line=document.line(),
    )
    # Without an id it is nobody's manifest, but whatever else is wrong with it has been said.
    return ((manifest,) if identifier else ()), tuple(document.found)


def software_id(name: str) -> str:
    """Return the id of the software `name`; letters that are not Latin stay, and make it none."""
    apart = unicodedata.normalize("NFKD", name).lower()
    plain = "".join(character for character in apart if not unicodedata.combining(character))
    return f"publiccode.{_BETWEEN.sub('-', plain).strip('-')}"


def _summary(document: Fields) -> str:
    description = document.inner("description")
    languages = sorted(description.value, key=lambda language: language.partition("-")[0] != "en")
    told = (description.inner(language).text("shortDescription").strip() for language in languages)
    return next((text for text in told if text), "")


def _contact(document: Fields) -> str:
    maintenance = document.inner("maintenance")
    people = (maintenance.below(pointer, value) for pointer, value in maintenance.entries("contacts"))
    return next((person.text("email") for person in people if person.text("email")), "")


def _dependencies(document: Fields) -> Iterator[Dependency]:
    wanted = document.inner("dependsOn")
    if any(wanted.entries("hardware")):
        wanted.not_mapped("hardware that is needed is no capability", wanted.pointer("hardware"))
    for kind in ("open", "proprietary"):
        for pointer, value in wanted.entries(kind):
            entry = wanted.below(pointer, value)
            name = entry.text("name")
            identifier = entry.check_id(software_id(name), entry.pointer("name")) if name else ""
            if identifier:
                yield Dependency(
                    id=identifier,
                    version=_range(entry),
                    type=kind,
                    optional=entry.flag("optional"),
                    name=name,
                    line=entry.line(),
                )


def _range(entry: Fields) -> str:
    """Return the range that admits `version`, or what lies from `versionMin` to `versionMax`."""
    bounds = [(key, sign + entry.text(key)) for key, sign in _BOUNDS if entry.text(key)]
    bounds = [bound for bound in bounds if bound[0] == "version"] or bounds
    for key, text in bounds:
        entry.check_range(text, entry.pointer(key), severity=Severity.WARNING)
    return " ".join(text for _, text in bounds)
