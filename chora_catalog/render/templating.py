"""Templates to bytes: the one place that sets up Jinja2, and what every template may ask for.

Everything is escaped, an unknown name is an error, and every string passes `visible` on its way out, so that no
template can forget it: `shown` does both, once, for each value that a template prints. HTML is made outside templates
in three functions alone: sanitised Markdown (`render/markdown`), `_breakable`, which puts `<wbr>` between escaped
pieces, and `_said`, which puts `<code>` around them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from types import CodeType
from typing import Any, ClassVar

from jinja2 import BytecodeCache, DictLoader, Environment, StrictUndefined, Undefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from chora_catalog.render import instants, links, markdown, text
from chora_catalog.render.pages.inbox import due_of
from chora_catalog.render.pages.lookup import KINDS, Lookup
from chora_catalog.render.template_code import PlainEnvironment, inlined
from chora_catalog.render.titles import signal_title

_WBR = Markup("<wbr>")
_CODE = Markup("<code>{}</code>")
# What is neither plain ASCII nor free of markup: all that `visible` may write out, or `escape` escape.
_NOT_PLAIN = re.compile("[^ !#-%(-;=?-~]")


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """One word of the main navigation; `key` says which pages belong to it."""

    key: str
    word: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chrome:
    """What header and footer say on every page."""

    title: str
    notice: str
    sources: int
    has_docs: bool
    nav: tuple[NavItem, ...]


class Painter:
    """Renders templates for one catalog. Header and footer are rendered once for each depth and place in the nav."""

    def __init__(self, lookup: Lookup, templates: Mapping[str, str], site: Chrome) -> None:
        self._lookup = lookup
        self._loader = DictLoader(inlined(templates))
        self._site = site
        self._compiled = Compiled()
        self._environments: dict[str, Environment] = {}
        self._frames: dict[tuple[str, str, str], tuple[str, str]] = {}

    def page(self, template: str, view: object, *, root: str, nav: str, path: str, twin: str) -> bytes:
        """Return a page: `view` is its `page`, `root` the relative way to the site's root, `twin` its JSON or empty."""
        header, footer = self.frame(root=root, nav=nav, path=path)
        context = {"page": view, "site": self._site, "twin": twin, "header": Markup(header), "footer": Markup(footer)}  # noqa: S704 - our own templates' output
        return self._environment(root).get_template(f"{template}.html.j2").render(context).encode()

    def frame(self, *, root: str, nav: str, path: str) -> tuple[str, str]:
        """Return the header and footer of a page at `path` that belongs to `nav`."""
        here = path if any(item.href == path for item in self._site.nav) else ""
        key = (root, nav, here)
        if key not in self._frames:
            environment = self._environment(root)
            context = {"site": self._site, "nav": nav, "path": here}
            self._frames[key] = (
                environment.get_template("_header.html.j2").render(context),
                environment.get_template("_footer.html.j2").render(context),
            )
        return self._frames[key]

    def compile(self) -> None:
        """Compile every template, for this painter and all that this process has later."""
        environment = self._environment("")
        for name in environment.list_templates(extensions=["j2"]):
            environment.get_template(name)

    def _environment(self, root: str) -> Environment:
        # One for each depth: `root` is a constant of it, so that the macros are made once and not for every page.
        if root not in self._environments:
            self._environments[root] = _environment(self._lookup, self._loader, self._compiled, root)
        return self._environments[root]


class Compiled(BytecodeCache):
    """Compiled templates, kept for as long as the process: whoever builds twice compiles once."""

    _kept: ClassVar[dict[tuple[str, str], CodeType]] = {}

    @classmethod
    def recall(cls, compiled: Mapping[tuple[str, str], CodeType]) -> None:
        """Take over what was compiled before, by name and digest of the text."""
        cls._kept.update(compiled)

    @classmethod
    def kept(cls) -> Mapping[tuple[str, str], CodeType]:
        """Return what is compiled."""
        return cls._kept

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give Jinja2 the code of a template, where it is there."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Take the code of a template from Jinja2."""
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


def shown(value: object) -> str:
    """Return what a template prints for `value`: invisible characters written out, markup escaped.

    Markup, which only our own templates and the two functions named above make, stays as it is.
    """
    if type(value) is str:
        # Most words are plain, and finding that out costs less than looking for each of the two.
        return escape(text.visible(value)) if _NOT_PLAIN.search(value) else value
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[return-value]
    if kind is Undefined:
        # `{{ a if b }}` where b is false. What is not defined anywhere is StrictUndefined, and an error.
        return ""
    return str(value) if kind is int else escape(value)


def _environment(lookup: Lookup, loader: DictLoader, compiled: BytecodeCache, root: str) -> Environment:
    environment = PlainEnvironment(
        loader=loader,
        bytecode_cache=compiled,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        finalize=shown,
    )
    catalog = lookup.catalog
    environment.globals |= {
        "root": root,
        "catalog": catalog,
        "soft": _soft,
        "said": _said,
        "broken": _broken,
        "kept": lambda source: source if lookup.knows(source, "kept") else "",
    }
    tests: dict[str, Callable[..., bool]] = {f"{kind}_known": partial(lookup.knows, kind=kind) for kind in KINDS}
    environment.tests.update(tests)
    environment.filters |= _filters(lookup)
    environment.globals["m"] = _Macros(environment)
    return environment


class _Macros:
    """The macros of `_macros.html.j2` as every template calls them: `m.status(...)`.

    Those that take words alone give the same markup for the same words at one depth, so their results are kept: an id
    stands on many pages.
    """

    KEPT = (
        "glyph",
        "icon",
        "mark",
        "status",
        "id",
        "ver",
        "commit",
        "capability",
        "owner",
        "source",
        "age",
        "until",
        "date",
        "requires",
    )

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> Any:
        macro = getattr(self._environment.get_template("_macros.html.j2").module, name)
        made = lru_cache(maxsize=2**15)(macro) if name in self.KEPT else macro
        setattr(self, name, made)
        return made


def _filters(lookup: Lookup) -> dict[str, Callable[..., Any]]:
    registry = lookup.catalog.registry
    return {
        "capability_page": links.capability_page,
        "version_page": links.version_page,
        "owner_page": links.owner_page,
        "owner_feed": links.owner_feed,
        "source_page": links.source_page,
        "signal_page": links.signal_page,
        "decision_page": links.decision_page,
        "waiver_page": links.waiver_page,
        "outward": links.outward,
        "catalog_file": lambda path, commit="": links.catalog_file(registry, path, commit) if "/" in path else "",
        "markdown": lambda words, file: Markup(  # noqa: S704 - sanitised by nh3
            markdown.to_html(words, lambda to: links.beside(registry, file, to))
        ),
        "instant": instants.instant,
        "weekday": instants.weekday,
        "span": instants.span,
        "hours": instants.hours,
        "cut": lambda words, limit: text.cut(text.visible(words), limit),
        "sentence": lambda words: text.sentence(text.visible(words)),
        "some": text.some,
        "words": lambda slug: text.visible(slug.replace("-", " ").replace("_", " ")),
        "signal_title": signal_title,
        "due": due_of,
    }


@lru_cache(maxsize=2**15)
def _soft(words: object, limit: int = 400) -> Markup:
    """Return prose of a source on one line of at most `limit` characters, with a break allowed inside long words."""
    return _breakable(text.soft_pieces(text.cut(text.visible(str(words)), limit)))


@lru_cache(maxsize=2**15)
def _said(words: object, limit: int = 400) -> Markup:
    """Return a sentence of this tool as `_soft` does, with what stands in backticks as code.

    Where they do not come in pairs, or hold nothing, they stand as they are.
    """
    parts = text.cut(text.visible(str(words)), limit).split("`")
    if len(parts) < 3 or len(parts) % 2 == 0 or not all(parts[1::2]):
        return _soft(words, limit)
    made = (_breakable(text.soft_pieces(part)) if part else Markup() for part in parts)
    return Markup().join(_CODE.format(part) if at % 2 else part for at, part in enumerate(made))


@lru_cache(maxsize=2**15)
def _broken(words: object, limit: int = 400) -> Markup:
    """Return an id or path of at most `limit` characters, with a break allowed after each dot and slash."""
    return _breakable(text.pieces(text.cut(text.visible(str(words)), limit)))


def _breakable(pieces: Sequence[str]) -> Markup:
    return escape(pieces[0]) if len(pieces) == 1 else _WBR.join(pieces)
