"""The site: every page of the catalog, rendered lazily from one Catalog and the templates' texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from chora_catalog.model.catalog import Catalog
from chora_catalog.model.source import Registry
from chora_catalog.render import feeds, links, search
from chora_catalog.render.output import Look, Output
from chora_catalog.render.pages import (
    breaks,
    capability,
    health,
    home,
    inbox,
    matrix,
    owners,
    records,
    signal,
    sources,
)
from chora_catalog.render.pages.lookup import Lookup
from chora_catalog.render.templating import Chrome, NavItem, Painter
from chora_catalog.render.version_contracts import contracts_script, is_comparable
from chora_catalog.render.view_key import ViewKeys

ASSETS = ("chora.css", "chora.js", "search.js", "finder.js", "health.js", "diff.js", "mirror.js", "inbox.js")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """A page to be rendered: where it goes, its template, how to prepare it, and its place in the navigation."""

    path: str
    template: str
    make: Callable[[], Any]
    nav: str
    twin: str = ""
    root: str | None = None

    @property
    def up(self) -> str:
        """The relative way to the site's root."""
        return "../" * self.path.count("/") if self.root is None else self.root


KEYED = frozenset({"capability", "version", "source", "owner"})
"""Templates whose pages have keys: those of which there are many, and which ask nothing but their view and `names`."""


def pages(catalog: Catalog, templates: Mapping[str, str], *, tool: str = "") -> Iterator[Output]:
    """Yield every page, asset and index of the site.

    `templates` maps the file names below `templates/site/` to their text. Nothing is rendered before an output's
    `make` is called, and nothing depends on a clock. `tool` is the digest of this tool's code and templates, which
    keys stand on; without it pages have none. Raises KeyError when an asset is missing from `templates`.
    """
    lookup = Lookup.of(catalog)
    site = _chrome(catalog)
    painter = Painter(lookup, templates, site)
    # What every page shows and a view does not hold: header, footer, and where a forge is.
    base = sha256(repr((tool, site, replace(catalog.registry, sources=()))).encode()).hexdigest()
    keys = ViewKeys(lookup.names, base)
    for name in ASSETS:
        yield Output(path=name, make=partial(str.encode, templates[name]))
    yield from feeds.feeds(catalog)
    yield Output(path="search/index.js", make=partial(search.index, lookup))
    for entry in catalog.entries:
        if is_comparable(entry):
            yield Output(path=links.contracts_script(entry.id), make=partial(contracts_script, entry))
    for page in _pages(lookup):
        look = partial(_look, painter, page, keys) if tool and page.template in KEYED else None
        yield Output(path=page.path, make=partial(_paint, painter, page), look=look)


def prepare(registry: Registry, templates: Mapping[str, str]) -> None:
    """Do what pages need before anything of the catalog is known: compile the templates, once for this process."""
    catalog = Catalog(registry=registry)
    Painter(Lookup.of(catalog), templates, _chrome(catalog)).compile()


def chrome(catalog: Catalog, templates: Mapping[str, str], *, depth: str) -> tuple[str, str]:
    """Return the header and footer for pages that another builder makes: the documentation.

    `depth` is the relative way to the site's root, such as `../`. The page must load `chora.css`, `chora.js` and
    `run.js` from there.
    """
    painter = Painter(Lookup.of(catalog), templates, _chrome(catalog))
    return painter.frame(root=depth, nav="docs", path="")


def _pages(lookup: Lookup) -> Iterator[_Page]:
    catalog = lookup.catalog
    yield _Page(path="index.html", template="index", make=partial(home.home, lookup), nav="catalog")
    yield _Page(path="matrix.html", template="matrix", make=partial(matrix.matrix, lookup), nav="matrix")
    yield _Page(path="breaks.html", template="breaks", make=partial(breaks.breaks, lookup), nav="matrix")
    yield _Page(path="health.html", template="health", make=partial(health.health, lookup), nav="sources")
    yield _Page(path="mirror.html", template="mirror", make=_nothing, nav="mirror")
    # A host serves this page at any depth, so its links begin at the catalog's own path on that host.
    yield _Page(path="404.html", template="404", make=_nothing, nav="", root=_path_of(catalog.registry.url))
    yield from _capability_pages(lookup)
    yield from _family(
        "sources",
        "source",
        "sources",
        partial(sources.sources, lookup),
        ((links.source_page(view.spec.name), partial(sources.source, lookup, view)) for view in catalog.sources),
    )
    yield from _family(
        "owners",
        "owner",
        "owners",
        partial(owners.owners, lookup),
        ((links.owner_page(view.name), partial(owners.owner, lookup, view)) for view in catalog.owners),
    )
    yield from _family(
        "signals",
        "signal",
        "signals",
        partial(inbox.inbox, lookup),
        ((links.signal_page(item.id), partial(signal.signal, lookup, item)) for item in catalog.signals),
    )
    yield from _family(
        "decisions",
        "decision",
        "signals",
        partial(records.decisions, lookup),
        ((links.decision_page(item.id), partial(records.decision, lookup, item)) for item in catalog.decisions),
    )
    yield from _family(
        "waivers", "waiver", "signals", partial(records.waivers, lookup),
        ((links.waiver_page(item.id), partial(records.waiver, lookup, item)) for item in catalog.waivers),
    )  # fmt: skip


def _family(
    folder: str, one: str, nav: str, index: Callable[[], Any], members: Iterable[tuple[str, Callable[[], Any]]]
) -> Iterator[_Page]:
    """Yield the list of a kind of thing and the page of each."""
    yield _Page(path=f"{folder}/index.html", template=folder, make=index, nav=nav)
    for path, make in members:
        yield _Page(path=path, template=one, make=make, nav=nav, twin=links.twin(path))


def _capability_pages(lookup: Lookup) -> Iterator[_Page]:
    for item in lookup.catalog.gone:
        if item.manifest.id not in lookup.entries:
            path = links.capability_page(item.manifest.id)
            yield _Page(path=path, template="gone", make=partial(capability.gone, lookup, item), nav="catalog")
    for entry in lookup.catalog.entries:
        path = links.capability_page(entry.id)
        yield _Page(
            path=path,
            template="capability",
            make=partial(capability.capability, lookup, entry),
            nav="catalog",
            twin=links.twin(path),
        )
        for index, row in enumerate(entry.versions):
            yield _Page(
                path=links.version_page(entry.id, row.version),
                template="version",
                make=partial(capability.version, lookup, entry, index),
                nav="catalog",
            )


def _paint(painter: Painter, page: _Page) -> bytes:
    return _paint_view(painter, page, page.make())


def _paint_view(painter: Painter, page: _Page, view: object) -> bytes:
    return painter.page(page.template, view, root=page.up, nav=page.nav, path=page.path, twin=page.twin)


def _look(painter: Painter, page: _Page, keys: ViewKeys) -> Look:
    view = page.make()
    # Its path tells the way to the root and to the twin, its template the place in the navigation.
    key = keys.key(view, page.template, page.path)
    return Look(key=key, make=partial(_paint_view, painter, page, view))


def _chrome(catalog: Catalog) -> Chrome:
    nav = [
        NavItem(key="catalog", word="Catalog", href="index.html"),
        NavItem(key="matrix", word="Matrix", href="matrix.html"),
        NavItem(key="signals", word="Signals", href="signals/index.html"),
        NavItem(key="owners", word="Owners", href="owners/index.html"),
        NavItem(key="sources", word="Sources", href="sources/index.html"),
        NavItem(key="mirror", word="Mirror", href="mirror.html"),
    ]
    if catalog.has_docs:
        nav.append(NavItem(key="docs", word="Docs", href="docs/index.html"))
    return Chrome(
        title=catalog.registry.title,
        notice=catalog.registry.notice,
        sources=len(catalog.sources),
        has_docs=catalog.has_docs,
        nav=tuple(nav),
    )


def _nothing() -> None:
    """Prepare a page that shows no data."""


def _path_of(url: str) -> str:
    """Return the path of the site's root on its host, empty (relative) when the registry names no address."""
    path = urlsplit(url).path
    return (path if path.endswith("/") else path + "/") if url and links.outward(url) else ""
