"""The one door through which Markdown of a source becomes HTML."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import nh3
from markdown_it import MarkdownIt

from chora_catalog.render.text import visible

MAX_CHARACTERS = 32_768
_TAGS = {
    "p", "h3", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "hr", "br", "a", "table", "thead",
    "tbody", "tr", "th", "td", "del",
}  # fmt: skip


def to_html(text: str, resolve: Callable[[str], str | None] | None = None) -> str:
    """Return Markdown `text` as sanitised HTML.

    Raw HTML stays text, images are links or text and never load, links go to https, mailto or what `resolve` makes of
    a relative one (`None`, or no `resolve`, drops the target and keeps the words), with `rel="nofollow noopener"`.
    Every heading is an `h3`, so that no text breaks the outline of the page it stands on. Text over 32,768 characters
    is cut there. Raises nothing.
    """
    html = _reader().render(visible(text[:MAX_CHARACTERS]))
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"https", "mailto"},
        url_relative=resolve or "deny",
        link_rel="nofollow noopener",
    )


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    reader.disable("image")
    reader.core.ruler.push("one_heading_level", _flatten_headings)
    return reader


def _flatten_headings(state: object) -> None:
    for token in getattr(state, "tokens", []):
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3"
