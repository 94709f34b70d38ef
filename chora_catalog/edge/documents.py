"""Pages as mkdocs wrote them -> pages of the site: the shared header, a strict policy, nothing the theme left behind.

Text in, text out. Only the documents of the catalog's own repository come this way, never a source's.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from html.parser import HTMLParser

TEXT_PREFIX = 200
"""Characters of a section's text that go into the search index."""

# What the theme writes outside the blocks that templates/docs/main.html can replace: switches of a drawer and a search
# that are not there, a second skip link, empty holders that a script would fill.
_LEFT_BEHIND = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r'\s*<input class="md-toggle"[^>]*>',
        r'\s*<label class="md-overlay"[^>]*></label>',
        r'\s*<div data-md-component="(?:skip|announce)">.*?</div>',
        r'\s*<div class="md-dialog".*?</div>\s*</div>',
        r'\s*<meta name="generator"[^>]*>',
    )
)
_MAIN = re.compile(r"<main\b[^>]*>")
_HIGHLIGHT = re.compile(
    r'<div class="(?P<cls>[^"]*\bhighlight\b[^"]*)">(?P<name><span class="filename">.*?</span>)?'
    r"<pre><span></span><code>(?P<code>.*?)</code></pre></div>",
    re.DOTALL,
)
_PLAIN_CODE = re.compile(r"<pre><code(?: class=\"[^\"]*\")?>(?P<code>.*?)</code></pre>", re.DOTALL)
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_BODY_ROW = re.compile(r"<tr>\s*<td.*?</tr>", re.DOTALL)
_HEADER_CELL = re.compile(r"<th(?P<rest>| [^>]*)>(?P<text>.*?)</th>", re.DOTALL)
_ALIGNED = re.compile(r' style="text-align: (?P<side>left|right|center);"')
_TAG = re.compile(r"<[^>]+>")
_RELATIVE = re.compile(r'(\s(?:href|src)=")(?![a-z][a-z0-9+.-]*:|/|#|")', re.IGNORECASE)
_INLINE_SCRIPT = re.compile(r"<script(?P<attrs>[^>]*)>(?P<body>.*?)</script>", re.DOTALL | re.IGNORECASE)
_INLINE_STYLE = re.compile(r"<style[^>]*>(?P<body>.*?)</style>", re.DOTALL | re.IGNORECASE)
_REFUSED = (
    (re.compile(r"<[^>]*\sstyle=", re.IGNORECASE), "a style attribute"),
    (re.compile(r"<[^>]*\son[a-z]+=", re.IGNORECASE), "an inline event handler"),
    (
        re.compile(
            r"<(?:script|img|iframe|link|source|audio|video)\b[^>]*\s(?:src|href)=\"(?:https?:)?//", re.IGNORECASE
        ),
        "something loaded from another host",
    ),
    (re.compile(r"<(?:iframe|object|embed|base)\b", re.IGNORECASE), "an element that the policy refuses"),
)


def finish(html: str, *, path: str, chrome: Mapping[str, str]) -> str:
    """Return the page at `path` (relative to docs/) as it stands on the site.

    `chrome` holds `header` and `footer` as HTML for a page directly in docs/ (one folder below the site's root); for a
    page in a folder of docs/ their relative addresses are made deeper. A part that is absent leaves the plain one of
    templates/docs/. The policy is computed last, over what the page then holds.
    """
    for pattern in _LEFT_BEHIND:
        html = pattern.sub("", html)
    html = html.replace('<html lang="en" class="no-js">', '<html lang="en">', 1)
    html = _MAIN.sub('<main id="main" tabindex="-1" class="md-main">', html, count=1)
    html = _code_blocks(html)
    html = _tables(html)
    levels = path.count("/")
    for part in ("header", "footer"):
        if part in chrome:
            html = _between(html, part, deeper(chrome[part], levels))
    html = _without_gaps(html)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy(html)}">'
    return html.replace('<meta charset="utf-8">', f'<meta charset="utf-8">\n{meta}', 1)


def policy(html: str) -> str:
    """Return the content security policy of a page: this site alone, and the inline scripts it holds by their hash.

    Script blocks of a data type (`application/json`) do not run and need no hash.
    """
    scripts = [
        found["body"]
        for found in _INLINE_SCRIPT.finditer(html)
        if "src=" not in found["attrs"] and "application/json" not in found["attrs"]
    ]
    styles = [found["body"] for found in _INLINE_STYLE.finditer(html)]
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *_hashes(scripts))),
            " ".join(("style-src 'self'", *_hashes(styles))),
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def refusals(html: str) -> tuple[str, ...]:
    """Say, in words, what a finished page holds that its policy refuses; empty when there is nothing."""
    return tuple(words for pattern, words in _REFUSED if pattern.search(html))


def deeper(html: str, levels: int) -> str:
    """Return `html` with its relative addresses prefixed for a page `levels` folders further down."""
    return _RELATIVE.sub(lambda found: found[1] + "../" * levels, html) if levels else html


def sections(html: str, *, url: str) -> tuple[tuple[str, str, str, str], ...]:
    """Return (page title, heading, address, first words) for the page and each of its headings, in reading order.

    `html` is the page as mkdocs wrote it, `url` its address from the site's root. The page itself has an empty heading.
    """
    reader = _Sections()
    reader.feed(html)
    reader.close()
    return tuple(
        (reader.title, heading, f"{url}#{anchor}" if anchor else url, " ".join("".join(words).split())[:TEXT_PREFIX])
        for anchor, heading, words in reader.found
    )


def _hashes(bodies: list[str]) -> list[str]:
    """Return the policy sources of inline blocks, sorted, each once."""
    digests = {base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in bodies}
    return [f"'sha256-{digest}'" for digest in sorted(digests)]


def _without_gaps(html: str) -> str:
    """Drop the empty lines that the theme's template blocks leave around the article; inside it every space counts."""
    before, start, rest = html.partition("<article")
    article, end, after = rest.partition("</article>")
    before, after = (re.sub(r"[ \t]*\n\s*\n", "\n", part) for part in (before, after))
    return before.lstrip() + start + article + end + after.rstrip() + "\n"


def _between(html: str, part: str, content: str) -> str:
    """Put `content` in the place of what stands between the two marks of `part`."""
    start, end = f"<!--chora:{part}-->", f"<!--/chora:{part}-->"
    before, found, rest = html.partition(start)
    _, closed, after = rest.partition(end)
    return before + content.strip() + after if found and closed else html


def _code_blocks(html: str) -> str:
    """Give each code block the catalog's frame, a way to scroll it by keyboard, and a button that copies it."""
    count = 0

    def framed(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        groups = found.groupdict()
        code = groups["code"]
        commands = re.findall(r'<span class="gp">\$ ?</span>(.*)', code)
        ident = f"code-{count}"
        # A console block is copied without its prompts and without what the commands print.
        named = f' id="{ident}"'
        copied = f"<code{named} hidden>{_TAG.sub('', chr(10).join(commands))}</code>" if commands else ""
        return (
            f'<div class="code highlight">{groups.get("name") or ""}'
            f'<pre tabindex="0"><code{"" if commands else named}>{code}</code></pre>{copied}'
            f'<button class="btn btn-bare copy js-only" type="button" data-copy="{ident}">Copy</button></div>'
        )

    return _PLAIN_CODE.sub(framed, _HIGHLIGHT.sub(framed, html))


def _tables(html: str) -> str:
    """Let each table scroll by itself, and say by its header cells what it is."""

    def framed(found: re.Match[str]) -> str:
        table = _ALIGNED.sub(lambda cell: ' class="num"' if cell["side"] == "right" else "", found[0])
        names = [_TAG.sub("", cell["text"]).strip() for cell in _HEADER_CELL.finditer(table)]
        # On a phone a row is a block, and each cell says under which head it stood.
        table = _BODY_ROW.sub(lambda row: _named_cells(row[0], names), table)
        # A corner cell without words heads nothing.
        table = table.replace("<th></th>", "<td></td>")
        table = _HEADER_CELL.sub(r'<th scope="col"\g<rest>>\g<text></th>', table)
        label = ", ".join(name for name in names if name) or "Table"
        return f'<div class="scroll" tabindex="0" role="group" aria-label="{label}">{table}</div>'

    return _TABLE.sub(framed, html)


def _named_cells(row: str, names: list[str]) -> str:
    """Give the cells of a table's row after the first the words of their head, in order."""
    heads = iter(names)

    def named(cell: re.Match[str]) -> str:
        head = next(heads, "")
        return f'<td data-k="{head}"' if cell.start() > first and head else "<td"

    first = row.find("<td")
    return re.sub(r"<td(?=[ >])", named, row)


class _Sections(HTMLParser):
    """Reads the article of one page: its title, and the words below each heading. Code blocks are left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.found: list[tuple[str, str, list[str]]] = []
        self._article = False
        self._silent = 0
        self._heading: tuple[str, str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open the article, a heading or a block to leave out."""
        if tag == "article":
            self._article = True
        elif self._article and tag == "pre":
            self._silent += 1
        elif self._article and tag in ("h1", "h2", "h3"):
            self._heading = (tag, dict(attrs).get("id") or "", [])

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened; a heading begins a section."""
        if tag == "article":
            self._article = False
        elif tag == "pre" and self._silent:
            self._silent -= 1
        elif self._heading and tag == self._heading[0]:
            text = " ".join("".join(self._heading[2]).split())
            if tag == "h1":
                self.title = text
                self.found.append(("", "", []))
            else:
                self.found.append((self._heading[1], text, []))
            self._heading = None
        if tag in ("p", "li", "td", "th", "dd", "dt", "div"):
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        """Keep words of the open heading, else of the section it began."""
        if not self._article or self._silent:
            return
        if self._heading:
            self._heading[2].append(data)
        elif self.found:
            self.found[-1][2].append(data)
