"""Where things stand: pages of the site, pages of a forge, and the few links that text of a source may make."""

from __future__ import annotations

import json
import posixpath
import re
from urllib.parse import quote, urlsplit

from chora_catalog.model.ids import file_name
from chora_catalog.model.source import Registry

_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][!#-;=?-\[\]_a-z~]*)?")
_BLOB = {"github": "/blob/{ref}/{path}", "gitlab": "/-/blob/{ref}/{path}", "gitea": "/src/commit/{ref}/{path}"}
_NEW = {
    "github": "/new/{branch}?filename={path}&value={text}",
    "gitlab": "/-/new/{branch}?file_name={path}",
    "gitea": "/_new/{branch}?filename={path}&value={text}",
}


def capability_page(capability: str) -> str:
    """Return the page of a capability, relative to the site's root; so do the functions below for their noun."""
    return f"capabilities/{file_name(capability)}.html"


def version_page(capability: str, version: str) -> str:
    """Return the page of one version of a capability."""
    return f"capabilities/{file_name(capability)}/{file_name(version)}.html"


def source_page(source: str) -> str:
    """Return the page of a registered source."""
    return f"sources/{file_name(source)}.html"


def owner_page(owner: str) -> str:
    """Return the page of an owner."""
    return f"owners/{file_name(owner)}.html"


def signal_page(signal: str) -> str:
    """Return the page of a change signal."""
    return f"signals/{file_name(signal)}.html"


def decision_page(decision: str) -> str:
    """Return the page of a decision."""
    return f"decisions/{file_name(decision)}.html"


def waiver_page(waiver: str) -> str:
    """Return the page of a waiver."""
    return f"waivers/{file_name(waiver)}.html"


def twin(page: str) -> str:
    """Return the JSON twin of `page`: the same relative path below `data/v1/`."""
    return f"data/v1/{page.removesuffix('.html')}.json"


def dependents_file(capability: str) -> str:
    """Return the data file of those who depend on a capability; what its releases changed stands there too."""
    return f"data/v1/dependents/{file_name(capability)}.json"


def contracts_script(capability: str) -> str:
    """Return the script with the contracts of a capability's versions, for those that have two or more."""
    return f"data/v1/contracts/{file_name(capability)}.js"


def outward(text: str) -> str:
    """Return the address that `text` of a source may link to: plain http(s), mailto, a bare e-mail; else empty."""
    if _WEB.fullmatch(text):
        return text
    address = text.removeprefix("mailto:")
    return f"mailto:{address}" if _EMAIL.fullmatch(address) else ""


def new_file(registry: Registry, path: str, text: str) -> str:
    """Return the forge's page for a new file at `path`, filled with `text`; empty without a forge over https."""
    pattern = _NEW.get(registry.forge, "") if _is_https(registry.repository) else ""
    if not pattern:
        return ""
    filled = pattern.format(branch=_quoted(registry.branch, "/"), path=_quoted(path), text=_quoted(text))
    return registry.repository.rstrip("/") + filled


def catalog_file(registry: Registry, path: str, commit: str = "") -> str:
    """Return the forge's page of a file of the catalog's own repository; empty without a forge over https."""
    return _blob(registry.repository, registry.forge, path, commit or registry.branch)


def source_file(registry: Registry, url: str, path: str, commit: str) -> str:
    """Return the forge's page of a file of a source.

    Empty where the source is not on the same https host as the catalog's repository: only there is the forge known.
    """
    if not commit or not _is_https(registry.repository) or urlsplit(url).netloc != urlsplit(registry.repository).netloc:
        return ""
    return _blob(url.removesuffix(".git"), registry.forge, path, commit)


def beside(registry: Registry, file: str, target: str) -> str | None:
    """Return the forge's page of `target` as a relative link in `file` means it; None when it leads nowhere."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file), target.split("#")[0].split("?")[0]))
    if not target or target[0] in "/#?" or path.startswith(".."):
        return None
    return catalog_file(registry, path) or None


def signal_draft(capability: str, current: str) -> str:
    """Return the five lines of a change signal, to be filled in; `current` is the newest version, may be empty."""
    return "".join(
        f"{key}: {json.dumps(value)}\n"
        for key, value in (
            ("type", "breaking-change"),
            ("capability_id", capability),
            ("current_version", current),
            ("proposed_version", ""),
            ("impact", ""),
            ("priority", "medium"),
        )
        if value or key != "current_version"
    )


def _blob(repository: str, forge: str, path: str, ref: str) -> str:
    pattern = _BLOB.get(forge, "") if _is_https(repository) else ""
    if not pattern or not path or path.startswith("/") or ".." in path.split("/"):
        return ""
    return repository.rstrip("/") + pattern.format(ref=_quoted(ref, "/"), path=_quoted(path, "/"))


def _quoted(text: str, safe: str = "") -> str:
    # A JSON manifest can hold half a surrogate pair, which no address can.
    return quote(text, safe=safe, errors="replace")


def _is_https(url: str) -> bool:
    return url.startswith("https://") and "@" not in urlsplit(url).netloc and outward(url) == url
