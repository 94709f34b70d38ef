"""`catalog-sources.yaml` -> the registry, with its defaults applied to every source."""

from __future__ import annotations

import re
from typing import Any

from chora_catalog.model.finding import Finding, Severity, sort_findings
from chora_catalog.model.source import Alias, Registry, SourceSpec
from chora_catalog.parse.fields import Fields
from chora_catalog.parse.instants import short_duration
from chora_catalog.parse.reading import Reading, join_pointer, quoted
from chora_catalog.parse.schema import Schemas
from chora_catalog.parse.spans import read

_SIZE = re.compile(r"([1-9][0-9]{0,6})(KiB|MiB|GiB)")
_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SCHEMES = ("https", "http", "file")
_HIDDEN = re.compile(r"%(?:0[0-9a-f]|1[0-9a-f]|7f)", re.IGNORECASE)
_CREDENTIALS = re.compile(r"//[^/]*@")
_SCP = re.compile(r"[^/:]+:(?!//)")
_PLAIN_SPEC = SourceSpec(name="", url="")
_PLAIN = Registry()


def load_registry(data: bytes, *, file: str, schemas: Schemas) -> tuple[Registry | None, tuple[Finding, ...]]:
    """Return the registry and what is wrong with it; None where anything is an error.

    Durations become seconds, sizes bytes. Whether a local address is admitted is for the caller to say; an address
    that no command may ever be given (`ext::`, `--option`, credentials) is refused here, with its line.
    """
    reading = read(data, file=file)
    said = list(schemas.check(reading, "registry"))
    value = reading.value if reading.ok else reading.partial
    registry = None
    if isinstance(value, dict):
        registry = _registry(Fields(reading=reading, value=value, found=said))
    findings = [*reading.findings, *reading.but_refused(said)]
    wrong = any(finding.severity is Severity.ERROR for finding in findings)
    return (None if wrong else registry), sort_findings(findings)


def _registry(document: Fields) -> Registry:
    catalog = document.inner("catalog")
    defaults = document.inner("defaults")
    shared: dict[str, Any] = {**defaults.value, "manifests": list(defaults.paths("manifests"))}
    sources = tuple(_source(document.below(*entry), shared) for entry in document.entries("sources"))
    audience = catalog.text("audience") or _PLAIN.audience
    _same_names(document)
    _audiences(document, audience)
    return Registry(
        title=catalog.text("title") or _PLAIN.title,
        url=catalog.text("url"),
        repository=catalog.text("repository"),
        branch=catalog.text("branch") or _PLAIN.branch,
        forge=catalog.text("forge") or _PLAIN.forge,
        previous=catalog.text("previous"),
        root=catalog.text("root"),
        audience=audience,
        notice=catalog.text("notice"),
        ttl=_seconds(defaults, "ttl", _PLAIN.ttl),
        alert=_seconds(defaults, "alert", _PLAIN.alert),
        sources=sources,
    )


def _source(own: Fields, shared: dict[str, Any]) -> SourceSpec:
    globs = own.paths("manifests")
    every = Fields(reading=own.reading, at=own.at, value={**shared, **own.value})
    url = own.text("url")
    _judge_url(own, url)
    spec = SourceSpec(
        name=own.text("name"),
        url=url,
        ref=every.text("ref") or _PLAIN_SPEC.ref,
        versions=every.text("versions") or _PLAIN_SPEC.versions,
        manifests=globs or every.texts("manifests"),
        tags=every.texts("tags") or _PLAIN_SPEC.tags,
        owner=own.text("owner"),
        constellation=every.text("constellation"),
        claims=own.texts("claims"),
        aliases=tuple(alias for alias in map(_alias, _below(own, "aliases")) if alias),
        audience=every.text("audience") or _PLAIN_SPEC.audience,
        auth_env=own.text("auth_env"),
        ttl=_seconds(every, "ttl", _PLAIN_SPEC.ttl),
        alert=_seconds(every, "alert", _PLAIN_SPEC.alert),
        timeout=_seconds(every, "timeout", _PLAIN_SPEC.timeout),
        max_pack=_bytes(every.text("max_pack")) or _PLAIN_SPEC.max_pack,
        line=own.line(),
    )
    if spec.alert < spec.ttl:
        message = f"{quoted(spec.name)} alerts after {spec.alert} s, before its ttl of {spec.ttl} s has passed"
        own.report("registry-alert", message, own.at, hint="Make alert at least as long as ttl.")
    return spec


def _judge_url(own: Fields, url: str) -> None:
    problem = url_problem(url) if url else None
    if problem is None:
        return
    shown = quoted(_CREDENTIALS.sub("//…@", url))
    hint = "Write an https address, or a path where local sources are admitted."
    own.report("registry-url", f"the address {shown} {problem}", own.pointer("url"), hint=hint)


def _below(fields: Fields, key: str) -> list[Fields]:
    return [fields.below(pointer, value) for pointer, value in fields.entries(key)]


def _alias(entry: Fields) -> Alias | None:
    old, new = entry.text("from"), entry.id("to")
    return Alias(old=old, new=new) if old and new else None


def _seconds(fields: Fields, key: str, default: int) -> int:
    length = short_duration(fields.text(key))
    return default if length is None else int(length.total_seconds())


def _bytes(text: str) -> int:
    match = _SIZE.fullmatch(text)
    return int(match[1]) * _UNITS[match[2]] if match else 0


def _same_names(document: Fields) -> None:
    seen: dict[str, str] = {}
    for entry in _below(document, "sources"):
        name, pointer = entry.text("name"), entry.pointer("name")
        if name in seen:
            document.found.append(_named_twice(document.reading, name, seen[name], pointer))
        elif name:
            seen[name] = pointer


def _named_twice(reading: Reading, name: str, first: str, again: str) -> Finding:
    before, place = reading.place(first), reading.place(again)
    message = f"two sources are named {quoted(name)}, first in line {before.line}, again in line {place.line}"
    return Finding(
        rule="registry-duplicate-name",
        severity=Severity.ERROR,
        message=message,
        place=place,
        hint="Give one of them another name; each source has a page of its own.",
        related=(before,),
    )


def _audiences(document: Fields, audience: str) -> None:
    if audience != "public":
        return
    shared = document.inner("defaults").text("audience")
    for entry in _below(document, "sources"):
        if (entry.text("audience") or shared) == "internal":
            pointer = join_pointer(entry.at, "audience") if entry.text("audience") else "/defaults/audience"
            message = f"the source {quoted(entry.text('name'))} is internal and the catalog is public"
            hint = "Set `audience: internal` for the catalog, or take the source out."
            document.report("registry-audience", message, pointer, hint=hint)


def url_problem(url: str) -> str | None:
    """Say why `url` may never be given to git, or return None. A path without a scheme is no problem here.

    Refused is what git and the libraries around it were tricked with: transport helpers (CVE-2022-24439), options in
    the place of an address (CVE-2023-40267), escaped line breaks and empty hosts (CVE-2020-5260, -11008), credentials.
    """
    if url.startswith("-"):
        return "begins with a hyphen, which a command reads as an option"
    if "::" in url:
        return "names a transport helper (`::`)"
    if any(character.isspace() for character in url) or _HIDDEN.search(url):
        return "holds a space or a control character"
    match = _SCHEME.match(url)
    if match is None:
        return "is written as host:path, which git reads as ssh" if _SCP.match(url) else None
    if match[1].lower() not in _SCHEMES:
        return f"uses {match[1]}, and only https is read (http and file where local sources are admitted)"
    host = url[match.end() :].partition("/")[0]
    if "@" in host:
        return "holds a user name or a password; name a variable with `auth_env` instead"
    if not host and match[1].lower() != "file":
        return "names no host"
    return None
