"""Where things stand: pages of the site, pages of a forge, and the few links that text of a source may make."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from chora_catalog.model.ids import file_name
from chora_catalog.model.source import Registry

_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][!#-;=?-\[\]_a-z~]*)?")
_BLOB = {"github": "/blob/{ref}/{path}", "gitlab": "/-/blob/{ref}/{path}", "gitea": "/src/commit/{ref}/{path}"}
_NEW = {
    "github": ("/new/{branch}?filename={path}", "&value={text}"),
    "gitlab": ("/-/new/{branch}?file_name={path}", "&content={text}"),
    "gitea": ("/_new/{branch}?filename={path}", "&value={text}"),
}
"""The page for a new file: what opens it under its name, and what fills it.

GitHub takes `filename` and `value`, and Gitea the same since 1.15 (its documentation, "Pre-Fill New File name and
contents"). GitLab takes `file_name`; it reads `content` as well, and there are versions whose editor then does not show
it (gitlab-org/gitlab issue 594214), so that the text has to stand beside the link.
"""
LONGEST = 6000
"""Characters of an address that a forge is asked to take. Beyond about 8,000 many servers answer 414."""


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


SIGNALS_FEED = "feeds/signals.xml"


def owner_feed(owner: str) -> str:
    """Return the feed of what concerns an owner."""
    return f"feeds/owners/{file_name(owner)}.xml"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """The forge's page for a new file: its address (may be empty), and whether it is known to show the text."""

    href: str = ""
    is_filled: bool = False


def new_file(registry: Registry, path: str, text: str) -> NewFile:
    """Return the forge's page for a new file at `path`, filled with `text`; an empty one without a forge over https.

    Where the address would be longer than LONGEST the text stays away, and the name as well where that is not enough.
    """
    if registry.forge not in _NEW or not _is_https(registry.repository):
        return NewFile()
    opened, filled = _NEW[registry.forge]
    page = registry.repository.rstrip("/").removesuffix(".git")
    named = page + opened.format(branch=_quoted(registry.branch, "/"), path=_quoted(path))
    whole = named + filled.format(text=_quoted(text))
    if len(whole) <= LONGEST:
        return NewFile(href=whole, is_filled=registry.forge != "gitlab")
    return NewFile(href=named if len(named) <= LONGEST else "")


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
