"""Text that looks like a secret, and the same text with the secret hidden.

Findings travel into logs and pages, so what stands in an excerpt or a message passes through `masked` first. All
patterns are bounded, and begin only where a run of letters begins: time grows with the text alone.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

EXCERPT_WIDTH = 200
"""How much of a line an excerpt shows."""

_TOKENS = {
    "a GitHub token": r"gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}",
    "a GitLab token": r"glpat-[A-Za-z0-9_-]{20,64}",
    "an AWS access key": r"(?:AKIA|ASIA)[0-9A-Z]{16}",
    "a Slack token": r"xox[abeoprs]-[A-Za-z0-9-]{10,250}",
    "a Stripe key": r"[rs]k_live_[A-Za-z0-9]{16,250}",
    "an API key": r"sk-[A-Za-z0-9_-]{20,250}|AIza[0-9A-Za-z_-]{35}",
    "an npm token": r"npm_[A-Za-z0-9]{36}",
    "a PyPI token": r"pypi-[A-Za-z0-9_-]{50,250}",
    "a signed web token": r"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{0,500}",
    "a private key": r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----",
}
_KINDS = tuple(_TOKENS)
_TOKEN = re.compile("(?<![A-Za-z0-9_-])(?:" + "|".join(f"({pattern})" for pattern in _TOKENS.values()) + ")")
# What each of the patterns above begins with, in small letters: text without any of them is passed over quickly.
_BEGINNINGS = (
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "akia", "asia", "xox", "k_live_", "sk-", "aiza",
    "npm_", "pypi-", "eyj", "private key",
)  # fmt: skip
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]{1,2000}(?=@)")
_KEYED = re.compile(r"""^\s*(?:-\s{1,8})?["']?([A-Za-z0-9_.-]{1,80})["']?\s{0,8}:\s{1,8}["']?([^\s"'#,}]{8,500})""")
_SECRET_KEY = re.compile(
    r"passw(?:or)?d|passphrase|secret|credential|(?:^|[_.-])token$|(?:api|access|private|secret|signing|auth)[_-]?key$",
    re.IGNORECASE,
)
_KEY_WORDS = ("passw", "passphrase", "secret", "credential", "token", "key")
_KEY_BODY = re.compile(r"\s*[A-Za-z0-9+/]{40,500}={0,2}\s*")
_PLACEHOLDER = re.compile(r"[<$%{*]|example|changeme|change-me|placeholder|redacted|your[_-]|xxx", re.IGNORECASE)
_LEAST_ENTROPY = 3.0
_LEAST_LENGTH = 12


def secrets_in(lines: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """Yield line, column and kind of what looks like a secret in the lines of a file, at most one for a line."""
    low = "\n".join(lines).lower()
    tokens = any(word in low for word in _BEGINNINGS)
    keyed = any(word in low for word in _KEY_WORDS)
    addresses = "://" in low and "@" in low
    if not (tokens or keyed or addresses):
        return
    for number, line in enumerate(lines, 1):
        token = _TOKEN.search(line) if tokens else None
        if token is not None:
            yield number, token.start() + 1, _KINDS[(token.lastindex or 1) - 1]
            continue
        credentials = _CREDENTIALS.search(line) if addresses else None
        if credentials is not None and ":" in credentials.group() and not _PLACEHOLDER.search(credentials.group()):
            yield number, credentials.start() + 1, "a password in an address"
            continue
        pair = _KEYED.match(line) if keyed else None
        if pair is not None and _SECRET_KEY.search(pair[1]) and _looks_random(pair[2]):
            yield number, pair.start(2) + 1, f"the value of `{pair[1]}`"


def _looks_random(text: str) -> bool:
    """Tell whether a value has the length and the mixture of a generated secret, and is no stand-in for one."""
    if len(text) < _LEAST_LENGTH or _PLACEHOLDER.search(text):
        return False
    kinds = sum(bool(re.search(kind, text)) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"))
    entropy = -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())
    return kinds >= 2 and bool(re.search("[0-9]", text)) and entropy >= _LEAST_ENTROPY


def masked(text: str) -> str:
    """Return `text` (one line) with a star for each character of what may be a secret; columns stay as they are."""
    low = text.lower()
    if "@" in low and "://" in low:
        text = _CREDENTIALS.sub(_stars, text)
    if any(word in low for word in _BEGINNINGS):
        text = _TOKEN.sub(_stars, text)
    if any(word in low for word in _KEY_WORDS):
        pair = _KEYED.match(text)
        if pair is not None and _SECRET_KEY.search(pair[1]):
            text = text[: pair.start(2)] + "*" * len(pair[2]) + text[pair.end(2) :]
    if len(text) >= 40 and _KEY_BODY.fullmatch(text) and _looks_random(text.strip()):
        return _stars_for(text)
    return text


def shown_line(text: str) -> str:
    """Return what an excerpt shows of a line: its beginning, with secrets hidden, also one that is cut there."""
    return masked(text[: 4 * EXCERPT_WIDTH])[:EXCERPT_WIDTH]


def _stars(match: re.Match[str]) -> str:
    return _stars_for(match.group())


def _stars_for(text: str) -> str:
    return "*" * len(text)
